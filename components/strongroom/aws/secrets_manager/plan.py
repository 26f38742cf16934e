"""AWS Secrets Manager: the secrets that are kept there, each a container without a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.aws.place import AwsPlace, place_of
from strongroom.aws.secrets_manager.spec import DAY, AwsSecretsManager
from strongroom.plan import naming
from strongroom.plan.qualified_names import full_name
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in

KIND: Final = "aws_secrets_manager"
SYSTEM: Final = "aws"
NAME_MAX: Final = 512
"""AWS Secrets Manager, "CreateSecret"."""
LOOKS_LIKE_AN_ARN: Final = re.compile(r".*-[A-Za-z0-9]{6}")
"""AWS Secrets Manager, "CreateSecret": ARNs end in a hyphen and six characters, and a search by a part of an ARN
mistakes a name of that form for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSecret(StoredSecret):
    """A secret of AWS Secrets Manager: one JSON object of its fields. `path` is its name."""

    kind: ClassVar[str] = "aws.secrets_manager.secret"
    place: AwsPlace
    kms_key: str | None
    """The alias of the key that encrypts it; None: AWS's own key."""
    replicas: tuple[str, ...]
    recovery_window_days: int
    protect: bool


def name_of(scope: Scope, secret: Key, store: AwsSecretsManager) -> str:
    """The full name of a secret."""
    return full_name(scope, secret, store.prefix)


def flaw(name: str, fields: tuple[str, ...]) -> tuple[str, str] | None:  # noqa: ARG001  they are within the value
    """What AWS does not accept of a name, or accepts and mistakes later."""
    if len(name) > NAME_MAX:
        return (
            f"'{name}' has {len(name)} characters, the limit of Secrets Manager is {NAME_MAX}",
            "choose a shorter path",
        )
    if LOOKS_LIKE_AN_ARN.fullmatch(name):
        return (
            f"'{name}' ends in a hyphen and six characters, as ARNs of secrets do, and would be taken for one",
            "give the secret another name, or a `path`",
        )
    return None


def plan(scope: Scope) -> Iterator[Record]:
    for key, store, common in stored_in(scope, KIND):
        yield AwsSecret(
            **common,
            place=place_of(scope),
            path=name_of(scope, key, store),
            kms_key=store.kms_key and naming.kms_alias_of(scope.name, store.kms_key),
            replicas=store.replicas,
            recovery_window_days=store.recovery_window // DAY,
            protect=scope.environment.protect,
        )
