"""AWS credentials on demand: made for those who were granted them, good for what was written down, and gone afterwards.

AWS is moto: see `strongroom_sandbox.servers.moto` for what that does not check. OpenBao has no AWS engine.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest
import yaml

from strongroom.vault.aws.plan import AwsCredentialRole
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.servers.moto import ACCOUNT, AwsKey
from strongroom_sandbox.toolchain import Toolchain
from support import aws
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy, write_project
from support.flavours import only_on
from support.sandbox import running
from support.workloads import environment, login, runs_as

# One worker, as all tests share what was deployed once.
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("aws-engine"),
    only_on("vault"),
]

ENVIRONMENT: Final = "awstest"
MOUNT: Final = f"aws-{ENVIRONMENT}"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {"checkout": runs_as("checkout"), "stranger": runs_as("stranger")},
    "secrets": {
        "uploader": {
            "aws": {
                "iam_user": {
                    "policy_document": aws.policy("s3:ListAllMyBuckets"),
                    "policies": ["queues"],
                    "iam_groups": [aws.GROUP],
                    "iam_tags": {"purpose": "uploads"},
                }
            }
        },
        "reports": {"aws": {"assumed_role": {"role": "reports", "max_sts_ttl": "30m"}}},
        "backup": {"aws": {"static_role": {"iam_user": "backup", "rotation_period": "1h"}}},
        "mailer": {"aws": {"federation_token": {"policy_document": aws.policy("sns:ListTopics")}}},
    },
    "grants": [
        {"workload": "checkout", "secret": secret, "can": ["read"]}
        for secret in ("uploader", "reports", "mailer", "backup")
    ],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    first_key: AwsKey

    def client(self, workload: str = "checkout") -> hvac.Client:
        return login(self.sandbox, self.deployed, f"payments/{workload}")

    def users(self) -> set[str]:
        """The names of all IAM users."""
        return {user["UserName"] for user in self.sandbox.moto.client("iam").list_users()["Users"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    servers = ("vault", "postgres", "issuer", "moto")
    with running(tmp_path_factory.mktemp("servers"), *servers, flavour=flavour) as sandbox:
        key = aws.furnish(sandbox.moto)
        engines = {"aws": aws.engine(sandbox.moto)}
        folder = tmp_path_factory.mktemp("project")
        stack = environment(sandbox, ENVIRONMENT, engines)
        yield World(sandbox, deploy(sandbox, toolchain, folder, stack, [CATALOG], aws.first_key(key)), key)


def _read(world: World, secret: str, workload: str = "checkout", **query: str) -> dict[str, Any]:
    """Reads `payments.<secret>` as a workload does, by the path of its kind."""
    where = {"uploader": "creds", "backup": "static-creds"}.get(secret, "sts")
    answer = world.client(workload).adapter.get(f"/v1/{MOUNT}/{where}/payments.{secret}", params=query)
    return dict(answer)


def _may(world: World, key: AwsKey) -> dict[str, str]:
    """What AWS says to each of four requests; an empty text: it is done."""
    calls = {"s3": "list_buckets", "sqs": "list_queues", "sns": "list_topics", "kms": "list_keys"}
    return {
        service: aws.refusal(getattr(world.sandbox.moto.client(service, key), call)) for service, call in calls.items()
    }


def _identity(world: World, key: AwsKey) -> str:
    return str(world.sandbox.moto.client("sts", key).get_caller_identity()["Arn"])


def test_the_first_key_became_worthless_and_aws_knows_one_other_key_of_the_server(world: World) -> None:
    assert aws.refusal(lambda: _identity(world, world.first_key)) == "InvalidClientTokenId"
    (key,) = world.sandbox.moto.client("iam").list_access_keys(UserName=aws.SERVER)["AccessKeyMetadata"]
    assert key["AccessKeyId"] != world.first_key.access_key
    root = world.sandbox.vault.root_client().read(f"{MOUNT}/config/root")["data"]
    assert root["access_key"] == key["AccessKeyId"]


def test_an_iam_user_may_what_document_policy_and_group_say_and_nothing_else(world: World) -> None:
    key = aws.issued(_read(world, "uploader"))
    assert key.session_token is None
    assert _may(world, key) == {"s3": "", "sqs": "", "sns": "", "kms": "403"}


def test_an_iam_user_is_made_with_the_boundary_the_path_and_the_tags_that_were_declared(world: World) -> None:
    """moto keeps no boundary of a user, so it is the question that is looked at."""
    questions = {
        parameters["Action"]: parameters
        for parameters in aws.asked(world.sandbox.moto, lambda: _read(world, "uploader"))
    }
    assert questions["CreateUser"]["PermissionsBoundary"] == aws.BOUNDARY
    assert questions["CreateUser"]["Path"] == f"/vault/{ENVIRONMENT}/"
    name = questions["CreateUser"]["UserName"]
    assert world.sandbox.moto.client("iam").get_user(UserName=name)["User"]["Tags"] == [
        {"Key": "purpose", "Value": "uploads"}
    ]


def test_when_the_lease_is_revoked_the_user_is_gone(world: World) -> None:
    answer = _read(world, "uploader")
    key = aws.issued(answer)
    name = _identity(world, key).rpartition("/")[2]
    assert answer["lease_duration"] == 3600
    assert name in world.users()
    world.sandbox.vault.client().sys.revoke_lease(answer["lease_id"])
    assert name not in world.users()
    assert aws.refusal(lambda: _identity(world, key)) == "InvalidClientTokenId"


def test_who_holds_the_lease_may_renew_it_up_to_the_maximum(world: World) -> None:
    client = world.client()
    answer = client.read(f"{MOUNT}/creds/payments.uploader")
    renewed = client.sys.renew_lease(answer["lease_id"], increment=100 * 3600)
    assert 80000 < renewed["lease_duration"] <= 86400


def test_a_session_of_a_role_may_what_the_role_may_and_nothing_else(world: World) -> None:
    key = aws.issued(_read(world, "reports"))
    assert _identity(world, key).startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/reports/")
    assert _may(world, key) == {"s3": "AccessDenied", "sqs": "403", "sns": "", "kms": "403"}


@pytest.mark.parametrize(("wanted", "seconds"), [(None, 900), ("20m", 1200), ("12h", 1800)])
def test_a_session_lives_as_long_as_asked_for_within_the_maximum(
    world: World, wanted: str | None, seconds: int
) -> None:
    assert _read(world, "reports", **({"ttl": wanted} if wanted else {}))["lease_duration"] == seconds


def test_another_role_than_the_declared_one_is_not_assumed(world: World) -> None:
    other = aws.make_role(world.sandbox.moto, "admin", "iam:CreateUser")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="not in allowed role arns"):
        _read(world, "reports", role_arn=other)


def test_a_user_that_stays_has_another_key_and_whoever_reads_it_gets_the_same_one(world: World) -> None:
    key = aws.issued(_read(world, "backup"))
    assert aws.issued(_read(world, "backup")) == key
    assert _identity(world, key) == f"arn:aws:iam::{ACCOUNT}:user/{aws.BACKUP}"
    assert _may(world, key)["s3"] == ""
    known = world.sandbox.moto.client("iam").list_access_keys(UserName=aws.BACKUP)["AccessKeyMetadata"]
    # The key from before stays good until the next change, so that whoever holds it has the time to read the new one.
    assert len(known) == 2
    assert key.access_key in {each["AccessKeyId"] for each in known}


def test_a_federated_session_is_asked_for_with_the_declared_limits(world: World) -> None:
    """moto makes such credentials and does not know them afterwards, so it is the question that is looked at."""
    (question,) = [
        parameters
        for parameters in aws.asked(world.sandbox.moto, lambda: _read(world, "mailer"))
        if parameters["Action"] == "GetFederationToken"
    ]
    (role,) = [role for role in world.deployed.plan.of(AwsCredentialRole) if role.name == "payments.mailer"]
    assert question["Policy"] == role.policy_document
    assert question["DurationSeconds"] == "900"
    answer = _read(world, "mailer")
    assert aws.issued(answer).session_token
    assert not answer["renewable"]


@pytest.mark.parametrize("secret", ["uploader", "reports", "mailer", "backup"])
def test_a_workload_without_the_grant_is_refused(world: World, secret: str) -> None:
    before = world.users()
    with pytest.raises(hvac.exceptions.Forbidden):
        _read(world, secret, workload="stranger")
    assert world.users() == before


@pytest.mark.parametrize("path", ["config/root", "roles/payments.uploader", "sts/payments.uploader"])
def test_who_may_read_credentials_may_not_read_where_they_come_from(world: World, path: str) -> None:
    with pytest.raises(hvac.exceptions.Forbidden):
        world.client().read(f"{MOUNT}/{path}")


def test_a_second_run_reports_no_changes_and_rotates_nothing(world: World) -> None:
    before = world.sandbox.vault.root_client().read(f"{MOUNT}/config/root")["data"]
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    assert world.sandbox.vault.root_client().read(f"{MOUNT}/config/root")["data"] == before


def test_a_role_that_was_widened_by_hand_is_found_and_narrowed_again(world: World) -> None:
    root = world.sandbox.vault.root_client()
    path = f"{MOUNT}/roles/payments.uploader"
    before = root.read(path)["data"]
    root.write_data(path, data={"policy_document": json.dumps(aws.policy("*")), "permissions_boundary_arn": ""})
    assert world.deployed.up().changes["update"] == 1
    assert root.read(path)["data"] == before


def test_a_change_of_the_engines_settings_leaves_it_its_key(world: World) -> None:
    """The official resource for the whole engine would put the first key in its place again."""
    file = world.deployed.deployment.project / "stacks" / "environments" / f"{ENVIRONMENT}.yaml"
    text = file.read_text("utf-8")
    try:
        changed = "region: eu-central-1\n      username_template: 'it-{{random 20}}'\n      sts_region: eu-west-1"
        file.write_text(text.replace("region: eu-central-1", changed), "utf-8")
        assert world.deployed.up().changes["update"] == 1
        assert "/it-" in _identity(world, aws.issued(_read(world, "uploader")))
    finally:
        file.write_text(text, "utf-8")
        world.deployed.up()
    assert "/vault-issuer" in _identity(world, aws.issued(_read(world, "uploader")))
    assert world.sandbox.vault.root_client().read(f"{MOUNT}/config/root")["data"]["sts_region"] == ""


def test_a_first_key_that_the_deployment_no_longer_knows_is_no_change_and_neither_is_its_return(world: World) -> None:
    file = world.deployed.engine.config_file
    before = file.read_text("utf-8")
    settings = yaml.safe_load(before)
    settings["config"] = {name: value for name, value in settings["config"].items() if ":aws-" not in name}
    try:
        file.write_text(yaml.safe_dump(settings), "utf-8")
        assert world.deployed.up().changed == 0
    finally:
        file.write_text(before, "utf-8")
    assert world.deployed.up().changed == 0
    assert _may(world, aws.issued(_read(world, "uploader")))["s3"] == ""


def test_another_first_key_takes_the_place_of_a_lost_one_and_is_rotated_away_too(world: World) -> None:
    iam = world.sandbox.moto.client("iam")
    (lost,) = iam.list_access_keys(UserName=aws.SERVER)["AccessKeyMetadata"]
    iam.delete_access_key(UserName=aws.SERVER, AccessKeyId=lost["AccessKeyId"])
    with pytest.raises(hvac.exceptions.VaultError):
        _read(world, "uploader")
    made = iam.create_access_key(UserName=aws.SERVER)["AccessKey"]
    another = AwsKey(made["AccessKeyId"], made["SecretAccessKey"])
    for name, value in aws.first_key(another).items():
        world.deployed.engine.set_secret(name, value)
    # The key, and with it the settings and the rotation.
    assert world.deployed.up().changes["replace"] == 3
    assert aws.refusal(lambda: _identity(world, another)) == "InvalidClientTokenId"
    assert _may(world, aws.issued(_read(world, "uploader")))["s3"] == ""


@pytest.mark.parametrize("given", [{}, {"aws-access-key": "AKIAIOSFODNN7EXAMPLE", "aws-secret-key": "mistaken-secret"}])
def test_a_first_key_that_is_missing_or_wrong_is_an_error_that_the_right_one_ends(
    world: World, toolchain: Toolchain, tmp_path: Path, given: dict[str, str]
) -> None:
    name = "awswrong" if given else "awsnone"
    moto = world.sandbox.moto
    key = moto.user(name, json.dumps(aws.policy(*aws.NEEDED)))
    stack = environment(world.sandbox, name, {"aws": aws.engine(moto)})
    deployment = Deployment(tmp_path, world.sandbox, write_project(tmp_path, stack, []))
    engine = deployment.engine(toolchain, print)
    engine.configure({"settings": world.sandbox.settings()}, tmp_path / "stacks" / f"Pulumi.{name}.yaml")
    for setting, value in given.items():
        engine.set_secret(setting, value)
    with pytest.raises(EngineError, match="GetUser" if given else "either access_key or secret_key is empty"):
        deployment.up(engine)
    for setting, value in aws.first_key(key).items():
        engine.set_secret(setting, value)
    deployment.up(engine)
    assert aws.refusal(lambda: _identity(world, key)) == "InvalidClientTokenId"
    assert deployment.up(engine).changed == 0


def test_a_server_that_is_known_in_another_way_from_now_on_has_no_key_left(
    world: World, toolchain: Toolchain, tmp_path: Path
) -> None:
    moto, name = world.sandbox.moto, "awskeyless"
    key = moto.user(name, json.dumps(aws.policy(*aws.NEEDED)))
    stack = environment(world.sandbox, name, {"aws": aws.engine(moto)})
    deployed = deploy(world.sandbox, toolchain, tmp_path, stack, [], aws.first_key(key))
    root = world.sandbox.vault.root_client()
    assert root.read(f"aws-{name}/config/root")["data"]["access_key"]
    keyless = environment(world.sandbox, name, {"aws": aws.engine(moto, credentials={"instance_role": {}})})
    write_project(tmp_path, keyless, [])
    deployed.up()
    assert root.read(f"aws-{name}/config/root")["data"]["access_key"] == ""
    root.write_data(f"aws-{name}/config/root", data={"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "by-hand"})
    assert deployed.up().changes["update"] == 1
    assert root.read(f"aws-{name}/config/root")["data"]["access_key"] == ""


def test_neither_the_first_key_nor_a_credential_is_in_any_plan_state_log_or_report(world: World) -> None:
    key = aws.issued(_read(world, "reports"))
    sandbox, folder = world.sandbox, world.deployed.deployment.project
    for value in (world.first_key.secret_key, key.secret_key, key.session_token or ""):
        assert files_with(value, folder, sandbox.directory) == []
        assert not is_in(value, world.deployed.plan.as_json())
        assert not is_in(value, str(world.deployed.engine.export()))
