"""Event patterns of EventBridge: which of CloudTrail's events raise an alert.

Names are told apart by the environment in them, not one by one, and roles by the environment's path in IAM: a pattern
has as many characters for ten thousand secrets as for ten. What `$or`, `prefix`, `wildcard`, `anything-but` and
`exists` mean: Amazon EventBridge, "Comparison operators for use in event patterns".
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from strongroom.aws.iam.limits import LimitError
from strongroom.aws.kms.key_ids import length

LONGEST: Final = 2_048
"""Characters of a pattern: Amazon EventBridge, "Quotas", as long as AWS has not raised it for the account."""
SECRETS: Final = ("GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
"""Using values. AWS Secrets Manager, "BatchGetSecretValue": it has an event GetSecretValue for each of its secrets."""
PARAMETERS: Final = (
    "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory", "PutParameter", "DeleteParameter",
    "DeleteParameters",
)  # fmt: skip
_OF_SECRETS: Final = (
    "PutResourcePolicy", "DeleteResourcePolicy", "RotateSecret", "CancelRotateSecret", "DeleteSecret", "UpdateSecret",
    "ReplicateSecretToRegions", "RemoveRegionsFromReplication", "StopReplicationToReplica",
)  # fmt: skip
_OF_KEYS: Final = (
    "PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "DisableKeyRotation", "CreateGrant", "UpdateAlias",
    "DeleteAlias",
)  # fmt: skip
_OF_TRAILS: Final = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")
_OF_RULES: Final = ("DisableRule", "DeleteRule", "PutRule", "PutTargets", "RemoveTargets")
_OF_TOPICS: Final = ("DeleteTopic", "SetTopicAttributes", "AddPermission", "RemovePermission")
_OF_SUBSCRIPTIONS: Final = ("Unsubscribe", "SetSubscriptionAttributes")
"""A subscription's filter policy can let nothing through."""
_OF_FUNCTIONS: Final = ("UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission", "DeleteFunction")
"""CloudTrail's names have the version of Lambda's API behind them: `UpdateFunctionCode20150331v2`."""
_FAILED: Final = ("RotationFailed", "RotationAbandoned", "TestRotationFailed")
"""AWS Secrets Manager, "CloudTrail entries": log entries for rotation."""
_OF_BUCKETS: Final = (
    "DeleteBucket", "PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle", "PutBucketVersioning",
    "PutBucketObjectLockConfiguration", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock",
)  # fmt: skip
"""CloudTrail's names of S3's events differ from the operations': Amazon S3, "CloudTrail events"."""
_DENIED: Final = [{"prefix": "AccessDenied"}]
_NOT_DENIED: Final = [{"exists": False}, {"anything-but": {"prefix": "AccessDenied"}}]

Pattern = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What secrets and parameters of an environment are called, without the slash in front."""

    beginnings: tuple[str, ...]
    """What names begin with, up to the environment and its slash: `prod/`, `acme/prod/`."""
    whole: tuple[str, ...] = ()
    """Names that end in the environment: `acme/prod`."""
    within: str = ""
    """The environment, where names are too many kinds to be listed: whatever has it as one of its parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Who is expected."""

    roles: tuple[str, ...] = ()
    """ARNs of IAM roles; `*` stands for anything."""
    users: tuple[str, ...] = ()
    """ARNs of IAM users."""
    accounts: tuple[str, ...] = ()
    """Other accounts that were granted something: CloudTrail does not say who of them it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched in one region."""

    partition: str
    region: str
    account: str
    secrets: Names
    parameters: Names
    key_arns: tuple[str, ...] = ()
    """The environment's keys, by ids or the stand-ins of them."""
    trail: tuple[str, ...] = field(default=())
    """Name and ARN of the trail, if it is ours."""
    bucket: str = ""
    """The bucket, if it is ours."""
    topic_arn: str = ""
    rules: str = ""
    """What the names of the rules begin with."""
    functions: str = ""
    """What the names of rotation functions begin with, if there are any."""


WATCHER: Final = "rules"
"""The rule that hears of changes of all others. Of its own another one has to: what is turned off hears nothing."""


def secrets_used(watched: Watched, expected: Callers) -> str:
    """Somebody who was not expected uses the value of a secret, or tries to without being refused."""
    what = {"requestParameters": {"secretId": _secret_ids(watched)}}
    return _text("aws.secretsmanager", {"eventName": [*SECRETS], "errorCode": _NOT_DENIED, **what, **_others(expected)})


