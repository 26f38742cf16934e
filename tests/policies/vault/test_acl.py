"""Merging and precedence: by example here, and against a real server in test_acl_on_servers.py."""

from strongroom_policies.vault.acl import Hit, Rule, merge, reach
from strongroom_policies.vault.document import read
from strongroom_policies.vault.paths import Pattern


def rules(**policies: str) -> tuple[Rule, ...]:
    return merge((name, read(text)) for name, text in policies.items())


def reached(merged: tuple[Rule, ...], capability: str, target: str) -> list[tuple[str, str, bool]]:
    hits: list[Hit] = list(reach(merged, frozenset([capability]), [Pattern.parse(target)]))
    return [(hit.rule.pattern.text, hit.path, hit.certain) for hit in hits]


def test_the_same_path_in_two_policies_unites_their_capabilities() -> None:
    merged = rules(one='path "a" { capabilities = ["read"] }', two='path "/a" { capabilities = ["list"] }')
    assert [(rule.capabilities, rule.policies) for rule in merged] == [({"read", "list"}, ("one", "two"))]


def test_a_deny_wins_over_the_same_path_only() -> None:
    merged = rules(one='path "a/*" { capabilities = ["read"] }', two='path "a/*" { capabilities = ["deny"] }')
    assert reached(merged, "read", "a/*") == []
    merged = rules(one='path "a/b" { capabilities = ["read"] }', two='path "a/*" { capabilities = ["deny"] }')
    assert reached(merged, "read", "a/*") == [("a/b", "a/b", True)]


def test_a_rule_that_others_overrule_everywhere_reaches_nothing() -> None:
    merged = rules(
        one="""path "a/*"   { capabilities = ["read"] }
               path "a/+"   { capabilities = ["deny"] }
               path "a/+/*" { capabilities = ["deny"] }"""
    )
    assert reached(merged, "read", "a/+") == []
    # `a/*` and `a/+/*` have their first wildcard at the same place and both end in a star: fewer plus signs win.
    assert reached(merged, "read", "a/+/+") == [("a/*", "a/x/x", True)]


def test_listing_is_about_paths_with_a_slash_at_their_end() -> None:
    merged = rules(one='path "kv/metadata/*" { capabilities = ["list"] }')
    assert reached(merged, "list", "kv/*") == [("kv/metadata/*", "kv/metadata/", True)]
    assert reached(merged, "read", "kv/*") == []


def test_an_exact_path_without_its_slash_lists_too() -> None:
    merged = rules(one='path "kv/metadata/prod" { capabilities = ["list"] }')
    assert reached(merged, "list", "kv/metadata/prod/*") == [("kv/metadata/prod", "kv/metadata/prod/", True)]


def test_a_template_reaches_only_possibly() -> None:
    merged = rules(one='path "kv/{{identity.entity.name}}/*" { capabilities = ["read"] }')
    assert reached(merged, "read", "kv/prod/*") == [("kv/{{identity.entity.name}}/*", "kv/prod/x", False)]
    assert reached(merged, "read", "sys/*") == []


def test_a_deny_with_a_template_may_be_dropped_and_protects_only_possibly() -> None:
    merged = rules(
        one="""path "kv/*" { capabilities = ["read"] }
               path "kv/{{identity.entity.id}}" { capabilities = ["deny"] }"""
    )
    assert reached(merged, "read", "kv/*") == [("kv/*", "kv/x", False)]


def test_a_deny_that_expires_protects_only_possibly() -> None:
    merged = rules(
        one='path "kv/*" { capabilities = ["read"] }',
        two='path "kv/*" { capabilities = ["deny"]\n expiration = "2030-01-01T00:00:00Z" }',
    )
    assert reached(merged, "read", "kv/*") == [("kv/*", "kv/x", False)]
