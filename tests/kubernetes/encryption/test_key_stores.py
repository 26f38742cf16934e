"""Rings and keys in stores: what is read is what was written, and of two who write at once one is refused."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from strongroom.aws.place import AwsPlace
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.kubernetes.encryption.key_store import Kept, KeyStore, KeyStoreError
from strongroom.kubernetes.encryption.key_stores import StoredKeys
from strongroom.kubernetes.encryption.keys import Key, next_entry
from strongroom.kubernetes.encryption.ring import Ring, ring_of
from strongroom.values.aws_secrets_manager import SecretsManagerValues
from strongroom.values.store import ChangedMeanwhileError
from strongroom.values.vault_kv import VaultKvValues
from strongroom.vault.connection import Connection
from strongroom.vault.kv.plan import KvSecret
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from support.aws import as_caller, policy
from support.encryption_examples import keys_of
from support.sandbox import Sandboxes, running
from support.values_bench import Bench

pytestmark = pytest.mark.engine

COMMON: Final = {
    "slice": "platform",
    "team": "platform",
    "name": "cluster-eu",
    "fields": ("ring",),
    "rotate_every_seconds": 86400,
    "description": "",
}
PATH: Final = "platform/cluster-eu/encryption"
NEEDED: Final = [f"secretsmanager:{action}" for action in (
    "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage",
)]  # fmt: skip


@pytest.fixture
def in_vault(sandboxes: Sandboxes, tmp_path: Path) -> Iterator[Callable[[], KeyStore]]:
    bench = Bench(tmp_path, sandboxes("openbao"))
    bench.mount_engine()
    secret = KvSecret(**COMMON, store="kv", mount=bench.mount, path=PATH)  # type: ignore[arg-type]
    yield lambda: StoredKeys(VaultKvValues(Connection(bench.root)), secret)
    bench.root.sys.disable_secrets_engine(bench.mount)


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("moto"), "moto") as started:
        yield started


@pytest.fixture
def in_aws(moto: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], KeyStore]:
    number = abs(hash(request.node.name))
    path = f"prod/{PATH}/{number}"
    moto.moto.client("secretsmanager").create_secret(Name=path)  # as the deployment makes it
    as_caller(monkeypatch, moto.moto, moto.moto.user(f"keeper-{number}", json.dumps(policy(*NEEDED))))
    secret = AwsSecret(
        **COMMON,  # type: ignore[arg-type]
        store="aws",
        path=path,
        place=AwsPlace(account=ACCOUNT, region=REGION, partition="aws"),
        kms_key=None,
        replicas=(),
        recovery_window_days=30,
        protect=True,
    )
    return lambda: StoredKeys(SecretsManagerValues(), secret)


@pytest.fixture(params=["in_vault", "in_aws"])
def opened(request: pytest.FixtureRequest) -> Callable[[], KeyStore]:
    """Opens the same key store anew, as another process would."""
    found: Callable[[], KeyStore] = request.getfixturevalue(request.param)
    return found


def _first() -> Kept:
    ring = ring_of("identity, secretbox:key-1")
    return Kept(ring, {entry: Key.new() for entry in keys_of(ring)})


def test_what_is_written_is_read(opened: Callable[[], KeyStore]) -> None:
    assert opened().read() is None
    written = opened().write(_first(), None)
    found = opened().read()
    assert found == written
    assert found is not None
    assert found.version == written.version


def test_a_ring_that_loses_a_key_keeps_it_in_the_store(opened: Callable[[], KeyStore]) -> None:
    first = opened().write(_first(), None)
    further = next_entry("secretbox", first.keys)
    rotated = Kept(Ring((further,)), {**first.keys, further: Key.new()})
    opened().write(rotated, first)
    found = opened().read()
    assert found == rotated
    assert next_entry("aescbc", rotated.keys).name == "key-3"


def test_of_two_who_write_at_once_one_is_refused_and_changes_nothing(opened: Callable[[], KeyStore]) -> None:
    seen = opened().write(_first(), None)
    theirs = opened().write(replace(seen, ring=ring_of("secretbox:key-1, identity")), seen)
    with pytest.raises(ChangedMeanwhileError, match="changed by somebody else"):
        opened().write(replace(seen, ring=ring_of("secretbox:key-1")), seen)
    assert opened().read() == theirs


def test_of_two_who_make_the_first_key_at_once_one_is_refused(opened: Callable[[], KeyStore]) -> None:
    first = opened().write(_first(), None)
    with pytest.raises(ChangedMeanwhileError, match="changed by somebody else"):
        opened().write(_first(), None)
    assert opened().read() == first


def test_a_ring_without_its_key_is_never_written(opened: Callable[[], KeyStore]) -> None:
    with pytest.raises(KeyStoreError, match="the ring names secretbox:key-1, of which there is no key"):
        opened().write(Kept(ring_of("secretbox:key-1"), {}), None)
    assert opened().read() is None
