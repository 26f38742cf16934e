"""What is put where API servers read it, and what is never overwritten."""

from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.current import current_file, place
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import Entry, ring_of
from support import canary
from support.encryption_examples import CANARY, configuration, keys_of, record_of

KEY_1, KEY_2 = Entry("secretbox", "key-1"), Entry("secretbox", "key-2")


def _kept(ring: str, *retired: Entry) -> Kept:
    return Kept(ring_of(ring), {**keys_of(ring_of(ring)), **{entry: Key(b"0" * 32) for entry in retired}})


def _put(path: Path, kept: Kept) -> str:
    return place(path, current_file(record_of(), kept), kept)


def test_the_file_follows_the_ring_and_what_is_right_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    assert _put(path, _kept("identity, secretbox:key-1")) == "is not there"
    assert _put(path, _kept("secretbox:key-1, identity")) == "has other content"
    # A node that slept through all of it: its key is no longer in the ring, and still in the store.
    after = _kept("secretbox:key-2", KEY_1)
    assert _put(path, after) == "has other content"
    before = path.stat().st_ino
    assert _put(path, after) == ""
    assert path.stat().st_ino == before
    assert path.read_bytes() == current_file(record_of(), after)


@pytest.mark.parametrize(
    "kept",
    [
        _kept("identity, secretbox:key-1"),  # of an older version of the secret
        _kept("identity"),
        Kept(ring_of("secretbox:key-2"), {KEY_2: Key(b"1" * 32)}),  # of another cluster
    ],
    ids=str,
)
def test_keys_that_the_store_does_not_keep_are_never_overwritten(tmp_path: Path, kept: Kept) -> None:
    path = tmp_path / "encryption.yaml"
    path.write_bytes(render(configuration("secretbox:key-2"), {KEY_2: Key(CANARY.encode())}))
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(
        WrongInputError, match=r"has keys that the key store does not keep \(secretbox:key-2\)"
    ) as caught:
        _put(path, kept)
    assert "--take-over" in str(caught.value)
    assert not canary.is_in(CANARY, str(caught.value))
    assert path.read_bytes() == before


def test_what_cannot_be_understood_may_be_the_only_copy_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    kept = _kept("secretbox:key-1")
    path.write_bytes(current_file(record_of(), kept)[:-30])  # the disk was full
    with pytest.raises(WrongInputError, match=r"cannot be understood .*, and may have keys that are nowhere else"):
        _put(path, kept)
    path.write_bytes(b"")
    assert _put(path, kept) == "may be read by others (mode 0644)"
