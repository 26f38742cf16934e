"""`strongroom sandbox`, as a person uses it."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from strongroom_sandbox import Sandbox
from strongroom_sandbox.commands import app
from strongroom_sandbox.servers import Etcd, KubeApiServer, KubeControllerManager, OpenBao, Postgres
from support.control_plane import ControlPlane

runner = CliRunner()


def test_the_commands_import_nothing_heavy_until_they_run() -> None:
    program = "import sys, strongroom_sandbox.commands; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"hvac", "psycopg", "cryptography", "requests", "jinja2", "rich.table", "jwt"} & set(loaded)


def test_env_prints_lines_for_a_shell_and_no_token(sandbox: Sandbox) -> None:
    result = runner.invoke(app, ["env", "--directory", str(sandbox.directory)])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"export VAULT_ADDR={sandbox.vault.address}",
        f"export VAULT_CACERT={sandbox.vault.ca_file}",
        *([f"export KUBECONFIG={sandbox.kube.kubeconfig}"] if sandbox.kube.has_run else []),
        f"export PULUMI_HOME={sandbox.directory}/pulumi/home",
        f"export PULUMI_BACKEND_URL='file://{sandbox.directory}/pulumi/state?metadata=skip'",
        f"export PULUMI_CONFIG_PASSPHRASE_FILE={sandbox.directory}/pulumi/passphrase",
    ]


def test_env_lets_the_shell_read_the_token_and_never_prints_it(sandbox: Sandbox) -> None:
    result = runner.invoke(app, ["env", "--with-token", "--directory", str(sandbox.directory)])
    token = sandbox.vault.token_file.read_text()
    assert token not in result.output
    script = f'{result.output}\nprintf %s "$VAULT_TOKEN"'
    assert subprocess.run(["sh", "-eu"], input=script, capture_output=True, text=True, check=True).stdout == token


def test_env_survives_any_folder_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's $(false) `here` ;"
    bao = folder / "openbao"
    bao.mkdir(parents=True)
    (bao / "ports.json").write_text('{"api": 1234, "cluster": 1235}')
    (bao / "deployer.token").write_text("the-token")
    result = runner.invoke(app, ["env", "--with-token", "--directory", str(folder)])
    script = f'{result.output}\nprintf "%s %s" "$VAULT_TOKEN" "$VAULT_CACERT"'
    shown = subprocess.run(["sh", "-eu"], input=script, capture_output=True, text=True, check=True).stdout
    assert shown == f"the-token {folder / 'ca' / 'ca.pem'}"


def test_env_of_a_sandbox_that_never_was_says_what_to_do(tmp_path: Path) -> None:
    result = runner.invoke(app, ["env", "--directory", str(tmp_path)])
    assert result.exit_code == 1
    assert "strongroom sandbox up" in result.output


def test_status_shows_every_server_with_its_log(cluster: ControlPlane) -> None:
    sandbox = cluster.sandbox
    result = runner.invoke(app, ["status", "--directory", str(sandbox.directory)], env={"COLUMNS": "400"})
    assert result.exit_code == 0
    rows = {line.split()[0]: line for line in result.output.splitlines()}
    assert set(rows) >= set(sandbox.servers)
    for server in (sandbox.vault, sandbox.postgres, sandbox.issuer, sandbox.etcd, sandbox.kube, sandbox.controllers):
        assert server.process is not None
        for cell in (server.describe(), str(server.process.pid), "healthy", str(server.log)):
            assert cell in rows[server.name]


def test_status_fails_when_a_server_is_not_healthy(tmp_path: Path) -> None:
    result = runner.invoke(app, ["status", "--directory", str(tmp_path)], env={"COLUMNS": "400"})
    assert result.exit_code == 1
    assert result.output.count("stopped") == len(Sandbox(tmp_path).servers)


def test_up_down_and_a_failing_up_are_told_by_their_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for server in (OpenBao, Postgres, Etcd, KubeApiServer, KubeControllerManager):
        monkeypatch.setattr(server, "on_request", True)  # so that one is enough here
    arguments = ["--directory", str(tmp_path)]
    started = runner.invoke(app, ["up", "--servers-only", *arguments])
    assert (started.exit_code, started.output.split(" at ")[0]) == (0, "issuer: started")
    other = runner.invoke(app, ["up", "--servers-only", "--flavour", "vault", *arguments])
    assert other.exit_code == 1
    assert other.stderr.startswith(f"error: the sandbox in {tmp_path} has OpenBao, asked for is HashiCorp Vault: take")
    stopped = runner.invoke(app, ["down", *arguments])
    assert (stopped.exit_code, stopped.output) == (0, "issuer: stopping\n")
    (tmp_path / "issuer" / "tls.key").write_text("not a key")
    failed = runner.invoke(app, ["up", "--servers-only", *arguments])
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error: issuer ended at once")
    assert "SSLError" in failed.stderr
