"""The stand-in for `aws` under the real Pulumi engine, with a plain program."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from strongroom_sandbox.engine import Engine as Pulumi
from strongroom_sandbox.engine import EngineError
from strongroom_sandbox.servers.moto import ACCOUNT, Moto
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.pulumi_project import write_project
from support.stand_in import serving

from .conftest import BARE

pytestmark = pytest.mark.engine

VALUE = "hunter2-canary-value"
PROGRAM = """
    import json
    import pulumi
    import pulumi_aws as aws

    config = pulumi.Config()
    home = aws.Provider(
        "home", region="eu-central-1", allowed_account_ids=[config.require("account")],
        default_tags={"tags": {"environment": "dev"}},
    )
    west = aws.Provider("west", region="eu-west-1", allowed_account_ids=[config.require("account")])

    class Store(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("probe:index:Store", name, {}, opts)
            below = pulumi.ResourceOptions(parent=self, provider=home)
            here = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=home))
            key = aws.kms.Key(
                "key", description=config.require("description"), enable_key_rotation=True, multi_region=True,
                opts=below,
            )
            aws.kms.Alias("alias", name="alias/engine", target_key_id=key.key_id, opts=below)
            there = pulumi.ResourceOptions(parent=self, provider=west)
            aws.kms.ReplicaKey("replica", primary_key_arn=key.arn, opts=there)
            trust = {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
            ]}
            role = aws.iam.Role("role", name="engine", assume_role_policy=json.dumps(trust), opts=below)
            secret = aws.secretsmanager.Secret(
                "secret", name="engine/orders", description="of orders", kms_key_id=key.arn, recovery_window_in_days=0,
                opts=below,
            )
            rights = secret.arn.apply(lambda arn: json.dumps({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn},
            ]}))
            aws.iam.RolePolicy("rights", name="rights", role=role.name, policy=rights, opts=below)
            aws.ssm.Parameter(
                "parameter", name="/engine/orders", type=aws.ssm.ParameterType.SECURE_STRING, key_id=key.arn,
                value_wo=pulumi.Output.secret("to-be-replaced"), value_wo_version=1, opts=below,
            )
            aws.lambda_.Function(
                "rotation", name="engine", role=role.arn, runtime="python3.13", handler="app.handler", opts=below,
                code=pulumi.AssetArchive({"app.py": pulumi.StringAsset(config.require("code"))}),
            )
            self.register_outputs({"account": here.account_id, "secret": secret.arn})
            pulumi.export("account", here.account_id)

    Store("store")
"""
RESOURCES = 12  # the stack, two providers, the component, and what is in it


@dataclass(frozen=True)
class Deployment:
    """A stack, and the account it deploys to."""

    pulumi: Pulumi
    moto: Moto

    def configure(self, **changes: str) -> None:
        """Sets the program's settings."""
        self.pulumi.configure({"account": ACCOUNT, "description": "first", "code": "handler = 1"} | changes)


@pytest.fixture
def deployment(toolchain: Toolchain, moto: Moto, tmp_path: Path) -> Iterator[Deployment]:
    """A program with two providers, and nothing deployed yet."""
    project = write_project(tmp_path / "project", PROGRAM)
    work = tmp_path / "work"
    work.mkdir()
    with serving(moto.credentials_file, BARE | moto.environment(), "aws") as engine:
        pulumi = Pulumi(toolchain, project, "dev", work, providers={"aws": engine.port})
        deployment = Deployment(replace(pulumi, console=print), moto)
        deployment.configure()
        yield deployment


def test_a_program_is_previewed_deployed_settles_is_refreshed_updated_and_destroyed(deployment: Deployment) -> None:
    pulumi, moto = deployment.pulumi, deployment.moto
    assert pulumi.preview().changes == {"create": RESOURCES}
    assert moto.client("secretsmanager").list_secrets()["SecretList"] == []
    assert pulumi.up().changes == {"create": RESOURCES}
    assert pulumi.outputs()["account"] == ACCOUNT
    assert moto.client("secretsmanager").describe_secret(SecretId="engine/orders")["Tags"] == [
        {"Key": "environment", "Value": "dev"}
    ]
    assert pulumi.up().changed == 0

    # Values come from elsewhere, and go nowhere: not with a refresh, nor into the state.
    moto.client("secretsmanager").put_secret_value(SecretId="engine/orders", SecretString=VALUE)
    put = {"Name": "/engine/orders", "Value": VALUE, "Type": "SecureString", "Overwrite": True}
    moto.client("ssm").put_parameter(**put)
    assert pulumi.refresh().changed == 0
    assert pulumi.up().changed == 0
    assert canary.files_with(VALUE, pulumi.work) == []

    deployment.configure(description="second", code="handler = 2")
    assert pulumi.up().changes == {"update": 2, "same": RESOURCES - 2}
    assert moto.client("ssm").get_parameter(Name="/engine/orders", WithDecryption=True)["Parameter"]["Value"] == VALUE
    assert pulumi.up("--refresh").changed == 0

    assert pulumi.destroy().changes == {"delete": RESOURCES}
    assert moto.client("secretsmanager").list_secrets()["SecretList"] == []


def test_with_credentials_of_another_account_nothing_is_made(deployment: Deployment) -> None:
    deployment.configure(account="999999999999")
    with pytest.raises(EngineError) as failed:
        deployment.pulumi.up()
    assert failed.value.result is not None
    told = failed.value.result.console.read_text()
    assert f"the credentials belong to account {ACCOUNT}" in told
    assert "allowed is 999999999999" in told
    assert deployment.moto.client("secretsmanager").list_secrets()["SecretList"] == []


def test_the_engine_tells_what_somebody_else_changed(deployment: Deployment) -> None:
    deployment.pulumi.up()
    deployment.moto.client("secretsmanager").update_secret(SecretId="engine/orders", Description="by hand")
    deployment.moto.client("iam").delete_role_policy(RoleName="engine", PolicyName="rights")
    changes = deployment.pulumi.up("--refresh").changes
    assert changes["create"] == 1
    assert changes["update"] == 1
    assert deployment.pulumi.up("--refresh").changed == 0
    deployment.pulumi.destroy()
