"""The transit engine: keys that cannot leave the server, protected on both sides."""

import pytest

from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom.stage import Stage
from strongroom.vault.transit.component import (
    VaultTransitEngine,
    VaultTransitKeyArgs,
    VaultTransitKeys,
    VaultTransitKeysArgs,
    deploy,
)
from strongroom.vault.transit.plan import TransitKey, TransitMount
from support.mocks import UNKNOWN, Recorded, Recording, record, unknown

KEY: VaultTransitKeyArgs = {"type": "aes256-gcm96"}


def _keys(keys: dict[str, VaultTransitKeyArgs], protect: bool = True) -> Recording:
    args: VaultTransitKeysArgs = {"mount": "transit-prod", "keys": keys, "protect_data": protect}
    return record(lambda: VaultTransitKeys("keys", args))


def _key(args: VaultTransitKeyArgs) -> Recorded:
    return _keys({"payments.card": args}).named("keys-payments.card")


def test_a_key_without_settings_can_neither_leave_the_server_nor_be_deleted() -> None:
    key = _key(KEY)
    assert key.type == "vault:transit/secretBackendKey:SecretBackendKey"
    assert key.parent == "keys"
    assert key.inputs == {
        "backend": "transit-prod",
        "name": "payments.card",
        "type": "aes256-gcm96",
        "autoRotatePeriod": 0,
        "minDecryptionVersion": 1,
        "derived": False,
        "convergentEncryption": False,
        "exportable": False,
        "allowPlaintextBackup": False,
        "deletionAllowed": False,
    }


def test_settings_are_sent_as_they_are_given() -> None:
    key = _key(
        {
            **KEY,
            "rotate_every_seconds": 3600,
            "min_decryption_version": 3,
            "derived": True,
            "convergent_encryption": True,
        }
    )
    assert (key.inputs["autoRotatePeriod"], key.inputs["minDecryptionVersion"]) == (3600, 3)
    assert (key.inputs["derived"], key.inputs["convergentEncryption"]) == (True, True)


def test_only_a_key_for_hmac_has_a_size_as_that_of_all_others_follows_from_their_type() -> None:
    assert _key({"type": "hmac"}).inputs["keySize"] == 32
    assert "keySize" not in _key({"type": "rsa-4096"}).inputs


def test_keys_and_mount_are_protected_and_the_server_refuses_to_delete_keys_too() -> None:
    assert _key(KEY).protect
    unprotected = _keys({"k": KEY}, protect=False).named("keys-k")
    assert not unprotected.protect
    assert unprotected.inputs["deletionAllowed"] is True
    assert record(lambda: VaultTransitEngine("t", {"mount": "m"})).named("t-mount").protect
    assert not record(lambda: VaultTransitEngine("t", {"mount": "m", "protect_data": False})).named("t-mount").protect


def test_a_key_is_removed_before_another_of_its_name_is_made() -> None:
    """A server that is told to make a key it has keeps the old one: the new one would be lost when that is deleted."""
    assert "deleteBeforeReplace: true" in _key(KEY).request


def test_the_mount_is_the_output_and_of_type_transit() -> None:
    made = record(lambda: VaultTransitEngine("t", {"mount": "transit-prod"}))
    assert made.outputs["t"] == {"mount": "transit-prod"}
    assert (made.named("t-mount").inputs["type"], made.named("t-mount").parent) == ("transit", "t")


def test_one_more_key_changes_no_other() -> None:
    one, two = _keys({"b": KEY}), _keys({"a": KEY, "b": KEY})
    assert {leaf.urn for leaf in one.leaves} < {leaf.urn for leaf in two.leaves}


@pytest.mark.parametrize("preview", [False, True])
def test_a_mount_of_another_resource_is_waited_for(preview: bool) -> None:
    def program() -> None:
        engine = VaultTransitEngine("t", {"mount": "transit-prod"})
        VaultTransitKeys("keys", {"mount": engine.mount, "keys": {"k": KEY}})

    assert "t-mount" in record(program, preview=preview).named("keys-k").depends_on


def test_an_unknown_mount_in_a_preview_stays_unknown() -> None:
    def program() -> None:
        VaultTransitKeys("keys", {"mount": unknown(), "keys": {"k": KEY}})

    assert record(program, preview=True).named("keys-k").inputs["backend"] == UNKNOWN


MOUNT = TransitMount(slice="platform", mount="transit-prod", protect=True)
CARD = TransitKey(
    slice="payments",
    mount="transit-prod",
    name="payments.card",
    type="rsa-3072",
    rotate_every_seconds=86400,
    min_decryption_version=2,
    derived=False,
    convergent_encryption=False,
    protect=True,
)


def _deployed(*records: Record) -> Recording:
    def no_secret(kind: str, name: str) -> None:
        raise AssertionError(f"no secret is expected, and {kind} {name} was asked for")

    return record(lambda: deploy(Plan("prod", "all", records), Stage(secret=no_secret)))


def test_a_plan_becomes_an_engine_and_its_keys_which_go_with_the_mount() -> None:
    made = _deployed(MOUNT, CARD)
    key = made.named("transit-prod-keys-payments.card")
    assert key.inputs["type"] == "rsa-3072"
    assert (key.inputs["autoRotatePeriod"], key.inputs["minDecryptionVersion"]) == (86400, 2)
    assert key.deleted_with == "transit-prod-mount"
    assert "transit-prod-mount" in made.waits_for(key.name)


def test_a_slice_with_keys_alone_names_the_mount_that_another_slice_made() -> None:
    made = _deployed(CARD)
    assert [leaf.name for leaf in made.leaves] == ["transit-prod-keys-payments.card"]
    assert made.named("transit-prod-keys-payments.card").inputs["backend"] == "transit-prod"
