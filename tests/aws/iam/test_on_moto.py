"""The documents of a plan on moto: it takes them as they are, and boto3 does with their actions what it has to, and no
more.

moto is asked about actions alone: it takes every request for one on `*`, and `?` for a regular expression. Resources,
conditions and policies of secrets are judged by our evaluator in the other tests.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from strongroom.access.aws.statement import parse
from strongroom.aws.iam.plan import AwsSecretPolicy, AwsWorkloadRole
from strongroom.aws.kms.key_ids import with_ids
from strongroom.aws.kms.plan import KmsKey
from strongroom.plan.plan import Plan
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import ACCOUNT, REGION
from support.aws import refusal
from support.aws_environment import FILES
from support.projects import ProjectFolder
from support.sandbox import running

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), "moto") as started:
        yield started


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The environment, in moto's account."""
    folder: Path = tmp_path_factory.mktemp("project")
    files = {name: text.replace("111122223333", ACCOUNT) for name, text in FILES.items()}
    assert f"region: {REGION}" in files["environments/prod.yaml"]
    return ProjectFolder(folder, files).plan("prod")


@pytest.fixture(scope="module")
def key_id(sandbox: Sandbox, plan: Plan) -> str:
    """A key with the policy of the plan."""
    made = sandbox.moto.client("kms").create_key(Policy=plan.of(KmsKey)[0].policy, MultiRegion=True)
    return str(made["KeyMetadata"]["KeyId"])


@pytest.fixture(scope="module")
def arn(sandbox: Sandbox, key_id: str) -> str:
    """A secret with a value."""
    secrets = sandbox.moto.client("secretsmanager")
    return str(secrets.create_secret(Name="prod/shop/stripe", SecretString="{}", KmsKeyId=key_id)["ARN"])


def _actions_alone(document: str) -> str:
    """A document as moto can judge it: with everything, whatever the condition."""
    allowed = [{"Effect": s.effect, "Action": list(s.action), "Resource": "*"} for s in parse("p", document).statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


def test_roles_and_policies_are_taken_as_they_are(sandbox: Sandbox, plan: Plan, key_id: str) -> None:
    iam = sandbox.moto.client("iam")
    for role in plan.of(AwsWorkloadRole):
        iam.create_role(RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=role.trust_policy)
        document = with_ids(role.inline_policy or "", {"main": key_id})
        iam.put_role_policy(RoleName=role.name, PolicyName=role.name, PolicyDocument=document)
        iam.create_policy(PolicyName=f"{role.name}-1", Path=role.path, PolicyDocument=document)
    assert len(iam.list_roles(PathPrefix="/strongroom/prod/")["Roles"]) == 5


def test_the_policy_of_a_secret_is_taken_as_it_is(sandbox: Sandbox, plan: Plan, arn: str) -> None:
    (policy,) = (p.policy for p in plan.of(AwsSecretPolicy) if p.secret == "shop/stripe")
    secrets = sandbox.moto.client("secretsmanager")
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy, BlockPublicPolicy=True)
    assert secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"] == policy


@pytest.mark.parametrize(
    ("workload", "may"),
    [
        ("web", {"read", "describe", "get_parameter"}),
        ("release", {"write", "describe"}),
        ("batch", {"get_parameter", "put_parameter"}),
        ("node", {"read", "describe"}),
    ],
)
def test_who_has_the_documents_of_a_role_may_what_they_say(
    sandbox: Sandbox, plan: Plan, key_id: str, arn: str, workload: str, may: set[str]
) -> None:
    (role,) = (r for r in plan.of(AwsWorkloadRole) if r.workload == f"shop/{workload}")
    user = sandbox.moto.user(f"as-{workload}", _actions_alone(role.inline_policy or ""))
    secrets, parameters = (sandbox.moto.client(service, user) for service in ("secretsmanager", "ssm"))
    name = "/prod/shop/smtp/password"
    sandbox.moto.client("ssm").put_parameter(Name=name, Value="v", Type="SecureString", KeyId=key_id, Overwrite=True)
    requests: dict[str, Callable[[], Any]] = {
        "read": lambda: secrets.get_secret_value(SecretId=arn),
        "describe": lambda: secrets.describe_secret(SecretId=arn),
        "write": lambda: secrets.put_secret_value(SecretId=arn, SecretString="{}"),
        "stage": lambda: secrets.update_secret_version_stage(SecretId=arn, VersionStage="X"),
        "list": secrets.list_secrets,
        "get_parameter": lambda: parameters.get_parameter(Name=name, WithDecryption=True),
        "by_path": lambda: parameters.get_parameters_by_path(Path="/prod"),
        "put_parameter": lambda: parameters.put_parameter(Name=name, Value="w", Type="SecureString", Overwrite=True),
    }
    refused = {what for what, request in requests.items() if refusal(request) in {"403", "AccessDenied"}}
    assert requests.keys() - refused == may
