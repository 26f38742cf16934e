"""Our language host under the real engine, and what it does when it is stopped or abandoned."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from strongroom_sandbox.engine import Engine, EngineError
from strongroom_sandbox.toolchain import Toolchain
from strongroom_sandbox.toolchain.pulumi import place
from support.pulumi_project import COMPONENT, write_project

pytestmark = pytest.mark.engine

Make = Callable[..., Engine]


@pytest.fixture(scope="session")
def own_host(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """The CLI with our language host, also on a machine that has the official one."""
    return place(toolchain.pulumi, tmp_path_factory.mktemp("toolchain"), "own")


@pytest.fixture
def make(own_host: Toolchain, tmp_path: Path) -> Make:
    """Makes an engine for a program; the stack is `dev` of project `probe`."""

    def make(program: str, *, settings: str = "", files: dict[str, str] | None = None, **more: object) -> Engine:
        work = tmp_path / "work"
        work.mkdir()
        project = write_project(tmp_path / "project", program, settings=settings, **(files or {}))
        # Not from PATH, where an official one would come first: the language host beside the program.
        variables = {"PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}
        engine = Engine(own_host, project, "dev", work, variables=variables, **more)  # type: ignore[arg-type]
        engine.configure({})
        return engine

    return make


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Poll a condition of another process; the time is a limit for a broken test only."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


# Programs.


def test_a_program_is_previewed_deployed_refreshed_and_destroyed(make: Make) -> None:
    engine = make(COMPONENT + '\n    Probe("one")\n')
    assert engine.preview().changes == {"create": 2}
    assert engine.up().changes == {"create": 2}
    assert engine.refresh("--run-program").changes == {"same": 2}
    assert engine.destroy().changes == {"delete": 2}


def test_output_is_shown_while_the_program_runs(make: Make, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = f"""
        import pathlib, time
        print("before")
        while not pathlib.Path({str(seen)!r}).exists():
            time.sleep(0.05)
    """
    # Buffered until its end, the program would wait for ever.
    make(program, console=lambda line: seen.touch() if "before" in line else None).up()


def test_both_output_streams_are_shown_and_nothing_else(make: Make) -> None:
    engine = make('import sys\nprint("to stdout")\nprint("to stderr", file=sys.stderr)')
    text = engine.up().console.read_text()
    diagnostics = text[text.index("Diagnostics:") : text.index("Resources:")].split("\n")
    assert sorted(filter(None, map(str.strip, diagnostics[2:]))) == ["to stderr", "to stdout"]
    assert "warning" not in text


def test_an_exception_shows_its_traceback_once_from_the_programs_own_line_on(make: Make) -> None:
    engine = make('def fail():\n    raise ValueError("no luck")\n\nfail()')
    text = engine.up(check=False).console.read_text()
    trace = text[text.index("Traceback") :]
    assert text.count("ValueError: no luck") == 1
    assert text.count("Traceback") == 1
    assert trace.splitlines()[1].strip().startswith(f'File "{engine.project}/__main__.py", line 4')
    assert "site-packages" not in trace
    assert "exit code" not in text


def test_a_failure_in_an_output_function_is_reported_too(make: Make) -> None:
    program = "import pulumi\npulumi.Output.from_input(1).apply(lambda _: [][0])"
    result = make(program).up(check=False)
    assert result.exit_code != 0
    assert "IndexError" in result.console.read_text()


def test_a_run_error_shows_its_message_without_a_traceback(make: Make) -> None:
    text = make('import pulumi\nraise pulumi.RunError("change the setting")').up(check=False).console.read_text()
    assert "error: change the setting" in text
    assert "Traceback" not in text


def test_a_program_that_exits_by_itself_is_reported_with_its_exit_code(make: Make) -> None:
    result = make("raise SystemExit(3)").up(check=False)
    assert result.exit_code != 0
    assert "Program exited with non-zero exit code: 3" in result.console.read_text()


def test_a_program_that_is_killed_is_reported_with_the_signal(make: Make) -> None:
    result = make("import os\nos.kill(os.getpid(), 9)").up(check=False)
    assert "Program was killed by signal 9" in result.console.read_text()


def test_a_folder_without_a_program_is_reported_with_its_path(make: Make) -> None:
    engine = make("")
    (engine.project / "__main__.py").unlink()
    text = engine.up(check=False).console.read_text()
    assert f"there is no __main__.py in {engine.project}" in text


def test_config_reaches_the_program_with_secrets_marked(make: Make) -> None:
    engine = make(
        """
        import pulumi
        config = pulumi.Config()
        pulumi.export("plain", config.require("plain"))
        pulumi.export("secret", config.get_secret("hidden"))
        pulumi.export("marked", pulumi.runtime.is_config_secret("probe:hidden"))
        pulumi.export("stack", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
        pulumi.export("root", pulumi.get_root_directory())
        """
    )
    engine.configure({"plain": "value"})
    engine.set_secret("hidden", "a hidden value")
    engine.up()
    assert engine.outputs() == {
        "plain": "value",
        "secret": "[secret]",
        "marked": True,
        "stack": "organization/probe/dev",
        "root": str(engine.project),
    }


def test_a_main_folder_and_its_modules_are_found(make: Make) -> None:
    engine = make("raise SystemExit(1)", settings="main: inner/\n")
    write_project(engine.project / "inner", "import helper", manifest="unused.yaml", helper='print("helped")')
    assert "helped" in engine.up().console.read_text()


def test_a_main_file_and_the_modules_beside_it_are_found(make: Make) -> None:
    files = {"entry": "import helper", "helper": 'print("helped")'}
    engine = make("raise SystemExit(1)", settings="main: entry.py\n", files=files)
    assert "helped" in engine.up().console.read_text()


def test_modules_of_the_host_are_not_importable_by_programs(make: Make) -> None:
    assert "No module named 'interpreter'" in make("import interpreter").up(check=False).console.read_text()


def fake_virtualenv(folder: Path) -> None:
    """A virtual environment whose Python is this one, and says that it was used."""
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexport FAKE_VIRTUALENV=used\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)


@pytest.mark.parametrize("options", ["{virtualenv: .venv}", "{toolchain: pip, virtualenv: .venv}", "{toolchain: uv}"])
def test_the_virtual_environment_of_the_project_runs_the_program(make: Make, options: str) -> None:
    program = 'import os\nprint(os.environ["FAKE_VIRTUALENV"], os.environ["VIRTUAL_ENV"])'
    engine = make(program, settings=f"runtime: {{name: python, options: {options}}}\n")
    fake_virtualenv(engine.project / ".venv")
    assert f"used {engine.project / '.venv'}" in engine.up().console.read_text()


def test_a_missing_virtual_environment_is_an_error_with_its_path(make: Make) -> None:
    engine = make("", settings="runtime: {name: python, options: {virtualenv: .missing}}\n")
    with pytest.raises(EngineError, match=r"/project/\.missing .*does not exist"):
        engine.up()


# Plugins.

REFUSING_PACK = """
    from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

    def validate(args, report):
        if args.resource_type == "probe:index:Probe":
            report("no probes here")

    PolicyPack("pack", [ResourceValidationPolicy("no-probes", "No probes.", validate, EnforcementLevel.MANDATORY)])
"""


def test_a_policy_pack_refuses_and_lets_pass(make: Make, tmp_path: Path) -> None:
    pack = write_project(tmp_path / "pack", REFUSING_PACK, manifest="PulumiPolicy.yaml")
    engine = make(COMPONENT + '\n    if pulumi.Config().get("probe"):\n        Probe("one")\n', policy_packs=[pack])
    engine.up()
    engine.configure({"probe": "yes"})
    for command in (engine.preview, engine.up):
        result = command(check=False)
        assert result.exit_code != 0
        assert "no probes here" in result.console.read_text()


def test_a_policy_pack_honours_its_own_virtual_environment(make: Make, tmp_path: Path) -> None:
    pack = write_project(
        tmp_path / "pack",
        'import os\nassert os.environ["FAKE_VIRTUALENV"] == "used"' + REFUSING_PACK.replace("\n    ", "\n"),
        manifest="PulumiPolicy.yaml",
        settings="runtime: {name: python, options: {virtualenv: .venv}}\n",
    )
    fake_virtualenv(pack / ".venv")
    engine = make(COMPONENT + '\n    Probe("one")\n', policy_packs=[pack])
    assert "no probes here" in engine.preview(check=False).console.read_text()


def test_a_policy_pack_that_does_not_start_shows_why(make: Make, tmp_path: Path) -> None:
    pack = write_project(tmp_path / "pack", 'raise ValueError("broken pack")', manifest="PulumiPolicy.yaml")
    text = make("", policy_packs=[pack]).preview(check=False).console.read_text()
    assert "broken pack" in text


PACKAGE = """
    from typing import Optional, TypedDict

    import pulumi

    class BoxArgs(TypedDict):
        size: pulumi.Input[int]

    class Box(pulumi.ComponentResource):
        size: pulumi.Output[int]

        def __init__(self, name: str, args: BoxArgs, opts: Optional[pulumi.ResourceOptions] = None):
            super().__init__("box:index:Box", name, {}, opts)
            self.size = pulumi.Output.from_input(args["size"])
            self.register_outputs({"size": self.size})
"""
HOST = """
    from box import Box
    from pulumi.provider.experimental import component_provider_host

    component_provider_host(name="box", components=[Box])
"""


def get_schema(engine: Engine, package: Path, **variables: str) -> dict[str, object]:
    done = subprocess.run(
        [str(engine.toolchain.pulumi), "package", "get-schema", str(package)],
        cwd=engine.project,
        env=engine.environment() | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    schema: dict[str, object] = json.loads(done.stdout)
    return schema


def test_a_component_package_with_a_main_file_shows_its_schema(make: Make, tmp_path: Path) -> None:
    package = write_project(tmp_path / "box", HOST, manifest="PulumiPlugin.yaml", box=PACKAGE)
    resources = get_schema(make(""), package)["resources"]
    assert isinstance(resources, dict)
    assert list(resources) == ["box:index:Box"]


def test_a_component_package_without_a_main_file_is_found_by_its_name(make: Make, tmp_path: Path) -> None:
    package = write_project(tmp_path / "box", "", manifest="PulumiPlugin.yaml", box=PACKAGE)
    (package / "__main__.py").unlink()
    (package / "pyproject.toml").write_text('[project]\nname = "box"\n[build-system]\nrequires = []\n')
    resources = get_schema(make(""), package, PYTHONPATH=str(package))["resources"]
    assert isinstance(resources, dict)
    assert list(resources) == ["box:index:Box"]


def test_a_program_uses_a_component_of_a_package(make: Make, tmp_path: Path) -> None:
    package = write_project(tmp_path / "box", HOST, manifest="PulumiPlugin.yaml", box=PACKAGE)
    program = """
        import pulumi
        box = pulumi.ComponentResource("box:index:Box", "one", {"size": 3}, remote=True)
    """
    settings = f"plugins:\n  providers:\n    - {{name: box, path: {json.dumps(str(package))}}}\n"
    engine = make(program, settings=settings)
    assert engine.up().changes["create"] >= 2
    urns = [resource["urn"] for resource in engine.export()["deployment"]["resources"]]
    assert "urn:pulumi:dev::probe::box:index:Box::one" in urns


# The end.

ENDLESS = """
    import os, pathlib, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path(os.environ["PIDS"]).write_text(f"{os.getpid()} {child.pid} {os.getppid()}")
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_pulumi(make: Make, tmp_path: Path, number: signal.Signals) -> None:
    pids = tmp_path / "pids"
    engine = make(ENDLESS)
    process = subprocess.Popen(
        [
            *(str(engine.toolchain.pulumi), "up", "--yes", "--skip-preview", "--non-interactive"),
            *("--stack", "dev", "--config-file", str(engine.config_file)),
        ],
        cwd=engine.project,
        env=engine.environment() | {"PIDS": str(pids)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 3)
    program, child, host = map(int, pids.read_text().split())
    assert "language_host" in " ".join(psutil.Process(host).cmdline())
    process.send_signal(number)
    process.wait(timeout=60)
    wait_until(lambda: not any(alive(pid) for pid in (program, child, host)))


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_host_prints_its_port_and_nothing_else_and_ends_cleanly(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "strongroom_sandbox.toolchain.language_host", "127.0.0.1:1"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as host:
        assert host.stdout is not None
        assert int(host.stdout.readline()) > 0
        os.kill(host.pid, number)
        assert host.communicate(timeout=30) == ("", "")
    assert host.returncode == 0
