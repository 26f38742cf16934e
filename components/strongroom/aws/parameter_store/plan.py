"""AWS Systems Manager Parameter Store: secrets whose fields are parameters of a hierarchy.

A SecureString cannot exist without its value, and whatever deploys it keeps the value in its state and writes it again
with every change. So nothing is deployed for them: `strongroom values` makes them, as their record says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.aws.parameter_store.spec import AwsParameterStore
from strongroom.aws.place import AwsPlace, place_of
from strongroom.plan import naming
from strongroom.plan.qualified_names import full_name
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in

KIND: Final = "aws_parameter_store"
SYSTEM: Final = "aws"
DEPTH_MAX: Final = 15
NAME_MAX: Final = 1011
"""AWS Systems Manager, "Creating Parameter Store parameters": levels of a hierarchy, and characters with those of the
ARN in front."""
OTHERS: Final = re.compile(r"[^A-Za-z0-9_./-]")
"""What names of Secrets Manager may have, of which prefixes are made, and those of Parameter Store not."""
RESERVED: Final = re.compile(r"/(aws|ssm)", re.IGNORECASE)
"""AWS Systems Manager, "Creating Parameter Store parameters": what no name begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsParameters(StoredSecret):
    """A secret of Parameter Store: one SecureString for each field, `<path>/<field>`. `path` begins with a slash."""

    kind: ClassVar[str] = "aws.parameter_store.secret"
    place: AwsPlace
    kms_key: str | None
    """The alias of the key that encrypts it; None: AWS's own key."""
    tier: str
    expire_after_seconds: int | None
    notify_before_expiry_seconds: int | None
    notify_unchanged_after_seconds: int | None
    """After which time without a write EventBridge is told."""

    def parameter(self, field: str) -> str:
        """The name of the parameter of a field."""
        return f"{self.path}/{field}"


def name_of(scope: Scope, secret: Key, store: AwsParameterStore) -> str:
    """What the names of a secret's parameters begin with."""
    return f"/{full_name(scope, secret, store.prefix)}"


def flaw(name: str, fields: tuple[str, ...]) -> tuple[str, str] | None:
    """What AWS does not accept of the names of a secret's parameters."""
    longest = f"{name}/{max(fields, key=len)}"
    if found := OTHERS.search(name):
        return (
            f"'{name}' has {found[0]!r}, and names in Parameter Store have letters, digits and . - _ only",
            "set another `prefix`",
        )
    if (depth := longest.count("/")) > DEPTH_MAX:
        return (
            f"'{longest}' has {depth} levels, the limit of Parameter Store is {DEPTH_MAX}",
            "choose a path with fewer",
        )
    if len(longest) > NAME_MAX:
        return (
            f"'{longest}' has {len(longest)} characters, the limit of Parameter Store is {NAME_MAX}",
            "shorten the path",
        )
    if RESERVED.match(name):
        return f"'{name}' begins with a word that is AWS's own, `aws` or `ssm`", "set another `prefix`"
    return None


def plan(scope: Scope) -> Iterator[Record]:
    for key, store, common in stored_in(scope, KIND):
        yield AwsParameters(
            **common,
            place=place_of(scope),
            path=name_of(scope, key, store),
            kms_key=store.kms_key and naming.kms_alias_of(scope.name, store.kms_key),
            tier=store.tier,
            expire_after_seconds=store.expire_after,
            notify_before_expiry_seconds=store.notify_before_expiry,
            notify_unchanged_after_seconds=common["rotate_every_seconds"] if store.notify_overdue else None,
        )
