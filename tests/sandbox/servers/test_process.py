"""Processes are named so that none is ever mistaken for another, and none is lost."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from strongroom_sandbox import process
from strongroom_sandbox.process import PidFile, Process

FOREVER = (sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(3600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(3600)",
)
HEADLESS = (
    sys.executable,
    "-c",
    "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(3600,)).start(); "
    "print('ready', flush=True); ctypes.CDLL(None).pthread_exit(None)",
)
"""Its main thread has ended, as that of a server that is killed may before the others: a zombie that runs."""


def spawn(argv: tuple[str, ...], tmp_path: Path) -> Process:
    log = tmp_path / "log"
    started = process.spawn(argv, tag=str(tmp_path), cwd=tmp_path, log=log)
    assert process.wait_until(lambda: "ready" in process.tail(log), 20)
    return started


def stop(tmp_path: Path, patience_seconds: float = 10) -> None:
    process.stop(lambda: process.tagged(str(tmp_path)), politely=signal.SIGTERM, patience_seconds=patience_seconds)


def test_a_pid_that_another_process_got_is_not_the_process() -> None:
    me = Process.of(os.getpid())
    assert me is not None
    assert me.alive
    assert not replace(me, started="another-boot:1").alive


def test_a_process_of_the_same_pid_with_another_start_is_never_signalled() -> None:
    me = Process.of(os.getpid())
    assert me is not None
    replace(me, started="another-boot:1").send(signal.SIGKILL)  # would end the tests


def test_a_pid_that_nobody_has_names_no_process() -> None:
    assert Process.of(2**22 + 1) is None  # above the largest pid_max that Linux allows


def test_a_zombie_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()  # it has ended when its output has
        assert process.wait_until(lambda: Process.of(child.pid) is None, 20)


def test_a_pid_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = PidFile(Process(17, "boot:4711"), "digest")
    record.write(tmp_path / "pid")
    assert PidFile.read(tmp_path / "pid") == record
    assert PidFile.read(tmp_path / "none") is None


def test_a_process_is_found_by_its_tag_although_its_pid_was_never_written_down(tmp_path: Path) -> None:
    started = spawn(FOREVER, tmp_path)
    try:
        assert process.tagged(str(tmp_path)) == [started]
        assert process.tagged(str(tmp_path) + "x") == []
        assert process.tagged(str(tmp_path)[:-1]) == []
    finally:
        stop(tmp_path)
    assert not started.alive


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    started = spawn(STUBBORN, tmp_path)
    stop(tmp_path, patience_seconds=0.1)
    assert not started.alive


def test_a_process_whose_main_thread_has_ended_is_alive_until_the_others_have(tmp_path: Path) -> None:
    started = spawn(HEADLESS, tmp_path)
    assert process.wait_until(lambda: Path(f"/proc/{started.pid}/stat").read_text().rpartition(") ")[2][0] == "Z", 20)
    try:
        assert started.alive
    finally:
        process.stop(lambda: [started], politely=signal.SIGKILL, patience_seconds=10)
    assert not started.alive
    assert not Path(f"/proc/{started.pid}").exists()  # reaped


def test_a_process_inherits_nothing_of_our_environment_but_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "from-the-shell")
    argv = (sys.executable, "-c", "import os; print(*sorted(os.environ))")
    log = tmp_path / "log"
    started = process.spawn(argv, tag="tag", cwd=tmp_path, log=log, environment={"MINE": "1"})
    assert process.wait_until(lambda: not started.alive, 20)
    added_by_python = {"LC_CTYPE"}
    assert set(log.read_text().split()) - added_by_python == {"LANG", "MINE", "PATH", process.TAG}


def test_the_exit_code_of_a_run_is_returned(tmp_path: Path) -> None:
    argv = (sys.executable, "-c", "raise SystemExit(3)")
    assert process.run(argv, tag="tag", cwd=tmp_path, log=tmp_path / "log", timeout_seconds=20) == 3


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        process.run(FOREVER, tag=str(tmp_path), cwd=tmp_path, log=tmp_path / "log", timeout_seconds=0.1)
    assert process.wait_until(lambda: not process.tagged(str(tmp_path)), 20)


def test_the_tail_shows_the_last_lines_of_this_start_only(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("earlier\n" + "".join(f"line {number}\n" for number in range(100)))
    assert process.tail(log, from_byte=len("earlier\n"), lines=2) == "line 98\nline 99"
    assert process.tail(log, from_byte=log.stat().st_size) == ""
    assert process.tail(tmp_path / "none") == ""


def test_a_log_that_has_grown_long_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * (process.LARGEST_LOG_BYTES + 1))
    process.run((sys.executable, "-c", ""), tag="tag", cwd=tmp_path, log=log, timeout_seconds=20)
    assert log.stat().st_size == 0
    assert (tmp_path / "log.1").stat().st_size == process.LARGEST_LOG_BYTES + 1


def test_a_log_that_is_a_link_is_refused_and_what_it_points_to_stays_as_it_is(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("all of it")
    (tmp_path / "log").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        process.spawn(("true",), tag="tag", cwd=tmp_path, log=tmp_path / "log", stdout=tmp_path / "log")
    assert precious.read_text() == "all of it"
