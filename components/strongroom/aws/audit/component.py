"""The record of who uses secrets as a component: a trail of CloudTrail, and the bucket of its log files."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.stage import leaf


class AwsAuditTrailArgs(TypedDict):
    """A trail of all management events, and, unless there is one, the bucket for its log files."""

    name: str
    """The trail's name."""
    bucket: str
    """The bucket's name."""
    bucket_policy: NotRequired[pulumi.Input[str]]
    """Who may do what with the bucket, as JSON; then the bucket is made. Default: there is one, which lets the trail
    write."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """The key that encrypts log files. Its policy has to let CloudTrail use it. Default: Amazon S3's own encryption."""
    multi_region: NotRequired[pulumi.Input[bool]]
    """Whether all regions of the account are logged. Default true."""
    retention_days: NotRequired[int]
    """How long log files are kept in the bucket that is made. Default 365."""
    object_lock: NotRequired[str]
    """Who may delete them before: `governance`, whoever has `s3:BypassGovernanceRetention`; `compliance`, nobody.
    Default: whoever may delete. A change between one and none makes another bucket."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""
    protect_data: NotRequired[bool]
    """Whether bucket and trail are protected from deletion and replacement. Default true."""


class AwsAuditTrail(pulumi.ComponentResource):
    """A trail whose log files are encrypted, signed, kept for a time, and readable by nobody from outside."""

    arn: pulumi.Output[str]
    """The trail's ARN."""

    def __init__(self, name: str, args: AwsAuditTrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsAuditTrail", name, None, opts)
        policy = args.get("bucket_policy")
        first = self._bucket(name, args, policy) if policy is not None else []
        trail = aws.cloudtrail.Trail(
            f"{name}-trail",
            name=args["name"],
            s3_bucket_name=args["bucket"],
            kms_key_id=args.get("kms_key_arn"),
            is_multi_region_trail=args.get("multi_region", True),
            include_global_service_events=args.get("multi_region", True),
            enable_log_file_validation=True,
            enable_logging=True,
            tags=args.get("tags"),
            # No event selectors: by default a trail logs all management events, read and write.
            opts=leaf(self, protect=args.get("protect_data", True), depends_on=first),
        )
        self.arn = trail.arn
        self.register_outputs({"arn": self.arn})

    def _bucket(self, name: str, args: AwsAuditTrailArgs, policy: pulumi.Input[str]) -> list[pulumi.Resource]:
        """The bucket with all that guards it. S3 encrypts whatever the trail's key does not (SSE-S3), without being
        told."""
        lock, days = args.get("object_lock"), args.get("retention_days", 365)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args["bucket"],
            object_lock_enabled=lock is not None,
            tags=args.get("tags"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=leaf(self),
        )
        versions = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=leaf(self),
        )
        if lock is not None:
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.id,
                rule={"default_retention": {"mode": lock.upper(), "days": days}},
                opts=leaf(self, depends_on=[versions]),
            )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.id,
            rules=[
                {
                    "id": "retention",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": days},
                    # What expires becomes an older version first, which no lock holds any more by then.
                    "noncurrent_version_expiration": {"noncurrent_days": 1},
                }
            ],
            opts=leaf(self, depends_on=[versions]),
        )
        written_by = aws.s3.BucketPolicy(
            f"{name}-policy", bucket=bucket.id, policy=policy, opts=leaf(self, depends_on=[closed])
        )
        return [written_by]
