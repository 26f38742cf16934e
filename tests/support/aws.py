"""AWS as the sandbox has it: the server's own user, a role to assume, and what those can do who get credentials."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest
import requests
from botocore.exceptions import ClientError

from strongroom_sandbox.servers.moto import ACCOUNT, REGION, AwsKey, Moto

SERVER: Final = "strongroom-vault"
"""The IAM user by whose key the server is known to AWS."""
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/reports"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
MANAGED: Final = f"arn:aws:iam::{ACCOUNT}:policy/queues"
GROUP: Final = "payments-readers"
BACKUP: Final = "legacy-backup"
"""An IAM user that was there before, with a key."""

NEEDED: Final = [
    *(
        f"iam:{action}"
        for action in (
            "AddUserToGroup", "AttachUserPolicy", "CreateAccessKey", "CreateUser", "DeleteAccessKey", "DeleteUser",
            "DeleteUserPolicy", "DetachUserPolicy", "GetRole", "GetUser", "ListAccessKeys", "ListAttachedUserPolicies",
            "ListGroupsForUser", "ListUserPolicies", "PutUserPolicy", "RemoveUserFromGroup", "TagUser",
        )
    ),
    "sts:AssumeRole",
    "sts:GetFederationToken",
]  # fmt: skip
"""What the server's own user may do; no more is needed, as moto refuses whatever is not in here."""


def policy(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A document that allows these actions."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def furnish(moto: Moto) -> AwsKey:
    """Makes what an account has before the first deployment, and returns the first key of the server's own user."""
    iam = moto.client("iam")
    for arn, allowed in ((BOUNDARY, ("s3:*", "sqs:*", "sns:*")), (MANAGED, ("sqs:ListQueues",))):
        iam.create_policy(PolicyName=arn.rpartition("/")[2], PolicyDocument=json.dumps(policy(*allowed)))
    iam.create_group(GroupName=GROUP)
    iam.put_group_policy(GroupName=GROUP, PolicyName="in", PolicyDocument=json.dumps(policy("sns:ListTopics")))
    key = moto.user(SERVER, json.dumps(policy(*NEEDED)))
    moto.user(BACKUP, json.dumps(policy("s3:ListAllMyBuckets")))
    make_role(moto, "reports", "sns:ListTopics")
    return key


def make_role(moto: Moto, name: str, *actions: str, path: str = "/", trusts: str = SERVER) -> str:
    """An IAM role that one IAM user may assume, and what it may do; returns its ARN."""
    who = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{trusts}"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who}
    trust_policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = moto.client("iam")
    role = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust_policy)["Role"]
    if actions:
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(policy(*actions)))
    return str(role["Arn"])


def engine(moto: Moto, **changes: Any) -> dict[str, Any]:
    """The AWS engine of an environment whose AWS is `moto`."""
    return {
        "credentials": {
            "first_key": {
                "access_key": {"pulumi_config": "aws-access-key"},
                "secret_key": {"pulumi_config": "aws-secret-key"},
            }
        },
        "region": REGION,
        "iam_endpoint": moto.endpoint,
        "sts_endpoint": moto.endpoint,
        "teams": {
            "payments": {
                "roles": {"reports": {"role_arns": [ROLE]}},
                "permissions_boundary_arn": BOUNDARY,
                "policies": {"queues": MANAGED},
                "iam_groups": [GROUP],
                "iam_users": {"backup": BACKUP},
            }
        },
    } | changes


def first_key(key: AwsKey) -> Mapping[str, str]:
    """Its halves, as values of the stack's configuration."""
    return {"aws-access-key": key.access_key, "aws-secret-key": key.secret_key}


def asked(moto: Moto, call: Callable[[], object]) -> list[dict[str, str]]:
    """What AWS is asked while `call` runs: the parameters of each request, for what moto does not act upon."""
    with requests.Session() as session:
        session.trust_env = False
        recorder = f"{moto.endpoint}/moto-api/recorder"
        session.post(f"{recorder}/reset-recording", timeout=5).raise_for_status()
        session.post(f"{recorder}/start-recording", timeout=5).raise_for_status()
        try:
            call()
        finally:
            session.post(f"{recorder}/stop-recording", timeout=5).raise_for_status()
        lines = session.get(f"{recorder}/download-recording", timeout=5).text.splitlines()
    return [dict(parse_qsl(base64.b64decode(json.loads(line)["body"] or "").decode())) for line in lines]


def issued(answer: Mapping[str, Any]) -> AwsKey:
    """The credentials in the server's answer."""
    data = answer["data"]
    return AwsKey(data["access_key"], data["secret_key"], data.get("session_token"))


def refusal(call: Callable[[], object]) -> str:
    """The code by which AWS refuses a call; empty if it does not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def as_caller(monkeypatch: pytest.MonkeyPatch, moto: Moto, key: AwsKey) -> None:
    """Makes this process somebody's whose AWS is `moto`: its environment is that of their shell."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_key)