def parameters_used(watched: Watched, expected: Callers) -> str:
    """The same of a parameter."""
    what = {"requestParameters": {"$or": _parameters(watched)}}
    return _text("aws.ssm", {"eventName": [*PARAMETERS], "errorCode": _NOT_DENIED, **what, **_others(expected)})


def emergency(watched: Watched, callers: Callers) -> str:
    """People for emergencies use a value: they may, and somebody is told."""
    what = {"requestParameters": {"$or": [{"secretId": _secret_ids(watched)}, *_parameters(watched)]}}
    arns = [*callers.roles, *callers.users]
    who = {"$or": [{"sessionContext": {"sessionIssuer": {"arn": arns}}}, {"arn": arns}]}
    detail = {"eventName": [*SECRETS, *PARAMETERS], **what, "userIdentity": who}
    return _text(("aws.secretsmanager", "aws.ssm"), detail)


def denied(watched: Watched) -> str:
    """Anybody was refused. Some of these events lack the request's own words, so that the message counts too."""
    messages = [
        {"wildcard": f"*{before}{name}{after}"}
        for before, names in (
            (":secret:", watched.secrets),
            ("resource: ", watched.secrets),
            (":parameter/", watched.parameters),
        )
        for name, after in _told(names)
    ]
    found: list[Pattern] = [
        *({"requestParameters": each} for each in ({"secretId": _secret_ids(watched)}, *_parameters(watched))),
        {"errorMessage": messages},
    ]
    if watched.key_arns:
        found.append({"resources": {"ARN": [*watched.key_arns]}})
    return _text(("aws.secretsmanager", "aws.ssm", "aws.kms"), {"errorCode": _DENIED, "$or": found})


def changes(watched: Watched, expected: Callers) -> str:
    """Who may use secrets and keys is changed, or their rotation or deletion, by somebody who does not deploy."""
    found = [_of("secretsmanager", _OF_SECRETS, {"requestParameters": {"secretId": _secret_ids(watched)}})]
    if watched.key_arns:
        found.append(_of("kms", _OF_KEYS, {"resources": {"ARN": [*watched.key_arns]}}))
    shared = {"requestParameters": {"resourceArn": _parameter_arns(watched)}}
    found.append(_of("ssm", ("PutResourcePolicy",), shared))
    if watched.functions:
        arn = f"arn:{watched.partition}:lambda:{watched.region}:{watched.account}:function:"
        named = [{"prefix": f"{before}{watched.functions}"} for before in ("", arn)]
        function = {"requestParameters": {"functionName": named}}
        found.append(
            {
                "eventSource": ["lambda.amazonaws.com"],
                "eventName": [{"prefix": name} for name in _OF_FUNCTIONS],
                **function,
            }
        )
    detail = {**_either(found), "errorCode": [{"exists": False}], **_others(expected)}
    return _text(("aws.secretsmanager", "aws.ssm", "aws.kms", *(["aws.lambda"] if watched.functions else [])), detail)


def rotation_failed(watched: Watched) -> str:
    """Secrets Manager could not rotate a secret, or gave a rotation up."""
    detail = {"eventName": [*_FAILED], "additionalEventData": {"SecretId": _secret_ids(watched)}}
    return _text("aws.secretsmanager", detail, "AWS Service Event via CloudTrail")


def tampering(watched: Watched, expected: Callers) -> str:
    """The record itself, its way to people, or the rule that watches the others, by somebody who does not deploy."""
    found = [_of_rules([f"{watched.rules}{WATCHER}"])]
    if watched.trail:
        trail = {"$or": [{"name": [*watched.trail]}, {"trailName": [*watched.trail]}]}
        found.append(_of("cloudtrail", _OF_TRAILS, {"requestParameters": trail}))
    if watched.bucket:
        found.append(_of("s3", _OF_BUCKETS, {"requestParameters": {"bucketName": [watched.bucket]}}))
    if watched.topic_arn:
        found.append(_of("sns", _OF_TOPICS, {"requestParameters": {"topicArn": [watched.topic_arn]}}))
        subscription = {"subscriptionArn": [{"prefix": f"{watched.topic_arn}:"}]}
        found.append(_of("sns", _OF_SUBSCRIPTIONS, {"requestParameters": subscription}))
    detail = {**_either(found), "errorCode": [{"exists": False}], **_others(expected)}
    return _text(("aws.cloudtrail", "aws.events", "aws.s3", "aws.sns"), detail)


def rules_changed(watched: Watched, expected: Callers) -> str:
    """A rule is changed or turned off by somebody who does not deploy."""
    found = _of_rules([{"prefix": watched.rules}])
    return _text("aws.events", {**found, "errorCode": [{"exists": False}], **_others(expected)})


