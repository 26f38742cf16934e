"""Keys: made of random bytes, and shown by nothing."""

import base64
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.kubernetes.encryption.key_store import Kept, KeyStoreError, field_of, fields_of, kept_of
from strongroom.kubernetes.encryption.keys import Key, next_entry
from strongroom.kubernetes.encryption.ring import Entry, Ring, ring_of
from support import canary
from support.encryption_examples import CANARY, ENTRIES, keys_of


def test_a_key_is_32_bytes_and_no_two_are_the_same() -> None:
    made = [Key.new() for _ in range(100)]
    assert {len(key) for key in made} == {32}
    assert len({key.base64() for key in made}) == 100


def test_nothing_shows_a_key() -> None:
    key = Key(CANARY.encode())
    kept = Kept(ring_of("secretbox:key-1"), {Entry("secretbox", "key-1"): key})
    for shown in (repr(key), str(key), f"{key!r:>80}", repr([key]), repr(kept), str(kept)):
        assert not canary.is_in(CANARY, shown)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(key)


def test_keys_are_equal_by_their_bytes() -> None:
    assert Key(b"a" * 32) == Key.of_base64(base64.b64encode(b"a" * 32).decode())
    assert Key(b"a" * 32) != Key(b"b" * 32)
    assert Key(b"a" * 32) != b"a" * 32


@pytest.mark.parametrize("text", ["%%%", "YQ", "YQ==\n\n", "é"])
def test_what_is_no_base64_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"^the key is no base64$") as caught:
        Key.of_base64(text)
    assert caught.value.__context__ is None


def test_a_new_key_has_a_name_that_none_ever_had() -> None:
    known = [Entry("secretbox", "key-2"), Entry("aescbc", "key-9"), Entry("secretbox", "by-hand"), Entry("identity")]
    assert next_entry("secretbox", known) == Entry("secretbox", "key-10")
    assert next_entry("aesgcm", []) == Entry("aesgcm", "key-1")
    with pytest.raises(ValueError, match="kms has no keys of its own"):
        next_entry("kms", known)


@given(st.lists(ENTRIES, min_size=1, unique=True))
def test_a_ring_is_read_back_from_its_text(entries: list[Entry]) -> None:
    ring = Ring(tuple(entries))
    assert ring_of(str(ring)) == ring


@pytest.mark.parametrize(
    "text", ["", "secretbox", "secretbox:", "rot13:a", "identity:a", "secretbox:a,aescbc:b", "kms:a:b"]
)
def test_what_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither <provider>:<name> nor `identity`"):
        ring_of(text)
    with pytest.raises(ValueError, match="names an entry twice"):
        ring_of("identity, identity")


@given(st.lists(ENTRIES, min_size=1, unique=True), st.binary(min_size=32, max_size=32))
def test_what_a_store_keeps_is_read_back(entries: list[Entry], data: bytes) -> None:
    ring = Ring(tuple(entries))
    kept = Kept(ring, keys_of(ring, data=data))
    assert kept_of(fields_of(kept), 7, "there") == kept


def test_keys_that_the_ring_names_no_more_stay() -> None:
    retired = Entry("aescbc", "key-1")
    kept = Kept(ring_of("secretbox:key-2"), keys_of(ring_of("secretbox:key-2, aescbc:key-1")))
    assert field_of(retired) in fields_of(kept)
    assert retired in kept_of(fields_of(kept), 1, "there").keys


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "it has no field `ring`"),
        ({"ring": "rot13:a"}, "neither <provider>:<name>"),
        ({"ring": "secretbox:a"}, "the ring names secretbox:a, of which there is no key"),
        ({"ring": "identity", "secretbox.a": CANARY}, "the key is no base64"),
        ({"ring": "identity", CANARY: "YQ=="}, "neither <provider>:<name>"),
    ],
)
def test_a_secret_that_is_no_ring_is_refused_and_no_new_key_is_made_of_it(fields: dict[str, str], said: str) -> None:
    with pytest.raises(KeyStoreError, match=said) as caught:
        kept_of(fields, 1, "platform/cluster-a/encryption in store kv")
    text = "".join(traceback.format_exception(caught.value))
    assert "Restore an older version of that secret; make no new keys" in text
    assert not canary.is_in(CANARY, text)
    assert caught.value.__context__ is None
