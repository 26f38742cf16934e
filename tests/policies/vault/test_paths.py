"""The algebra of path patterns against a matcher that is written in another way, and against every short path."""

import re
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom_policies.vault.paths import Pattern, PatternError, Words, intersects, subsumes, witness

SEGMENT = st.sampled_from(["a", "b", "ab", "+", "", "a+", "b*"])
PATTERNS = (
    st.builds(
        lambda segments, star: "/".join(segments) + star, st.lists(SEGMENT, max_size=3), st.sampled_from(["", "*"])
    )
    .filter(lambda text: "+*" not in text and not text.startswith("/"))
    .map(Pattern.parse)
)
QUIET = settings(deadline=None)  # the machine may be busy with other tests
# They do not tell all patterns apart, so agreement is asserted in the direction that they can refute.
ALPHABET = "ab/+*x"
SHORT_PATHS = ["".join(letters) for length in range(5) for letters in product(ALPHABET, repeat=length)]


def brute_force(pattern: Pattern, path: str) -> bool:
    """What the server does, said with a regular expression."""
    return _expression(pattern).fullmatch(path) is not None


@cache
def _expression(pattern: Pattern) -> re.Pattern[str]:
    text, rest = (pattern.text[:-1], ".*") if pattern.text.endswith("*") else (pattern.text, "")
    segmented = pattern.text == "+" or "/+" in pattern.text or pattern.text.startswith("+/")
    parts = ["[^/]*" if segmented and part == "+" else re.escape(part) for part in text.split("/")]
    return re.compile("/".join(parts) + rest, re.DOTALL)


@QUIET
@given(PATTERNS, st.text(ALPHABET, max_size=8))
def test_a_pattern_matches_what_the_brute_force_matcher_matches(pattern: Pattern, path: str) -> None:
    assert pattern.matches(path) == brute_force(pattern, path)


@QUIET
@given(st.lists(PATTERNS, min_size=1, max_size=2), st.lists(PATTERNS, max_size=3))
def test_a_witness_is_a_shortest_path_inside_all_and_outside_every_other(
    inside: list[Pattern], outside: list[Pattern]
) -> None:
    found = witness(inside, outside)
    fitting = [
        path
        for path in SHORT_PATHS
        if all(brute_force(p, path) for p in inside) and not any(brute_force(p, path) for p in outside)
    ]
    if found is None:
        assert fitting == []
    else:
        assert all(brute_force(p, found) for p in inside)
        assert not any(brute_force(p, found) for p in outside)
        assert not fitting or len(found) == len(fitting[0])


@QUIET
@given(PATTERNS, PATTERNS)
def test_intersection_and_subsumption_agree_with_all_short_paths(left: Pattern, right: Pattern) -> None:
    both = [path for path in SHORT_PATHS if brute_force(left, path) and brute_force(right, path)]
    only_right = [path for path in SHORT_PATHS if brute_force(right, path) and not brute_force(left, path)]
    assert intersects(left, right) or not both
    assert not subsumes(left, right) or not only_right
    assert intersects(left, right) == intersects(right, left)


@QUIET
@given(PATTERNS, PATTERNS)
def test_the_order_of_precedence_is_total(left: Pattern, right: Pattern) -> None:
    assert (left.rank == right.rank) == (left == right)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("secret/*", "secret/", True),
        ("secret/*", "secret", False),
        ("secret*", "secrets/a", True),
        ("a*/b", "ax/b", False),  # a star in the middle is a star
        ("a*/b", "a*/b", True),
        ("+/a", "x/a", True),
        ("+/a", "/a", True),
        ("+/a", "x/y/a", False),
        ("a+", "ab", False),  # a plus inside a segment is a plus
        ("a/+b/c", "a/+b/c", True),
        ("a/+/c*", "a/x/cd/e", True),
        ("a/+/*", "a/x", False),
        ("+", "a", True),
        ("+", "a/b", False),
    ],
)
def test_the_wildcards_count_only_where_the_server_counts_them(pattern: str, path: str, expected: bool) -> None:
    assert Pattern.parse(pattern).matches(path) is expected
    assert brute_force(Pattern.parse(pattern), path) is expected


def test_one_leading_slash_is_dropped_as_the_server_drops_it() -> None:
    assert Pattern.parse("/a/b") == Pattern.parse("a/b")
    assert Pattern.parse("//a") != Pattern.parse("/a")


def test_a_plus_before_a_star_is_refused_as_the_server_refuses_it() -> None:
    with pytest.raises(PatternError, match=r"'a/\+\*'.*forbidden"):
        Pattern.parse("a/+*")


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("secret/*", "secret/data/*"),  # the later first wildcard
        ("secret/+/app", "secret/data/*"),
        ("secret/+/*", "secret/+/app"),  # not ending in a star
        ("secret/+/+/prod*", "secret/+/*"),  # fewer plus signs, although the other is more specific
        ("secret/+/a*", "secret/+/app*"),  # longer
        ("secret/+/a", "secret/+/b"),  # lexicographically greater
        ("secret/data/app*", "secret/data/app"),  # exact before all
    ],
)
def test_the_order_of_precedence_is_the_documented_one(lower: str, higher: str) -> None:
    assert Pattern.parse(lower).rank < Pattern.parse(higher).rank


def test_an_example_for_an_object_has_no_empty_segment_and_no_slash_at_its_end() -> None:
    everything = [Pattern.parse("a/+/*")]
    assert witness(everything, words=Words.ANY) == "a//"
    assert witness(everything, words=Words.OBJECTS) == "a/x/x"
    assert witness(everything, words=Words.LISTINGS) == "a/x/"


def test_the_same_question_gets_the_same_answer() -> None:
    inside, outside = [Pattern.parse("secret/*")], [Pattern.parse("secret/x*"), Pattern.parse("secret/a*")]
    assert {witness(inside, outside, Words.OBJECTS) for _ in range(5)} == {"secret/b"}


def test_a_proof_over_many_patterns_ends_soon() -> None:
    """Forty wildcard rules of an identity: the walk follows them side by side instead of multiplying them out."""
    outside = [Pattern.parse(f"secret/+/team-{n}/+/x*") for n in range(40)]
    assert witness([Pattern.parse("secret/*")], outside, Words.OBJECTS) == "secret/x"
    assert witness([Pattern.parse("secret/data/team-7/+/xy")], outside, Words.OBJECTS) is None
