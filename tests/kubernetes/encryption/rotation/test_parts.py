"""What is read of metrics, of values and of a backup, and where a rotation leads."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.current import current_file
from strongroom.kubernetes.encryption.document import Plugin
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import Entry, Kind, ring_of
from strongroom.kubernetes.encryption.rotation import backup
from strongroom.kubernetes.encryption.rotation.metrics import told
from strongroom.kubernetes.encryption.rotation.prefixes import LONGEST, counted, entry_of
from strongroom.kubernetes.encryption.rotation.reach import Reach
from strongroom.kubernetes.encryption.rotation.seen import Stored
from strongroom.kubernetes.encryption.rotation.target import named, reachable, target_of
from strongroom.kubernetes.place import ClusterPlace

# Of a kube-apiserver 1.36.3.
METRICS = """\
# TYPE apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds gauge
apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds{apiserver_id_hash="sha256:73",status="success"} 1.7955457190879169e+09
apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds{apiserver_id_hash="sha256:73",status="failure"} 1.8e+09
apiserver_encryption_config_controller_automatic_reloads_total{apiserver_id_hash="sha256:73",status="failure"} 3
apiserver_encryption_config_controller_automatic_reloads_total{apiserver_id_hash="sha256:73",status="success"} 1
apiserver_encryption_config_controller_last_config_info{apiserver_id_hash="sha256:73",hash="sha256:b8"} 1
apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="from_storage",transformer_prefix="k1:"} 2
apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="k1:"} 9
apiserver_storage_transformation_operations_total{resource="secrets",status="unknown-non-grpc",transformation_type="from_storage",transformer_prefix="unknown"} 1318
process_start_time_seconds 1.79554565783e+09
"""  # noqa: E501


def test_an_api_server_says_which_file_it_has_loaded_and_since_when() -> None:
    found = told(METRICS.splitlines())

    assert (found.identity, found.loaded, found.failures) == ("sha256:73", "sha256:b8", 3)
    assert found.since_seconds == 1.7955457190879169e09
    assert found.started_seconds == 1.79554565783e09
    assert dict(found.read) == {("secrets", "k1:"): 2}


def test_a_server_that_was_started_after_its_last_reload_has_its_file_since_then() -> None:
    assert told(METRICS.replace("1.79554565783e+09", "1.9e+09").splitlines()).since_seconds == 1.9e9


@pytest.mark.parametrize("text", ["", "process_start_time_seconds 1\n"])
def test_an_api_server_that_says_no_hash_has_loaded_nothing_that_is_known(text: str) -> None:
    assert told(text.splitlines()).loaded == ""


@pytest.mark.parametrize("kind", ["aescbc", "aesgcm", "secretbox", "kms"])
@given(name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True), value=st.binary())
def test_by_what_a_value_is_written_its_first_bytes_say(kind: Kind, name: str, value: bytes) -> None:
    entry = Entry(kind, name)
    assert len(entry.prefix) <= LONGEST
    assert entry_of((entry.prefix + value)[:LONGEST]) == entry


@pytest.mark.parametrize("head", [b"k8s\x00\n\x0c\n\x02v1\x12\x06Secret", b'{"kind":"Secret"}', b"", b"k8s:encryption"])
def test_what_does_not_begin_as_an_encrypted_value_is_plain_text(head: bytes) -> None:
    assert entry_of(head) == Entry("identity")


@pytest.mark.parametrize(
    "head",
    [b"k8s:enc:kms:v1:old:", b"k8s:enc:rot13:v1:a:", b"k8s:enc:aescbc:v2:a:", b"k8s:enc:aescbc:v1:a"],
)
def test_an_encrypted_value_of_no_known_form_is_counted_apart(head: bytes) -> None:
    assert entry_of(head) is None
    assert counted([entry_of(head), Entry("identity")]) == Stored(by={Entry("identity"): 1}, strange=1)


def record(provider: Kind, *plugins: str) -> EncryptionAtRest:
    return EncryptionAtRest(
        slice="platform",
        encrypted=ClusterPlace(cluster="eu", context="eu", server="https://eu.example"),
        provider=provider,
        resources=("secrets",),
        plaintext=(),
        plugins=tuple(Plugin(name=name, endpoint=f"unix:///run/{name}.sock") for name in plugins),
        key_store="kv",
        key_secret="platform/cluster-eu/encryption",
        rotate_every_seconds=86400,
        reach=Reach(api_servers=(), etcd=None, files=(), request_timeout_seconds=60),
        reason=None,
    )


def kept(ring: str, *retired: str) -> Kept:
    entries = (*ring_of(ring).entries, *(ring_of(text).entries[0] for text in retired))
    return Kept(ring_of(ring), {entry: Key(b"0" * 32) for entry in entries if entry.kind not in ("kms", "identity")})


@pytest.mark.parametrize(
    ("provider", "ring", "new_key", "target"),
    [
        ("secretbox", "secretbox:key-1", True, "secretbox:key-2"),
        ("secretbox", "secretbox:key-1", False, "secretbox:key-1"),
        # Begun, by whomever, and not finished: the newest key, wherever it stands.
        ("secretbox", "secretbox:key-9, secretbox:key-10", True, "secretbox:key-10"),
        ("secretbox", "secretbox:key-10, secretbox:key-9", True, "secretbox:key-10"),
        ("secretbox", "identity, secretbox:key-1", True, "secretbox:key-1"),
        ("secretbox", "secretbox:first, secretbox:key-1", True, "secretbox:key-1"),
        ("secretbox", "secretbox:b, secretbox:a", True, "secretbox:b"),
        # Another provider is declared.
        ("aescbc", "secretbox:key-1", False, "aescbc:key-2"),
        ("aescbc", "secretbox:key-1, aescbc:key-2", True, "aescbc:key-2"),
        ("secretbox", "secretbox:key-1, aescbc:key-2", True, "secretbox:key-1"),
        ("kms", "secretbox:key-1", True, "kms:vault"),
        ("identity", "secretbox:key-1", True, "identity"),
    ],
)
def test_where_a_rotation_leads_is_said_by_what_is_declared_and_what_is_kept(
    provider: Kind, ring: str, new_key: bool, target: str
) -> None:
    assert str(target_of(record(provider, "vault"), kept(ring), new_key=new_key)) == target


def test_no_new_key_has_the_name_of_one_that_there_ever_was() -> None:
    found = target_of(record("secretbox"), kept("secretbox:key-1", "aescbc:key-7"), new_key=True)
    assert str(found) == "secretbox:key-8"


def test_a_person_can_lead_back_to_what_there_is_and_to_plain_text_only_if_it_is_declared() -> None:
    begun = kept("identity, secretbox:key-2", "aescbc:key-1")
    assert named(record("secretbox"), begun, "aescbc:key-1") == Entry("aescbc", "key-1")
    assert named(record("identity"), begun, "identity") == Entry("identity")
    for text in ("identity", "secretbox:key-3", "nonsense"):
        with pytest.raises(WrongInputError, match=r"there are aescbc:key-1, secretbox:key-2"):
            named(record("secretbox"), begun, text)


def test_plain_text_is_not_read_again_only_because_there_is_some() -> None:
    assert Entry("identity") not in reachable(record("secretbox"), kept("secretbox:key-1"))
    assert Entry("kms", "old") in reachable(replace(record("secretbox", "old")), kept("secretbox:key-1"))


def snapshot(folder: Path, data: bytes) -> Path:
    path = folder / "etcd.db"
    path.write_bytes(data + hashlib.sha256(data).digest())
    return path


def test_a_whole_snapshot_is_taken_and_so_is_an_id_of_another_system(tmp_path: Path) -> None:
    backup.check(str(snapshot(tmp_path, b"0" * 4096)))
    for name in ("snap-4711", "s3://backups/etcd/2026-11-24"):
        backup.check(name)


def test_a_snapshot_that_is_not_there_or_not_whole_is_refused(tmp_path: Path) -> None:
    path = snapshot(tmp_path, b"0" * 4096)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(WrongInputError, match="no whole snapshot"):
        backup.check(str(path))
    path.write_bytes(b"")
    with pytest.raises(WrongInputError, match="no whole snapshot"):
        backup.check(str(path))
    with pytest.raises(WrongInputError, match="there is no snapshot"):
        backup.check(str(tmp_path / "absent.db"))


@pytest.mark.parametrize("change", [{"resources": ("secrets", "configmaps")}, {"plaintext": ("events",)}])
def test_what_a_ring_covers_does_not_change_beneath_what_is_encrypted(change: dict[str, tuple[str, ...]]) -> None:
    """What is new lies in etcd in plain text, and the ring does not read that."""
    before, declared = record("secretbox"), replace(record("secretbox"), **change)  # type: ignore[arg-type]
    ring = replace(kept("secretbox:key-1"), covers=before.covers)

    assert current_file(before, ring)
    with pytest.raises(WrongInputError, match=r"was made for secrets, and declared is .* to plain text"):
        current_file(declared, ring)
    assert current_file(declared, replace(kept("identity"), covers=before.covers))


def test_what_a_ring_covers_is_the_same_in_any_order() -> None:
    resources = ("secrets", "configmaps")
    assert replace(record("aescbc"), resources=resources).covers == "configmaps, secrets"
    assert replace(record("aescbc"), resources=resources[::-1], plaintext=("events",)).covers.endswith("but not events")
