"""The table against the SDK: each row names only what there is, and no two serve one type."""

import pytest

from strongroom_sandbox.providers.aws.operation_row import OperationRow
from strongroom_sandbox.providers.aws.table import ROWS

BY_TOKEN = {row.token: row for row in ROWS}


def test_no_type_is_served_twice() -> None:
    assert len(BY_TOKEN) == len(ROWS)


def test_versions_of_secrets_are_not_served() -> None:
    """Whoever owns one writes an old value over a rotated one."""
    assert not [token for token in BY_TOKEN if "secretVersion" in token]


@pytest.mark.parametrize("token", BY_TOKEN)
def test_a_row_names_only_properties_that_the_sdk_has(token: str) -> None:
    row = BY_TOKEN[token]
    named = {
        *row.replaces, *row.secret, *row.defaults, *row.computed, *row.unordered, *row.same, *row.ephemeral,
        *row.replaces_if, *row.replaces_if.values(), *row.steady,
    }  # fmt: skip
    if isinstance(row, OperationRow):
        named |= {*row.names, *row.kept, *row.forgotten, *({row.exists} - {""}), *(set(row.in_id) - {"id"})}
    for name in named:
        block, _, nested = name.partition(".")
        shared = isinstance(row, OperationRow) and name in row.names and block not in row.outputs
        assert shared or block in row.outputs, f"{name} of {token}"
        assert not nested or nested in row.inputs[block].shape.inputs, f"{name} of {token}"


@pytest.mark.parametrize("token", BY_TOKEN)
def test_what_says_where_a_resource_is_replaces_it(token: str) -> None:
    row = BY_TOKEN[token]
    if "region" in row.inputs:
        assert {"region"} <= row.replaces & row.computed
    for name in {"name", "namePrefix"} & row.inputs.keys():
        assert name in row.replaces, name
