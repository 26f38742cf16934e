"""Texts of policies as people write them: read like the server reads them, or refused."""

import pytest

from strongroom_policies.vault.document import DocumentError, read


def stanzas(text: str) -> dict[str, set[str]]:
    return {stanza.pattern.text: set(stanza.capabilities) for stanza in read(text)}


@pytest.mark.parametrize(
    "text",
    [
        'path "a/b" { capabilities = ["read", "list"] }',
        'path "a/b" {\r\n  capabilities = [\r\n    "read",\r\n    "list",\r\n  ]\r\n}\r\n',
        '# why\npath "/a/b" { // here\n capabilities = ["read", "list"] /* or there */\n}',
        'name = "app"\npath "a/b" { capabilities = ["read", "list"]\n comment = "x" }',
        'path "a/\\u0062" { capabilities = ["read", "list"] }',
        'path "a/b" { policy = "read" }',
        '{"path": {"a/b": {"capabilities": ["read", "list"]}}}',
        '{"path": [{"a/b": {"policy": "read"}}]}',
    ],
)
def test_every_way_to_write_a_policy_reads_the_same(text: str) -> None:
    assert stanzas(text) == {"a/b": {"read", "list"}}


def test_the_legacy_key_and_capabilities_add_up() -> None:
    assert stanzas('path "a" { policy = "read" capabilities = ["sudo"] }') == {"a": {"read", "list", "sudo"}}
    assert stanzas('path "a" { policy = "write" }') == {"a": {"create", "read", "update", "delete", "list"}}


def test_deny_erases_its_siblings() -> None:
    assert stanzas('path "a" { capabilities = ["read", "deny", "sudo"] }') == {"a": {"deny"}}


def test_a_stanza_without_capabilities_gives_nothing() -> None:
    assert stanzas('path "a" { }') == {"a": set()}


def test_members_of_the_same_name_in_json_are_all_read() -> None:
    text = '{"path": {"a": {"capabilities": ["read"]}, "a": {"capabilities": ["list"]}}}'
    assert [set(stanza.capabilities) for stanza in read(text)] == [{"read"}, {"list"}]


@pytest.mark.parametrize(
    ("text", "conditional"),
    [
        ('path "kv/{{identity.entity.id}}/*" { capabilities = ["read"] }', True),
        ('path "kv/a" { capabilities = ["read"]\n expiration = "2030-01-01T00:00:00Z" }', True),
        ('path "kv/a" { capabilities = ["read"] }', False),
    ],
)
def test_a_stanza_that_the_server_may_drop_is_marked(text: str, conditional: bool) -> None:
    assert [stanza.conditional for stanza in read(text)] == [conditional]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('path "a" { capabilities = ["read"]; }', "not readable as HCL: line 1"),
        ('path "a" {', "not readable as HCL"),
        ('path = { "a" = { capabilities = ["read"] } }', "assigned instead of being a block"),
        ('path "a" "b" { capabilities = ["read"] }', "more than one label"),
        ('path "a" { capabilities = "read" }', "'capabilities' is not a list"),
        ('path "a" { capabilities = ["raed"] }', "1 unknown capability"),
        ('path "a" { policy = "admin" }', "'policy' is none of deny, read, write, sudo"),
        ('path "a/+*" { capabilities = ["read"] }', "'+*' is forbidden"),
        ('paths "a" { capabilities = ["read"] }', "1 top-level key"),
        ("{", "not JSON: line 1, column 2"),
        ('{"path": {"a": "read"}}', "a stanza is a block"),
        ('{"path": "a"}', "an object from path to stanza"),
        ('{"path": ' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place_and_without_the_text(text: str, reason: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read(text)
    assert reason in str(refused.value)
    assert "raed" not in str(refused.value)
    assert "admin" not in str(refused.value)


def test_hcl1_forms_that_the_reader_does_not_know_are_refused_and_not_misread() -> None:
    """A server accepts these three. Guessing would be worse than saying so: rules then report undecided."""
    for text in [
        'path "a" { capabilities = ["read"], comment = "x" }',
        '"path" "a" { capabilities = ["read"] }',
        'path "a" { capabilities = ["read"]\n allowed_parameters { "x" = [] } }',
    ]:
        with pytest.raises(DocumentError):
            read(text)
