"""Who may do what with the log files, the alerts, and the key of both: no more than CloudTrail and EventBridge need."""

from typing import Final

from strongroom.access.aws.statement import EVERYONE, Condition, Principals, Statement, text
from strongroom.aws.iam.arns import root_arn
from strongroom.aws.kms.document import MANAGING

_CLOUDTRAIL: Final[Principals] = (("Service", ("cloudtrail.amazonaws.com",)),)
_EVENTBRIDGE: Final[Principals] = (("Service", ("events.amazonaws.com",)),)
_PLAIN: Final = Condition("Bool", "aws:SecureTransport", ("false",))


def bucket_policy(*, partition: str, bucket: str, account: str, trail_arn: str) -> str:
    """Of the bucket of log files: CloudTrail writes those of this trail, and nobody speaks to it without TLS. AWS
    CloudTrail, "Amazon S3 bucket policy for CloudTrail"."""
    arn = f"arn:{partition}:s3:::{bucket}"
    ours = Condition("StringEquals", "aws:SourceArn", (trail_arn,))
    return text(
        [
            Statement(
                sid="TrailLooksWhoseItIs",
                effect="Allow",
                principal=_CLOUDTRAIL,
                action=("s3:GetBucketAcl",),
                resource=(arn,),
                condition=(ours,),
            ),
            Statement(
                sid="TrailWrites",
                effect="Allow",
                principal=_CLOUDTRAIL,
                action=("s3:PutObject",),
                resource=(f"{arn}/AWSLogs/{account}/*",),
                condition=(Condition("StringEquals", "s3:x-amz-acl", ("bucket-owner-full-control",)), ours),
            ),
            Statement(
                sid="OnlyTls",
                effect="Deny",
                principal=EVERYONE,
                action=("s3:*",),
                resource=(arn, f"{arn}/*"),
                condition=(_PLAIN,),
            ),
        ]
    )


def topic_policy(*, topic_arn: str, rule_arns: tuple[str, ...]) -> str:
    """Of the topic of a region: these rules publish. Who subscribes is said by the account's own policies. Amazon
    EventBridge, "Amazon SNS permissions"."""
    return text(
        [
            Statement(
                sid="RulesPublish",
                effect="Allow",
                principal=_EVENTBRIDGE,
                action=("sns:Publish",),
                resource=(topic_arn,),
                condition=(Condition("ArnEquals", "aws:SourceArn", rule_arns),),
            ),
            Statement(
                sid="OnlyTls",
                effect="Deny",
                principal=EVERYONE,
                action=("sns:Publish",),
                resource=(topic_arn,),
                condition=(_PLAIN,),
            ),
        ]
    )


def key_policy(*, partition: str, account: str, trail_arn: str | None, alerts: bool) -> str:
    """Of the key: `trail_arn`, if a trail encrypts with it; `alerts`, if topics do. AWS CloudTrail, "Configure AWS KMS
    key policies for CloudTrail"; Amazon SNS, "Enable compatibility between event sources from AWS services and
    encrypted topics"."""
    root: Principals = (("AWS", (root_arn(partition, account),)),)
    found = [Statement(sid="Manage", effect="Allow", principal=root, action=MANAGING, resource=("*",))]
    if trail_arn:
        ours = Condition("StringEquals", "aws:SourceArn", (trail_arn,))
        context = Condition("StringEquals", "kms:EncryptionContext:aws:cloudtrail:arn", (trail_arn,))
        found += [
            Statement(
                sid="TrailEncrypts",
                effect="Allow",
                principal=_CLOUDTRAIL,
                action=("kms:GenerateDataKey",),
                resource=("*",),
                condition=(ours, context),
            ),
            Statement(
                sid="TrailLooksAtIt",
                effect="Allow",
                principal=_CLOUDTRAIL,
                action=("kms:DescribeKey",),
                resource=("*",),
                condition=(ours,),
            ),
            # Whoever the account's own policies let read the log files.
            Statement(
                sid="ReadLogFiles",
                effect="Allow",
                principal=root,
                action=("kms:Decrypt",),
                resource=("*",),
                condition=(context,),
            ),
        ]
    if alerts:
        found.append(
            # No aws:SourceArn: AWS does not say that EventBridge sends it to KMS, and an alert that cannot be encrypted
            # is lost without a word. Which rules may publish is said by the topic's policy.
            Statement(
                sid="AlertsAreEncrypted",
                effect="Allow",
                principal=_EVENTBRIDGE,
                action=("kms:Decrypt", "kms:GenerateDataKey"),
                resource=("*",),
            )
        )
    return text(found)
