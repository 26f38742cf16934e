"""Policies by hand as texts: read as the servers read them, and refused with line and column."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.vault.policy.document import parse
from strongroom.vault.policy.render import PathRule, policy_text, rule_of
from strongroom.vault.policy.stanza import Stanza
from strongroom.vault.policy.tokens import At
from strongroom_policies.vault.document import read as read_by_the_pack
from support.policy_texts import GOOD, NO_GOOD, OF_ONE_SERVER, REFUSED


def _read(text: str) -> tuple[Stanza, ...]:
    stanzas, flaws = parse(text)
    assert flaws == ()
    return stanzas


def _normal(text: str) -> str:
    return policy_text([], map(rule_of, _read(text)))


def _meaning(text: str) -> list[tuple[Any, ...]]:
    """What a policy says, without where and in which order."""
    return [(s.path, s.capabilities, dict(s.settings)) for s in _read(text)]


@pytest.mark.parametrize("text", [*GOOD, *OF_ONE_SERVER])
def test_what_is_good_has_a_normal_form_that_says_the_same_and_is_its_own(text: str) -> None:
    normal = _normal(text)
    assert _meaning(normal) == _meaning(text)
    without_comments = "".join(line for line in normal.splitlines(True) if not line.startswith("#"))
    assert _normal(without_comments) == without_comments


@pytest.mark.parametrize("texts", [REFUSED, NO_GOOD])
def test_what_is_wrong_is_told_with_its_line_and_column(texts: dict[str, tuple[int, int, str]]) -> None:
    for text, (line, column, said) in texts.items():
        _, flaws = parse(text)
        assert [(flaw.at.line, flaw.at.column) for flaw in flaws] == [(line, column)], (text, flaws)
        assert said in f"{flaws[0].message}; {flaws[0].remedy}", text
        assert flaws[0].syntax is (texts is REFUSED), text


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = 'path "/a" {\n  capabilities = ["raed", "list"]\n  polic = "x"\n}\nfoo = 1\npath "b" {\n  policy = "x"\n}\n'
    _, flaws = parse(text)
    assert sorted((flaw.at.line, flaw.at.column) for flaw in flaws) == [(1, 6), (2, 19), (3, 3), (5, 1), (7, 12)]


@pytest.mark.parametrize(
    ("old", "capabilities"),
    [
        ("deny", ("deny",)),
        ("read", ("list", "read")),
        ("write", ("create", "delete", "list", "read", "update")),
        ("sudo", ("create", "delete", "list", "read", "sudo", "update")),
    ],
)
def test_the_old_shorthand_is_spelled_out(old: str, capabilities: tuple[str, ...]) -> None:
    (stanza,) = _read(f'path "a" {{ policy = "{old}" }}')
    assert stanza.capabilities == capabilities
    assert "policy" not in _normal(f'path "a" {{ policy = "{old}" }}')


def test_the_normal_form_in_full() -> None:
    text = """
        path "b" {
          policy = "read"
          max_wrapping_ttl = "1h30m"
          required_parameters = ["y", "x"]
          comment = "why"
          allowed_parameters = { "*" = [], Metadata = ["a\\"b", "1", true] }
        }
        path "a" { capabilities = ["update", "create", "create"] }
    """
    assert _normal(text) == (
        '\npath "a" {\n  capabilities = ["create", "update"]\n}\n'
        '\n# why\npath "b" {\n  capabilities = ["list", "read"]\n'
        '  allowed_parameters = {\n    "*" = []\n    "metadata" = ["a\\"b", "1", true]\n  }\n'
        '  max_wrapping_ttl = "5400s"\n  required_parameters = ["x", "y"]\n}\n'
    )


def test_hcl_and_json_of_one_policy_have_one_normal_form() -> None:
    assert _normal('{"path": {"a": {"capabilities": ["read"], "max_wrapping_ttl": 60}}}') == _normal(
        'path "a" { max_wrapping_ttl = "1m" capabilities = ["read"] }'
    )


def test_control_groups_keep_their_blocks() -> None:
    group = 'control_group = { max_ttl = "4h" factor "ops" { identity { group_names = ["ops"] approvals = 1 } } }'
    normal = _normal(f'path "a" {{ capabilities = ["read"] {group} }}')
    assert '    factor "ops" {\n      identity {\n        group_names = ["ops"]\n        approvals = 1\n' in normal


def test_the_policy_pack_which_has_a_reader_of_its_own_reads_the_same() -> None:
    for text in GOOD:
        rules = [rule_of(stanza) for stanza in _read(text)]
        second_opinion = {s.pattern.text: tuple(sorted(s.capabilities)) for s in read_by_the_pack(_normal(text))}
        assert second_opinion == {rule.path: rule.capabilities for rule in rules}


paths = st.from_regex(r"[a-z]{1,4}(/([a-z0-9-]{1,5}|\+)){0,3}(/\*|/)?", fullmatch=True)
some_capabilities = st.lists(
    st.sampled_from(["create", "read", "update", "patch", "delete", "list", "sudo", "scan"]), min_size=1, unique=True
).map(lambda found: tuple(sorted(found)))
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0$%"), max_size=8)
values = plain | st.booleans()
parameters = st.dictionaries(plain.map(str.lower), st.lists(values, max_size=3).map(tuple), min_size=1, max_size=3)
settings_ = st.fixed_dictionaries(
    {},
    optional={
        "allowed_parameters": parameters.map(lambda found: tuple(sorted(found.items()))),
        "denied_parameters": parameters.map(lambda found: tuple(sorted(found.items()))),
        "required_parameters": st.sets(plain.filter(bool), min_size=1, max_size=3).map(lambda s: tuple(sorted(s))),
        "min_wrapping_ttl": st.integers(1, 60),
        "max_wrapping_ttl": st.integers(60, 10**6),
    },
)


@given(st.dictionaries(paths, st.tuples(some_capabilities, settings_), min_size=1, max_size=4))
def test_whatever_a_policy_says_its_normal_form_says_it_and_is_read_again_as_the_same(
    said: dict[str, tuple[tuple[str, ...], dict[str, Any]]],
) -> None:
    stanzas = [Stanza(path, At(1, 1), given_, "", settings, {}) for path, (given_, settings) in sorted(said.items())]
    text = policy_text([], map(rule_of, stanzas))
    assert _meaning(text) == [(path, given_, settings) for path, (given_, settings) in sorted(said.items())]
    assert _normal(text) == text


@given(st.text(st.sampled_from("path\"a/{}[]=,:#\n\\ '*+$<1-0xread"), max_size=60))
def test_no_text_is_too_strange_to_be_judged(text: str) -> None:
    stanzas, flaws = parse(text)
    assert flaws or stanzas
    lines = text.split("\n")
    for flaw in flaws:
        assert 1 <= flaw.at.line <= len(lines)
        assert 1 <= flaw.at.column <= len(lines[flaw.at.line - 1]) + 1


def test_a_rule_without_settings_is_written_as_before() -> None:
    assert policy_text(["x"], [PathRule("a", ("read",))]) == '# x\n\npath "a" {\n  capabilities = ["read"]\n}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('path "\\UFFFFFFFF" {}', "the escape `\\UFFFFFFFF` means nothing"),
        ('path "\\ud800" {}', "the text holds half a character"),
        ('{"path": {"\\udfff": {}}}', "the text holds half a character"),
        ('{"path": {"a\\q": {}}}', "the text has an escape that JSON does not know"),
        (f'path "a" {{ max_wrapping_ttl = {"9" * 5000} }}', "the number is too long"),
        (f"path = {'[' * 30}", "the policy is nested too deeply"),
        ("#" * 70_000, "the policy has more than 65536 characters; split it"),
        ('path "a" { comment = "x\\ny" policy = "read" }', "needs one line of text"),
        ('path "a" { policy = "read" control_group = "x" }', "needs a block with `factor` blocks"),
        ('path "a" { policy = "read" pagination_limit = 0 }', "needs a whole number of at least 1"),
        ('path "a" { policy = "read" expiration = "2030-13-01T00:00:00Z" }', "needs a time; write it as 2030-12-31T"),
        ('path "a" { policy = "read" required_parameters = ["${x}"] }', "needs a plain text"),
        ('path "a" { policy = "read" allowed_parameters = { "${x}" = [] } }', "the name is no plain text"),
    ],
)
def test_what_nobody_can_mean_is_refused(text: str, said: str) -> None:
    _, (flaw, *_more) = parse(text)
    assert said in f"{flaw.message}; {flaw.remedy}"
