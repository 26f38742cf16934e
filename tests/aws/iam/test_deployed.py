"""Roles, keys and policies as the real engine deploys them to moto: what lies there is what the plan says, with the ids
that AWS drew; and judged by what lies there, each workload gets at its secrets and no others."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Policy, parse
from strongroom.aws.iam.plan import AwsWorkloadRole
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from strongroom_sandbox.toolchain import Toolchain
from support.aws_environment import FILES, PROD, SHOP
from support.deployed import Deployed, deploy, write_project
from support.iam import READ, answer
from support.sandbox import running

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


def _files() -> tuple[dict[str, Any], dict[str, Any]]:
    """The environment in moto's account, and the catalog; with a role for a user, and without EKS, which moto lacks."""
    text = {name: content.replace("111122223333", ACCOUNT) for name, content in FILES.items()}
    text[SHOP] = text[SHOP].replace(":user/legacy", ":role/legacy")
    environment: dict[str, Any] = yaml.safe_load(text[PROD])
    catalog: dict[str, Any] = yaml.safe_load(text[SHOP])
    del environment["aws"]["iam"]["clusters"]["eu"]
    # moto gives the copy of a key its aliases too, which AWS does not.
    del environment["aws"]["keys"]["main"]["replicas"], environment["stores"]["aws"]["aws_secrets_manager"]["replicas"]
    return environment, catalog


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    sandbox.moto.client("iam").create_role(RoleName="legacy", AssumeRolePolicyDocument=json.dumps(trust))
    environment, catalog = _files()
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [catalog])


def _policies(sandbox: Sandbox, role: str) -> tuple[Policy, ...]:
    iam = sandbox.moto.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    return tuple(parse(role, json.dumps(document)) for document in documents)


def test_a_second_deployment_changes_nothing(deployed: Deployed) -> None:
    again = deployed.up()
    assert set(again.changes) <= {"same"}, again


def test_each_role_is_where_the_plan_says_and_trusts_whom_it_says(sandbox: Sandbox, deployed: Deployed) -> None:
    found = sandbox.moto.client("iam").list_roles(PathPrefix="/strongroom/prod/")["Roles"]
    there = {role["RoleName"]: role for role in found}
    planned = deployed.plan.of(AwsWorkloadRole)
    assert sorted(there) == sorted(role.name for role in planned)
    for role in planned:
        assert there[role.name]["AssumeRolePolicyDocument"] == json.loads(role.trust_policy)


def test_documents_have_the_id_of_the_key_and_let_workloads_at_their_secrets(
    sandbox: Sandbox, deployed: Deployed
) -> None:
    kms, secrets = sandbox.moto.client("kms"), sandbox.moto.client("secretsmanager")
    key = kms.describe_key(KeyId="alias/prod/main")["KeyMetadata"]["Arn"]
    on_key = parse("key's", kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    stripe, mail = (secrets.describe_secret(SecretId=f"prod/shop/{name}")["ARN"] for name in ("stripe", "mail"))
    on_stripe = parse("secret's", secrets.get_resource_policy(SecretId=stripe)["ResourcePolicy"])
    for name, own, other in (
        ("prod.shop.web", stripe, mail),
        ("legacy", stripe, mail),
        ("prod.shop.node", mail, stripe),
    ):
        path = "" if name == "legacy" else "strongroom/prod/"
        caller = f"arn:aws:iam::{ACCOUNT}:role/{path}{name}"
        identity = _policies(sandbox, name)
        assert answer(Policies(identity=identity), READ, own, caller) == "allowed"
        assert answer(Policies(identity=identity, resource=on_stripe), READ, stripe, caller) == (
            "allowed" if own == stripe else "denied"
        )
        for secret, expected in ((own, "allowed"), (other, "denied")):
            said = {
                "kms__ViaService": f"secretsmanager.{REGION}.amazonaws.com",
                "kms__EncryptionContext:SecretARN": secret,
            }
            asked = answer(Policies(identity=identity, resource=on_key), "kms:Decrypt", key, caller, **said)
            assert asked == expected, (name, secret)


def test_secrets_and_keys_are_as_the_environment_says(sandbox: Sandbox, deployed: Deployed) -> None:
    kms = sandbox.moto.client("kms")
    key = kms.describe_key(KeyId="alias/prod/main")["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    assert sandbox.moto.client("secretsmanager").describe_secret(SecretId="prod/shop/stripe")["KmsKeyId"] in (
        "alias/prod/main",
        key["Arn"],
        key["KeyId"],
    )


def test_the_instance_profile_has_its_role(sandbox: Sandbox, deployed: Deployed) -> None:
    profile = sandbox.moto.client("iam").get_instance_profile(InstanceProfileName="prod.shop.node")["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == ["prod.shop.node"]


def test_a_teams_own_stack_finds_the_key_of_the_platforms(
    sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Documents of the team's slice have an id that it asks AWS for."""
    environment, catalog = _files()
    folder = tmp_path_factory.mktemp("slices")
    files = yaml.safe_load(yaml.safe_dump(environment).replace("prod", "stage"))
    write_project(folder, files, [yaml.safe_load(yaml.safe_dump(catalog).replace("prod", "stage"))])
    for name in ("platform", "shop"):
        settings = {"config": {"strongroom:environment": "stage", "strongroom:slice": name}}
        (folder / "stacks" / f"Pulumi.stage-{name}.yaml").write_text(yaml.safe_dump(settings))
        stack = Deployment(folder, sandbox, f"stage-{name}")
        engine = stack.engine(toolchain, print)
        engine.configure({"settings": sandbox.settings()}, folder / "stacks" / f"Pulumi.stage-{name}.yaml")
        stack.up(engine)
    key = sandbox.moto.client("kms").describe_key(KeyId="alias/stage/main")["KeyMetadata"]["Arn"]
    (policy,) = _policies(sandbox, "stage.shop.web")
    assert any(key in statement.resource for statement in policy.statements)
