"""Functions and schedules as resources: documents, order, and nothing rotated before its first value."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pulumi
import pytest

from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError
from strongroom.aws.rotation import first_value
from strongroom.aws.rotation.component import AwsRotationFunction
from strongroom.aws.rotation.package import contents
from strongroom.aws.rotation.schedules import AwsSecretRotations
from strongroom.plan.plan import Plan
from strongroom.program import deploy
from strongroom.stage import Stage
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT as MOTO_ACCOUNT
from strongroom_sandbox.servers.moto import REGION
from support.aws_rotation import ACCOUNT, MASTER, project
from support.mocks import Recording, record

FUNCTION = "aws:lambda/function:Function"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
MINIMAL: dict[str, Any] = {"name": "rotate", "strategy": "mysql-single-user", "account": ACCOUNT}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return project(tmp_path).plan("prod")


def _made(**changes: Any) -> Recording:
    args: Any = MINIMAL | changes
    return record(lambda: AwsRotationFunction("it", args))


def _deployed(plan: Plan, monkeypatch: pytest.MonkeyPatch, without_value: Collection[str] = ()) -> Recording:
    def with_value(_: AwsPlace, names: Collection[str]) -> frozenset[str]:
        return frozenset(names) - set(without_value)

    monkeypatch.setattr(first_value, "with_value", with_value)
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)))


def test_a_function_has_safe_defaults() -> None:
    made = _made()
    inputs = made.named("it-function").inputs
    assert inputs["runtime"] == "python3.13"
    assert inputs["handler"] == "strongroom_rotation.handler.handle"
    assert inputs["environment"]["variables"] == {
        "ROTATION_STRATEGY": "mysql-single-user",
        "PASSWORD_LENGTH": "32",
        "EXCLUDE_CHARACTERS": "/@\"'\\`:;?#&%$ ",
    }
    assert "vpcConfig" not in inputs
    assert "reservedConcurrentExecutions" not in inputs
    assert made.named("it-logs").inputs["retentionInDays"] == 365
    assert {leaf.parent for leaf in made.leaves} == {"it"}


def test_a_function_can_be_called_by_secrets_manager_of_the_account_and_nobody_else() -> None:
    caller = _made().named("it-caller")
    assert caller.type == "aws:lambda/permission:Permission"
    assert caller.inputs == {
        "action": "lambda:InvokeFunction",
        "function": "rotate",
        "principal": "secretsmanager.amazonaws.com",
        "sourceAccount": ACCOUNT,
    }


def test_it_is_called_once_it_may_do_what_it_is_for_and_logs_where_it_should() -> None:
    made = _made(inline_policy="{}", managed_policies=["{}"])
    assert made.waits_for("it-caller") >= {"it-function", "it-policy", "it-attachment-1", "it-logs", "it-role"}


def test_its_role_is_assumed_by_lambda_only() -> None:
    trust = _made().named("it-role").inputs["assumeRolePolicy"]
    assert trust == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},'
        '"Action":"sts:AssumeRole"}]}'
    )


def test_a_strategy_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no strategy 'oracle-single-user' of rotation"):
        _made(strategy="oracle-single-user")


@pytest.mark.parametrize("strategy", ["redshift-single-user", "documentdb-alternating-users"])
def test_where_a_database_has_no_lock_one_rotation_runs_at_a_time(strategy: str) -> None:
    assert _made(strategy=strategy).named("it-function").inputs["reservedConcurrentExecutions"] == 1


def test_its_code_is_the_package_of_its_strategy() -> None:
    code = _made().named("it-function").inputs["code"]
    (archive,) = [value for value in code.values() if isinstance(value, dict)]
    assert archive.keys() == contents("mysql-single-user").keys()


def test_master_vpc_authorities_and_keys_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text("pem")
    made = _made(
        strategy="postgresql-alternating-users",
        master_secret_arn=MASTER,
        vpc={"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
        ca_file=str(tmp_path / "bundle.pem"),
        log_kms_key_arn="KEY",
        permissions_boundary_arn="BOUNDARY",
    )
    inputs = made.named("it-function").inputs
    assert inputs["environment"]["variables"]["MASTER_SECRET_ARN"] == MASTER
    assert inputs["vpcConfig"] == {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    assert "ca.pem" in str(inputs["code"])
    assert made.named("it-logs").inputs["kmsKeyId"] == "KEY"
    assert made.named("it-role").inputs["permissionsBoundary"] == "BOUNDARY"


def test_a_plan_becomes_functions_and_the_rotation_of_each_secret(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _deployed(plan, monkeypatch)
    assert {f.inputs["name"] for f in made.of(FUNCTION)} == {"prod-platform-orders", "prod-platform-reports"}
    rotations = {rotation.name: rotation.inputs for rotation in made.of(ROTATION)}
    assert rotations["prod-rotations-shop.orders"] == {
        "secretId": "prod-aws-shop.orders-id",
        "rotationLambdaArn": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:prod-platform-orders",
        "rotateImmediately": True,
        "rotationRules": {"automaticallyAfterDays": 30},
    }
    assert rotations["prod-rotations-shop.reports"]["rotationRules"] == {
        "scheduleExpression": "cron(0 2 ? * SUN *)",
        "duration": "3h",
    }
    assert "rotationLambdaArn" not in rotations["prod-rotations-shop.master"]
    assert rotations["prod-rotations-shop.partner"]["rotateImmediately"] is False


def test_secrets_are_rotated_once_their_function_can_be_called(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _deployed(plan, monkeypatch)
    before = made.waits_for("prod-rotations-shop.orders")
    assert {"prod-orders-caller", "prod-aws-shop.orders"} <= before


def test_the_keys_id_is_in_the_rights_of_the_role(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = _deployed(plan, monkeypatch).named("prod-orders-policy").inputs["policy"]
    assert ":key/KEY-ID" in policy
    assert "<main>" not in policy


def test_a_secret_without_a_value_is_not_rotated_and_that_is_said(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    made = _deployed(plan, monkeypatch, without_value=["prod/shop/orders"])
    assert "prod-rotations-shop.orders" not in {rotation.name for rotation in made.of(ROTATION)}
    assert "prod-rotations-shop.reports" in {rotation.name for rotation in made.of(ROTATION)}
    assert said == [
        "not rotated yet, as they have no value: shop/orders; write it with `strongroom values put`, and deploy again"
    ]


def test_a_file_that_is_missing_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path)
    folder.replace("environments/prod.yaml", "window: 3h", "window: 3h, ca_file: missing.pem")
    with pytest.raises(pulumi.RunError, match=r"there is no file missing\.pem"):
        _deployed(folder.plan("prod"), monkeypatch)


def test_no_version_is_ever_a_resource(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [r.type for r in _deployed(plan, monkeypatch).resources if "secretVersion" in r.type]


def test_days_and_an_expression_exclude_each_other() -> None:
    for rotation in ({}, {"automatically_after_days": 1, "schedule_expression": "rate(4 hours)"}):
        args: Any = {"rotations": {"s": {"secret_id": "s", **rotation}}}
        with pytest.raises(ValueError, match="exactly one of both"):
            record(lambda args=args: AwsSecretRotations("it", args))


@pytest.mark.engine
def test_which_secrets_have_a_value_is_asked_of_aws(servers: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    moto = servers.moto
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", moto.operator.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", moto.operator.secret_key)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = moto.client("secretsmanager")
    client.create_secret(Name="first-value/empty")
    client.create_secret(Name="first-value/full", SecretString="{}")
    place = AwsPlace(account=MOTO_ACCOUNT, region=REGION, partition="aws")
    names = ["first-value/full", "first-value/empty", "first-value/missing"]
    assert first_value.with_value(place, names) == {"first-value/full"}
    assert first_value.with_value(place, []) == frozenset()
    other = AwsPlace(account="999999999999", region=REGION, partition="aws")
    with pytest.raises(AwsError, match="these credentials belong to account"):
        first_value.with_value(other, names)
