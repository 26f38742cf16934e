"""The rules of an EncryptionConfiguration: each is broken in one way."""

from dataclasses import replace

import pytest

from strongroom.kubernetes.encryption.document import (
    Configuration,
    DocumentError,
    Plugin,
    configuration_of,
)
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import Entry, ring_of
from strongroom.kubernetes.encryption.rules import advice, check, flaws
from support.encryption_examples import BROKEN, PLUGIN, SOUND, configuration, groups, keys_of


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


def test_a_plugin_is_declared_once() -> None:
    assert list(flaws(configuration("kms:vault", plugins=(PLUGIN, PLUGIN)))) == ["KMS plugin vault is declared 2 times"]


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
