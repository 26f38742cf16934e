"""Who gets at log files, alerts and their key: CloudTrail for this trail, EventBridge for these rules, nobody else."""

import json

import pytest

from strongroom.access.aws.decide import Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import Policy, Statement, parse, text
from strongroom.aws.audit.document import bucket_policy, key_policy, topic_policy
from support.iam import ACCOUNT, KEY, OTHER_ACCOUNT, answer
from support.service_authorization import complaints

TRAIL = f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/strongroom-prod"
OTHER_TRAIL = TRAIL.replace(ACCOUNT, OTHER_ACCOUNT)
BUCKET = "arn:aws:s3:::prod-audit-111122223333"
LOGS = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/eu-central-1/2026/11/24/a.json.gz"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:strongroom-prod-alerts"
RULE = f"arn:aws:events:eu-central-1:{ACCOUNT}:rule/strongroom.prod.denied"
CLOUDTRAIL, EVENTBRIDGE = "cloudtrail.amazonaws.com", "events.amazonaws.com"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/admin"
EVERYTHING = (parse("everything", text([Statement(effect="Allow", action=("*",), resource=("*",))])),)

ON_BUCKET = parse(
    "bucket", bucket_policy(partition="aws", bucket="prod-audit-111122223333", account=ACCOUNT, trail_arn=TRAIL)
)
ON_TOPIC = parse("topic", topic_policy(topic_arn=TOPIC, rule_arns=(RULE,)))
ON_KEY = parse("key", key_policy(partition="aws", account=ACCOUNT, trail_arn=TRAIL, alerts=True))
TLS = {"aws__SecureTransport": "true"}
OWNER = {"s3__x-amz-acl": "bucket-owner-full-control"}


def _asked(policy: Policy, action: str, resource: str, caller: str, **context: str) -> str:
    identity = EVERYTHING if caller.startswith("arn:") else ()
    keys = {key.replace("__", ":", 1): value for key, value in context.items()}
    # ARNs of buckets do not say their account.
    asked = Request(Caller(caller), action, resource, keys, says_all=True, resource_account=ACCOUNT)
    return decide(asked, Policies(identity=identity, resource=policy)).answer


def test_the_trail_writes_log_files_of_its_account_and_looks_whose_the_bucket_is() -> None:
    assert _asked(ON_BUCKET, "s3:GetBucketAcl", BUCKET, CLOUDTRAIL, aws__SourceArn=TRAIL, **TLS) == "allowed"
    assert _asked(ON_BUCKET, "s3:PutObject", LOGS, CLOUDTRAIL, aws__SourceArn=TRAIL, **OWNER, **TLS) == "allowed"


@pytest.mark.parametrize("source", [OTHER_TRAIL, TRAIL.replace("strongroom-prod", "strongroom-dev")])
def test_another_trail_writes_nothing(source: str) -> None:
    assert _asked(ON_BUCKET, "s3:PutObject", LOGS, CLOUDTRAIL, aws__SourceArn=source, **OWNER, **TLS) == "denied"
    assert _asked(ON_BUCKET, "s3:GetBucketAcl", BUCKET, CLOUDTRAIL, aws__SourceArn=source, **TLS) == "denied"


def test_the_trail_neither_reads_nor_deletes_nor_writes_elsewhere() -> None:
    for action, resource in (
        ("s3:GetObject", LOGS),
        ("s3:DeleteObject", LOGS),
        ("s3:PutObject", LOGS.replace(ACCOUNT, OTHER_ACCOUNT)),
        ("s3:PutObject", f"{BUCKET}/other"),
    ):
        assert _asked(ON_BUCKET, action, resource, CLOUDTRAIL, aws__SourceArn=TRAIL, **OWNER, **TLS) == "denied"
    assert _asked(ON_BUCKET, "s3:PutObject", LOGS, CLOUDTRAIL, aws__SourceArn=TRAIL, **TLS) == "denied"


def test_nobody_speaks_to_the_bucket_without_tls() -> None:
    assert _asked(ON_BUCKET, "s3:GetObject", LOGS, ADMIN, aws__SecureTransport="true") == "allowed"
    for action, resource in (("s3:GetObject", LOGS), ("s3:ListBucket", BUCKET)):
        assert _asked(ON_BUCKET, action, resource, ADMIN, aws__SecureTransport="false") == "denied"


