"""The record and the alerts as resources: closed, locked, encrypted, and in an order in which nothing is lost."""

import json
from pathlib import Path

import pytest

from strongroom.aws.audit.alerts import AwsAccessAlerts
from strongroom.aws.audit.component import AwsAuditTrail, AwsAuditTrailArgs
from strongroom.program import deploy
from strongroom.stage import Stage
from support.aws_environment import PROD, project
from support.mocks import Recording, record

ARGS: AwsAuditTrailArgs = {"name": "trail", "bucket": "logs", "bucket_policy": "{}"}


def _trail(**changes: object) -> Recording:
    args: AwsAuditTrailArgs = {**ARGS, **changes}  # type: ignore[typeddict-item]
    return record(lambda: AwsAuditTrail("it", args))


def test_a_trail_without_settings_logs_all_regions_with_files_that_can_be_validated() -> None:
    trail = _trail().named("it-trail")
    assert trail.inputs == {
        "name": "trail",
        "s3BucketName": "logs",
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "enableLogging": True,
    }
    assert trail.protect


def test_the_trail_waits_for_the_policy_that_lets_it_write() -> None:
    made = _trail()
    assert made.waits_for("it-trail") >= {"it-bucket", "it-policy", "it-public-access"}


def test_a_bucket_is_closed_to_the_public_versioned_and_empties_itself_in_the_end() -> None:
    made = _trail(retention_days=90)
    closed = made.named("it-public-access").inputs
    assert {name for name, value in closed.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    assert made.named("it-versioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = made.named("it-lifecycle").inputs["rules"]
    assert (rule["expiration"], rule["noncurrentVersionExpiration"]) == ({"days": 90}, {"noncurrentDays": 1})
    assert made.named("it-bucket").protect


@pytest.mark.parametrize("mode", ["governance", "compliance"])
def test_a_lock_holds_each_log_file_as_long_as_it_is_kept(mode: str) -> None:
    made = _trail(object_lock=mode, retention_days=90)
    assert made.named("it-bucket").inputs["objectLockEnabled"] is True
    assert made.named("it-lock").inputs["rule"] == {"defaultRetention": {"mode": mode.upper(), "days": 90}}
    assert "it-versioning" in made.waits_for("it-lock")


def test_without_a_lock_there_is_none() -> None:
    made = _trail()
    assert made.named("it-bucket").inputs["objectLockEnabled"] is False
    assert not made.of("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")


def test_an_existing_bucket_is_left_alone() -> None:
    made = record(lambda: AwsAuditTrail("it", {"name": "trail", "bucket": "logs"}))
    assert [leaf.type for leaf in made.leaves] == ["aws:cloudtrail/trail:Trail"]


def test_protection_can_be_left_out() -> None:
    assert not [leaf.name for leaf in _trail(protect_data=False).leaves if leaf.protect]


def test_every_rule_sees_reading_too_and_publishes_to_the_topic_once_that_lets_it() -> None:
    made = record(
        lambda: AwsAccessAlerts(
            "it", {"rules": {"denied": {"name": "r", "pattern": "{}"}}, "topic_policy": "{}", "topic_key": "alias/k"}
        )
    )
    rule, target = made.named("it-denied"), made.named("it-denied-target")
    # An ENABLED rule never hears of GetSecretValue.
    assert rule.inputs["state"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert target.inputs == {"rule": "r", "targetId": "alerts", "arn": "TOPIC-ARN"}
    assert "it-topic-policy" in made.waits_for("it-denied-target")
    assert made.named("it-topic").inputs == {"name": "it", "kmsMasterKeyId": "alias/k"}
    assert made.outputs["it"] == {"topic_arn": "TOPIC-ARN"}


def test_an_existing_topic_is_published_to_and_left_alone() -> None:
    made = record(lambda: AwsAccessAlerts("it", {"rules": {"r": {"name": "r", "pattern": "{}"}}, "topic_arn": "given"}))
    assert made.named("it-r-target").inputs["arn"] == "given"
    assert {leaf.type for leaf in made.leaves} == {
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/eventTarget:EventTarget",
    }


@pytest.mark.parametrize("preview", [False, True])
def test_a_plan_becomes_a_trail_with_its_key_and_alerts_in_each_region(tmp_path: Path, preview: bool) -> None:
    folder = project(tmp_path)
    folder.replace(PROD, "  iam:\n", "  audit: {}\n  iam:\n")
    plan = folder.plan("prod").cut("platform")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)), preview=preview)
    trail = made.named("prod-audit-trail")
    assert "prod-audit" in made.waits_for("prod-audit-trail")
    assert made.named("prod-alerts-eu-west-1-topic").provider == "aws-111122223333-eu-west-1"
    assert made.named("prod-alerts-eu-central-1-topic").inputs["kmsMasterKeyId"] == "alias/prod/audit"
    if not preview:
        assert trail.inputs["kmsKeyId"] == "arn:aws:kms:eu-central-1:111122223333:key/KEY-ID"
        pattern = json.loads(made.named("prod-alerts-eu-west-1-changes").inputs["eventPattern"])
        assert pattern["detail"]["$or"][1]["resources"] == {
            "ARN": ["arn:aws:kms:eu-west-1:111122223333:key/KEY-ID"] * 2
        }
