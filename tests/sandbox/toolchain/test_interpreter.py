"""The runtime options that choose a Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from strongroom_sandbox.toolchain.language_host.interpreter import Interpreter, OptionError, choose


def virtualenv(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch(mode=0o755)
    return folder


@pytest.mark.parametrize("options", [{}, {"toolchain": "pip"}, {"virtualenv": ""}, {"typechecker": "mypy"}])
def test_without_options_it_is_the_hosts_own(tmp_path: Path, options: dict[str, object]) -> None:
    assert choose(options, tmp_path, tmp_path) == Interpreter(Path(sys.executable), None)


def test_a_virtualenv_is_relative_to_the_project(tmp_path: Path) -> None:
    expected = virtualenv(tmp_path / "envs" / "one")
    chosen = choose({"virtualenv": "envs/one"}, tmp_path, tmp_path / "stacks")
    assert chosen == Interpreter(expected / "bin" / "python", expected)


def test_a_virtualenv_can_be_absolute(tmp_path: Path) -> None:
    expected = virtualenv(tmp_path / "elsewhere")
    chosen = choose({"virtualenv": str(expected)}, tmp_path / "project", tmp_path / "project")
    assert chosen.virtualenv == expected


def test_uv_finds_the_environment_of_the_workspace_above_the_program(tmp_path: Path) -> None:
    expected = virtualenv(tmp_path / ".venv")
    assert choose({"toolchain": "uv"}, tmp_path / "a", tmp_path / "a" / "b").virtualenv == expected


def test_a_missing_virtualenv_names_the_path_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"\.venv of .* does not exist.*create it"):
        choose({"virtualenv": ".venv"}, tmp_path, tmp_path)


@pytest.mark.parametrize("toolchain", ["poetry", "conda", 3])
def test_another_toolchain_is_refused_with_what_is_supported(tmp_path: Path, toolchain: object) -> None:
    with pytest.raises(OptionError, match="pip and uv"):
        choose({"toolchain": toolchain}, tmp_path, tmp_path)


def test_the_environment_is_activated_as_a_shell_would(tmp_path: Path) -> None:
    folder = virtualenv(tmp_path / ".venv")
    environment = choose({"virtualenv": ".venv"}, tmp_path, tmp_path).environment(
        {"PATH": "/usr/bin", "PYTHONHOME": "/x", "KEPT": "yes"}
    )
    assert environment == {"PATH": f"{folder}/bin:/usr/bin", "VIRTUAL_ENV": str(folder), "KEPT": "yes"}


def test_without_a_virtualenv_the_environment_is_left_alone(tmp_path: Path) -> None:
    assert choose({}, tmp_path, tmp_path).environment({"PATH": "/usr/bin"}) == {"PATH": "/usr/bin"}
