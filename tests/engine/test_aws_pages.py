"""The examples of the pages about AWS, deployed by the real engine to an account of their number."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.toolchain import Toolchain
from support.docs import example
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

PAGES = ("secrets-manager", "kms", "iam", "audit", "parameter-store")
"""That about rotation needs a serverless application, of which moto has none; its function has tests of its own."""


CLUSTERS = ("prod", "prod-eu")
ROLES = ("legacy",)
"""What is there already for everybody who follows the pages."""
NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}]}'


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An account of its own for each page, as some name the same things."""
    account = Sandbox(tmp_path / "sandbox")
    account.moto.account = "111122223333"
    try:
        account.up(print, ["moto"])
        for cluster in CLUSTERS:
            account.moto.client("eks").create_cluster(
                name=cluster, roleArn="arn:aws:iam::111122223333:role/eks", resourcesVpcConfig={}
            )
        for role in ROLES:
            account.moto.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=NOBODY)
        yield account
    finally:
        account.down()


@pytest.mark.parametrize("page", PAGES)
def test_an_example_is_deployed_as_it_stands_and_then_stays(
    sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path, page: str
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    example(f"aws/{page}.md", project)
    manifest = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
    manifest["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
    (project / "stacks" / "__main__.py").write_bytes((ROOT / "stacks" / "__main__.py").read_bytes())
    deployment = Deployment(project, sandbox, "prod")
    engine = deployment.engine(toolchain, print)
    engine.configure({}, project / "stacks" / "Pulumi.prod.yaml")
    assert deployment.up(engine).changed
    assert not deployment.up(engine).changed
