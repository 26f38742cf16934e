"""Names of what audits: of one account, where all environments of it have theirs; a bucket's is of all accounts."""

from typing import Final

KEY: Final = "audit"
"""The key that encrypts log files and alerts, among those of `aws.keys`, where nobody else can call one so."""


def bucket_of(environment: str, account: str) -> str:
    """At most 59 of the 63 characters that S3 allows."""
    return f"{environment}-{KEY}-{account}"


def trail_of(environment: str) -> str:
    """The trail."""
    return f"strongroom-{environment}"


def topic_of(environment: str) -> str:
    """The topic of a region."""
    return f"strongroom-{environment}-alerts"


def rule_of(environment: str, rule: str) -> str:
    """A rule of EventBridge, at most 64 characters. With dots, so that no environment's rules begin as another's."""
    return f"strongroom.{environment}.{rule}"


def trail_arn(partition: str, region: str, account: str, environment: str) -> str:
    """The trail, by its home region."""
    return f"arn:{partition}:cloudtrail:{region}:{account}:trail/{trail_of(environment)}"


def topic_arn(partition: str, region: str, account: str, environment: str) -> str:
    """The topic of a region."""
    return f"arn:{partition}:sns:{region}:{account}:{topic_of(environment)}"


def rule_arn(partition: str, region: str, account: str, environment: str, rule: str) -> str:
    """A rule on the region's default bus."""
    return f"arn:{partition}:events:{region}:{account}:rule/{rule_of(environment, rule)}"
