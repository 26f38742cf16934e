"""The KV version 2 engine."""

import pulumi
import pytest

from strongroom.vault.kv.component import VaultKvEngine, VaultKvEngineArgs
from support.mocks import UNKNOWN, record, unknown


def test_the_mount_is_kv_version_2_in_the_form_that_settles() -> None:
    made = record(lambda: VaultKvEngine("kv-prod", {"mount": "kv-prod"}))
    mount = made.named("kv-prod-mount")
    assert mount.type == "vault:index/mount:Mount"
    assert mount.parent == "kv-prod"
    # `kv-v2` would come back from the server as `kv` with the option, and never settle.
    assert (mount.inputs["type"], mount.inputs["options"]) == ("kv", {"version": "2"})
    assert mount.inputs["path"] == "kv-prod"


def test_settings_have_safe_defaults_and_wait_for_the_mount() -> None:
    made = record(lambda: VaultKvEngine("kv-prod", {"mount": "kv-prod"}))
    settings = made.named("kv-prod-settings")
    assert settings.parent == "kv-prod"
    assert settings.inputs == {"mount": "kv-prod", "maxVersions": 10, "casRequired": True, "deleteVersionAfter": 0}
    assert settings.depends_on == {"kv-prod-mount"}


def test_false_and_zero_are_kept_and_not_taken_for_absent() -> None:
    args: VaultKvEngineArgs = {
        "mount": "kv",
        "max_versions": 0,
        "cas_required": False,
        "delete_version_after_seconds": 0,
        "description": "",
        "protect_data": False,
    }
    made = record(lambda: VaultKvEngine("kv", args))
    assert made.named("kv-settings").inputs["casRequired"] is False
    assert made.named("kv-settings").inputs["maxVersions"] == 0
    assert made.named("kv-mount").inputs["description"] == ""
    assert not made.named("kv-mount").protect


def test_the_mount_is_protected_unless_told_otherwise_and_its_settings_never_need_to_be() -> None:
    made = record(lambda: VaultKvEngine("kv", {"mount": "kv"}))
    assert [leaf.name for leaf in made.leaves if leaf.protect] == ["kv-mount"]


def test_the_mount_path_is_the_output() -> None:
    made = record(lambda: VaultKvEngine("kv", {"mount": "kv-prod"}))
    assert made.outputs["kv"] == {"mount": "kv-prod"}


@pytest.mark.parametrize("preview", [False, True])
def test_outputs_of_other_resources_are_taken_as_they_are(preview: bool) -> None:
    def program() -> None:
        VaultKvEngine("kv", {"mount": pulumi.Output.from_input("kv-prod"), "max_versions": pulumi.Output.from_input(3)})

    made = record(program, preview=preview)
    assert made.named("kv-mount").inputs["path"] == "kv-prod"
    assert made.named("kv-settings").inputs["maxVersions"] == 3


def test_a_value_that_is_unknown_in_a_preview_stays_unknown() -> None:
    def program() -> None:
        VaultKvEngine("kv", {"mount": unknown()})

    made = record(program, preview=True)
    assert made.named("kv-mount").inputs["path"] == UNKNOWN
    assert made.named("kv-settings").inputs["mount"] == UNKNOWN
