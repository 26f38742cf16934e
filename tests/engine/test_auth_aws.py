"""AWS auth, deployed and used: a workload signs a question to AWS, and the server asks it.

AWS is moto, which checks the signature of the question and says whose it is. What it cannot show is how AWS itself
treats a question that comes late. OpenBao has no AWS auth.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from strongroom.vault.auth.aws.plan import AwsAuthRole
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION, AwsKey
from strongroom_sandbox.toolchain import Toolchain
from support import aws
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy
from support.flavours import only_on
from support.sandbox import running

# One worker, as all tests share what was deployed once.
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("auth-aws"),
    only_on("vault"),
]

ENVIRONMENT: Final = "awslogin"
MOUNT: Final = f"cloud-{ENVIRONMENT}"
HEADER: Final = f"vault.acme.example/{ENVIRONMENT}"
NEEDED: Final = ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetRole", "iam:GetUser"]
"""What the server's own user may do: look principals up, and change its own key."""
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "checkout": {"runs_as": {"aws_iam": {"principal_arn": f"arn:aws:iam::{ACCOUNT}:role/payments/checkout"}}},
        "batch": {"runs_as": {"aws_iam": {"principal_arn": f"arn:aws:iam::{ACCOUNT}:user/batch"}}},
    },
    "secrets": {"stripe": {"fields": ["api_key"]}, "ledger": {"fields": ["key"]}},
    "grants": [
        {"workload": "checkout", "secret": "stripe", "can": ["read"]},
        {"workload": "batch", "secret": "ledger", "can": ["read"]},
    ],
}


def signed(endpoint: str, key: AwsKey, server_id: str | None = HEADER) -> dict[str, str]:
    """The question `who am I`, signed as botocore does it, and not sent."""
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    if server_id is not None:
        headers["X-Vault-AWS-IAM-Server-ID"] = server_id
    request = AWSRequest("POST", f"{endpoint}/", headers=headers, data=body)
    SigV4Auth(Credentials(*key), "sts", REGION).add_auth(request)
    return {
        "iam_http_request_method": "POST",
        "iam_request_url": _encoded(request.url),
        "iam_request_body": _encoded(body),
        "iam_request_headers": _encoded(json.dumps(dict(request.headers))),
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    first_key: AwsKey
    batch: AwsKey
    """Of an IAM user that is a workload."""
    machine: AwsKey
    """Of who may assume the roles, in the place of an EC2 instance or a task."""

    def login(self, workload: str, key: AwsKey, server_id: str | None = HEADER, **changes: str) -> hvac.Client:
        """A client that logged in as a workload does, with nothing but its AWS credentials."""
        client = self.sandbox.vault.workload_client()
        question = signed(self.sandbox.moto.endpoint, key, server_id) | changes
        client.login(f"/v1/auth/{MOUNT}/login", json={"role": f"payments.{workload}", **question})
        return client

    def session(self, role: str = "checkout") -> AwsKey:
        """A session of an IAM role."""
        sts = self.sandbox.moto.client("sts", self.machine)
        made = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/payments/{role}", RoleSessionName="i-0123456789")
        given = made["Credentials"]
        return AwsKey(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    servers = ("vault", "postgres", "issuer", "moto")
    with running(tmp_path_factory.mktemp("servers"), *servers, flavour=flavour) as sandbox:
        moto = sandbox.moto
        key = moto.user("strongroom-login", json.dumps(aws.policy(*NEEDED)))
        batch = moto.user("batch", json.dumps(aws.policy("s3:ListAllMyBuckets")))
        machine = moto.user("machine", json.dumps(aws.policy("sts:AssumeRole")))
        for role in ("checkout", "other"):
            aws.make_role(moto, role, path="/payments/", trusts="machine")
        method = {
            "iam_server_id_header_value": HEADER,
            "sts_region": REGION,
            "sts_endpoint": moto.endpoint,
            "iam_endpoint": moto.endpoint,
            "credentials": aws.engine(moto)["credentials"],
            "token_ttl": "10m",
            "token_max_ttl": "20m",
        }
        stack = {
            "environment": ENVIRONMENT,
            "protect": False,
            "default_store": "kv",
            "stores": {"kv": {"vault_kv": {}}},
            "vault": {"flavour": flavour, "auth": {"cloud": {"aws": method}}},
        }
        folder = tmp_path_factory.mktemp("project")
        deployed = deploy(sandbox, toolchain, folder, stack, [CATALOG], aws.first_key(key))
        deployed.deployment.fill(deployed.plan, print)
        yield World(sandbox, deployed, key, batch, machine)


def _value(client: hvac.Client, secret: str) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        f"payments/{secret}", mount_point=f"kv-{ENVIRONMENT}", raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def test_a_session_of_the_role_logs_in_and_reads_what_it_was_granted_and_nothing_else(world: World) -> None:
    client = world.login("checkout", world.session())
    assert _value(client, "stripe").keys() == {"api_key"}
    with pytest.raises(hvac.exceptions.Forbidden):
        _value(client, "ledger")


def test_an_iam_user_logs_in_with_its_key(world: World) -> None:
    assert _value(world.login("batch", world.batch), "ledger").keys() == {"key"}


def test_its_token_carries_exactly_the_derived_policy_and_the_lifetimes_of_the_method(world: World) -> None:
    token = world.login("checkout", world.session()).auth.token.lookup_self()["data"]
    (role,) = (role for role in world.deployed.plan.of(AwsAuthRole) if role.name == "payments.checkout")
    assert token["policies"] == list(role.policies) == [f"{ENVIRONMENT}.payments.checkout"]
    assert (token["creation_ttl"], role.token_max_ttl_seconds) == (600, 1200)
    assert token["meta"]["account_id"] == ACCOUNT


def test_the_identity_store_knows_it_by_its_arn_whatever_the_session(world: World) -> None:
    root, names = world.sandbox.vault.root_client(), set()
    for _ in range(2):
        entity = world.login("checkout", world.session()).auth.token.lookup_self()["data"]["entity_id"]
        names |= {alias["name"] for alias in root.read(f"identity/entity/id/{entity}")["data"]["aliases"]}
    assert names == {f"arn:aws:iam::{ACCOUNT}:role/checkout"}


def test_another_principal_of_the_account_is_refused(world: World) -> None:
    for key in (world.session("other"), world.batch, world.sandbox.moto.operator):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="does not belong to the role"):
            world.login("checkout", key)


def test_a_question_without_the_servers_own_header_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match="missing header"):
        world.login("checkout", world.session(), server_id=None)


