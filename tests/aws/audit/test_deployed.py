"""Record, alerts and plain parameters as the real engine deploys them to moto: what lies there is what the plan says,
and what lies there hears of a stranger."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from strongroom.aws.audit.plan import AwsAlerts, AwsLogBucket
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from strongroom_sandbox.toolchain import Toolchain
from support import cloudtrail
from support.deployed import Deployed, deploy
from support.event_patterns import matches
from support.sandbox import running

pytestmark = pytest.mark.engine

BUCKET = f"audited-audit-{ACCOUNT}"
TRAIL = "strongroom-audited"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
ENVIRONMENT: dict[str, Any] = {
    "environment": "audited",
    # The sandbox goes as a whole: nothing in it has to be kept.
    "protect": False,
    "default_store": "aws",
    "stores": {"aws": {"aws_secrets_manager": {"kms_key": "main"}}},
    "aws": {
        "account": ACCOUNT,
        "region": REGION,
        "keys": {"main": {}},
        "iam": {
            "break_glass": [f"arn:aws:iam::{ACCOUNT}:role/glass"],
            "operators": [f"arn:aws:iam::{ACCOUNT}:role/op"],
        },
        "audit": {"deployers": [f"{ROLE}/deployer"], "retention": "90d"},
        "parameters": {
            "shop/timeout": {"value": "30", "allowed_pattern": "[0-9]+"},
            "shop/zones": {"values": ["a", "b"], "tier": "advanced"},
        },
    },
}
CATALOG: dict[str, Any] = {
    "team": "shop",
    "workloads": {"batch": {"runs_as": {"aws_service": {"service": "ecs-tasks"}}}},
    "secrets": {"stripe": {"fields": ["api_key"]}},
    "grants": [{"workload": "batch", "secret": "stripe", "can": ["read"]}],
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), ENVIRONMENT, [CATALOG])


@pytest.fixture(scope="module")
def key(sandbox: Sandbox, deployed: Deployed) -> str:
    return str(sandbox.moto.client("kms").describe_key(KeyId="alias/audited/audit")["KeyMetadata"]["Arn"])


def test_a_second_deployment_changes_nothing(deployed: Deployed) -> None:
    again = deployed.up()
    assert set(again.changes) <= {"same"}, again


def test_the_trail_records_everywhere_and_signs(sandbox: Sandbox, deployed: Deployed) -> None:
    client = sandbox.moto.client("cloudtrail")
    (trail,) = client.describe_trails(trailNameList=[TRAIL])["trailList"]
    assert (trail["S3BucketName"], trail["IsMultiRegionTrail"], trail["LogFileValidationEnabled"]) == (
        BUCKET,
        True,
        True,
    )
    # moto does not keep the key of a trail; that it is given one is told by tests/aws/audit/test_component.py.
    assert client.get_trail_status(Name=TRAIL)["IsLogging"] is True


def test_the_bucket_is_closed_locked_and_lets_this_trail_write(sandbox: Sandbox, deployed: Deployed) -> None:
    s3 = sandbox.moto.client("s3")
    (planned,) = deployed.plan.of(AwsLogBucket)
    assert planned.name == BUCKET
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == json.loads(planned.policy)
    closed = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert len(closed) == 4
    assert all(closed.values())
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    lock = s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
    retention = lock["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", 90)
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert rule["Expiration"] == {"Days": 90}


def test_every_rule_is_there_in_the_state_that_sees_reading_and_publishes_to_the_topic(
    sandbox: Sandbox, deployed: Deployed
) -> None:
    events, sns = sandbox.moto.client("events"), sandbox.moto.client("sns")
    (alerts,) = deployed.plan.of(AwsAlerts)
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:strongroom-audited-alerts"
    there = {rule["Name"]: rule for rule in events.list_rules(NamePrefix="strongroom.audited.")["Rules"]}
    assert sorted(there) == sorted(rule.name for rule in alerts.rules)
    for name, rule in there.items():
        assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        assert "<" not in rule["EventPattern"]
        assert [target["Arn"] for target in events.list_targets_by_rule(Rule=name)["Targets"]] == [topic]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert json.loads(attributes["Policy"]) == json.loads(str(alerts.topic_policy))
    assert attributes["KmsMasterKeyId"] == "alias/audited/audit"


def test_what_lies_there_hears_of_a_stranger_and_not_of_a_workload(sandbox: Sandbox, deployed: Deployed) -> None:
    events = sandbox.moto.client("events")
    patterns = {
        rule["Name"].removeprefix("strongroom.audited."): rule["EventPattern"]
        for rule in events.list_rules(NamePrefix="strongroom.audited.")["Rules"]
    }
    secret = sandbox.moto.client("secretsmanager").describe_secret(SecretId="audited/shop/stripe")["ARN"]
    for who, heard in (
        (cloudtrail.session("strongroom/audited/audited.shop.batch", ACCOUNT), []),
        (cloudtrail.session("strongroom/dev/dev.shop.batch", ACCOUNT), ["secrets"]),
        (cloudtrail.user("mallory"), ["secrets"]),
        (cloudtrail.session("glass", ACCOUNT), ["emergency"]),
    ):
        event = cloudtrail.secret(secret, who)
        assert [name for name, pattern in sorted(patterns.items()) if matches(pattern, event)] == heard


def test_the_rule_about_keys_knows_the_ids_that_aws_drew(sandbox: Sandbox, key: str) -> None:
    rule = sandbox.moto.client("events").describe_rule(Name="strongroom.audited.changes")
    main = sandbox.moto.client("kms").describe_key(KeyId="alias/audited/main")["KeyMetadata"]["Arn"]
    for arn in (key, main):
        deletion = cloudtrail.event("ScheduleKeyDeletion", cloudtrail.user("mallory"), "kms", resources=[{"ARN": arn}])
        assert matches(rule["EventPattern"], deletion)
    other = cloudtrail.event("ScheduleKeyDeletion", cloudtrail.user("mallory"), "kms", resources=[{"ARN": f"{key}x"}])
    assert not matches(rule["EventPattern"], other)


def test_plain_parameters_are_there_for_everybody_to_read(sandbox: Sandbox, deployed: Deployed) -> None:
    ssm = sandbox.moto.client("ssm")
    timeout = ssm.get_parameter(Name="/audited/shop/timeout")["Parameter"]
    assert (timeout["Value"], timeout["Type"]) == ("30", "String")
    zones = ssm.get_parameter(Name="/audited/shop/zones")["Parameter"]
    assert (zones["Value"], zones["Type"]) == ("a,b", "StringList")
    about = {p["Name"]: p for p in ssm.describe_parameters()["Parameters"]}
    assert about["/audited/shop/timeout"]["AllowedPattern"] == "^(?:[0-9]+)$"
    assert about["/audited/shop/zones"]["Tier"] == "Advanced"
