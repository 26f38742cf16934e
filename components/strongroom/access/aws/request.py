"""Who asks AWS for what, and what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

CallerKind = Literal["role", "user", "account", "service", "federated"]


@dataclass(frozen=True)
class Caller:
    """Who asks: a role or user by ARN, the root of an account, a service by its name, or an identity provider by ARN,
    whose token somebody shows."""

    name: str
    session: str | None = None
    """Of a role: the name of its session, where it is known."""

    @property
    def kind(self) -> CallerKind:
        if not self.name.startswith("arn:"):
            return "service"
        what = self.name.split(":", 5)[5]
        if what == "root":
            return "account"
        kind = what.partition("/")[0]
        if kind == "role":
            return "role"
        if kind == "user":
            return "user"
        if kind in {"oidc-provider", "saml-provider"}:
            return "federated"
        raise ValueError(f"{self.name} cannot ask AWS for anything: name a role, user, provider, account or service")

    @property
    def account(self) -> str | None:
        """The account it belongs to. Whoever shows a token belongs to none yet, nor does a service."""
        return self.name.split(":")[4] if self.kind in {"role", "user", "account"} else None

    @property
    def session_arn(self) -> str | None:
        """The session's own ARN, which has the role's name without its path."""
        if self.session is None:
            return None
        _, partition, _, _, account, role = self.name.split(":", 5)
        return f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{self.session}"

    @property
    def root(self) -> str | None:
        """The ARN of its account as a whole."""
        return f"arn:{self.name.split(':')[1]}:iam::{self.account}:root" if self.account else None


@dataclass(frozen=True)
class Request:
    """One action on one resource."""

    caller: Caller
    action: str
    resource: str
    """The ARN, or `*` for actions that have no resource."""
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """Condition keys, in any case, and their values; `()`: the request has no such key. What follows from the caller
    and the resource need not be said."""
    says_all: bool = False
    """Whether a key that is not said is one that the request does not have. Else it is not known."""
    resource_account: str | None = None
    """The account of the resource, where the ARN does not say it."""

    @cached_property
    def owner(self) -> str | None:
        """The account of the resource. Actions without a resource are on the caller's own account."""
        if self.resource == "*":
            return self.resource_account or self.caller.account
        if account := self.resource_account or self.resource.split(":", 5)[4]:
            return account
        raise ValueError(f"{self.resource} does not say its account: give resource_account")

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...]]:
        known: dict[str, tuple[str, ...]] = {"aws:resourceaccount": (self.owner,) if self.owner else ()}
        if self.caller.kind == "service":
            known |= {"aws:principalarn": (), "aws:principalaccount": (), "aws:principalisawsservice": ("true",)}
        elif self.caller.account:
            known |= {
                "aws:principalarn": (self.caller.name,),  # of a session: that of its role
                "aws:principalaccount": (self.caller.account,),
                "aws:principalisawsservice": ("false",),
                "kms:calleraccount": (self.caller.account,),
            }
        said = {key.lower(): (v,) if isinstance(v, str) else tuple(v) for key, v in self.context.items()}
        return known | said

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a condition key; none at all if the request does not have it, None if that is not known."""
        return self._known.get(key.lower(), () if self.says_all else None)
