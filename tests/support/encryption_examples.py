"""Configurations for tests, sound ones and broken ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from strongroom.kubernetes.encryption.document import Configuration, Group, Plugin, configuration_of
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Kind, Ring, ring_of
from strongroom.kubernetes.encryption.rotation.reach import Reach
from strongroom.kubernetes.place import ClusterPlace

CANARY: Final = "canary-of-encryption-keys-32byte"
"""What the bytes of keys are in tests of what shows them: 32."""
PLUGIN: Final = Plugin(name="vault", endpoint="unix:///run/kms.sock")


def keys_of(*rings: Ring, data: bytes = b"0" * 32) -> dict[Entry, Key]:
    """A key of the same bytes for each entry that needs one."""
    return {entry: Key(data) for ring in rings for entry in ring.entries if entry.kind in KEYED}


def record_of(
    provider: Kind = "secretbox", *plugins: str, resources: tuple[str, ...] = ("secrets",)
) -> EncryptionAtRest:
    """How a cluster `eu` is encrypted."""
    return EncryptionAtRest(
        slice="platform",
        encrypted=ClusterPlace(cluster="eu", context="eu", server="https://eu.example"),
        provider=provider,
        resources=resources,
        plaintext=(),
        plugins=tuple(Plugin(name=name, endpoint=f"unix:///run/{name}.sock") for name in plugins),
        key_store="kv",
        key_secret="platform/cluster-eu/encryption",
        rotate_every_seconds=86400,
        reach=Reach(api_servers=(), etcd=None, files=(), request_timeout_seconds=60),
        reason=None,
    )


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


SOUND: Final = (
    configuration("secretbox:key-1"),
    configuration("secretbox:key-2, secretbox:key-1, aescbc:old, aesgcm:older, identity", "secrets", "configmaps"),
    configuration("kms:vault, secretbox:key-1, identity"),
    configuration("identity, secretbox:key-1"),
    groups((("events",), "identity"), (("secrets", "*.apps"), "secretbox:a"), (("*.*",), "aescbc:b")),
    groups((("widgets.example.com",), "secretbox:a"), (("*.example.com",), "secretbox:a")),
    groups((("secrets",), "secretbox:a"), (("*.",), "secretbox:b"), (("*.*",), "identity")),
)
"""What an API server takes."""
BROKEN: Final = (
    (Configuration(groups=()), "no resources are named"),
    (groups(((), "secretbox:a")), "name at least one resource"),
    (Configuration(groups=(Group(resources=("secrets",), ring=Ring(())),)), "it has no provider"),
    (groups((("secrets", "*."), "secretbox:a")), r"secrets and \*. overlap in group 1"),
    (groups((("*.*", "deployments.apps"), "secretbox:a")), r"\*.\* and deployments.apps overlap"),
    (groups((("secrets", "secrets"), "secretbox:a")), r"secrets is named twice \(groups 1 and 1\)"),
    (groups((("secrets",), "secretbox:a"), (("secrets",), "secretbox:b")), r"twice \(groups 1 and 2\)"),
    (
        groups((("*.",), "secretbox:a"), (("secrets",), "secretbox:b")),
        r"\*. \(group 1\) covers secrets \(group 2\); put",
    ),
    (groups((("*.*",), "secretbox:a"), (("*.apps",), "secretbox:b")), r"\*.\* \(group 1\) covers \*.apps"),
    (groups((("*.apps",), "secretbox:a"), (("deployments.apps",), "secretbox:b")), "covers deployments.apps"),
    (configuration("secretbox:a", "Secrets"), "is no resource"),
    (configuration("secretbox:a", "secrets "), "is no resource"),
    (configuration("secretbox:a", ""), "is no resource"),
    (configuration("secretbox:a", "*"), "for the core group"),
    (configuration("secretbox:a", "secrets."), "ends in a dot"),
    (configuration("secretbox:a", "secrets.*"), "one resource of all groups"),
    (configuration("secretbox:a", "serviceipallocations"), "has no API"),
    (configuration("secretbox:a", "events.events.k8s.io"), "is kept as `events`"),
    (configuration("secretbox:a", "ingresses.extensions"), "is no more"),
    (
        Configuration(groups=(Group(resources=("secrets",), ring=ring_of("identity, secretbox:a")),)),
        "identity is first",
    ),
    (
        Configuration(groups=(Group(resources=("secrets",), ring=ring_of("secretbox:a"), plaintext=True),)),
        "plain text is declared, and secretbox:a is first",
    ),
    (
        Configuration(groups=(Group(resources=("secrets",), ring=Ring((Entry("secretbox", "a"),) * 2)),)),
        "named 2 times",
    ),
    (Configuration(groups=(Group(resources=("secrets",), ring=Ring((Entry("aescbc", "a:b"),))),)), "aescbc has a name"),
    (Configuration(groups=(Group(resources=("secrets",), ring=Ring((Entry("kms", "a b"),))),)), "kms has a name"),
    (configuration("kms:other"), "there is no KMS plugin other"),
    (configuration("kms:vault", plugins=(replace(PLUGIN, timeout_ms=0),)), "more than nothing"),
    (
        groups((("secrets",), "kms:vault"), (("configmaps",), "kms:vault"), plugins=(PLUGIN,)),
        "named by 2 groups, and an API server takes a name once",
    ),
)
"""What breaks one rule, and what is said of it (a regular expression)."""

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
