"""Without a cloud's extra, its stores say what to install, and all else works."""

import subprocess
import sys
from pathlib import Path

import pytest

from strongroom.errors import StrongroomError
from strongroom.extras import load
from support.docs import example
from support.toolchain import ROOT

WITHOUT = "import sys\nfor name in {names!r}: sys.modules[name] = None\nsys.path.insert(0, {tests!r})\n"


def _run(program: str, *names: str) -> str:
    """What a program prints in an interpreter where these packages are not installed."""
    text = WITHOUT.format(names=names, tests=str(ROOT / "tests")) + program
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_values_of_aws_without_boto3(tmp_path: Path) -> None:
    example("aws/secrets-manager.md", tmp_path)
    said = _run(
        "from pathlib import Path\nfrom strongroom.errors import StrongroomError\n"
        "from strongroom.project import Project\nfrom strongroom.values.channel import declared\n"
        "from strongroom.values.stores import Stores\n"
        f"project = Project.read(Path({str(tmp_path)!r}))\nplan = project.plan('prod')\n"
        "try: Stores(project, 'prod', plan)(declared(plan)[0])\n"
        "except StrongroomError as error: print(error)\n",
        "boto3",
        "botocore",
    )
    assert "is not installed, which aws.secrets_manager.secret needs: `pip install 'strongroom[aws]'`" in said


def test_a_deployment_without_the_sdk_of_its_cloud(tmp_path: Path) -> None:
    example("gcp/secret-manager.md", tmp_path)
    said = _run(
        "import pulumi\nfrom pathlib import Path\nfrom support.mocks import record\n"
        "from strongroom.program import run\nconfig = {'strongroom:environment': 'prod'}\n"
        f"try: record(lambda: run(Path({str(tmp_path)!r})), stack='prod', config=config)\n"
        "except pulumi.RunError as error: print(error)\n",
        "pulumi_gcp",
    )
    assert said == "pulumi_gcp is not installed, which gcp needs: `pip install 'strongroom[gcp]'`\n"


def test_public_components_of_other_systems_are_there() -> None:
    said = _run("from strongroom.exports import components\nprint(len(components()))\n", "pulumi_azure_native")
    assert int(said) > 40


@pytest.mark.parametrize(
    ("kind", "place"), [("vault.kv.secret", "a_client_of_vault:Client"), ("aws.kms.key", "strongroom.aws.nothing:Key")]
)
def test_what_is_no_clouds_extra_is_an_error_as_it_stands(kind: str, place: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        load(kind, place)
    with pytest.raises(StrongroomError, match="a_client_of_aws is not installed"):
        load("aws.kms.key", "a_client_of_aws.session:Session")
