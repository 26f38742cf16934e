"""PostgreSQL does not run as root, and root widens nothing for it."""

import os
from pathlib import Path

import psutil
import pytest

from strongroom_sandbox import Sandbox, SandboxError
from strongroom_sandbox.servers import unprivileged

ARGV = ("/usr/bin/postgres", "-D", "data")


def test_who_is_not_root_runs_it_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unprivileged.command(ARGV) == ARGV


def test_root_runs_it_as_nobody_without_any_capability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    command = unprivileged.command(ARGV, Path("/usr/bin"))
    assert command[-len(ARGV) :] == ARGV
    assert "--clear-groups" in command
    assert not [option for option in command if "caps" in option]


def test_where_nobody_may_not_pass_it_gets_the_one_capability_that_lets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    command = unprivileged.command(ARGV, tmp_path / "private" / "cluster")
    assert {"--inh-caps=+dac_override", "--ambient-caps=+dac_override"} <= set(command)


def test_without_setpriv_root_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="install util-linux"):
        unprivileged.command(ARGV)


def test_a_link_or_a_file_where_its_folder_belongs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SandboxError, match="is not a folder of ours"):
        unprivileged.own(tmp_path / "link")


def test_the_server_is_not_root(sandbox: Sandbox) -> None:
    process = sandbox.postgres.process
    assert process is not None
    assert psutil.Process(process.pid).uids().real != 0
