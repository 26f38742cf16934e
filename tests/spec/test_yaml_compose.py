"""The YAML language that files are written in: what it means, where things are, and what it refuses."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from strongroom.spec.problems import Loc, SpecError
from strongroom.spec.yaml_compose import DEPTH_MAX
from strongroom.spec.yaml_scalars import CONTROL, FORBIDDEN, resolve
from strongroom.spec.yaml_source import Source, parse


def read(text: str) -> Source:
    return parse(text.encode(), "a.yaml")


def refusals(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(text)
    return [str(problem).removeprefix("a.yaml:") for problem in caught.value.problems]


# What words mean


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True), ("True", True), ("false", False), ("null", None), ("~", None),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("NO", "NO"), ("tRUE", "tRUE"),
        ("12", 12), ("-3", -3), ("+3", 3), ("0", 0), ("0o17", 15), ("0x1F", 31),
        ("012", "012"), ("012345678901", "012345678901"), ("00", "00"), ("012.5", "012.5"), ("1_000", "1_000"),
        ("1:30", "1:30"), ("190:20:30", "190:20:30"),
        ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), (".inf", float("inf")), ("-.inf", float("-inf")),
        ("2026-11-01", "2026-11-01"), ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
        ("90d", "90d"), ("1.2.3", "1.2.3"), ("-", "-"), (".", "."), ("=", "="), ("0b1", "0b1"), ("١٢", "١٢"),
    ],
)  # fmt: skip
def test_a_word_means_what_yaml_1_2_says_and_keeps_leading_zeros(word: str, value: object) -> None:
    found = resolve(word)
    assert found == value
    assert type(found) is type(value)


def test_a_quoted_word_is_text_and_a_missing_one_is_null() -> None:
    assert read("a: 'true'\nb: \"12\"\nc:\nd: ''\n").data == {"a": "true", "b": "12", "c": None, "d": ""}


def test_a_list_item_that_is_a_lone_equals_sign_is_text() -> None:
    assert read("- =\n- <\n").data == ["=", "<"]


def test_a_number_too_long_to_be_meant_is_refused() -> None:
    assert refusals("a: " + "9" * 5000) == [
        "1:4: a: a number of 5000 characters cannot be used; put it in quotes to make it text"
    ]


def test_block_texts_keep_their_line_breaks() -> None:
    assert read("a: |\n  x\n  y\nb: >-\n  x\n  y\n").data == {"a": "x\ny\n", "b": "x y"}


def test_aliases_stand_for_what_their_anchors_name() -> None:
    source = read("a: &a {x: [1, 2]}\nb: *a\nc: &c text\nd: *c\n")
    assert source.data == {"a": {"x": [1, 2]}, "b": {"x": [1, 2]}, "c": "text", "d": "text"}
    assert source.position(("b",)) == ("a.yaml", 2, 4)
    assert source.position(("b", "x", 1)) == ("a.yaml", 1, 15)


def test_values_of_one_alias_are_separate_so_that_nobody_changes_both() -> None:
    data = read("a: &a {x: 1}\nb: *a\n").data
    assert data["a"] is not data["b"]


# Round trips

_characters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t").filter(
    lambda c: not FORBIDDEN.match(c)
)
_texts = st.text(_characters, max_size=30)
_scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False)


def _documents(texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    values = st.recursive(
        _scalars | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(texts, values, max_size=5)


class _Quoting(yaml.SafeDumper):
    """Quotes every text, so that what YAML 1.1 and 1.2 read differently does not matter."""


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@given(_documents(_texts), st.booleans(), st.booleans())
def test_whatever_pyyaml_writes_with_quotes_reads_back_equal(
    data: dict[str, Any], flow: bool, allow_unicode: bool
) -> None:
    text = yaml.dump(data, Dumper=_Quoting, default_flow_style=flow, allow_unicode=allow_unicode, width=100_000)
    assert read(text).data == data


@given(_documents(_texts.filter(lambda text: text != "" and resolve(text) == text)), st.booleans())
def test_whatever_pyyaml_writes_plainly_reads_back_equal(data: dict[str, Any], flow: bool) -> None:
    assert read(yaml.safe_dump(data, default_flow_style=flow)).data == data


# Positions

_words = st.from_regex(r"[a-z]{3,8}", fullmatch=True)


def _leaves(data: Any, loc: Loc = ()) -> list[tuple[Loc, str]]:
    if isinstance(data, dict):
        return [leaf for key, inner in data.items() for leaf in _leaves(inner, (*loc, key))]
    if isinstance(data, list):
        return [leaf for index, inner in enumerate(data) for leaf in _leaves(inner, (*loc, index))]
    return [(loc, data)] if isinstance(data, str) and data.isalpha() else []


@given(_documents(_words), st.booleans())
def test_positions_point_at_the_text_of_the_value_and_of_its_key(data: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, width=30)
    source, lines = read(text), text.split("\n")
    for loc, word in _leaves(data):
        at, key_at = source.position(loc), source.key_position(loc)
        assert lines[at.line - 1][at.column - 1 :].strip("'").startswith(word)
        if isinstance(loc[-1], str):
            assert lines[key_at.line - 1][key_at.column - 1 :].lstrip("'").startswith(loc[-1])
        else:
            assert key_at == at


def test_columns_count_characters_and_not_bytes() -> None:
    assert read("größe: {maß: x}\n").position(("größe", "maß")) == ("a.yaml", 1, 14)


def test_the_place_of_what_is_not_there_is_that_of_the_nearest_value_around_it() -> None:
    source = read("a:\n  b: [1]\n")
    assert source.position(("a", "b", 7, "x")) == source.position(("a", "b")) == ("a.yaml", 2, 6)
    assert source.position(("a", 0)) == source.position(("a",))
    assert source.position(("a", "b", "x")) == source.position(("a", "b"))
    assert source.position(("a", "b", -1)) == source.position(("a", "b"))


# Refusals


def test_a_duplicate_key_names_both_lines() -> None:
    assert refusals("a:\n  b: 1\n  c: 2\n  b: 3\n") == [
        "4:3: a.b: duplicate key, first used in line 2; keep one of the two"
    ]


def test_a_duplicate_key_is_found_also_if_it_is_written_differently() -> None:
    assert refusals("{a: 1, 'a': 2}") == ["1:8: a: duplicate key, first used in line 1; keep one of the two"]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("1", "1 is a whole number"),
        ("true", "true is true or false"),
        ("1.5", "1.5 is a number"),
        ("~", "null is nothing"),
    ],
)
def test_a_key_that_is_not_text_is_refused(key: str, found: str) -> None:
    assert refusals(f"a:\n  {key}: x\n") == [f"2:3: a: the key {found}, keys are text; put it in quotes"]


def test_a_list_as_key_is_refused() -> None:
    assert refusals("? [a, b]\n: c\nd: e\n") == ["1:3: a map or list cannot be a key; write a plain word"]


def test_an_unquoted_placeholder_is_refused_with_the_quotes_it_needs() -> None:
    needs_quotes = 'a map cannot be a key; a placeholder needs quotes: "{{ environment }}"'
    assert refusals("a: {{ environment }}\nb: 1\n") == [f"1:5: a: {needs_quotes}"]
    assert refusals("a: {{ environment }}/x\n")[-1] == (
        "1:21: a key and ':' should stand here; a placeholder needs quotes around the whole text: \"{{ environment }}\""
    )


def test_an_alias_as_key_is_refused() -> None:
    assert refusals("a: &a b\n*a : c\n") == ["2:1: an alias cannot be a key; write the key out"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n\tb: 1\n", "2:1"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1"),
        ("a:\n  - b\n\t- c\n", "3:1"),
        ("a: |\n\tx\n", "2:1"),
        ("-\ta: 1\n", "1:2"),
    ],
)
def test_a_tab_in_the_indentation_is_called_a_tab(text: str, place: str) -> None:
    assert refusals(text) == [f"{place}: a tab is used for indentation; use spaces"]


def test_a_file_indented_with_tabs_is_told_how_many_lines_have_one() -> None:
    assert refusals("a:\n\tb: 1\n\tc:\n\t\td: 2\n") == [
        "2:1: a tab is used for indentation; use spaces (3 lines begin with a tab)"
    ]


def test_a_tab_between_words_or_inside_brackets_is_fine() -> None:
    assert read("a:\tb\nc: [1,\n\t2]\n").data == {"a": "b", "c": [1, 2]}


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("a: b: c\n", "1:5: a ':' stands where no key can begin; put a text that holds ': ' in quotes"),
        ("a: 'x\nb: 1\n", "1:4: the quotes are not closed; close them"),
        ("a: [1, 2\nb: 1\n", "2:2: the list that begins with '[' is not closed (in what begins at line 1)"),
        ("a: {x: 1\nb: 2\n", "2:2: the map that begins with '{' is not closed (in what begins at line 1)"),
        ("a:\n  b: 1\n c: 2\n", "3:2: a key and ':' should stand here (in what begins at line 1); check the ind"),
        ("- a\nb: 1\n", "2:1: the list goes on with '-', or ends by less indentation"),
        ("a: ]\n", "1:4: a value should stand here; check the brackets"),
        ("a: @x\n", "1:4: an unquoted text cannot begin with this character; put it in quotes"),
        ("a: *\n", "1:5: an unquoted text cannot begin with '*' or '&'; put it in quotes"),
        ('a: "\\q"\n', "1:5: this '\\' begins no known escape"),
        ('a: "\\ud800"\n', "1:7: the escape names no character"),
        ("a: - b\n", "1:4: a list item '-' cannot begin here"),
        ("a: >x\n y\n", "1:5: a block text begins on the line after '|' or '>'"),
        ("a: !<x\n", "1:7: is not YAML: did not find the expected '>'"),
    ],
)
def test_a_syntax_error_says_what_to_change(text: str, begins: str) -> None:
    assert [problem[: len(begins)] for problem in refusals(text)] == [begins]


def test_all_problems_of_a_file_are_reported_at_once_and_in_order() -> None:
    text = "a: 1\na: 2\nb: {x: 1, x: 2}\n1: x\n<<: {}\nz: !vault x\ny: *nope\nq: &r [*r]\nw: 'open\n"
    assert [problem.split(": ")[0] for problem in refusals(text)] == [
        "2:1", "3:11", "4:1", "5:1", "6:4", "7:4", "8:8", "9:4",
    ]  # fmt: skip


def test_a_second_document_is_refused() -> None:
    assert refusals("a: 1\n---\nb: 2\n") == [
        "2:1: a second document begins here; keep one document in a file: remove the '---'"
    ]


@pytest.mark.parametrize("text", ["a: 1\n...\nb: 2\n", "  a: 1\n\nb: 2\n"])
def test_what_stands_behind_the_end_of_the_document_is_refused(text: str) -> None:
    assert refusals(text) == [
        "3:1: the document has ended before this; check the indentation and quotes, and keep one document in a file"
    ]


def test_reading_ends_after_a_hundred_problems() -> None:
    problems = refusals("a: 1\n" * 1_000)
    assert len(problems) == 101
    assert "101:1: reading ends here, after 100 problems; begin with the first" in problems


def test_document_marks_around_a_single_document_are_fine() -> None:
    assert read("%YAML 1.2\n---\na: 1\n...\n").data == {"a": 1}


@pytest.mark.parametrize("line", ["%YAML 1.1", "%YAML 3.0", "%TAG ! tag:example.com,2026:"])
def test_directives_that_change_the_language_are_refused(line: str) -> None:
    (problem,) = refusals(f"{line}\n---\na: 1\n")
    assert problem.endswith("remove the line with '%'")


def test_a_merge_key_is_refused_with_what_to_use_instead() -> None:
    assert refusals("a: &a {x: 1}\nb:\n  <<: *a\n") == [
        "3:3: b: merge keys (<<) are not supported; an environment file can name others in 'extends'"
    ]


@pytest.mark.parametrize("tag", ["!!python/object:os.system", "!vault", "!!str", "!!binary", "!<tag:x>", "!"])
def test_every_tag_is_refused(tag: str) -> None:
    (problem,) = refusals(f"a: {tag} x\n")
    assert problem.startswith("1:4: a: tag '")
    assert problem.endswith("is not supported; remove it; quotes make a value text")


@pytest.mark.parametrize("text", ["a: !x {b: 1}\n", "a: !x [b]\n"])
def test_tags_of_maps_and_lists_are_refused(text: str) -> None:
    assert refusals(text) == ["1:4: a: tag '!x' is not supported; remove it; quotes make a value text"]


def test_an_alias_without_anchor_is_refused() -> None:
    assert refusals("a: *b\nb: &b 1\n") == ["1:4: a: alias '*b' is not defined above; write the value out"]


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "a: &a {b: {c: *a}}\n", "&a a: 1\nb: &b [1, [*b]]\n"])
def test_a_recursive_alias_is_refused(text: str) -> None:
    assert "is used inside itself and would never end; write the value out" in refusals(text)[0]


def _bomb(levels: int, width: int) -> str:
    lines = ["l0: &l0 [x]"] + [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_an_alias_bomb_is_refused_without_expanding_it() -> None:
    # 10^40 values: were it expanded, this test would never end.
    (problem,) = refusals(_bomb(levels=41, width=10))
    assert problem.startswith("7:15: l6[1]: ")
    assert problem.endswith("the file expands to more than 500,000 values; use fewer aliases, or split it")


def test_a_few_aliases_are_fine() -> None:
    assert len(read(_bomb(levels=4, width=10)).data["l3"]) == 10


def test_a_flat_file_of_too_many_values_is_refused() -> None:
    assert "more than 500,000 values" in refusals("a: [" + "x," * 500_001 + "]\n")[0]


def test_maps_and_lists_may_be_nested_to_the_limit_and_no_deeper() -> None:
    assert read("[" * DEPTH_MAX + "]" * DEPTH_MAX).data is not None
    (problem,) = refusals("[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1))
    assert problem.endswith("maps and lists are nested deeper than 64; make the file flatter")


def test_a_hundred_thousand_brackets_are_refused_and_not_followed() -> None:
    (problem,) = refusals("[" * 100_000)
    assert "nested deeper than 64" in problem


def test_aliases_cannot_nest_deeper_than_the_limit_either() -> None:
    lines = ["l0: &l0 [x]"] + [f"l{n}: &l{n} [*l{n - 1}]" for n in range(1, 100)]
    (problem,) = refusals("\n".join(lines))
    assert problem.endswith("with aliases, maps and lists are nested deeper than 64; write it flatter")


@pytest.mark.parametrize("escape", [r"\0", r"\x07", r"\u0085", r"\x1b"])
def test_control_characters_cannot_come_in_as_escapes(escape: str) -> None:
    (problem,) = refusals(f'a: "x{escape}y"\n')
    assert problem.startswith("1:4: a: the text holds U+00")
    assert problem.endswith("a control character; remove the escape")


def test_other_escapes_are_read() -> None:
    assert read(r'a: "tab\there, \u2028, \x41"').data == {"a": "tab\there, \u2028, A"}
    assert not CONTROL.search("tab\there\r\n")


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "{s}: 1\n{s}: 2\n",
        "a: !{s} x\n",
        "a: *{s}\n",
        "a: '{s}\n",
        "a: {s}: {s}\n",
        "a: @{s}\n",
        'a: "{s}\\q"\n',
        "a: [{s}\nb: 1\n",
        "\t{s}: 1\n",
        "a: \x00{s}\n",
        "{s}:\n  - 1\n  b: 2\n",
        "{s}: {{x: 1, x: 2}}\n",
    ],
)
def test_no_refusal_repeats_a_pasted_token(text: str) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    assert token[4:12] not in "\n".join(refusals(text.format(s=token)))
