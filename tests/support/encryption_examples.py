"""Configurations for tests, sound ones and broken ones."""

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st

from strongroom.kubernetes.encryption.document import Configuration, Group, Plugin, configuration_of
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring, ring_of

CANARY: Final = "canary-of-encryption-keys-32byte"
"""What the bytes of keys are in tests of what shows them: 32."""
PLUGIN: Final = Plugin(name="vault", endpoint="unix:///run/kms.sock")


def keys_of(*rings: Ring, data: bytes = b"0" * 32) -> dict[Entry, Key]:
    """A key of the same bytes for each entry that needs one."""
    return {entry: Key(data) for ring in rings for entry in ring.entries if entry.kind in KEYED}


def configuration(ring: str, *resources: str, plugins: tuple[Plugin, ...] = (PLUGIN,)) -> Configuration:
    """One group."""
    return configuration_of(resources or ("secrets",), (), plugins, ring_of(ring))


def groups(*each: tuple[tuple[str, ...], str], plugins: tuple[Plugin, ...] = ()) -> Configuration:
    """Several groups, each with a ring; one that begins with identity says that this is meant."""
    made = (
        Group(resources=resources, ring=ring_of(ring), plaintext=ring.startswith("identity"))
        for resources, ring in each
    )
    return Configuration(groups=tuple(made), plugins=plugins)


NAMES: Final = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
RESOURCES: Final = st.sampled_from(
    ("secrets", "configmaps", "events", "widgets.example.com", "deployments.apps", "*.apps", "*.", "*.*", "*.batch")
)
ENTRIES: Final = st.one_of(
    st.builds(Entry, st.sampled_from(sorted(KEYED)), NAMES),
    st.just(Entry("identity")),
    st.builds(Entry, st.just("kms"), NAMES),
)
"""Any entry, of a plugin too."""


@st.composite
def configurations(draw: st.DrawFn) -> tuple[Configuration, Mapping[Entry, Key]]:
    """Any configuration of sound parts, with the keys and plugins that it names; its order and overlaps are anyhow."""
    made = []
    plugins: dict[str, Plugin] = {}
    for _ in range(draw(st.integers(1, 3))):
        entries = tuple(draw(st.lists(ENTRIES, min_size=1, max_size=4, unique=True)))
        for entry in entries:
            if entry.kind == "kms":
                endpoint, timeout = "unix:///run/kms.sock", draw(st.integers(1, 90_000))
                plugins.setdefault(entry.name, Plugin(name=entry.name, endpoint=endpoint, timeout_ms=timeout))
        resources = tuple(draw(st.lists(RESOURCES, min_size=1, max_size=3)))
        plaintext = entries[0].kind == "identity"
        made.append(Group(resources=resources, ring=Ring(entries), plaintext=plaintext))
    keys = {
        entry: Key(draw(st.binary(min_size=32, max_size=32)))
        for group in made
        for entry in group.ring.entries
        if entry.kind in KEYED
    }
    return Configuration(groups=tuple(made), plugins=tuple(plugins.values())), keys
