"""What a pattern reaches below a mount or a name's beginning, against the server's own rules on every short path."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.patterns import witness_beginning, witness_below

SEGMENTS = ("a", "ab", "b", "x", "")


def matcher(pattern: str) -> re.Pattern[str]:
    """The server's rules, as plainly as they can be written: OpenBao and Vault, "Policies", section syntax."""
    if pattern == "+" or "/+" in pattern or pattern.startswith("+/"):
        text = "/".join("[^/]*" if s == "+" else re.escape(s) for s in pattern.removesuffix("*").split("/"))
    else:
        text = re.escape(pattern.removesuffix("*"))
    return re.compile(text + (".*" if pattern.endswith("*") else ""))


def reaches(pattern: str, mount: str) -> bool:
    """Whether any path at the mount, or up to five segments below it, matches."""
    fits = matcher(pattern).fullmatch
    return any(
        fits("/".join([mount, *rest])) for length in range(6) for rest in itertools.product(SEGMENTS, repeat=length)
    )


segments = st.sampled_from(["a", "ab", "b", "x", "+"])
patterns = st.builds(
    lambda parts, ending: "/".join(parts) + ending,
    st.lists(segments, min_size=1, max_size=4),
    st.sampled_from(["", "*", "/*"]),
).filter(lambda pattern: "+*" not in pattern) | st.just("*")
mounts = st.builds("/".join, st.lists(st.sampled_from(["a", "ab", "b"]), min_size=1, max_size=3))


@given(patterns, mounts)
def test_there_is_a_witness_exactly_if_the_server_would_let_a_path_below_the_mount_through(
    pattern: str, mount: str
) -> None:
    assert (witness_below(pattern, mount) is not None) == reaches(pattern, mount)


@given(patterns, mounts)
def test_a_witness_proves_itself(pattern: str, mount: str) -> None:
    if witness := witness_below(pattern, mount):
        assert matcher(pattern).fullmatch(witness)
        assert witness == mount or witness.startswith(f"{mount}/")


@pytest.mark.parametrize(
    ("pattern", "mount", "witness"),
    [
        ("+/data/*", "kv-prod", "kv-prod/data/"),
        ("kv-prod/data/x", "kv-prod", "kv-prod/data/x"),
        ("kv-prod", "kv-prod", "kv-prod"),
        ("kv*", "kv-prod", "kv-prod/"),
        ("*", "auth/cluster-prod", "auth/cluster-prod/"),
        ("auth/*", "auth/cluster-prod", "auth/cluster-prod/"),
        ("auth/+/login", "auth/cluster-prod", "auth/cluster-prod/login"),
        ("+/+/+", "kv-prod", "kv-prod/x/x"),
        ("kv-pro", "kv-prod", None),
        ("kv-prod2/*", "kv-prod", None),
        ("kv-+/data/*", "kv-prod", None),
        ("auth", "auth/cluster-prod", None),
        ("sys/*", "kv-prod", None),
    ],
)
def test_examples(pattern: str, mount: str, witness: str | None) -> None:
    assert witness_below(pattern, mount) == witness


def reaches_beginning(pattern: str, beginning: str) -> bool:
    """Whether any path that begins so, up to four segments further, matches."""
    fits = matcher(pattern).fullmatch
    return any(
        fits("/".join([beginning + first, *rest]))
        for first in SEGMENTS
        for length in range(5)
        for rest in itertools.product(SEGMENTS, repeat=length)
    )


@given(patterns, mounts)
def test_there_is_a_witness_exactly_if_the_server_would_let_a_path_through_that_begins_so(
    pattern: str, beginning: str
) -> None:
    assert (witness_beginning(pattern, beginning) is not None) == reaches_beginning(pattern, beginning)


@given(patterns, mounts)
def test_a_witness_that_begins_so_proves_itself(pattern: str, beginning: str) -> None:
    if witness := witness_beginning(pattern, beginning):
        assert matcher(pattern).fullmatch(witness)
        assert witness.startswith(beginning)


@pytest.mark.parametrize(
    ("pattern", "witness"),
    [
        ("sys/policies/acl/dev.a.b", "sys/policies/acl/dev.a.b"),
        ("sys/policies/acl/Dev.a.b", "sys/policies/acl/Dev.a.b"),
        ("sys/policies/acl/DEV*", "sys/policies/acl/DEV.x"),
        ("sys/policies/acl/dev.a*", "sys/policies/acl/dev.a"),
        ("sys/policies/acl/*", "sys/policies/acl/dev.x"),
        ("sys/policies/acl/+", "sys/policies/acl/dev.x"),
        ("sys/policies/*", "sys/policies/acl/dev.x"),
        ("sys/policies/acl", None),
        ("sys/policies/acl/dev", None),
        ("sys/policies/acl/dev2.*", None),
        ("sys/policies/acl/prod.*", None),
        ("sys/policies/password/*", None),
        ("sys/policies/acl/dev.+", "sys/policies/acl/dev.+"),
    ],
)
def test_examples_of_names(pattern: str, witness: str | None) -> None:
    assert witness_beginning(pattern, "sys/policies/acl/dev.") == witness
