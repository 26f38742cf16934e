"""Parameters of Parameter Store that are no secrets, in the same hierarchy as those that are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.aws.parameter_store.spec import whole
from strongroom.aws.parameters.spec import AwsParameter
from strongroom.aws.place import AwsPlace, place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPlainParameter(Record):
    """A parameter with its value, which is no secret."""

    kind: ClassVar[str] = "aws.parameters.parameter"
    place: AwsPlace
    short: str
    """Its name in the environment file."""
    name: str
    """With a slash in front, and the environment."""
    type: str
    """`String` or `StringList`."""
    value: str
    description: str
    allowed_pattern: str | None
    tier: str
    data_type: str

    @property
    def key(self) -> str:
        return self.name


def name_of(scope: Scope, short: str) -> str:
    """The full name of a parameter."""
    return f"/{scope.name}/{short}"


def plan(scope: Scope) -> Iterator[Record]:
    for short, parameter in sorted(scope.environment.aws.parameters.items()) if scope.environment.aws else ():
        yield _record(scope, short, parameter)


def _record(scope: Scope, short: str, parameter: AwsParameter) -> AwsPlainParameter:
    return AwsPlainParameter(
        slice=PLATFORM,
        place=place_of(scope),
        short=short,
        name=name_of(scope, short),
        type="StringList" if parameter.values else "String",
        value=parameter.text,
        description=parameter.description,
        allowed_pattern=whole(parameter.allowed_pattern) if parameter.allowed_pattern else None,
        tier=parameter.tier,
        data_type=parameter.data_type,
    )
