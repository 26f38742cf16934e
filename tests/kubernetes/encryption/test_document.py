"""The rules of an EncryptionConfiguration: each is broken in one way."""

from dataclasses import replace

import pytest

from strongroom.kubernetes.encryption.document import (
    Configuration,
    DocumentError,
    Group,
    Plugin,
    advice,
    check,
    configuration_of,
    flaws,
)
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import Entry, Ring, ring_of
from support.encryption_examples import PLUGIN, configuration, groups, keys_of

SOUND = [
    configuration("secretbox:key-1"),
    configuration("secretbox:key-2, secretbox:key-1, aescbc:old, aesgcm:older, identity", "secrets", "configmaps"),
    configuration("kms:vault, secretbox:key-1, identity"),
    configuration("identity, secretbox:key-1"),
    groups((("events",), "identity"), (("secrets", "*.apps"), "secretbox:a"), (("*.*",), "aescbc:b")),
    groups((("widgets.example.com",), "secretbox:a"), (("*.example.com",), "secretbox:a")),
    groups((("secrets",), "secretbox:a"), (("*.",), "secretbox:b"), (("*.*",), "identity")),
]
BROKEN = [
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
    (configuration("kms:vault", plugins=(PLUGIN, PLUGIN)), "is declared 2 times"),
    (configuration("kms:vault", plugins=(replace(PLUGIN, timeout_ms=0),)), "more than nothing"),
    (
        groups((("secrets",), "kms:vault"), (("configmaps",), "kms:vault"), plugins=(PLUGIN,)),
        "named by 2 groups, and an API server takes a name once",
    ),
]


@pytest.mark.parametrize("sound", SOUND, ids=lambda c: " + ".join(str(g.ring) for g in c.groups))
def test_what_an_api_server_takes_is_taken(sound: Configuration) -> None:
    check(sound, keys_of(*(group.ring for group in sound.groups)))


@pytest.mark.parametrize(("broken", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_what_breaks_a_rule_is_refused_with_the_reason(broken: Configuration, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        check(broken, keys_of(*(group.ring for group in broken.groups)))


@pytest.mark.parametrize("endpoint", ["", "/run/kms.sock", "tcp://127.0.0.1:1", "unix://host/kms.sock", "unix:///a b"])
def test_a_plugin_is_a_socket_on_the_same_machine(endpoint: str) -> None:
    (flaw,) = flaws(configuration("kms:vault", plugins=(replace(PLUGIN, endpoint=endpoint),)))
    assert flaw == "KMS plugin vault: the endpoint is a socket on the same machine, as unix:///run/kms.sock"


@pytest.mark.parametrize(("kind", "length"), [("secretbox", 16), ("secretbox", 31), ("aescbc", 20), ("aesgcm", 0)])
def test_a_key_of_another_length_is_refused(kind: str, length: int) -> None:
    ring = ring_of(f"{kind}:a")
    with pytest.raises(DocumentError, match=f"key {kind}:a has {length} bytes; {kind} takes .*32"):
        check(configuration(f"{kind}:a"), keys_of(ring, data=b"0" * length))


@pytest.mark.parametrize("kind", ["aescbc", "aesgcm"])
@pytest.mark.parametrize("length", [16, 24, 32])
def test_the_lengths_that_aes_has_are_taken(kind: str, length: int) -> None:
    check(configuration(f"{kind}:a"), keys_of(ring_of(f"{kind}:a"), data=b"0" * length))


def test_a_ring_whose_key_is_not_there_is_refused() -> None:
    with pytest.raises(DocumentError, match="there is no key secretbox:key-1; nothing that it wrote could be read"):
        check(configuration("secretbox:key-2, secretbox:key-1"), {Entry("secretbox", "key-2"): Key.new()})


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        check(groups((("Secrets",), "kms:a"), (("*",), "secretbox:b")))
    assert len(caught.value.flaws) == 3


def test_the_weaknesses_of_providers_are_told_apart_from_mistakes() -> None:
    assert "padding-oracle" in " ".join(advice(configuration("aescbc:a")))
    assert "200,000 writes" in " ".join(advice(configuration("aesgcm:a")))
    assert not list(advice(configuration("secretbox:a, aescbc:b")))  # aescbc writes nothing there
    assert "events" in " ".join(advice(configuration("secretbox:a", "secrets", "events")))
    assert not list(advice(configuration_of(("*.*",), ("events",), (), ring_of("secretbox:a"))))


def test_what_is_exempt_comes_first_and_only_plugins_in_use_are_named() -> None:
    spare = Plugin(name="spare", endpoint="unix:///spare.sock")
    made = configuration_of(("*.*",), ("events",), (PLUGIN, spare), ring_of("kms:vault, identity"))
    assert [(group.resources, str(group.ring), group.plaintext) for group in made.groups] == [
        (("events",), "identity", True),
        (("*.*",), "kms:vault, identity", False),
    ]
    assert made.plugins == (PLUGIN,)
