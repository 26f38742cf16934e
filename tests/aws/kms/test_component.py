"""A key as resources: rotated, protected, with an alias in each of its regions."""

import pytest

from strongroom.aws.kms.component import AwsKmsKey, AwsKmsKeyArgs, deploy
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.place import AwsPlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from support.mocks import Recording, record

RECORD = KmsKey(
    slice="platform",
    place=AwsPlace(account="111122223333", region="eu-central-1", partition="aws"),
    name="main",
    alias="alias/prod/main",
    description="encrypts secrets of prod",
    rotation_period_days=180,
    deletion_window_days=7,
    replicas=("eu-west-1",),
    policy='{"Version":"2012-10-17"}',
    protect=True,
)


def _made(**changes: object) -> Recording:
    args: AwsKmsKeyArgs = {"alias": "alias/prod/main", "policy": "{}", **changes}  # type: ignore[typeddict-item]
    return record(lambda: AwsKmsKey("it", args))


def test_a_key_without_settings_is_rotated_every_year_protected_and_in_one_region() -> None:
    made = _made()
    key = made.named("it-key")
    assert (key.type, key.parent, key.protect) == ("aws:kms/key:Key", "it", True)
    assert key.inputs == {
        "enableKeyRotation": True,
        "rotationPeriodInDays": 365,
        "deletionWindowInDays": 30,
        "multiRegion": False,
        "policy": "{}",
    }
    alias = made.named("it-alias")
    assert (alias.type, alias.inputs["name"]) == ("aws:kms/alias:Alias", "alias/prod/main")
    assert alias.depends_on == {"it-key"}


def test_the_safety_check_against_locking_everybody_out_stays_on() -> None:
    assert "bypassPolicyLockoutSafetyCheck" not in _made().named("it-key").inputs


def test_each_further_region_has_the_same_key_policy_and_alias() -> None:
    made = _made(replicas=["eu-west-1", "us-east-1"])
    assert made.named("it-key").inputs["multiRegion"] is True
    for region in ("eu-west-1", "us-east-1"):
        replica, alias = made.named(f"it-{region}-key"), made.named(f"it-{region}-alias")
        assert replica.type == "aws:kms/replicaKey:ReplicaKey"
        assert (replica.inputs["region"], replica.inputs["policy"], replica.protect) == (region, "{}", True)
        assert replica.depends_on == {"it-key"}
        assert (alias.inputs["region"], alias.inputs["name"]) == (region, "alias/prod/main")
        assert alias.depends_on == {f"it-{region}-key"}


def test_protection_can_be_left_out() -> None:
    made = _made(protect_data=False, replicas=["eu-west-1"])
    assert not [leaf.name for leaf in made.leaves if leaf.protect]


def test_the_id_is_known_once_the_aliases_exist() -> None:
    assert _made().outputs["it"] == {"key_id": "KEY-ID"}


def test_a_record_becomes_a_key_that_others_wait_for() -> None:
    stage = Stage(secret=lambda *_: None)
    made = record(lambda: deploy(Plan("prod", "all", (RECORD,)), stage))
    key = made.named("prod-main-key")
    assert key.inputs == {
        "description": "encrypts secrets of prod",
        "enableKeyRotation": True,
        "rotationPeriodInDays": 180,
        "deletionWindowInDays": 7,
        "multiRegion": True,
        "policy": '{"Version":"2012-10-17"}',
        "tags": {"strongroom:environment": "prod", "strongroom:item": "main"},
    }
    assert key.provider == "aws-111122223333-eu-central-1"
    assert [resource._name for resource in stage.aws_keys] == ["prod-main"]
    assert list(stage.aws_key_ids) == ["main"]


@pytest.mark.parametrize("preview", [False, True])
def test_a_preview_registers_the_same_requests(preview: bool) -> None:
    made = record(lambda: deploy(Plan("prod", "all", (RECORD,)), Stage(secret=lambda *_: None)), preview=preview)
    assert {leaf.name for leaf in made.leaves} >= {"prod-main-key", "prod-main-eu-west-1-alias"}
