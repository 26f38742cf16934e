"""What people write about the record of who reads secrets, and about what raises an alert."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, model_validator

from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import Duration, check_characters, duration, refuse
from strongroom.vault.aws.arns import PrincipalArn

DAY: Final = 86400


def _check_bucket(text: str) -> str:
    # Amazon S3, "General purpose bucket naming rules". Dots are left out: they break TLS to the bucket's own host name.
    return check_characters(text, "the bucket", r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", "a-z0-9-", 63)


def _check_topic(text: str) -> str:
    # Amazon SNS, "CreateTopic". Not `.fifo`: EventBridge gives no message group.
    pattern = r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"
    return check_characters(text, "the topic's ARN", pattern, "A-Za-z0-9:_-", 320)


def _check_retention(seconds: int) -> int:
    if seconds % DAY or seconds < DAY:
        raise refuse(f"log files cannot be kept {duration(seconds)}", "write 1d or more, in whole days")
    return seconds


BucketName = Annotated[str, AfterValidator(_check_bucket)]
"""One S3 bucket, by its name."""
TopicArn = Annotated[str, AfterValidator(_check_topic)]
"""One SNS topic: `arn:aws:sns:eu-central-1:111122223333:security`."""


class AwsAudit(Model):
    """Who uses the environment's secrets is on record, and access that nobody declared raises an alert."""

    trail: Literal["own", "existing"] = "own"
    """`own`: a trail of CloudTrail is made. `existing`: the account or organization has one that logs management
    events, read and write, in all regions of the environment, and only alerts are made, which need it."""
    multi_region: StrictBool = True
    """Whether the trail logs all regions of the account, also those that nobody uses, and whatever is global."""
    bucket: BucketName | None = None
    """An existing bucket for the log files; its policy is yours (docs/aws/audit.md). Default: one is made, private."""
    retention: Annotated[Duration, AfterValidator(_check_retention)] = 365 * DAY
    """How long log files are kept in the bucket that is made, in whole days; after that they are deleted."""
    object_lock: Literal["governance", "compliance", "none"] = "governance"
    """Who may delete or overwrite a log file before that: `governance`, whoever has `s3:BypassGovernanceRetention`;
    `compliance`, nobody at all, the root user included; `none`, whoever may delete. A change between `none` and the
    others makes another bucket."""
    topic_arns: tuple[TopicArn, ...] = ()
    """Existing topics that get the alerts, one for each region of the environment; their policies are yours. Default:
    one is made in each, encrypted; whoever is to be told subscribes to it."""
    expected: tuple[PrincipalArn, ...] = ()
    """Who else may use values without an alert, beside workloads, operators and what rotates."""
    deployers: tuple[PrincipalArn, ...] = ()
    """Who runs `pulumi up`: their changes of policies, keys and parameters are no alert. Empty: each change is."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for field in ("topic_arns", "expected", "deployers"):
            if len(set(getattr(self, field))) != len(getattr(self, field)):
                raise refuse(f"one of {field} is named twice")
        regions = [arn.split(":")[3] for arn in self.topic_arns]
        if len(set(regions)) != len(regions):
            raise refuse("two of topic_arns are in one region", "name one for each region")
        of_trail = {"bucket", "retention", "object_lock", "multi_region"} & self.model_fields_set
        if self.trail == "existing" and of_trail:
            raise refuse(f"{', '.join(sorted(of_trail))} is of a trail that is made", "leave it out, or `trail: own`")
        of_bucket = {"retention", "object_lock"} & self.model_fields_set
        if self.bucket and of_bucket:
            raise refuse(f"{', '.join(sorted(of_bucket))} is of a bucket that is made", "set it on the existing bucket")
        return self