def _of_rules(names: list[Any]) -> Pattern:
    return _of("events", _OF_RULES, {"requestParameters": {"$or": [{"name": names}, {"rule": names}]}})


def _of(service: str, events: tuple[str, ...], about: Pattern) -> Pattern:
    return {"eventSource": [f"{service}.amazonaws.com"], "eventName": [*events], **about}


def _either(found: list[Pattern]) -> Pattern:
    """Of one alone, EventBridge would take `$or` for the name of a field."""
    return {"$or": found} if len(found) > 1 else found[0]


def _secret_ids(watched: Watched) -> list[Any]:
    """A secret is asked for by its name, by its ARN, or by an ARN without its last characters."""
    arn = f"arn:{watched.partition}:secretsmanager:{watched.region}:{watched.account}:secret:"
    names = watched.secrets
    found: list[Any] = [{"prefix": f"{before}{name}"} for name in names.beginnings for before in ("", arn)]
    for name in names.whole:
        found += [name, {"prefix": f"{arn}{name}-"}]
    if names.within:
        found += [{"wildcard": f"*/{names.within}{after}"} for after in ("/*", "")]
        found.append({"wildcard": f"{arn}*/{names.within}-*"})
    return found


def _parameters(watched: Watched) -> list[Pattern]:
    """A parameter is asked for by its name or its ARN, and by any path above it."""
    arn = f"arn:{watched.partition}:ssm:{watched.region}:{watched.account}:parameter/"
    names = watched.parameters
    named: list[Any] = [{"prefix": f"{before}{name}"} for name in names.beginnings for before in ("/", arn)]
    if names.within:
        named.append({"wildcard": f"*/{names.within}/*"})
    above = {"/"}
    for name in names.beginnings:
        parts = name.rstrip("/").split("/")
        for depth in range(1, len(parts) + 1):
            path = "/" + "/".join(parts[:depth])
            above |= {path, f"{path}/"}
    below = [{"prefix": f"/{name}"} for name in names.beginnings]
    if names.within:
        below += [{"wildcard": f"*/{names.within}{after}"} for after in ("/*", "")]
    return [{"name": named}, {"names": named}, {"path": [*sorted(above), *below]}]


def _parameter_arns(watched: Watched) -> list[Any]:
    arn = f"arn:{watched.partition}:ssm:{watched.region}:{watched.account}:parameter/"
    within = [{"wildcard": f"{arn}*/{watched.parameters.within}/*"}] if watched.parameters.within else []
    return [*({"prefix": f"{arn}{name}"} for name in watched.parameters.beginnings), *within]


def _told(names: Names) -> list[tuple[str, str]]:
    """What stands in messages, and what may follow it."""
    found = [*((name, "*") for name in names.beginnings), *((name, "*") for name in names.whole)]
    return [*found, (f"*/{names.within}", "/*")] if names.within else found


def _others(expected: Callers) -> Pattern:
    """Everybody but these.

    The role of a session is its issuer: only there ARNs have their path. A session of `GetFederationToken` counts as
    another one than its user. Callers of other accounts have no ARN in the events of this one, and AWS's own services
    have neither. AWS CloudTrail, "CloudTrail userIdentity element".
    """
    issuer = {"sessionContext": {"sessionIssuer": {"arn": _but(expected.roles)}}}
    no_issuer = {"sessionContext": {"sessionIssuer": {"arn": [{"exists": False}]}}}
    elsewhere: Pattern = {"arn": [{"exists": False}]}
    if expected.accounts:
        elsewhere["accountId"] = [{"exists": False}, {"anything-but": [*expected.accounts]}]
    return {"userIdentity": {"$or": [issuer, {**no_issuer, "arn": _but(expected.users)}, elsewhere]}}


def _but(arns: tuple[str, ...]) -> list[Any]:
    return [{"anything-but": {"wildcard": [*arns]}}] if arns else [{"exists": True}]


def _text(sources: str | tuple[str, ...], detail: Pattern, kind: str = "AWS API Call via CloudTrail") -> str:
    """The pattern as JSON without blanks. Raises LimitError."""
    whole: Pattern = {
        "source": [sources] if isinstance(sources, str) else [*sources],
        "detail-type": [kind],
        "detail": detail,
    }
    found = json.dumps(whole, separators=(",", ":"))
    if (characters := length(found)) > LONGEST:
        raise LimitError(
            f"a pattern of alerts has {characters} characters, and EventBridge takes {LONGEST}: let several workloads "
            "that were there before assume one role, or run as roles that are made here, which count as one"
        )
    return found