def test_a_question_that_was_signed_for_another_server_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match=r'but got "vault\.acme\.example/prod"'):
        world.login("checkout", world.session(), server_id="vault.acme.example/prod")


def test_a_header_that_was_added_after_signing_is_refused(world: World) -> None:
    question = signed(world.sandbox.moto.endpoint, world.session(), server_id=None)
    headers = json.loads(base64.b64decode(question["iam_request_headers"]))
    added = _encoded(json.dumps(headers | {"X-Vault-AWS-IAM-Server-ID": HEADER}))
    with pytest.raises(hvac.exceptions.InvalidRequest, match="wasn't signed"):
        world.login("checkout", world.session(), **(question | {"iam_request_headers": added}))


def test_a_signature_by_another_key_is_refused_by_aws(world: World) -> None:
    key = world.session()
    for forged in (key._replace(secret_key="guessed-secret-key"), AwsKey("AKIAIOSFODNN7EXAMPLE", "guessed-secret-key")):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="body of GetCallerIdentity is invalid"):
            world.login("checkout", forged)


def test_no_other_question_than_who_is_asking_is_sent_to_aws(world: World) -> None:
    body = _encoded("Action=GetSessionToken&Version=2011-06-15")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="request body"):
        world.login("checkout", world.session(), iam_request_body=body)


def test_a_principal_that_was_deleted_and_made_anew_under_its_name_is_another(world: World) -> None:
    moto, iam = world.sandbox.moto, world.sandbox.moto.client("iam")
    iam.delete_user_policy(UserName="batch", PolicyName="batch")
    iam.delete_access_key(UserName="batch", AccessKeyId=world.batch.access_key)
    iam.delete_user(UserName="batch")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="does not belong to the role"):
        world.login("batch", moto.user("batch", json.dumps(aws.policy("s3:ListAllMyBuckets"))))


def test_the_first_key_became_worthless(world: World) -> None:
    sts = world.sandbox.moto.client("sts", world.first_key)
    assert aws.refusal(sts.get_caller_identity) == "InvalidClientTokenId"


def test_the_stack_says_how_each_workload_logs_in(world: World) -> None:
    assert world.deployed.engine.outputs()["logins"]["payments/checkout"] == {
        "method": "aws",
        "mount": MOUNT,
        "role": "payments.checkout",
    }


def test_a_second_run_reports_no_changes(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()


def test_what_was_widened_by_hand_is_found_and_narrowed_again_and_the_server_keeps_its_key(world: World) -> None:
    root = world.sandbox.vault.root_client()
    role, client = f"auth/{MOUNT}/role/payments.checkout", f"auth/{MOUNT}/config/client"
    before = {path: root.read(path)["data"] for path in (role, client)}
    root.write_data(role, data={"bound_iam_principal_arn": f"arn:aws:iam::{ACCOUNT}:role/*"})
    root.write_data(client, data={"iam_server_id_header_value": ""})
    assert world.deployed.up().changes["update"] == 2
    assert {path: root.read(path)["data"] for path in (role, client)} == before


def test_the_servers_key_is_in_no_plan_state_log_or_report(world: World) -> None:
    folder, secret = world.deployed.deployment.project, world.first_key.secret_key
    assert files_with(secret, folder, world.sandbox.directory) == []
    assert not is_in(secret, world.deployed.plan.as_json())
    assert not is_in(secret, str(world.deployed.engine.export()))
