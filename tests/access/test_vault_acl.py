"""The rules of Vault and OpenBao about which of several rules decides."""

import pytest

from strongroom.access.vault_acl import Acl, AclRule


def _of(*rules: tuple[str, str]) -> Acl:
    return Acl(AclRule(path, frozenset(given.split())) for path, given in rules)


@pytest.mark.parametrize(
    ("rules", "path", "winner"),
    [
        ((("kv/data/a", "read"), ("kv/data/*", "read")), "kv/data/a", "kv/data/a"),
        ((("kv/*", "read"), ("kv/data/*", "read")), "kv/data/a/b", "kv/data/*"),
        ((("kv/data/a*", "read"), ("kv/data/+", "read")), "kv/data/ab", "kv/data/a*"),
        ((("kv/+/a", "read"), ("kv/data/*", "read")), "kv/data/a", "kv/data/*"),
        ((("kv/+/a", "read"), ("kv/+/*", "read")), "kv/data/a", "kv/+/a"),
        ((("+/data/a", "read"), ("+/+/a", "read")), "kv/data/a", "+/data/a"),
        ((("kv/data/+/x", "read"), ("kv/data/+/*", "read")), "kv/data/a/x", "kv/data/+/x"),
        ((("kv/data/a", "read"),), "kv/data/ab", None),
        ((("kv/+", "read"),), "kv/data/a", None),
        ((("kv/a*b", "read"),), "kv/axb", None),
        ((("kv/a*b", "read"),), "kv/a*b", "kv/a*b"),
        ((("/kv/data/a", "read"),), "kv/data/a", "/kv/data/a"),
        ((("kv/+/a*", "read"),), "kv/data/ab/c", "kv/+/a*"),
    ],
)
def test_one_rule_decides_about_a_path(rules: tuple[tuple[str, str], ...], path: str, winner: str | None) -> None:
    found = _of(*rules).winner(path)
    assert (found.path if found else None) == winner


def test_a_narrower_rule_takes_away_what_a_wider_one_gives() -> None:
    acl = _of(("kv/data/*", "read list"), ("kv/data/payments/*", "list"))
    assert acl.allows("read", "kv/data/identity/session")
    assert not acl.allows("read", "kv/data/payments/stripe")


def test_a_denial_at_the_same_path_wins_and_at_a_wider_one_does_not() -> None:
    assert not _of(("kv/data/a", "read"), ("kv/data/a", "deny")).allows("read", "kv/data/a")
    assert _of(("kv/data/a", "read"), ("kv/*", "deny")).allows("read", "kv/data/a")


def test_the_same_path_in_several_policies_gives_all_that_they_give() -> None:
    acl = _of(("kv/data/a", "read"), ("kv/data/a", "update"))
    assert acl.allows("read", "kv/data/a")
    assert acl.allows("update", "kv/data/a")


def test_a_rule_that_wants_a_wrapped_answer_serves_no_other() -> None:
    assert not Acl([AclRule("kv/data/a", frozenset({"read"}), wraps=True)]).allows("read", "kv/data/a")


def test_a_path_with_a_template_gives_nothing_that_could_be_known() -> None:
    assert Acl([AclRule("kv/data/{{identity.entity.id}}", frozenset({"read"}))]).winner("kv/data/x") is None
