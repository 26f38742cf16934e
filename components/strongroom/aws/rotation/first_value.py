"""Whether secrets have a value already. Nothing is rotated before that: the function would fail, and Secrets Manager
calls it as soon as it knows of it (terraform-provider-aws, issue 10619)."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from strongroom.aws.account import AwsAccount
from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError

_AT_ONCE: Final = 16
"""Requests at a time: ten thousand secrets take some seconds, far below what Secrets Manager allows an account."""


def with_value(place: AwsPlace, names: Collection[str]) -> frozenset[str]:
    """Those of the secrets whose `AWSCURRENT` version exists. Reads no value.

    Raises:
        AwsError: AWS could not be asked; the credentials are of another account.
    """
    if not names:
        return frozenset()
    account, (first, *rest) = AwsAccount(place), sorted(names)
    found = {first: _has_value(account, first)}  # alone: whether these are the right credentials is asked once
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found |= dict(zip(rest, pool.map(lambda name: _has_value(account, name), rest), strict=True))
    return frozenset(name for name, has in found.items() if has)


def _has_value(account: AwsAccount, name: str) -> bool:
    try:
        described: dict[str, Any] = account.ask("secretsmanager", "describe_secret", SecretId=name)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return False
        raise
    return any("AWSCURRENT" in stages for stages in described.get("VersionIdsToStages", {}).values())
