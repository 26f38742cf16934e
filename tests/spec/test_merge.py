"""Laying one file over another."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.spec.merge import merge
from strongroom.spec.yaml_source import Source, parse

_keys = st.sampled_from("abc")
_scalars = st.integers(0, 3) | st.sampled_from(["x", "y"]) | st.booleans()
_leaves = _scalars | st.lists(_scalars | st.none(), max_size=2)
_anything = st.recursive(_leaves | st.none(), lambda inner: st.dictionaries(_keys, inner, max_size=3), max_leaves=8)
_documents = st.dictionaries(_keys, _anything, max_size=3)


def _shaped(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that agree on what is a map: `m` and `n` always are, the others never, and nothing is null."""
    inner = _shaped(depth - 1) if depth else st.just({})
    return st.fixed_dictionaries({}, optional={"a": _leaves, "b": _leaves, "m": inner, "n": inner})


def source(data: Any) -> Source:
    return parse(json.dumps(data).encode(), "x.yaml")


def merged(base: Any, override: Any) -> Any:
    return merge(source(base), source(override)).data


def without_nulls(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: without_nulls(inner) for key, inner in data.items() if inner is not None}
    return data


def rfc7396(target: Any, patch: Any) -> Any:
    """The pseudocode of RFC 7396, "2. Processing Merge Patch Documents", word for word."""
    if isinstance(patch, dict):
        result = dict(target) if isinstance(target, dict) else {}
        for name, value in patch.items():
            if value is None:
                result.pop(name, None)
            else:
                result[name] = rfc7396(result.get(name), value)
        return result
    return patch


@pytest.mark.parametrize(
    ("base", "override", "result"),
    [
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3, "z": 4}}, {"a": {"x": 1, "y": 3, "z": 4}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
        ({"a": {"x": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"x": 1}}, {"a": {"x": None}}, {"a": {}}),
        ({"a": True}, {"a": False}, {"a": False}),
        ({"a": 1}, {"a": 0}, {"a": 0}),
        ({"a": "x"}, {"a": ""}, {"a": ""}),
        ({"a": {"x": 1}}, {"a": {}}, {"a": {"x": 1}}),
        ({}, {"a": {"x": None}}, {"a": {}}),
        ({"a": None}, {"b": 1}, {"a": None, "b": 1}),
    ],
)
def test_maps_merge_others_replace_and_null_removes(base: Any, override: Any, result: Any) -> None:
    assert merged(base, override) == result


@given(_documents, _documents)
def test_merging_is_json_merge_patch(base: Any, override: Any) -> None:
    assert merged(base, override) == rfc7396(base, override)


@given(_documents)
def test_nothing_laid_over_a_file_changes_nothing(base: Any) -> None:
    assert merged(base, {}) == base


@given(_documents)
def test_a_file_laid_over_nothing_is_the_file_without_its_removals(override: Any) -> None:
    assert merged({}, override) == without_nulls(override)


@given(_documents, _documents)
def test_laying_the_same_file_over_twice_is_laying_it_once(base: Any, override: Any) -> None:
    once = merge(source(base), source(override))
    assert merge(once, source(override)).data == once.data


@given(_shaped(2), _shaped(2), _shaped(2))
def test_merging_is_associative_where_files_agree_on_what_is_a_map(a: Any, b: Any, c: Any) -> None:
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


@given(_documents, _documents)
def test_merging_leaves_both_files_as_they_were(base: Any, override: Any) -> None:
    below, above = source(base), source(override)
    merge(below, above)
    assert Source(copy.deepcopy(below.root)).data == base
    assert Source(above.root).data == override


def test_keys_keep_the_order_of_the_base_and_new_ones_follow() -> None:
    assert list(merged({"b": 1, "a": 2}, {"c": 3, "b": 4})) == ["b", "a", "c"]


def test_each_value_keeps_the_file_and_line_it_was_written_at() -> None:
    base = parse(b"store: vault\nvault:\n  mount: kv\n  versions: 10\n", "stacks/environments/common.yaml")
    prod = parse(b"\nvault:\n  mount: kv-prod\n", "stacks/environments/prod.yaml")
    both = merge(base, prod)
    assert both.position(("store",)) == ("stacks/environments/common.yaml", 1, 8)
    assert both.position(("vault", "versions")) == ("stacks/environments/common.yaml", 4, 13)
    assert both.key_position(("vault", "versions")) == ("stacks/environments/common.yaml", 4, 3)
    assert both.position(("vault", "mount")) == ("stacks/environments/prod.yaml", 3, 10)


def test_a_merged_map_counts_as_written_in_the_override() -> None:
    both = merge(parse(b"vault: {a: 1}\n", "common.yaml"), parse(b"vault: {b: 2}\n", "prod.yaml"))
    assert both.file == "prod.yaml"
    assert both.position(("vault",)) == ("prod.yaml", 1, 8)
