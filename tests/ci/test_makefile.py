"""The Makefile: its help, and when it makes the environment anew."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.toolchain import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
PARTS = {"lint-python", "lint-types", "lint-workflows"}  # of `lint`, which has a line
PINS = [
    "requirements.lock",
    "pyproject.toml",
    *(f"{member}/pyproject.toml" for member in ("components", "policies", "sandbox")),
]


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # What an outer make hands down (this test runs below `make test`) is not for this one.
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=outer | variables, capture_output=True, text=True, check=False
    )


def test_help_is_the_default_and_lists_every_target() -> None:
    declared = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert declared
    targets = set(declared[1].replace("\\", "").split()) - {"FORCE"} - PARTS
    done = make(ROOT)
    assert {line.split()[0] for line in done.stdout.splitlines()} == targets
    assert done.stdout == make(ROOT, "help").stdout


def test_a_preview_without_a_stack_says_how_to_name_one(clone: Path) -> None:
    done = make(clone, "preview")
    assert done.returncode != 0
    assert "make preview STACK=dev" in done.stderr


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile, all that it pins, and an environment that was made there."""
    folder = tmp_path / "a clone"
    for name in PINS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
        os.utime(folder / name, (1, 1))
    shutil.copy(ROOT / "Makefile", folder)
    (folder / ".venv/bin").mkdir(parents=True)
    stand_in(folder / ".venv/bin/python", sys.executable)
    (folder / ".venv/.installed").write_text(str(folder.resolve()))
    return folder


def stand_in(path: Path, python: str) -> None:
    path.write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    path.chmod(0o755)


def installs(folder: Path, **variables: str) -> bool:
    """Whether `make check` would install anything first."""
    done = make(folder, "--dry-run", "check", *(f"{name}={value}" for name, value in variables.items()))
    assert done.returncode == 0, done.stderr
    assert "strongroom check" in done.stdout
    return "uv pip install" in done.stdout


def test_an_environment_that_fits_is_left_alone(clone: Path) -> None:
    assert not installs(clone)


def test_a_changed_lock_is_installed(clone: Path) -> None:
    (clone / "requirements.lock").write_text("changed")
    assert installs(clone)


def test_an_environment_that_was_moved_or_copied_is_made_anew(clone: Path) -> None:
    assert installs(shutil.copytree(clone, clone.with_name("elsewhere")))
    assert not installs(clone)


def test_an_installation_that_was_cut_short_is_made_anew(clone: Path) -> None:
    (clone / ".venv/.installed").unlink()
    assert installs(clone)


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Path) -> None:
    stand_in(clone / ".venv/bin/python", "/nowhere/python3")
    assert installs(clone)


def test_an_environment_without_pip_is_made_anew(clone: Path) -> None:
    (clone / ".venv/bin/python").write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    assert installs(clone)


def test_an_environment_of_another_python_than_the_one_asked_for_is_made_anew(clone: Path) -> None:
    other = clone / "python3.13"
    other.write_text("#!/bin/sh\necho Python 3.13.99\n")
    other.chmod(0o755)
    assert installs(clone, PYTHON=str(other).replace(" ", "\\ "))
    assert not installs(clone, PYTHON=sys.executable)


def test_a_python_that_is_too_old_is_named_with_the_remedy(clone: Path) -> None:
    shutil.rmtree(clone / ".venv")
    old = clone.parent / "old-python"
    old.write_text(f'#!/bin/sh\nshift\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 9, 1); $1"\n')
    old.chmod(0o755)
    done = make(clone, "check", f"PYTHON={old}")
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.13 and found 3.9; set PYTHON=" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_python_that_fits_is_found_beside_one_that_does_not(clone: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    stand_in(programs / "python3.12", sys.executable)
    (programs / "python3").chmod(0o755)
    shutil.rmtree(clone / ".venv")
    done = make(clone, "--dry-run", "check", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")
    assert re.search(r"python3\.1[123] -m venv --clear \.venv", done.stdout)
    assert not re.search(r"(?<![\w.])python3 -m venv", done.stdout)
