"""Starting and stopping: repeated, interrupted, side by side, and with a reason where it fails."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import ClassVar

import psutil
import pytest
import requests
from kubernetes.client import CoreV1Api

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox, SandboxError
from strongroom_sandbox.process import PidFile, wait_until
from strongroom_sandbox.servers.server import Command, Server
from support.control_plane import ControlPlane
from support.sandbox import running

STARTED = ("openbao", "postgres", "issuer", "etcd", "kube-apiserver", "kube-controller-manager")


def processes_below(directory: Path) -> list[str]:
    """Every process that names the folder in its arguments or works in it, found without the code under test."""
    found = []
    for candidate in psutil.process_iter(["cmdline", "cwd"]):
        arguments, cwd = candidate.info["cmdline"] or [], candidate.info["cwd"] or ""
        if cwd.startswith(str(directory)) or any(str(directory) in argument for argument in arguments):
            found.append(f"{candidate.pid}: {arguments} in {cwd}")
    return found


def pids(sandbox: Sandbox) -> dict[str, int | None]:
    return {status.name: status.pid for status in sandbox.status()}


def states(sandbox: Sandbox) -> dict[str, str]:
    return {status.name: status.state for status in sandbox.status()}


def ports_of(sandbox: Sandbox) -> list[int]:
    return [sandbox.servers[name].port(port) for name in STARTED for port in sandbox.servers[name].port_names]


def kill(sandbox: Sandbox, name: str) -> None:
    killed = sandbox.servers[name].process
    assert killed is not None
    killed.send(signal.SIGKILL)
    assert wait_until(lambda: not killed.alive, 20)


def test_one_server_that_does_not_end_keeps_no_other_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, stopped = Sandbox(tmp_path), []

    def stuck() -> None:
        raise TimeoutError("killed, but still there")

    for name, server in sandbox.servers.items():
        monkeypatch.setattr(server, "stop", stuck if name == "kube-apiserver" else partial(stopped.append, name))
    with pytest.raises(TimeoutError, match="still there"):
        sandbox.down(print)
    assert set(stopped) == sandbox.servers.keys() - {"kube-apiserver"}
    assert stopped.index("kube-controller-manager") < stopped.index("etcd")


def assert_usable(sandbox: Sandbox) -> None:
    assert {name: states(sandbox)[name] for name in STARTED} == dict.fromkeys(STARTED, "healthy")
    assert sandbox.vault.client().auth.token.lookup_self()
    with sandbox.postgres.superuser() as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (6,)
    with sandbox.kube.client() as client:
        assert CoreV1Api(client).read_namespace("kube-system").metadata.name == "kube-system"


class Broken(Server):
    """A server that says why it does not start."""

    name: ClassVar[str] = "broken"
    start_timeout_seconds: ClassVar[float] = 20
    program: ClassVar[str] = "import sys; sys.exit('reading configuration\\ncannot open the moon')"

    def prepare(self) -> None:
        pass

    def command(self) -> Command:
        return Command(argv=(sys.executable, "-c", self.program), cwd=self.home)

    def healthy(self) -> bool:
        return False

    def describe(self) -> str:
        return f"127.0.0.1:{self.port()}"


class Silent(Broken):
    """A server that runs without ever answering."""

    name: ClassVar[str] = "silent"
    start_timeout_seconds: ClassVar[float] = 0.2
    program: ClassVar[str] = "import time; time.sleep(3600)"


def test_a_second_up_changes_nothing(cluster: ControlPlane) -> None:
    sandbox = cluster.sandbox
    before, settings, token = pids(sandbox), sandbox.settings(), sandbox.vault.token_file.read_text()
    password = sandbox.postgres.first_password
    lines: list[str] = []
    sandbox.up(lines.append)
    assert [line.split(": ")[1].split(" at ")[0] for line in lines] == ["already running"] * len(STARTED)
    assert (pids(sandbox), sandbox.settings(), sandbox.vault.token_file.read_text()) == (before, settings, token)
    assert sandbox.postgres.first_password == password


def test_down_leaves_nothing_running_and_up_keeps_addresses_and_data(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        settings, environment, password = sandbox.settings(), sandbox.environment(), sandbox.postgres.first_password
        assert processes_below(tmp_path)
        sandbox.down()
        assert processes_below(tmp_path) == []
        assert set(states(sandbox).values()) == {"stopped"}
        sandbox.down()  # there is nothing to do
        sandbox.up()
        assert (sandbox.settings(), sandbox.environment()) == (settings, environment)
        assert sandbox.postgres.first_password == password
    assert processes_below(tmp_path) == []


def test_a_killed_server_is_started_again_and_the_others_run_on(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        for name in STARTED:
            before = pids(sandbox)
            kill(sandbox, name)
            assert states(sandbox)[name] == "stopped"
            sandbox.up()
            after = pids(sandbox)
            assert after[name] is not None
            assert {other for other in STARTED if after[other] != before[other]} == {name}
            assert_usable(sandbox)
    assert processes_below(tmp_path) == []


def test_all_servers_killed_at_once_are_started_again(tmp_path: Path) -> None:
    with running(tmp_path) as sandbox:
        for name in STARTED:
            kill(sandbox, name)
        sandbox.up()
        assert_usable(sandbox)
    assert processes_below(tmp_path) == []


@pytest.mark.parametrize(
    "lines_seen",
    [
        pytest.param(1, id="while OpenBao is initialised"),
        pytest.param(3, id="while the data folder of PostgreSQL is made"),
        pytest.param(4, id="while the database is filled"),
    ],
)
def test_an_up_that_is_killed_is_completed_by_the_next(tmp_path: Path, lines_seen: int) -> None:
    program = "import sys; from strongroom_sandbox.commands import app; app(sys.argv[1:])"
    argv = [sys.executable, "-c", program, "up", "--servers-only", "--directory", str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        for _ in range(lines_seen):
            assert first.stdout.readline()
        first.kill()
    with running(tmp_path) as sandbox:
        assert_usable(sandbox)
    assert processes_below(tmp_path) == []


def test_a_process_whose_pid_was_never_written_down_is_replaced_and_stopped(tmp_path: Path) -> None:
    with running(tmp_path, "issuer") as sandbox:
        lost = sandbox.issuer.process
        assert lost is not None
        port = sandbox.issuer.port()
        (sandbox.issuer.home / "pid").unlink()
        sandbox.up(print, ["issuer"])
        assert not lost.alive
        assert sandbox.issuer.port() == port
        (sandbox.issuer.home / "pid").unlink()
    assert processes_below(tmp_path) == []


def test_a_server_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "stop_patience_seconds", 0.2)
    with running(tmp_path, "issuer") as sandbox:
        hung, port = sandbox.issuer.process, sandbox.issuer.port()
        assert hung is not None
        hung.send(signal.SIGSTOP)
        assert sandbox.issuer.state() == "unhealthy"
        sandbox.up(print, ["issuer"])
        assert not hung.alive
        assert sandbox.issuer.state() == "healthy"
        assert sandbox.issuer.port() == port


def test_a_server_that_fails_while_it_is_made_ready_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, "postgres") as sandbox:
        with sandbox.postgres.superuser() as connection:
            connection.execute("DROP TABLE orders")  # half of what one transaction makes
        with pytest.raises(SandboxError, match=r"postgres runs but could not be made ready: role .* already exists"):
            sandbox.up(print, ["postgres"])


def test_a_recycled_pid_is_neither_taken_for_the_server_nor_killed(tmp_path: Path) -> None:
    with running(tmp_path, "issuer") as sandbox, subprocess.Popen(["sleep", "3600"]) as bystander:
        try:
            pid_file = sandbox.issuer.home / "pid"
            record = PidFile.read(pid_file)
            assert record is not None
            sandbox.down()
            pid_file.write_text(
                f'{{"process": {{"pid": {bystander.pid}, "started": "{record.process.started}"}}, "command": ""}}'
            )
            assert sandbox.issuer.state() == "stopped"
            sandbox.up(print, ["issuer"])
            sandbox.down()
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_a_server_whose_configuration_changed_is_started_anew(tmp_path: Path) -> None:
    with running(tmp_path, "issuer") as sandbox:
        before, key_id = sandbox.issuer.process, sandbox.issuer.token("s", "a")
        (sandbox.issuer.home / "jwks.json").unlink()
        sandbox.up(print, ["issuer"])
        assert sandbox.issuer.process != before
        assert sandbox.issuer.healthy()
        assert sandbox.issuer.token("s", "a").split(".")[0] != key_id.split(".")[0]


def test_what_runs_for_a_removed_folder_is_replaced_or_stopped(tmp_path: Path) -> None:
    only = ("postgres", "issuer")
    with running(tmp_path / "sandbox", *only) as sandbox:
        shutil.rmtree(tmp_path / "sandbox")
        sandbox.up(print, only)
        assert {name: states(sandbox)[name] for name in only} == dict.fromkeys(only, "healthy")
        shutil.rmtree(tmp_path / "sandbox")
        sandbox.down()
        assert processes_below(tmp_path) == []


def test_two_sandboxes_run_side_by_side(sandbox: Sandbox, tmp_path: Path) -> None:
    with running(tmp_path) as other:
        assert other.vault.cluster_id != sandbox.vault.cluster_id
        used = [port for each in (sandbox, other) for port in ports_of(each)]
        assert len(set(used)) == len(used)
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{other.vault.address}/v1/sys/health", verify=str(sandbox.vault.ca_file), timeout=10)
        with other.postgres.superuser() as connection:
            connection.execute("DELETE FROM orders")
    assert_usable(sandbox)


@pytest.mark.parametrize("name", STARTED)
def test_a_server_whose_port_somebody_took_gets_another(tmp_path: Path, name: str) -> None:
    with running(tmp_path, name) as sandbox:
        server = sandbox.servers[name]
        port = server.port()
        sandbox.down()
        with socket.create_server(("127.0.0.1", port)):
            sandbox.up(print, [name])
            assert server.state() == "healthy"
            assert server.port() != port


def test_a_port_that_is_taken_between_choice_and_start_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path)
    prepare = sandbox.issuer.prepare
    taken: list[socket.socket] = []

    def prepare_and_lose_the_port() -> None:
        prepare()
        if not taken:
            taken.append(socket.create_server(("127.0.0.1", sandbox.issuer.port())))

    monkeypatch.setattr(sandbox.issuer, "prepare", prepare_and_lose_the_port)
    try:
        sandbox.issuer.up(print)
        assert sandbox.issuer.healthy()
        assert sandbox.issuer.port() != taken[0].getsockname()[1]
    finally:
        sandbox.issuer.stop()
        taken[0].close()


def test_a_server_that_ends_at_once_says_why_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "log").write_text("of an earlier start\n")
    with pytest.raises(SandboxError) as caught:
        Broken(tmp_path).up(print)
    message = str(caught.value)
    assert message.startswith("broken ended at once")
    assert str(tmp_path / "broken" / "log") in message
    assert message.endswith("reading configuration\ncannot open the moon")
    assert "earlier" not in message


def test_a_server_that_never_answers_is_stopped_and_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"silent does not answer \(waited 0\.2 s"):
        Silent(tmp_path).up(print)
    assert Silent(tmp_path).processes() == []


def test_a_real_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with running(tmp_path, "postgres") as sandbox:
        sandbox.down()
        (sandbox.postgres.home / "cluster" / "data" / "PG_VERSION").write_text("9\n")
        with pytest.raises(SandboxError, match="is not compatible with this version"):
            sandbox.up(print, ["postgres"])


def test_two_ups_at_once_wait_for_one_another(tmp_path: Path) -> None:
    lines: list[str] = []
    failures: list[BaseException] = []

    def up() -> None:
        try:
            Sandbox(tmp_path).up(lines.append, ["issuer"])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=up) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        Sandbox(tmp_path).down()
    assert failures == []
    assert sum("started" in line for line in lines) == 1
    assert sum("already running" in line for line in lines) == 1


def test_an_unknown_server_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="unknown server moon; there are openbao, postgres, issuer, etcd"):
        Sandbox(tmp_path).up(print, ["moon"])


def test_down_of_a_sandbox_that_never_was_makes_nothing(tmp_path: Path) -> None:
    Sandbox(tmp_path / "never").down()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flavour", ["openbao", "vault"])
def test_every_server_depends_on_servers_that_there_are(flavour: Flavour, tmp_path: Path) -> None:
    servers = Sandbox(tmp_path, flavour).servers
    stand_ins = ["provider", "provider-aws", "provider-azure-native", "provider-gcp", "provider-kubernetes"]
    control_plane = ["etcd", "kube-apiserver", "kube-controller-manager"]
    assert list(servers) == [flavour, "postgres", "issuer", *control_plane, "moto", *stand_ins]
    assert {needed for server in servers.values() for needed in server.depends_on} <= set(servers)


def test_the_first_up_settles_the_flavour_of_a_sandbox(tmp_path: Path) -> None:
    assert Sandbox(tmp_path).vault.flavour == "openbao"
    assert Sandbox(tmp_path, "vault").vault.flavour == "vault"
    Sandbox(tmp_path, "vault").up(print, [])
    assert Sandbox(tmp_path).vault.flavour == "vault"
    message = f"the sandbox in {tmp_path} has HashiCorp Vault, asked for is OpenBao: take another folder with "
    with pytest.raises(SandboxError, match=re.escape(message)):
        Sandbox(tmp_path, "openbao").up(print, [])


def test_no_other_file_in_the_sandbox_is_secret_and_readable_by_others(sandbox: Sandbox) -> None:
    keys = json.loads((sandbox.vault.home / "keys.json").read_text())
    secrets = [*keys.values(), sandbox.vault.token_file.read_text(), sandbox.postgres.first_password]
    open_files = [p for p in sandbox.directory.rglob("*") if p.is_file() and p.stat().st_mode & 0o077]
    assert open_files
    assert [p for p in open_files if any(secret.encode() in p.read_bytes() for secret in secrets)] == []
    assert [p for p in open_files if b"PRIVATE KEY" in p.read_bytes()] == []