def test_the_rules_publish_and_no_other_rule_does() -> None:
    assert _asked(ON_TOPIC, "sns:Publish", TOPIC, EVENTBRIDGE, aws__SourceArn=RULE, **TLS) == "allowed"
    for source in (RULE.replace("denied", "other"), RULE.replace(ACCOUNT, OTHER_ACCOUNT)):
        assert _asked(ON_TOPIC, "sns:Publish", TOPIC, EVENTBRIDGE, aws__SourceArn=source, **TLS) == "denied"
    assert _asked(ON_TOPIC, "sns:Publish", TOPIC, CLOUDTRAIL, aws__SourceArn=RULE, **TLS) == "denied"
    assert _asked(ON_TOPIC, "sns:Publish", TOPIC, ADMIN, aws__SecureTransport="false") == "denied"


def test_the_trail_encrypts_with_the_key_as_itself_only() -> None:
    context = {"kms__EncryptionContext:aws:cloudtrail:arn": TRAIL}
    use = "kms:GenerateDataKey"
    assert _asked(ON_KEY, use, KEY, CLOUDTRAIL, aws__SourceArn=TRAIL, **context) == "allowed"
    assert _asked(ON_KEY, "kms:DescribeKey", KEY, CLOUDTRAIL, aws__SourceArn=TRAIL) == "allowed"
    assert _asked(ON_KEY, use, KEY, CLOUDTRAIL, aws__SourceArn=OTHER_TRAIL, **context) == "denied"
    other = {"kms__EncryptionContext:aws:cloudtrail:arn": OTHER_TRAIL}
    assert _asked(ON_KEY, use, KEY, CLOUDTRAIL, aws__SourceArn=TRAIL, **other) == "denied"
    assert _asked(ON_KEY, "kms:Decrypt", KEY, CLOUDTRAIL, aws__SourceArn=TRAIL, **context) == "denied"


def test_log_files_are_read_by_whom_the_account_lets_and_the_key_serves_nothing_else() -> None:
    context = {"kms__EncryptionContext:aws:cloudtrail:arn": TRAIL}
    assert _asked(ON_KEY, "kms:Decrypt", KEY, ADMIN, **context) == "allowed"
    assert _asked(ON_KEY, "kms:Decrypt", KEY, ADMIN) == "denied"
    for action in ("kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom"):
        assert _asked(ON_KEY, action, KEY, ADMIN, **context) == "denied"
    nobody = answer(Policies(identity=(), resource=ON_KEY), "kms:Decrypt", KEY, ADMIN, **context)
    assert nobody == "denied"


def test_eventbridge_has_the_key_only_where_a_topic_needs_it() -> None:
    assert _asked(ON_KEY, "kms:GenerateDataKey", KEY, EVENTBRIDGE) == "allowed"
    without = parse("key", key_policy(partition="aws", account=ACCOUNT, trail_arn=TRAIL, alerts=False))
    assert _asked(without, "kms:GenerateDataKey", KEY, EVENTBRIDGE) == "denied"
    no_trail = parse("key", key_policy(partition="aws", account=ACCOUNT, trail_arn=None, alerts=True))
    assert _asked(no_trail, "kms:GenerateDataKey", KEY, CLOUDTRAIL, aws__SourceArn=TRAIL) == "denied"


@pytest.mark.parametrize("policy", [ON_BUCKET, ON_TOPIC, ON_KEY], ids=lambda policy: policy.name)
def test_every_action_resource_and_condition_is_one_that_aws_has(policy: Policy) -> None:
    said = [statement for statement in policy.statements if statement.sid != "OnlyTls"]
    # `s3:*` is no action of the table; that statement's condition is a global one.
    assert complaints(Policy(policy.name, tuple(said))) == []


def test_partitions_other_than_aws_are_named_everywhere() -> None:
    trail = TRAIL.replace("arn:aws:", "arn:aws-cn:")
    bucket = bucket_policy(partition="aws-cn", bucket="b", account=ACCOUNT, trail_arn=trail)
    key = key_policy(partition="aws-cn", account=ACCOUNT, trail_arn=trail, alerts=True)
    for document in (bucket, key):
        assert "arn:aws:" not in json.dumps(json.loads(document))
