"""Rotation as the real engine deploys it to moto, and then used: the function's own configuration and rights, against a
real PostgreSQL. moto runs no function, so its package is tested apart, and its steps are called here."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import parse
from strongroom.aws.rotation.package import HANDLER
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION, Moto
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.edit import edit
from support.iam import answer
from support.rotation import Bench, function_arn
from support.sandbox import running

pytestmark = pytest.mark.engine

FUNCTION = "prod-platform-orders"
FIELDS = ["engine", "host", "port", "dbname", "username", "password"]
YOURS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate"
"""A function that is there before, as `function_arn` makes one."""
ENVIRONMENT: dict[str, Any] = {
    "environment": "prod",
    "default_store": "aws",
    "stores": {"aws": {"aws_secrets_manager": {"kms_key": "main"}}},
    "aws": {"account": ACCOUNT, "region": REGION, "keys": {"main": {}}},
    "rotators": {"orders": {"aws_rotation": {"strategy": "postgresql-single-user"}}},
    "protect": False,
}
CATALOG: dict[str, Any] = {
    "team": "shop",
    "secrets": {
        "orders-db": {"fields": FIELDS, "rotate_every": "30d", "rotator": "orders"},
        "other": {"fields": ["token"]},
    },
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """With signatures unchecked, for the reason that `signatures_unchecked` gives, whatever starts moto again."""
    check = Moto._authenticate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Moto, "_authenticate", lambda moto, _: check(moto, False))
        with running(tmp_path_factory.mktemp("sandbox"), "moto", "postgres") as started:
            yield started


@pytest.fixture(scope="module")
def ours(sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """An environment with Strongroom's own function."""
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), ENVIRONMENT, [CATALOG])


@pytest.fixture(scope="module")
def yours(sandbox: Sandbox, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """An environment with a function that was there before."""
    assert function_arn(sandbox) == YOURS
    function = {"function_arn": YOURS, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/rotate"}
    environment = ENVIRONMENT | {"environment": "stage", "rotators": {"orders": {"aws_function": function}}}
    return deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [CATALOG])


def test_nothing_rotates_before_its_first_value_and_then_it_really_does(sandbox: Sandbox, yours: Deployed) -> None:
    client, name = sandbox.moto.client("secretsmanager"), "stage/shop/orders-db"
    assert not client.describe_secret(SecretId=name).get("RotationEnabled")

    bench = Bench(sandbox, function=YOURS)
    first = bench.user()
    client.put_secret_value(SecretId=name, SecretString=json.dumps(first))
    yours.up()

    described = client.describe_secret(SecretId=name)
    assert described["RotationEnabled"]
    assert described["RotationLambdaARN"] == YOURS
    (token,) = [version for version, labels in described["VersionIdsToStages"].items() if "AWSPENDING" in labels]
    bench.run(described["ARN"], token)
    new = bench.fields(name)
    assert bench.logs_in(new)
    assert not bench.logs_in(first)

    again = yours.up()
    assert set(again.changes) <= {"same"}, again
    assert bench.fields(name) == new, "nobody writes an old value over the live one"

    edit(yours.deployment.project / "stacks/catalog/shop.yaml", "    rotator: orders\n", "")
    yours.up()
    assert not client.describe_secret(SecretId=name).get("RotationEnabled"), "without a rotator nothing rotates"
    assert bench.fields(name) == new


def test_our_function_rotates_with_the_configuration_that_it_was_deployed_with(
    sandbox: Sandbox, ours: Deployed
) -> None:
    deployed = sandbox.moto.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    assert deployed["Handler"] == HANDLER
    bench = Bench(sandbox, function=deployed["FunctionArn"])
    bench.environment |= deployed["Environment"]["Variables"]
    secret = bench.secret(bench.user())
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))


def test_its_role_may_rotate_its_secret_and_no_other(sandbox: Sandbox, ours: Deployed) -> None:
    iam, client, kms = (sandbox.moto.client(service) for service in ("iam", "secretsmanager", "kms"))
    role = "prod.platform.orders"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    policies = Policies(identity=(parse(role, json.dumps(document)),))
    caller = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/{role}"
    own, other = (client.describe_secret(SecretId=f"prod/shop/{n}")["ARN"] for n in ("orders-db", "other"))
    for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"):
        assert answer(policies, f"secretsmanager:{action}", own, caller) == "allowed"
        assert answer(policies, f"secretsmanager:{action}", other, caller) == "denied"
    assert answer(policies, "secretsmanager:DeleteSecret", own, caller) == "denied"
    key = kms.describe_key(KeyId="alias/prod/main")["KeyMetadata"]["Arn"]
    policies = Policies(
        identity=policies.identity,
        resource=parse("key's", kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
    )
    for secret, expected in ((own, "allowed"), (other, "denied")):
        said = {"kms__ViaService": f"secretsmanager.{REGION}.amazonaws.com", "kms__EncryptionContext:SecretARN": secret}
        assert answer(policies, "kms:Decrypt", key, caller, **said) == expected
