"""What is loaded when: a stack loads the provider SDKs that it uses, and checking or planning loads none at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROVIDER_SDKS = ("pulumi_aws", "pulumi_azure_native", "pulumi_gcp", "pulumi_kubernetes", "pulumi_vault")

LOADED = "; import json, sys; print(json.dumps(sorted(sys.modules)))"
NO_SOCKETS = """
import sys
def refuse(event, arguments):
    if event.startswith("socket.") or event == "urllib.Request":
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
"""


def _loaded_by(program: str) -> set[str]:
    """The modules that are loaded in a process after it ran a program."""
    done = subprocess.run(
        [sys.executable, "-c", program + LOADED.replace("; ", "\n", 2)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def _run(environment: str) -> str:
    return (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})\n"
        "from pathlib import Path\nfrom support.mocks import record\nfrom strongroom.program import run\n"
        "from support.projects import EXAMPLE_VALUES\n"
        f"made = record(lambda: run(Path({str(ROOT)!r})), stack={environment!r},"
        f" config={{'strongroom:environment': {environment!r}}}, secret_config=EXAMPLE_VALUES)\n"
        "assert made.leaves\n"
    )


@pytest.mark.parametrize("environment", ["sandbox", "dev", "staging", "prod"])
def test_a_stack_on_vault_loads_vaults_sdk_and_no_other(environment: str) -> None:
    loaded = _loaded_by(_run(environment))
    assert [sdk for sdk in PROVIDER_SDKS if sdk in loaded] == ["pulumi_vault"]


def test_the_program_itself_loads_no_sdk_before_it_knows_the_plan() -> None:
    assert not _loaded_by("import strongroom.program") & set(PROVIDER_SDKS)


@pytest.mark.parametrize("room", ["spec", "plan", "access"])
def test_a_pure_room_loads_no_pulumi(room: str) -> None:
    files = sorted((ROOT / "components/strongroom" / room).rglob("*.py"))
    names = [file.relative_to(ROOT / "components").with_suffix("") for file in files if file.stem != "__init__"]
    modules = [".".join(name.parts) for name in names]
    assert modules
    loaded = _loaded_by(NO_SOCKETS + "\n".join(f"import {module}" for module in modules))
    assert not {name for name in loaded if name.partition(".")[0].startswith(("pulumi", "boto"))}


def test_checking_and_planning_every_stack_opens_no_socket_and_loads_no_pulumi() -> None:
    program = (
        "from pathlib import Path\nfrom strongroom.project import Project\n"
        f"plans = Project.read(Path({str(ROOT)!r})).check()\nassert set(plans) >= {{'dev', 'prod'}}\n"
        "assert all(plan.as_json() for plan in plans.values())\n"
    )
    loaded = _loaded_by(NO_SOCKETS + program)
    assert not {name for name in loaded if name.partition(".")[0].startswith("pulumi")}
    assert not loaded & {"hvac", "requests", "grpc"}


def test_importing_the_public_components_touches_neither_network_nor_runtime() -> None:
    loaded = _loaded_by(
        NO_SOCKETS + "import strongroom.exports, pulumi\nassert pulumi.runtime.settings.get_root_resource() is None\n"
    )
    assert [sdk for sdk in PROVIDER_SDKS if sdk in loaded] == ["pulumi_vault"]
