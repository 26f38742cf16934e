"""How far a statement of an IAM policy reaches: whether its resources and conditions name something, or everything."""

import re
from collections.abc import Mapping
from typing import Final

Condition = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Operator, key, values."""

_NAME_FIRST: Final = frozenset({"codecommit", "codepipeline", "execute-api", "neptune-db", "s3", "sns", "sqs"})
"""Services whose ARNs have the name where others have a type: AWS, "Service Authorization Reference"."""
_OWNERS: Final = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"})
_TAG: Final = "aws:resourcetag/"
"""Keys that say with what something is done: AWS, "Global condition context keys", "Properties of the resource". The
others say who, how or when, and leave the resource open. AWS reads keys in any case."""
_MUST_BE: Final = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike"}
)
"""Operators that fail where the key is absent; `…IfExists`, `ForAllValues:` and `…Not…` hold there."""
_PATTERNS: Final = re.compile(r"(ForA(ny|ll)Values?:)?(StringLike|Arn(Equals|Like))(IfExists)?")
"""Operators by which `*` matches everything."""


def is_all_of_a_service(arn: str) -> bool:
    """Whether an ARN names no resource, but everything of a service, or of one type of it."""
    _, _, service, region, account, rest = arn.split(":", 5)
    if _is_pattern(service):
        return True
    first, *others = re.split("[:/]", rest.lstrip(":/"))
    if service in _NAME_FIRST and not (service == "s3" and (region or account)):  # S3 access points have a type
        return not _names(rest)
    if not others:
        return _is_pattern(first)
    return _is_pattern(first) or not (_names(others[0]) or _names(others[-1]))


def has_any_account(arn: str) -> bool:
    """Whether an ARN leaves open whose the resource is."""
    return _is_pattern(arn.split(":", 5)[4])


def says_nothing(condition: Condition) -> str | None:
    """The first part of a condition that holds whatever is asked, for an error; None if all of it says something."""
    for operator, keys in condition.items():
        if not keys:
            return f"{operator} names no key"
        for key, values in keys.items():
            if not values:
                return f"{operator} {key} names no value"
            if _PATTERNS.fullmatch(operator) and any(value and not value.strip("*?") for value in values):
                return f"{operator} {key} matches every value"
    return None


def limits_resources(condition: Condition) -> bool:
    """Whether a condition says with which resources something may be done."""
    return any(
        operator in _MUST_BE and bool(values) and _limits(key.lower(), values)
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def _limits(key: str, values: tuple[str, ...]) -> bool:
    if key.startswith(_TAG):
        return all(_names(value) for value in values)
    # Of a path of units, the organization must be named; the units may be a pattern.
    return key in _OWNERS and not any(_is_pattern(value.partition("/")[0]) for value in values)


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _names(text: str) -> bool:
    return re.search("[A-Za-z0-9]", text) is not None
