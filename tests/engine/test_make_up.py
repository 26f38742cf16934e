"""`make up` itself: the real engine, real servers, the example stack, and the proof."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.make_up import make_up
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

Run = Callable[[], tuple[bool, str]]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """The folder of a sandbox that does not exist yet; whatever runs in it is stopped in the end."""
    folder = tmp_path / "sandbox of its own"
    yield folder
    Sandbox(folder).down()


@pytest.fixture
def run(directory: Path, toolchain: object) -> Run:
    """Runs `make up` and gives its outcome and all that it said. `toolchain` is made before, so that time is ours."""

    def once() -> tuple[bool, str]:
        said: list[str] = []
        outcome = make_up(ROOT, directory, said.append)
        return outcome, "\n".join(said)

    return once


def test_it_deploys_proves_and_changes_nothing_when_repeated(run: Run, directory: Path) -> None:
    outcome, said = run()
    assert outcome, said
    assert " 8  nothing leaked               ok" in said
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said
    Sandbox(directory).down()
    assert all(status.pid is None for status in Sandbox(directory).status())
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said


def test_a_promise_that_does_not_hold_fails_it(run: Run, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, said = run()
    assert outcome, said
    secret = (
        Sandbox(directory)
        .openbao.root_client()
        .secrets.kv.v2.read_secret_version("payments/stripe", mount_point="kv-sandbox", raise_on_deleted_version=False)[
            "data"
        ]["data"]["api_key"]
    )
    (directory / "pulumi" / "logs" / "debug.log").write_text(f"key={secret}")
    outcome, said = run()
    assert not outcome
    assert "nothing leaked               FAILED" in said
    assert "payments/stripe/api_key (plain) in" in said.replace("\n", " ").replace("  ", "")
    assert secret not in said


@pytest.mark.parametrize("after", [0.3, 0.9, 1.6])
def test_it_converges_after_pulumi_was_killed(run: Run, directory: Path, after: float) -> None:
    """`after`: seconds of deployment before the kill, so that it meets different steps; any moment must do."""
    killer = threading.Thread(target=_kill_pulumi, args=(directory, after))
    killer.start()
    outcome, said = run()
    killer.join()
    assert not outcome, said
    outcome, said = run()
    assert outcome, said
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said


@pytest.mark.parametrize("server", ["openbao", "postgres", "issuer", "provider"])
def test_it_converges_after_a_server_was_killed_while_deploying(run: Run, directory: Path, server: str) -> None:
    killer = threading.Thread(target=_kill_server, args=(directory, server))
    killer.start()
    run()  # may fail or, where the server was not needed any more, succeed
    killer.join()
    outcome, said = run()
    assert outcome, said


def test_it_converges_when_a_server_has_lost_all_its_data(run: Run, directory: Path) -> None:
    outcome, said = run()
    assert outcome, said
    Sandbox(directory).down()
    import shutil

    shutil.rmtree(directory / "openbao")
    outcome, said = run()
    assert outcome, said


def _wait_for_deployment(directory: Path) -> None:
    log = directory / "pulumi" / "logs" / "up.log"
    deadline = time.monotonic() + 120
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def _kill_pulumi(directory: Path, after: float) -> None:
    _wait_for_deployment(directory)
    time.sleep(after)
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if command[1:2] == ["up"] and str(directory) in " ".join(command):
            process.kill()


def _kill_server(directory: Path, name: str) -> None:
    _wait_for_deployment(directory)
    time.sleep(0.8)
    server = Sandbox(directory).servers[name]
    if server.process:
        os.kill(server.process.pid, signal.SIGKILL)
