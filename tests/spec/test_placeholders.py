"""What is filled in, what stays, and what is taken for a mistake."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.spec.placeholders import fill
from strongroom.spec.yaml_source import Source, parse

VALUES = {"environment": "prod", "settings.db_host": "db.example.com", "settings.db_port": "5432"}


def source(data: Any) -> Source:
    return parse(json.dumps(data, ensure_ascii=False).encode(), "a.yaml")


def filled(text: str) -> str:
    result, problems = fill(source({"x": text}), VALUES)
    assert problems == []
    return str(result.data["x"])


def complaint(text: str) -> str:
    result, (problem,) = fill(source({"x": text}), VALUES)
    assert result.data["x"] == text
    assert problem.where == "x"
    return str(problem).split(": x: ")[1]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{ environment }}", "prod"),
        ("{{environment}}", "prod"),
        ("{{   environment}}", "prod"),
        ("kv-{{ environment }}", "kv-prod"),
        ("{{ settings.db_host }}:{{ settings.db_port }}", "db.example.com:5432"),
        ("{{ environment }}{{ environment }}", "prodprod"),
        ("{{{ environment }}}", "{prod}"),
        ("{{ settings.db_port }}", "5432"),
        ("line\n{{ environment }}\n", "line\nprod\n"),
        ("no placeholder", "no placeholder"),
        ("", ""),
    ],
)
def test_placeholders_are_filled(text: str, result: str) -> None:
    assert filled(text) == result


def test_a_scalar_that_is_one_placeholder_stays_text_whatever_it_looks_like() -> None:
    result, _ = fill(source({"port": "{{ settings.db_port }}"}), VALUES)
    assert result.data == {"port": "5432"}


def test_placeholders_are_filled_at_every_depth_and_only_in_text() -> None:
    result, problems = fill(source({"a": [{"b": ["{{ environment }}", 1, None, True, 1.5]}]}), VALUES)
    assert result.data == {"a": [{"b": ["prod", 1, None, True, 1.5]}]}
    assert problems == []


@pytest.mark.parametrize(
    "text",
    [
        "{{name}}",
        "CREATE ROLE \"{{name}}\" WITH PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
        "{{username}}",
        "{{ name }}",
        "secret/data/{{identity.entity.aliases.auth_kubernetes_1.metadata.service_account_name}}/*",
        '{{ printf "v-%s-%s" (.DisplayName | truncate 8) (random 20) }}',
        "{{unix_time}}",
        "{{role_name}}",
        "{{}}",
        "{ environment }",
        "{environment}",
        "}} {{",
        '{"environment": {"a": 1}}',
    ],
)
def test_what_is_not_ours_stays_as_it_is(text: str) -> None:
    assert filled(text) == text


@pytest.mark.parametrize("name", ["enviroment", "environments", "Environment", "ENVIRONMENT", "env", "envionment"])
def test_a_misspelt_environment_is_a_problem(name: str) -> None:
    assert complaint(f"kv-{{{{ {name} }}}}") == (f"unknown placeholder '{name}'; did you mean '{{{{ environment }}}}'?")


def test_an_unknown_setting_is_a_problem_that_says_where_to_set_it() -> None:
    assert complaint("{{ settings.missing }}") == (
        "unknown placeholder 'settings.missing'; set 'missing' among the settings in stacks/Pulumi.<stack>.yaml"
    )


def test_a_misspelt_setting_names_the_nearest_one() -> None:
    assert complaint("{{ settings.db_hots }}") == (
        "unknown placeholder 'settings.db_hots'; did you mean '{{ settings.db_host }}'? "
        "Otherwise set 'db_hots' among the settings in stacks/Pulumi.<stack>.yaml"
    )


def test_the_file_for_settings_can_be_named() -> None:
    _, (problem,) = fill(source({"x": "{{ settings.missing }}"}), {}, settings_in="stacks/Pulumi.dev.yaml")
    assert problem.remedy == "set 'missing' among the settings in stacks/Pulumi.dev.yaml"


@pytest.mark.parametrize("text", ["{{ setting.db_host }}", "{{ Settings.db_host }}", "{{ seting.db_host }}"])
def test_misspelt_settings_are_a_problem(text: str) -> None:
    assert "did you mean '{{ settings.db_host }}'?" in complaint(text)


@pytest.mark.parametrize("text", ["{{{{ settings.{s} }}}}", "{{{{ {s}.settings }}}}", "{{{{ settings.{s} }}"])
def test_no_problem_repeats_a_pasted_token(text: str) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    _, problems = fill(source({"x": text.format(s=token)}), VALUES)
    assert token[4:12] not in "\n".join(map(str, problems))


def test_settings_without_a_name_are_a_problem() -> None:
    assert complaint("{{ settings }}") == (
        "placeholder 'settings' lacks the name of a setting; write '{{ settings.NAME }}'"
    )


@pytest.mark.parametrize("text", ["{{ environment | upper }}", "{{ environment.name }}", "{{ environment name }}"])
def test_a_placeholder_takes_no_filters(text: str) -> None:
    assert "environment" in complaint(text)


@pytest.mark.parametrize("text", ["{{ environment }", "{{ environment", "{ environment }}", "{{ settings.db_host }"])
def test_incomplete_braces_are_a_problem(text: str) -> None:
    assert complaint(text).startswith("the braces around placeholder ")


def test_every_problem_is_reported_where_its_text_is() -> None:
    text = b"a: '{{ env }}'\nb:\n  - '{{ settings.x }}-{{ settings.y }}'\n"
    _, problems = fill(parse(text, "stacks/catalog/a.yaml"), VALUES)
    assert [str(problem).split(";")[0] for problem in problems] == [
        "stacks/catalog/a.yaml:1:4: a: unknown placeholder 'env'",
        "stacks/catalog/a.yaml:3:5: b[0]: unknown placeholder 'settings.x'",
        "stacks/catalog/a.yaml:3:5: b[0]: unknown placeholder 'settings.y'",
    ]


def test_what_was_filled_in_is_not_looked_at_again() -> None:
    values = {"environment": "{{ settings.db_host }}", "settings.db_host": "{{ environment }}"}
    result, problems = fill(source({"x": "{{ environment }} {{ settings.db_host }}"}), values)
    assert result.data == {"x": "{{ settings.db_host }} {{ environment }}"}
    assert problems == []


def test_filled_values_stay_where_they_were_written() -> None:
    before = parse(b"a:\n  b: 'kv-{{ environment }}'\n", "a.yaml")
    after, _ = fill(before, VALUES)
    assert after.position(("a", "b")) == before.position(("a", "b")) == ("a.yaml", 2, 6)
    assert after.key_position(("a", "b")) == ("a.yaml", 2, 3)
    assert before.data == {"a": {"b": "kv-{{ environment }}"}}


_pieces = st.sampled_from(
    ["{{ environment }}", "{{environment}}", "{{ settings.db_host }}", "{{name}}", "{", "}", "a", " ", "\n", "é"]
)
_texts = st.lists(_pieces, max_size=6).map("".join)
_data = st.recursive(
    _texts | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3)
)


def _keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _keys(inner) for key, inner in data.items()}
    return [_keys(inner) for inner in data] if isinstance(data, list) else None


def _strings(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [text for inner in data.values() for text in _strings(inner)]
    if isinstance(data, list):
        return [text for inner in data for text in _strings(inner)]
    return [data] if isinstance(data, str) else []


@given(st.dictionaries(_texts, _data, min_size=1, max_size=3))
def test_keys_never_change_and_no_known_placeholder_is_left(data: dict[str, Any]) -> None:
    result, _ = fill(source(data), VALUES)
    assert _keys(result.data) == _keys(data)
    for text in _strings(result.data):
        assert not re.search(r"\{\{\s*(environment|settings\.db_host)\s*\}\}", text)


@given(st.text("{} \nxyé.|$", max_size=40))
def test_any_text_without_our_words_comes_through_unchanged(text: str) -> None:
    assert filled(text) == text
