"""The engine driver with the real CLI: one stack's life, and its recovery after kill -9 at the worst moment."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from strongroom_sandbox.checkpoint import locks
from strongroom_sandbox.engine import Engine, EngineError, Result
from strongroom_sandbox.toolchain import Toolchain
from support.pulumi_project import COMPONENT, write_project
from support.slow_provider import SlowProvider

pytestmark = pytest.mark.engine

VAULT_THINGS = """
    import pulumi

    pulumi.CustomResource("vault:index/mount:Mount", "mount", {"path": "kv"})
    pulumi.CustomResource("vault:index/policy:Policy", "policy", {"path": "policy"})
"""


@pytest.fixture
def engine(toolchain: Toolchain, tmp_path: Path) -> Engine:
    """A stack `dev` of a project of one component."""
    program = COMPONENT + '\n    Probe("one")\n    pulumi.export("greeting", pulumi.Config().get("greeting"))\n'
    return make_engine(toolchain, tmp_path, program)


def make_engine(toolchain: Toolchain, folder: Path, program: str, **more: object) -> Engine:
    project, work = write_project(folder / "a project", program), folder / "a work folder"
    work.mkdir()
    engine = Engine(toolchain, project, "dev", work, **more)  # type: ignore[arg-type]
    engine.configure({})
    return engine


def test_a_stack_is_deployed_changed_and_destroyed(engine: Engine) -> None:
    assert engine.preview().changes == {"create": 2}
    assert engine.up().changes == {"create": 2}
    second = engine.up()
    assert (second.changes, second.changed) == ({"same": 2}, 0)
    assert engine.refresh().changed == 0
    assert engine.destroy().changes == {"delete": 2}


def test_settings_reach_the_program_and_the_tracked_file_is_left_alone(engine: Engine) -> None:
    tracked = engine.project / "Pulumi.dev.yaml"
    tracked.write_text("config:\n  probe:greeting: tracked\n  probe:other: kept\n")
    before = tracked.read_bytes()
    engine.configure({"greeting": "generated"}, tracked)
    engine.up()
    assert engine.outputs() == {"greeting": "generated"}
    assert tracked.read_bytes() == before
    assert "probe:other: kept" in engine.config_file.read_text()


def test_configuring_again_keeps_the_salt_of_the_state(engine: Engine) -> None:
    def salts() -> list[str]:
        return [line for line in engine.config_file.read_text().splitlines() if "encryptionsalt" in line]

    before = salts()
    engine.configure({"greeting": "again"})
    assert len(before) == 1
    assert salts() == before


def test_a_lost_settings_file_is_written_again_with_the_salt_of_the_state(engine: Engine) -> None:
    before = engine.config_file.read_text()
    engine.config_file.unlink()
    engine.configure({})
    assert engine.config_file.read_text() == before


def test_everything_that_is_printed_is_streamed_and_kept(toolchain: Toolchain, tmp_path: Path) -> None:
    lines: list[str] = []
    engine = make_engine(toolchain, tmp_path, 'print("a word from the program")', console=lines.append)
    result = engine.up()
    assert "a word from the program" in result.console.read_text()
    assert result.console.read_text().splitlines() == lines
    assert '"summaryEvent"' in result.events.read_text()


def test_a_failure_carries_the_end_of_the_output_and_the_path_of_all_of_it(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    engine = make_engine(toolchain, tmp_path, 'raise ValueError("what went wrong")')
    with pytest.raises(EngineError, match="ValueError: what went wrong") as failure:
        engine.up()
    assert failure.value.result is not None
    assert str(failure.value.result.console) in str(failure.value)
    assert engine.up(check=False).exit_code != 0


def test_the_state_has_no_metadata_files_that_a_kill_could_leave_half_written(engine: Engine) -> None:
    engine.up()
    assert list(engine.backend.rglob("*.json"))
    assert list(engine.backend.rglob("*.attrs")) == []


def test_a_state_can_be_exported_and_imported(engine: Engine) -> None:
    engine.up()
    exported = engine.export()
    engine.destroy()
    engine.import_checkpoint(exported)
    assert engine.up().changes == {"same": 2}


def test_the_users_own_pulumi_settings_do_not_leak_in(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_DEBUG_PROVIDERS", "PULUMI_STACK"):
        monkeypatch.setenv(name, "the user's")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///nowhere")
    environment = engine.environment()
    assert "the user's" not in environment.values()
    assert environment["PULUMI_BACKEND_URL"].startswith(engine.backend.as_uri())


def test_the_passphrase_is_readable_by_its_owner_only(engine: Engine) -> None:
    assert (engine.work / "passphrase").stat().st_mode & 0o777 == 0o600


# Kill -9 in the middle.


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SlowProvider]:
    folder = tmp_path / "server"
    folder.mkdir()
    provider = SlowProvider(folder)
    yield provider
    provider.stop()


@pytest.fixture
def stack(toolchain: Toolchain, tmp_path: Path, provider: SlowProvider) -> Engine:
    """A stack of two things of the slow provider."""
    return make_engine(toolchain, tmp_path, VAULT_THINGS, providers={"vault": provider.port})


def kill_in_the_middle(stack: Engine, provider: SlowProvider, command: Callable[..., Result]) -> None:
    """Run `command`, and kill Pulumi when the operation on the mount has been done but not yet answered."""
    provider.go.clear()
    runner = threading.Thread(target=command, kwargs={"check": False})
    runner.start()
    assert provider.hanging.wait(60)
    (lock,) = locks(stack.backend, stack.project_name, stack.stack)
    os.kill(lock.pid, signal.SIGKILL)
    runner.join()
    provider.go.set()


@pytest.fixture
def killed(stack: Engine, provider: SlowProvider) -> Engine:
    """The same stack, its `pulumi up` killed while the creation of the mount was under way."""
    kill_in_the_middle(stack, provider, stack.up)
    return stack


def test_a_killed_run_is_recovered_and_what_it_made_is_adopted(killed: Engine, provider: SlowProvider) -> None:
    done = killed.recover()
    assert any("removed the lock of process" in line for line in done)
    assert "adopted vault:index/mount:Mount kv, whose creation was interrupted" in done
    killed.up()
    assert killed.up().changed == 0
    assert killed.recover() == []
    assert sorted(path.name for path in provider.folder.iterdir()) == ["kv", "policy"]


def test_without_recovery_the_run_would_be_refused(killed: Engine) -> None:
    assert "the stack is currently locked" in killed.up(check=False).console.read_text()


def test_what_was_not_made_after_all_is_created_by_the_next_run(killed: Engine, provider: SlowProvider) -> None:
    (provider.folder / "kv").unlink()
    done = killed.recover()
    assert any(line.startswith("will create") and "mount" in line for line in done)
    killed.up()
    assert killed.up().changed == 0


def test_what_a_killed_provider_had_made_is_adopted_although_pulumi_forgets_it(
    stack: Engine, provider: SlowProvider
) -> None:
    provider.go.clear()
    runner = threading.Thread(target=stack.up, kwargs={"check": False})
    runner.start()
    assert provider.hanging.wait(60)
    provider.vanish()
    runner.join()
    assert "pending_operations" not in stack.export()["deployment"]
    again = SlowProvider(provider.folder)
    try:
        after = replace(stack, providers={"vault": again.port})
        assert "adopted vault:index/mount:Mount kv, whose creation was interrupted" in after.recover()
        after.up()
        assert after.up().changed == 0
        assert after.recover() == []
    finally:
        again.stop()


def test_a_killed_deletion_is_recovered_by_reading_again(stack: Engine, provider: SlowProvider) -> None:
    stack.up()
    kill_in_the_middle(stack, provider, stack.destroy)
    done = stack.recover()
    assert any("interrupted while deleting" in line for line in done)
    result = stack.up()
    assert result.changes["create"] >= 1
    assert "pending operations" not in result.console.read_text()
    assert stack.up().changed == 0


def test_the_lock_of_a_running_pulumi_is_never_touched(stack: Engine, provider: SlowProvider) -> None:
    provider.go.clear()
    runner = threading.Thread(target=stack.up, kwargs={"check": False})
    runner.start()
    assert provider.hanging.wait(60)
    with pytest.raises(EngineError, match=r"in use by process \d+"):
        stack.recover()
    assert len(locks(stack.backend, stack.project_name, stack.stack)) == 1
    provider.go.set()
    runner.join()
    assert stack.up().changed == 0


def test_recovery_of_an_orderly_stack_does_nothing(engine: Engine) -> None:
    engine.up()
    assert engine.recover() == []


def test_an_interrupted_caller_interrupts_pulumi_once_and_waits_for_it(toolchain: Toolchain, tmp_path: Path) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(line: str) -> None:
        if "ready" in line:
            raise Interrupted

    engine = make_engine(toolchain, tmp_path, 'import time\nprint("ready")\ntime.sleep(60)', console=interrupt)
    with pytest.raises(Interrupted):
        engine.up()
    assert locks(engine.backend, engine.project_name, engine.stack) == []
    assert [child for child in psutil.Process().children() if "pulumi" in child.name()] == []
