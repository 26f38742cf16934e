"""The first ring of a cluster: made once, or that of a file that is there already."""

from dataclasses import replace

import pytest

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.bootstrap import begin
from strongroom.kubernetes.encryption.document import configuration_of
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import ring_of
from support import canary
from support.encryption_examples import CANARY, configuration, keys_of, record_of


class Store:
    """A key store in memory."""

    def __init__(self) -> None:
        self.kept: Kept | None = None

    def read(self) -> Kept | None:
        return self.kept

    def write(self, kept: Kept, seen: Kept | None) -> Kept:
        assert seen is self.kept
        self.kept = replace(kept, version=1)
        return self.kept


def _file(ring: str, data: bytes = b"0" * 32) -> bytes:
    return render(configuration(ring), keys_of(ring_of(ring), data=data))


@pytest.mark.parametrize(
    ("record", "new_cluster", "ring", "keys"),
    [
        (record_of(), False, "identity, secretbox:key-1", 1),
        (record_of(), True, "secretbox:key-1", 1),
        # The plugin has the keys: a ring all the same, in which it is second until every API server has it.
        (record_of("kms", "vault", "old"), False, "identity, kms:vault", 0),
        (record_of("kms", "vault"), True, "kms:vault", 0),
        (record_of("identity"), False, "identity", 0),
        (record_of("identity"), True, "identity", 0),
    ],
    ids=str,
)
def test_the_first_ring(record: EncryptionAtRest, *, new_cluster: bool, ring: str, keys: int) -> None:
    kept, made = begin(Store(), record, new_cluster=new_cluster, file=None)
    assert (str(kept.ring), len(kept.keys), kept.covers, made) == (ring, keys, "secrets", True)


def test_what_is_kept_stays() -> None:
    store = Store()
    first, _ = begin(store, record_of(), new_cluster=False, file=None)
    assert begin(store, record_of(), new_cluster=True, file=None) == (first, False)


def test_a_file_is_taken_over_once_and_again_without_harm() -> None:
    store, file = Store(), _file("secretbox:by-hand, identity")
    kept, made = begin(store, record_of(), new_cluster=False, file=file)
    assert (str(kept.ring), made) == ("secretbox:by-hand, identity", True)
    assert begin(store, record_of(), new_cluster=False, file=file) == (kept, False)
    # After a rotation its keys are there still, and are no longer in the ring.
    store.kept = Kept(ring_of("secretbox:key-1"), {**kept.keys, **keys_of(ring_of("secretbox:key-1"))})
    assert begin(store, record_of(), new_cluster=False, file=file) == (store.kept, False)


def test_nobody_is_told_that_all_is_well_when_the_store_has_other_keys_than_the_file() -> None:
    store = Store()
    before, _ = begin(store, record_of(), new_cluster=False, file=None)
    with pytest.raises(WrongInputError, match=r"keys that the store does not keep \(secretbox:key-1\)") as caught:
        begin(store, record_of(), new_cluster=False, file=_file("secretbox:key-1", CANARY.encode()))
    assert not canary.is_in(CANARY, str(caught.value))
    assert store.kept is before


def test_the_order_in_which_a_file_names_its_plugins_is_its_own() -> None:
    record = record_of("kms", "new", "old")
    ring = ring_of("kms:old, kms:new")
    written = configuration_of(("secrets",), (), record.plugins, ring)
    kept, _ = begin(Store(), record, new_cluster=False, file=render(written, {}))
    assert kept.ring == ring
    with pytest.raises(WrongInputError, match="the file says something else"):
        begin(Store(), record_of("kms", "new"), new_cluster=False, file=render(written, {}))
