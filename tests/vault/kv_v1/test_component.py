"""The KV version 1 engine."""

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.kv_v1.component import VaultKvV1Engine, deploy
from strongroom.vault.kv_v1.plan import KvV1Mount
from support.mocks import UNKNOWN, record, unknown


def test_the_mount_says_its_version_and_is_protected() -> None:
    made = record(lambda: VaultKvV1Engine("legacy", {"mount": "legacy-prod"}))
    mount = made.named("legacy-mount")
    assert (mount.type, mount.parent, mount.protect) == ("vault:index/mount:Mount", "legacy", True)
    assert (mount.inputs["type"], mount.inputs["options"], mount.inputs["path"]) == (
        "kv",
        {"version": "1"},
        "legacy-prod",
    )
    assert made.outputs["legacy"] == {"mount": "legacy-prod"}


def test_false_and_an_empty_text_are_kept_and_not_taken_for_absent() -> None:
    made = record(lambda: VaultKvV1Engine("legacy", {"mount": "m", "description": "", "protect_data": False}))
    assert made.named("legacy-mount").inputs["description"] == ""
    assert not made.named("legacy-mount").protect


def test_it_has_no_settings_as_version_1_knows_none() -> None:
    made = record(lambda: VaultKvV1Engine("legacy", {"mount": "m"}))
    assert [leaf.name for leaf in made.leaves] == ["legacy-mount"]


def test_an_unknown_mount_in_a_preview_stays_unknown() -> None:
    made = record(lambda: VaultKvV1Engine("legacy", {"mount": unknown()}), preview=True)
    assert made.named("legacy-mount").inputs["path"] == UNKNOWN


def test_a_plan_becomes_a_mount() -> None:
    def no_secret(kind: str, name: str) -> None:
        raise AssertionError(f"no secret is expected, and {kind} {name} was asked for")

    mount = KvV1Mount(slice="platform", mount="legacy-dev", store="legacy", description=None, protect=False)
    made = record(lambda: deploy(Plan("dev", "all", (mount,)), Stage(secret=no_secret)))
    assert [(leaf.name, leaf.protect) for leaf in made.leaves] == [("legacy-dev-mount", False)]
