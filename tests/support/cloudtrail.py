"""Events as CloudTrail hands them to EventBridge: AWS CloudTrail, "CloudTrail record contents" and "userIdentity
element"; AWS Secrets Manager, "CloudTrail entries"."""

from typing import Any, Final

ACCOUNT: Final = "111122223333"
Json = dict[str, Any]


def session(role: str, account: str = ACCOUNT, name: str = "session") -> Json:
    """A session of a role, which is given with its path: `strongroom/prod/prod.shop.web`."""
    short = role.rpartition("/")[2]
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{role}", "accountId": account, "userName": short}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        # Without the path: that is only in what issued the session.
        "arn": f"arn:aws:sts::{account}:assumed-role/{short}/{name}",
        "accountId": account,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def user(name: str, *, mfa: bool = False) -> Json:
    """An IAM user by its key; with `mfa`, by a session of its own, that nothing issued."""
    more: Json = {"sessionContext": {"sessionIssuer": {}, "attributes": {"mfaAuthenticated": "true"}}} if mfa else {}
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": arn, "accountId": ACCOUNT, "userName": name} | more


def federated(name: str) -> Json:
    """A session of GetFederationToken, which a user issued."""
    issuer = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "accountId": ACCOUNT}
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"
    return {"type": "FederatedUser", "arn": arn, "accountId": ACCOUNT, "sessionContext": {"sessionIssuer": issuer}}


def root() -> Json:
    """The root user."""
    return {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}


def elsewhere(account: str) -> Json:
    """Somebody of another account, of whom this account's events do not tell more."""
    return {"type": "AWSAccount", "principalId": "AROAELSEWHERE:session", "accountId": account}


def service(name: str) -> Json:
    """A service of AWS by itself."""
    return {"type": "AWSService", "invokedBy": f"{name}.amazonaws.com"}


def event(name: str, who: Json, source: str = "secretsmanager", error: str = "", **detail: Any) -> Json:
    """One call. `detail` is what else is in the record, such as `requestParameters`."""
    record = {
        "eventVersion": "1.09",
        "userIdentity": who,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "responseElements": None,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **({"errorCode": error} if error else {}),
        **detail,
    }
    return {
        "source": f"aws.{source}",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT,
        "region": "eu-central-1",
        "detail": record,
    }


def secret(identity: str, who: Json, name: str = "GetSecretValue", error: str = "") -> Json:
    """A request for one secret, by its name or ARN."""
    return event(name, who, error=error, requestParameters={"secretId": identity})


def parameter(who: Json, called: str = "GetParameter", /, **request: Any) -> Json:
    """A request for parameters."""
    return event(called, who, "ssm", requestParameters=request)
