"""Password policies: text for the server, under a name that says the environment, as they are global to a server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.templating import render
from strongroom.vault.password_policy.spec import PasswordPolicy as Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy(Record):
    """How the server makes passwords."""

    kind: ClassVar[str] = "vault.password_policy"
    name: str
    policy: str

    @property
    def key(self) -> str:
        return self.name


def name_of(scope: Scope, name: str) -> str:
    """The policy's name on the server."""
    return naming.global_name_of(scope.name, name)


def text_of(policy: Spec) -> str:
    """The policy in the server's own language."""
    return render("strongroom.vault.password_policy", "password_policy.hcl", length=policy.length, rules=policy.rules)


def plan(scope: Scope) -> Iterator[Record]:
    policies = scope.environment.vault.password_policies if scope.environment.vault else {}
    for name, policy in policies.items():
        yield PasswordPolicy(slice=PLATFORM, name=name_of(scope, name), policy=text_of(policy))
