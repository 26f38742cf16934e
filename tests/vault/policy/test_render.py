"""Policy texts: nothing that is put into them leaves its place, and what models accept can always be written."""

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strongroom.templating import UnsafeTextError, escape_hcl
from strongroom.vault.policy.render import PathRule, merged, policy_text
from strongroom.vault.policy.spec import HandWrittenPolicy

CAPABILITIES = ("create", "read", "update", "patch", "delete", "list")
HOSTILE = st.text(st.sampled_from('ab/*+"\\${}%#\n\r\t\0\u2028é\x85 =[]<>'), min_size=1, max_size=14)
texts = HOSTILE | st.text(min_size=1, max_size=14)
capabilities = st.lists(st.sampled_from(CAPABILITIES), min_size=1, unique=True).map(tuple)


def parsed(text: str) -> dict[str, list[str]]:
    """Path -> capabilities, as python-hcl2 reads it; anything but `path` blocks fails the test."""
    data = hcl2.loads(text)
    assert set(data) - {"__comments__", "__inline_comments__"} <= {"path"}
    found: dict[str, list[str]] = {}
    for block in data.get("path", []):
        ((path, body),) = ((key, value) for key, value in block.items() if not key.startswith("__"))
        assert {key for key in body if not key.startswith("__")} == {"capabilities"}
        found[_unquoted(path)] = [_unquoted(capability) for capability in body["capabilities"]]
    return found


def _unquoted(text: str) -> str:
    inner = text.removeprefix('"').removesuffix('"')
    return (
        inner.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace('\\"', '"').replace("\\\\", "\\")
    )


@given(st.lists(st.tuples(texts, capabilities, st.lists(texts, max_size=2)), max_size=4), texts)
def test_whatever_is_put_into_the_template_is_refused_or_stays_in_its_place(
    rules: list[tuple[str, tuple[str, ...], list[str]]], heading: str
) -> None:
    made = merged(PathRule(path, given_, tuple(because)) for path, given_, because in rules)
    try:
        text = policy_text([heading], made)
    except UnsafeTextError:
        assert any(opener in part for part in (heading, str(rules), *_parts(rules)) for opener in ("${", "%{", "\0"))
        return
    # Outside of comments there is exactly the structure that the template writes, line by line.
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    expected = []
    for rule in made:
        quoted = ", ".join(f'"{capability}"' for capability in rule.capabilities)
        expected += [f'path "{escape_hcl(rule.path)}" {{', f"  capabilities = [{quoted}]", "}"]
    assert lines == expected


def _parts(rules: list[tuple[str, tuple[str, ...], list[str]]]) -> list[str]:
    return [part for path, _, because in rules for part in (path, *because)]


@given(texts)
def test_an_escaped_text_has_no_end_of_its_string_and_no_line_break(text: str) -> None:
    try:
        escaped = escape_hcl(text)
    except UnsafeTextError:
        return
    assert "\n" not in escaped
    assert "\r" not in escaped
    assert '"' not in escaped.replace("\\\\", "").replace('\\"', "")
    assert not escaped.replace("\\\\", "").endswith("\\")


@given(
    st.dictionaries(texts, capabilities, min_size=1, max_size=4),
    st.text(st.sampled_from('ab "\\${}%#\n'), min_size=10, max_size=40) | st.text(min_size=10, max_size=40),
)
def test_a_policy_by_hand_is_refused_by_its_model_or_read_back_as_it_was_meant(
    rules: dict[str, tuple[str, ...]], reason: str
) -> None:
    try:
        policy = HandWrittenPolicy.model_validate(
            {"reason": reason, "rules": [{"path": path, "capabilities": given_} for path, given_ in rules.items()]}
        )
    except ValidationError:
        return
    made = merged(PathRule(rule.path, rule.capabilities) for rule in policy.rules)
    text = policy_text([f"by hand: {policy.reason}"], made)
    assert parsed(text) == {path: sorted(given_) for path, given_ in rules.items()}


@pytest.mark.parametrize(
    "reason", ["too short", "a line\nand another", "with ${template} inside", "with %{if} inside", "nul\0 inside it"]
)
def test_a_reason_is_one_line_of_text(reason: str) -> None:
    with pytest.raises(ValidationError):
        HandWrittenPolicy.model_validate({"reason": reason, "rules": [{"path": "a", "capabilities": ["read"]}]})


def test_rules_of_one_path_are_united_as_the_server_would() -> None:
    made = merged(
        [PathRule("a", ("read",), ("x",)), PathRule("b", ("list",)), PathRule("a", ("create", "read"), ("y", "x"))]
    )
    assert made == (PathRule("a", ("create", "read"), ("x", "y")), PathRule("b", ("list",)))


def test_a_deny_takes_all_else_at_its_path_away() -> None:
    assert merged([PathRule("a", ("read",)), PathRule("a", ("deny",))]) == (PathRule("a", ("deny",)),)


def test_a_policy_reads_like_this() -> None:
    rules = (PathRule("kv/data/a", ("create", "read"), ("a: read", "a: write")), PathRule("kv/data/b", ("read",)))
    assert policy_text(["Where it comes from."], rules) == (
        "# Where it comes from.\n"
        "\n# a: read\n# a: write\n"
        'path "kv/data/a" {\n  capabilities = ["create", "read"]\n}\n'
        '\npath "kv/data/b" {\n  capabilities = ["read"]\n}\n'
    )
