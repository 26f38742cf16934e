"""`.ci/run`: it runs both parts whatever fails, and its last line is pytest's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.toolchain import ROOT

PASSED = "======= 3 passed in 0.42s ======="
FAILED = "======= 1 failed, 2 passed in 61.00s (0:01:01) ======="


def run(folder: Path, lint: str, test: str) -> tuple[int, str, str]:
    """Runs it with a Makefile whose two targets are the given commands."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", folder / ".ci")
    (folder / "Makefile").write_text(f"lint:\n\t@{lint}\ntest:\n\t@{test}\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    # From elsewhere, as a CI system may.
    done = subprocess.run([folder / ".ci/run"], cwd="/", env=clean, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_success_ends_with_pytests_closing_line(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "echo linted", f"echo '{PASSED}'")
    assert code == 0
    assert "linted" in out
    assert out.splitlines()[-1] == PASSED


@pytest.mark.parametrize(
    ("lint", "test", "closing", "failed"),
    [
        ("false", f"echo '{PASSED}'", PASSED, ["lint"]),
        ("true", f"echo '{FAILED}'; false", FAILED, ["test"]),
        ("false", f"echo '{FAILED}'; false", FAILED, ["lint", "test"]),
    ],
)
def test_either_failure_fails_it_and_both_are_seen(
    lint: str, test: str, closing: str, failed: list[str], tmp_path: Path
) -> None:
    code, out, err = run(tmp_path, lint, test)
    assert code != 0
    assert out.splitlines()[-1] == closing
    assert [line for line in err.splitlines() if line.startswith("failed: ")] == [
        f"failed: make {part}" for part in failed
    ]


def test_tests_that_never_came_to_their_end_are_no_success(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, "true", "echo collected 3 items")
    assert code != 0
    assert "pytest did not get to its end" in err


def test_it_leaves_no_test_out() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "TESTS ?= tests\n" in makefile
    assert "\t$(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(TESTS)\n" in makefile
    script = (ROOT / ".ci/run").read_text()
    assert "make test 2>&1" in script
    assert "--deselect" not in script
