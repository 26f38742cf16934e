"""AWS's own table of actions, resource types and condition keys ("Service Authorization Reference", in policy-sentry),
against which every document that we derive is checked."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from policy_sentry.querying.actions import get_action_data

from strongroom.access.aws.statement import Policy, Statement

GLOBAL_KEYS: Final = (
    "aws:PrincipalArn",
    "aws:PrincipalTag/${TagKey}",
    "aws:RequestTag/${TagKey}",
    "aws:SourceAccount",
    "aws:SourceArn",
)
"""Of "AWS global condition context keys", those that we use."""


def complaints(policy: Policy) -> list[str]:
    """What of a policy AWS does not have: actions, resources that none of a statement's actions is about, and the other
    way round, condition keys that an action never comes with."""
    return [complaint for statement in policy.statements for complaint in _of(statement)]


def _of(statement: Statement) -> Iterator[str]:
    rows = {action: _rows(action) for action in statement.action}
    yield from (f"{action} is no action of AWS" for action, found in rows.items() if not found)
    for resource in statement.resource:
        if resource != "*" and not any(_is_about(found, resource) for found in rows.values()):
            yield f"none of {', '.join(rows)} is about {resource}"
    for action, found in rows.items():
        if statement.resource not in ((), ("*",)) and not any(_is_about(found, each) for each in statement.resource):
            yield f"{action} is about none of {', '.join(statement.resource)}"
        keys = {key for row in found for key in row["condition_keys"]} | set(GLOBAL_KEYS)
        for condition in statement.condition:
            if not any(_pattern(key).fullmatch(condition.key) for key in keys) and not _is_claim(action, condition.key):
                yield f"{action} never comes with {condition.key}"


def _is_claim(action: str, key: str) -> bool:
    """Claims of a token are keys by the name of the issuer."""
    return action == "sts:AssumeRoleWithWebIdentity" and key.endswith((":sub", ":aud"))


def _is_about(rows: list[dict[str, Any]], resource: str) -> bool:
    return any(_pattern(row["resource_arn_format"]).fullmatch(resource) for row in rows)


@cache
def _rows(action: str) -> list[dict[str, Any]]:
    service, _, name = action.partition(":")
    found = get_action_data(service, name)
    return [row for rows in found.values() for row in rows if row["action"] == action] if found else []


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(
        "".join(
            part if part == ".+" else re.escape(part)
            for part in re.split(r"(\.\+)", re.sub(r"\$\{\w+\}", ".+", template))
        )
    )
