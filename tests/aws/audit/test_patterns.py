"""Which of CloudTrail's events raise an alert, by an evaluator of EventBridge's patterns, compared with moto's."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.events.models import EventPattern

from strongroom.aws.audit import patterns
from strongroom.aws.audit.patterns import Callers, Names, Watched
from strongroom.aws.iam.limits import LimitError
from support.aws_environment import BREAK_GLASS, DEPLOYER
from support.cloudtrail import (
    ACCOUNT,
    Json,
    elsewhere,
    event,
    federated,
    parameter,
    root,
    secret,
    service,
    session,
    user,
)
from support.event_patterns import matches

AT = f"eu-central-1:{ACCOUNT}"
KEY = f"arn:aws:kms:{AT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WEB = session("strongroom/prod/prod.shop.web")
INTRUDER = user("mallory")
WATCHED = Watched(
    partition="aws",
    region="eu-central-1",
    account=ACCOUNT,
    secrets=Names(beginnings=("prod/",)),
    parameters=Names(beginnings=("prod/",)),
    key_arns=(KEY,),
    trail=("strongroom-prod", f"arn:aws:cloudtrail:{AT}:trail/strongroom-prod"),
    bucket="prod-audit-111122223333",
    topic_arn=f"arn:aws:sns:{AT}:strongroom-prod-alerts",
    rules="strongroom.prod.",
    functions="prod-platform-",
)
EXPECTED = Callers(
    roles=(f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/*", f"arn:aws:iam::{ACCOUNT}:role/operator", BREAK_GLASS),
    users=(f"arn:aws:iam::{ACCOUNT}:user/legacy",),
    accounts=("444455556666",),
)
SECRETS = patterns.secrets_used(WATCHED, EXPECTED)
PARAMETERS = patterns.parameters_used(WATCHED, EXPECTED)
EMERGENCY = patterns.emergency(WATCHED, Callers(roles=(BREAK_GLASS,)))
DENIED = patterns.denied(WATCHED)
CHANGES = patterns.changes(WATCHED, Callers(roles=(DEPLOYER,)))
TAMPERING = patterns.tampering(WATCHED, Callers(roles=(DEPLOYER,)))
RULES = patterns.rules_changed(WATCHED, Callers(roles=(DEPLOYER,)))
ALL = [SECRETS, PARAMETERS, EMERGENCY, DENIED, CHANGES, TAMPERING, RULES]


@pytest.mark.parametrize(
    "who",
    [
        WEB,
        session("strongroom/prod/prod.platform.rotate"),
        session("operator"),
        session("break-glass"),
        user("legacy"),
        user("legacy", mfa=True),
        elsewhere("444455556666"),
    ],
    ids=lambda who: who["type"] + who.get("arn", ""),
)
def test_whoever_was_declared_raises_no_alert(who: Json) -> None:
    assert not matches(SECRETS, secret("prod/shop/stripe", who))
    assert not matches(PARAMETERS, parameter(who, name="/prod/shop/smtp/password", withDecryption=True))


@pytest.mark.parametrize(
    "who",
    [
        INTRUDER,
        user("mallory", mfa=True),
        user("legacy2"),
        session("strongroom/dev/dev.shop.web"),
        session("strongroom/production/web"),
        session("prod.shop.web"),
        session("operator2"),
        session("team/operator"),
        session("operator", account="777788889999"),
        session("admin", name="operator"),
        federated("legacy"),
        root(),
        elsewhere("777788889999"),
        service("appsync"),
    ],
    ids=lambda who: who["type"] + who.get("arn", ""),
)
def test_whoever_was_not_declared_raises_an_alert(who: Json) -> None:
    assert matches(SECRETS, secret("prod/shop/stripe", who))
    assert matches(PARAMETERS, parameter(who, name="/prod/shop/smtp/password"))


@pytest.mark.parametrize(
    "identity",
    [
        "prod/shop/stripe",
        "prod/nobody-declared-this",
        f"arn:aws:secretsmanager:{AT}:secret:prod/shop/stripe-AbCdEf",
        f"arn:aws:secretsmanager:{AT}:secret:prod/shop/stripe",
    ],
)
def test_a_secret_is_known_by_its_name_and_by_its_arn(identity: str) -> None:
    assert matches(SECRETS, secret(identity, INTRUDER))
    assert matches(DENIED, secret(identity, INTRUDER, error="AccessDenied"))
    assert matches(CHANGES, secret(identity, INTRUDER, "PutResourcePolicy"))


@pytest.mark.parametrize(
    "identity",
    [
        "dev/shop/stripe",
        "production/shop/stripe",
        "preprod/shop/stripe",
        "acme",
        f"arn:aws:secretsmanager:{AT}:secret:dev/prod/stripe-AbCdEf",
        "",
    ],
)
def test_other_environments_and_strangers_are_left_alone(identity: str) -> None:
    for one in (secret(identity, INTRUDER), secret(identity, INTRUDER, "DeleteSecret")):
        assert not any(matches(pattern, one) for pattern in ALL)
    assert not matches(DENIED, secret(identity, INTRUDER, error="AccessDenied"))


@pytest.mark.parametrize(
    "request_",
    [
        {"name": "/prod/shop/smtp/password"},
        {"name": f"arn:aws:ssm:{AT}:parameter/prod/shop/smtp/password"},
        {"name": "/prod/shop/smtp/password:3"},
        {"names": ["/other/one", "/prod/shop/smtp/password"]},
        {"path": "/prod/shop", "recursive": True},
        {"path": "/prod", "recursive": True},
        {"path": "/prod/", "recursive": True},
        {"path": "/", "recursive": True},
    ],
)
def test_parameters_are_known_by_names_arns_and_the_paths_above_them(request_: Json) -> None:
    assert matches(
        PARAMETERS, parameter(INTRUDER, "GetParametersByPath" if "path" in request_ else "GetParameters", **request_)
    )


@pytest.mark.parametrize("request_", [{"name": "/dev/a"}, {"names": ["/dev/a", "/production/b"]}, {"path": "/dev"}])
def test_parameters_of_others_are_left_alone(request_: Json) -> None:
    assert not matches(PARAMETERS, parameter(INTRUDER, **request_))


def test_a_denied_attempt_is_one_alert_and_not_two() -> None:
    denied = secret("prod/shop/stripe", INTRUDER, error="AccessDeniedException")
    assert [matches(pattern, denied) for pattern in ALL] == [False, False, False, True, False, False, False]
    missing = secret("prod/shop/guessed", INTRUDER, error="ResourceNotFoundException")
    assert [matches(pattern, missing) for pattern in ALL] == [True, False, False, False, False, False, False]


def test_a_workload_that_is_denied_is_an_alert_too() -> None:
    assert matches(DENIED, secret("prod/shop/other", WEB, error="AccessDenied"))


@pytest.mark.parametrize(
    ("source", "resource"),
    [
        ("secretsmanager", "prod/shop/stripe"),
        ("secretsmanager", f"arn:aws:secretsmanager:{AT}:secret:prod/shop/stripe-AbCdEf"),
        ("ssm", f"arn:aws:ssm:{AT}:parameter/prod/shop/smtp/password"),
    ],
)
def test_a_denied_attempt_without_request_parameters_is_known_by_its_message(source: str, resource: str) -> None:
    said = (
        f"User: {INTRUDER['arn']} is not authorized to perform: x:Get on resource: {resource} because no policy allows"
    )
    denied = event("Get", INTRUDER, source, "AccessDenied", requestParameters=None, errorMessage=said)
    assert matches(DENIED, denied)
    other = said.replace("prod/", "dev/")
    assert not matches(
        DENIED, event("Get", INTRUDER, source, "AccessDenied", requestParameters=None, errorMessage=other)
    )


def test_a_key_that_refuses_is_an_alert() -> None:
    def of(key: str) -> Json:
        return event("Decrypt", INTRUDER, "kms", "AccessDenied", resources=[{"ARN": key, "type": "AWS::KMS::Key"}])

    assert matches(DENIED, of(KEY))
    assert not matches(DENIED, of(KEY.replace("1234abcd", "4321abcd")))


def test_an_emergency_is_told_though_it_was_declared() -> None:
    helper = session("break-glass")
    for one in (secret("prod/shop/stripe", helper), parameter(helper, name="/prod/shop/smtp/password")):
        assert [matches(pattern, one) for pattern in ALL] == [False, False, True, False, False, False, False]
    assert not matches(EMERGENCY, secret("prod/shop/stripe", WEB))


@pytest.mark.parametrize("name", ["PutResourcePolicy", "DeleteResourcePolicy", "CancelRotateSecret", "DeleteSecret"])
def test_a_change_of_a_secret_is_an_alert_unless_a_deployer_makes_it(name: str) -> None:
    assert matches(CHANGES, secret("prod/shop/stripe", WEB, name))
    assert matches(CHANGES, secret("prod/shop/stripe", root(), name))
    assert not matches(CHANGES, secret("prod/shop/stripe", session("deployer"), name))
    assert matches(patterns.changes(WATCHED, Callers()), secret("prod/shop/stripe", session("deployer"), name))


@pytest.mark.parametrize(
    "name", ["PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "DisableKeyRotation", "CreateGrant"]
)
def test_a_change_of_a_key_is_an_alert_unless_a_deployer_makes_it(name: str) -> None:
    def of(who: Json) -> Json:
        # The request may name the key by its id or alias; `resources` always has its ARN.
        return event(name, who, "kms", requestParameters={"keyId": "alias/prod/main"}, resources=[{"ARN": KEY}])

    assert matches(CHANGES, of(INTRUDER))
    assert not matches(CHANGES, of(session("deployer")))


@pytest.mark.parametrize(
    ("source", "name", "request_"),
    [
        ("cloudtrail", "StopLogging", {"name": f"arn:aws:cloudtrail:{AT}:trail/strongroom-prod"}),
        ("cloudtrail", "DeleteTrail", {"name": "strongroom-prod"}),
        ("cloudtrail", "PutEventSelectors", {"trailName": "strongroom-prod"}),
        ("events", "DisableRule", {"name": "strongroom.prod.rules"}),
        ("events", "RemoveTargets", {"rule": "strongroom.prod.rules", "ids": ["alerts"]}),
        ("sns", "SetTopicAttributes", {"topicArn": f"arn:aws:sns:{AT}:strongroom-prod-alerts"}),
        ("sns", "Unsubscribe", {"subscriptionArn": f"arn:aws:sns:{AT}:strongroom-prod-alerts:1234abcd"}),
        ("sns", "SetSubscriptionAttributes", {"subscriptionArn": f"arn:aws:sns:{AT}:strongroom-prod-alerts:1234abcd"}),
        ("s3", "PutBucketPolicy", {"bucketName": "prod-audit-111122223333"}),
    ],
)
def test_who_turns_the_record_or_the_alerts_off_raises_one(source: str, name: str, request_: Json) -> None:
    assert matches(TAMPERING, event(name, INTRUDER, source, requestParameters=request_))
    assert not matches(TAMPERING, event(name, session("deployer"), source, requestParameters=request_))
    others = {key: json.loads(json.dumps(value).replace("prod", "other")) for key, value in request_.items()}
    assert not matches(TAMPERING, event(name, INTRUDER, source, requestParameters=others))


@pytest.mark.parametrize("rule", ["secrets", "denied", "changes", "tampering", "rules"])
def test_who_turns_a_rule_off_is_heard_of_by_another_one(rule: str) -> None:
    """A rule that is off hears nothing, its own end included."""
    off = event("DisableRule", INTRUDER, "events", requestParameters={"name": f"strongroom.prod.{rule}"})
    assert matches(TAMPERING if rule == "rules" else RULES, off)
    assert not matches(RULES, event("DisableRule", session("deployer"), "events", requestParameters={"name": rule}))


def test_who_has_secrets_rotated_by_something_else_raises_an_alert() -> None:
    assert matches(CHANGES, secret("prod/shop/db", INTRUDER, "RotateSecret"))
    for name in ("prod-platform-orders", f"arn:aws:lambda:{AT}:function:prod-platform-orders"):
        code = event("UpdateFunctionCode20150331v2", INTRUDER, "lambda", requestParameters={"functionName": name})
        assert matches(CHANGES, code)
    other = event("UpdateFunctionCode20150331v2", INTRUDER, "lambda", requestParameters={"functionName": "prod-web"})
    assert not matches(CHANGES, other)


def test_who_shares_a_parameter_with_another_account_raises_an_alert() -> None:
    for name, alert in (("prod/shop/smtp/password", True), ("dev/shop/smtp/password", False)):
        request_ = {"resourceArn": f"arn:aws:ssm:{AT}:parameter/{name}", "policy": "{}"}
        assert matches(CHANGES, event("PutResourcePolicy", INTRUDER, "ssm", requestParameters=request_)) is alert


def test_a_rotation_that_failed_raises_an_alert() -> None:
    pattern = patterns.rotation_failed(WATCHED)

    def failed(name: str, arn: str) -> Json:
        one = event(name, {"accountId": ACCOUNT, "invokedBy": "secretsmanager.amazonaws.com"})
        one["detail-type"] = "AWS Service Event via CloudTrail"
        one["detail"] |= {
            "eventType": "AwsServiceEvent",
            "requestParameters": None,
            "additionalEventData": {"SecretId": arn},
        }
        return one

    arn = f"arn:aws:secretsmanager:{AT}:secret:prod/shop/db-AbCdEf"
    assert matches(pattern, failed("RotationFailed", arn))
    assert not matches(pattern, failed("RotationSucceeded", arn))
    assert not matches(pattern, failed("RotationFailed", arn.replace("prod/", "dev/")))


def test_without_a_key_or_a_trail_of_ours_patterns_have_no_lonely_or() -> None:
    bare = Watched(partition="aws", region="eu-central-1", account=ACCOUNT, secrets=WATCHED.secrets,
                   parameters=WATCHED.parameters, rules="strongroom.prod.")  # fmt: skip
    assert matches(patterns.changes(bare, Callers()), secret("prod/a", INTRUDER, "DeleteSecret"))
    rule = event("DeleteRule", INTRUDER, "events", requestParameters={"name": "strongroom.prod.rules"})
    assert matches(patterns.tampering(bare, Callers()), rule)


NAMED = Names(beginnings=("acme/prod/", "prod/"), whole=("legacy/prod",))
ANYWHERE = Names(beginnings=("prod/",), within="prod")


@pytest.mark.parametrize("names", [NAMED, ANYWHERE], ids=["listed", "anywhere"])
def test_environments_in_the_middle_and_at_the_end_of_names_are_found(names: Names) -> None:
    pattern = patterns.secrets_used(_with(names), EXPECTED)
    arn = f"arn:aws:secretsmanager:{AT}:secret:"
    for name in ("prod/a", "acme/prod/a", "legacy/prod", f"{arn}acme/prod/a-AbCdEf", f"{arn}legacy/prod-AbCdEf"):
        assert matches(pattern, secret(name, INTRUDER)), name
    for name in ("acme/dev/a", "legacy/production", "acme/preprod/a", f"{arn}acme/dev/a-AbCdEf"):
        assert not matches(pattern, secret(name, INTRUDER)), name


def test_a_path_above_an_environment_in_the_middle_of_names_is_found() -> None:
    pattern = patterns.parameters_used(_with(Names(beginnings=("acme/prod/",))), EXPECTED)
    for path in ("/", "/acme", "/acme/", "/acme/prod", "/acme/prod/shop"):
        assert matches(pattern, parameter(INTRUDER, "GetParametersByPath", path=path)), path
    assert not matches(pattern, parameter(INTRUDER, "GetParametersByPath", path="/acme/dev"))


def _with(names: Names) -> Watched:
    return Watched(partition="aws", region="eu-central-1", account=ACCOUNT, secrets=names, parameters=names)


def test_too_many_principals_that_were_there_before_are_refused_with_a_remedy() -> None:
    many = Callers(roles=tuple(f"arn:aws:iam::{ACCOUNT}:role/reader-{number}" for number in range(60)))
    with pytest.raises(LimitError, match=r"characters, and EventBridge takes 2048: let several workloads"):
        patterns.secrets_used(WATCHED, many)


PEOPLE = [WEB, INTRUDER, root(), federated("legacy"), elsewhere("444455556666"), elsewhere("777788889999"),
          service("appsync"), session("deployer"), session("break-glass"), user("legacy", mfa=True)]  # fmt: skip
REQUESTS: list[Any] = [
    None, {}, {"secretId": "prod/a"}, {"secretId": "dev/a"}, {"name": "/prod/a"}, {"name": "strongroom-prod"},
    {"names": ["/dev/a", "/prod/b"]}, {"path": "/"}, {"rule": "strongroom.prod.denied"},
]  # fmt: skip
ERRORS = ["", "AccessDenied", "ResourceNotFoundException"]
MESSAGES = ["", "no", f"on resource: arn:aws:ssm:{AT}:parameter/prod/a because", "on resource: prod/a because"]


@given(
    pattern=st.sampled_from(ALL),
    who=st.sampled_from(PEOPLE),
    source=st.sampled_from(["secretsmanager", "ssm", "kms", "events", "cloudtrail"]),
    name=st.sampled_from(
        ["GetSecretValue", "GetParameters", "PutResourcePolicy", "StopLogging", "DisableRule", "Other"]
    ),
    request_=st.sampled_from(REQUESTS),
    error=st.sampled_from(ERRORS),
    message=st.sampled_from(MESSAGES),
)
def test_the_evaluator_and_motos_agree(
    pattern: str, who: Json, source: str, name: str, request_: Any, error: str, message: str
) -> None:
    # Lists of maps, as `resources`, are not in here: moto does not look into them, EventBridge does.
    more = {"errorMessage": message} if message else {}
    one = event(name, who, source, error, requestParameters=request_, **more)
    assert matches(pattern, one) == EventPattern(pattern, json.loads(pattern)).matches_event(one)  # type: ignore[arg-type]
