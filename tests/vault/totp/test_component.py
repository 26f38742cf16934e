"""The TOTP engine: keys that the server makes and does not show, which nothing makes anew by the way."""

import json

import pytest

from strongroom.vault.totp.component import VaultTotpEngine, VaultTotpKeyArgs, VaultTotpKeys
from support.mocks import Recording, record

KEY: VaultTotpKeyArgs = {"issuer": "Acme", "account": "ops"}


def _keys(key: VaultTotpKeyArgs = KEY, protect: bool = True) -> Recording:
    return record(lambda: VaultTotpKeys("t", {"mount": "totp", "keys": {"team.k": key}, "protect_data": protect}))


def test_the_server_makes_a_key_and_answers_without_it() -> None:
    leaf = _keys().named("t-team.k")
    assert leaf.inputs["path"] == "totp/keys/team.k"
    assert json.loads(leaf.inputs["dataJson"]) == {
        "generate": True,
        "exported": False,
        "key_size": 32,
        "issuer": "Acme",
        "account_name": "ops",
        "period": 30,
        "algorithm": "SHA256",
        "digits": 6,
        "skew": 1,
    }
    assert "writeFields" not in leaf.inputs, "fields of the answer would be kept in the state"


@pytest.mark.parametrize(("algorithm", "size"), [("SHA1", 20), ("SHA256", 32), ("SHA512", 64)])
def test_a_key_is_as_long_as_its_hash(algorithm: str, size: int) -> None:
    leaf = _keys({**KEY, "algorithm": algorithm}).named("t-team.k")
    assert json.loads(leaf.inputs["dataJson"])["key_size"] == size


def test_no_clock_may_differ_where_the_skew_is_0() -> None:
    assert json.loads(_keys({**KEY, "skew_periods": 0}).named("t-team.k").inputs["dataJson"])["skew"] == 0


def test_a_change_is_a_replacement_which_protection_refuses() -> None:
    leaf = _keys().named("t-team.k")
    assert leaf.protect
    assert 'replaceOnChanges: "dataJson"' in leaf.request
    assert not _keys(protect=False).named("t-team.k").protect


def test_the_mount_is_protected_unless_said_otherwise() -> None:
    assert record(lambda: VaultTotpEngine("t", {"mount": "totp"})).named("t-mount").protect
    assert not record(lambda: VaultTotpEngine("t", {"mount": "totp", "protect_data": False})).named("t-mount").protect
