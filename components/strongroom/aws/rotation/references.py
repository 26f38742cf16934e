"""What files cannot tell about themselves in rotation: whether Secrets Manager can do it, and who else may write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydantic_core import PydanticCustomError

from strongroom.aws.iam.limits import LimitError
from strongroom.aws.place import place_of
from strongroom.aws.rotation.plan import has_schedule, of_function, of_secret, rotated
from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Problem
from strongroom.spec.rotators import Rotator

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

FIELDS: Final = ("engine", "host", "username", "password")
"""What a database secret has at least: AWS Secrets Manager, "JSON structure of AWS Secrets Manager secrets"."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of rotators and of the secrets that they rotate."""
    if scope.environment.aws is None:
        return
    for name, rotator in scope.environment.rotators.items():
        for what, remedy in _of_rotator(scope, name, rotator):
            yield sources.environment.problem(("rotators", name), what, remedy, at_key=True)
    for key, name, rotator in rotated(scope):
        team, secret = key
        for what, remedy in _of_secret(scope, key, name, rotator):
            yield sources.catalogs[team].problem(("secrets", secret, "rotator"), what, remedy)


def _of_rotator(scope: Scope, name: str, rotator: Rotator) -> Iterator[tuple[str, str]]:
    place, aws = place_of(scope), scope.environment.aws
    if rotator.aws_function:
        _, _, _, region, account, *_ = rotator.aws_function.function_arn.split(":")
        if (account, region) != (place.account, place.region):
            yield (
                f"is a function of account {account} in {region}, and the environment's secrets are in {place}",
                "deploy it there: Secrets Manager calls functions of its own account and region",
            )
    closed = sorted(key for key, declared in aws.keys.items() if declared.users) if aws else []
    if rotator.aws_application and closed:
        yield (
            f"is published by AWS, and its role, which nobody knows beforehand, is none of the `users` of the key "
            f"{closed[0]}",
            "use aws_rotation, whose role is known, or aws_function",
        )
    ours = rotator.aws_rotation or rotator.aws_application
    if ours and ours.master_secret_arn and (region := ours.master_secret_arn.split(":")[3]) != place.region:
        yield (
            f"its master's secret is in {region}, and it asks Secrets Manager in {place.region}",
            "replicate that secret, and name the replica's ARN",
        )
    if rotator.aws_rotation:
        try:
            of_function(scope, name)
        except LimitError as error:
            what, _, remedy = str(error).partition(": ")
            yield what, remedy


def _of_secret(scope: Scope, key: Key, name: str, rotator: Rotator) -> Iterator[tuple[str, str]]:
    declared = scope.secrets[key]
    if not has_schedule(scope, key, rotator):
        if rotator.kind == "aws_managed":
            return  # the service that made it has a schedule of its own
        yield (
            f"is rotated by {name}, and nothing says when",
            "write `rotate_every`, or a `schedule_expression` of the rotator",
        )
    else:
        try:
            of_secret(scope, key, name, rotator)
        except PydanticCustomError as error:
            said = error.context or {}
            yield str(said.get("text")), str(said.get("remedy"))
    ours = rotator.aws_rotation
    if ours is None or ours.strategy == "api-key":
        return
    if missing := [field for field in FIELDS if field not in declared.fields]:
        yield (
            f"is rotated as {ours.strategy}, and has no field {', '.join(missing)}",
            f"a database secret has the fields {', '.join(FIELDS)}, and may have port and dbname",
        )
    for grant in scope.grants_on[key]:
        if "write" in grant.can:
            yield (
                f"is rotated by {name}, and {'/'.join(grant.workload)}, which may write it, could choose whose "
                "password is replaced",
                "grant `read` only",
            )
