"""Long commands: progress, limits, and that nothing is left behind."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from strongroom_sandbox.toolchain.errors import ToolchainError
from strongroom_sandbox.toolchain.process import output_of, run


def test_progress_shows_seconds_and_what_was_counted() -> None:
    lines: list[str] = []
    run(
        ["sh", "-c", "echo one; echo two; sleep 0.5"],
        doing="working",
        report=lines.append,
        timeout_seconds=60,
        count=lambda _line: "lines",
        every_seconds=0.2,
    )
    assert "working (0 s, 2 lines)" in lines


def test_a_quick_command_reports_nothing_and_gives_its_last_lines() -> None:
    lines: list[str] = []
    command = ["sh", "-c", "seq 100"]
    text = run(command, doing="counting", report=lines.append, timeout_seconds=60)
    assert text.splitlines()[-1] == "100"
    assert len(text.splitlines()) < 100
    assert lines == []


def test_a_failure_has_the_exit_code_and_the_last_lines() -> None:
    with pytest.raises(ToolchainError, match=r"^failed with exit code 3: what happened"):
        run(["sh", "-c", "echo what happened >&2; exit 3"], doing="working", report=print, timeout_seconds=60)


def test_a_silent_failure_says_that_there_was_no_output() -> None:
    with pytest.raises(ToolchainError, match="exit code 1: no output"):
        run(["false"], doing="working", report=print, timeout_seconds=60)


def test_a_command_that_is_not_there_is_an_error_with_its_name() -> None:
    with pytest.raises(ToolchainError, match="/no/such/program did not start: No such file"):
        run(["/no/such/program"], doing="working", report=print, timeout_seconds=60)


def test_a_command_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    started = time.monotonic()
    with pytest.raises(ToolchainError, match=r"^took longer than 1 s and was stopped"):
        run(
            ["sh", "-c", f"sleep 600 & echo $! > '{pid}'; wait"],
            doing="working",
            report=print,
            timeout_seconds=1,
        )
    assert time.monotonic() - started < 60
    child = int(pid.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_the_output_of_what_does_not_run_is_none(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\x7fELF")
    garbage.chmod(0o755)
    assert output_of([str(garbage)]) is None
    assert output_of(["/no/such/program"]) is None
    assert output_of(["false"]) is None
    assert output_of(["echo", "yes"]) == "yes\n"
