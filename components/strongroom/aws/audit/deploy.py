"""The audit of a plan, as components."""

from strongroom.aws import provider
from strongroom.aws.audit.alerts import AwsAccessAlerts, AwsAccessAlertsArgs
from strongroom.aws.audit.component import AwsAuditTrail, AwsAuditTrailArgs
from strongroom.aws.audit.plan import AwsAlerts, AwsLogBucket, AwsTrail
from strongroom.aws.kms.ids import completed
from strongroom.aws.kms.key_ids import key_arn, stand_in
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


def deploy(plan: Plan, stage: Stage) -> None:
    """The trail of a plan, then the alerts of each region."""
    buckets = {bucket.name: bucket for bucket in plan.of(AwsLogBucket)}
    for trail in plan.of(AwsTrail):
        args = _trail_args(plan.environment, trail, buckets.get(trail.bucket), stage)
        AwsAuditTrail(f"{plan.environment}-audit", args, provider.options(stage, trail.place))
    for alerts in plan.of(AwsAlerts):
        name = f"{plan.environment}-alerts-{alerts.place.region}"
        AwsAccessAlerts(name, _alerts_args(plan.environment, alerts, stage), provider.options(stage, alerts.place))


def _trail_args(environment: str, trail: AwsTrail, bucket: AwsLogBucket | None, stage: Stage) -> AwsAuditTrailArgs:
    place = trail.place
    key = key_arn(place.partition, place.region, place.account, stand_in(trail.kms_key))
    args: AwsAuditTrailArgs = {
        "name": trail.name,
        "bucket": trail.bucket,
        "kms_key_arn": completed(key, environment, stage, place),
        "multi_region": trail.multi_region,
        "tags": _tags(environment),
        "protect_data": trail.protect,
    }
    if bucket:
        args |= {"bucket_policy": bucket.policy, "retention_days": bucket.retention_days}
        if bucket.object_lock:
            args["object_lock"] = bucket.object_lock
    return args


def _alerts_args(environment: str, alerts: AwsAlerts, stage: Stage) -> AwsAccessAlertsArgs:
    args: AwsAccessAlertsArgs = {
        "rules": {
            rule.short: {
                "name": rule.name,
                "description": rule.description,
                "pattern": completed(rule.pattern, environment, stage, alerts.place),
            }
            for rule in alerts.rules
        },
        "tags": _tags(environment),
    }
    if alerts.topic_arn:
        args["topic_arn"] = alerts.topic_arn
    if alerts.topic_name:
        args["topic_name"] = alerts.topic_name
    if alerts.topic_policy:
        args["topic_policy"] = alerts.topic_policy
    if alerts.topic_key:
        args["topic_key"] = alerts.topic_key
    return args


def _tags(environment: str) -> dict[str, str]:
    return {"strongroom:environment": environment, "strongroom:item": "audit"}
