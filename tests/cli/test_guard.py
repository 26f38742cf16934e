"""`strongroom guard` asks the server who it is, before it asks what it holds."""

import json
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from support import command

ENVIRONMENT = "environment: test\ndefault_store: kv\nstores: {kv: {vault_kv: {}}}\n"
STACK = "config: {strongroom:environment: test, vault:address: '%s'}\n"


class Guarded:
    """A small project that is pointed at a server, and was never deployed."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.project, self.sandbox = folder / "project", sandbox
        (folder / "home").mkdir()
        self.variables = command.environment(folder / "home", VAULT_CACERT=str(sandbox.vault.ca_file))

    def declare(self, vault: str, address: str = "") -> "Guarded":
        files = {
            "Pulumi.yaml": "name: guard\nruntime: python\nmain: stacks/\n",
            "stacks/Pulumi.test.yaml": STACK % (address or self.sandbox.vault.address),
            "stacks/environments/test.yaml": f"{ENVIRONMENT}{vault}\n",
            "stacks/catalog/payments.yaml": "team: payments\n",
            "state.json": json.dumps({"version": 3, "deployment": {}}),
        }
        for name, text in files.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text, encoding="utf-8")
        return self

    def run(self, *arguments: str, token: bool = True) -> tuple[int, str, str]:
        variables = self.variables | ({"VAULT_TOKEN": self.sandbox.vault.token_file.read_text()} if token else {})
        options = ("--stack", "test", "--state", "state.json")
        done = command.strongroom("guard", *options, *arguments, cwd=self.project, environment=variables)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def guarded(sandbox: Sandbox, tmp_path: Path) -> Guarded:
    return Guarded(tmp_path, sandbox)


def test_the_declared_server_is_asked_and_nothing_is_said_of_it(guarded: Guarded) -> None:
    guarded.declare("vault: {flavour: openbao, engines: {transit: {}}}")
    assert guarded.run() == (0, "test: nothing would be lost\n", "")


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("flavour: vault", "the environment declares HashiCorp Vault 1.21.0, and this is OpenBao 2.7.2"),
        ("flavour: openbao, version: 2.8.0", "declares OpenBao 2.8.0, and this is an older one: 2.7.2"),
        (
            "flavour: vault, edition: enterprise, quotas: {q: {lease_count: {mount: kv-test, max_leases: 3}}}",
            "vault.quotas.q.lease_count: OpenBao 2.7.2 has no lease-count",
        ),
    ],
)
def test_another_server_than_the_declared_is_refused_with_or_without_a_token(
    guarded: Guarded, declared: str, says: str, token: bool
) -> None:
    code, out, error = guarded.declare(f"vault: {{{declared}}}").run(token=token)
    assert (code, out) == (1, "")
    assert says in error
    assert error.endswith("cannot serve test; nothing was touched.\n")


def test_a_server_that_is_not_asked_is_not_compared(guarded: Guarded) -> None:
    assert guarded.declare("vault: {flavour: vault}").run("--offline") == (0, "test: nothing would be lost\n", "")
    code, _, error = guarded.declare("vault: {flavour: vault}", "https://127.0.0.1:9").run()
    assert code == 0
    assert "counts as if it did" in error


def test_without_a_vault_there_is_no_server_to_ask(tmp_path: Path) -> None:
    files = {
        "Pulumi.yaml": "name: guard\nruntime: python\nmain: stacks/\n",
        "stacks/Pulumi.test.yaml": "config: {strongroom:environment: test}\n",
        "stacks/environments/test.yaml": "environment: test\n",
        "stacks/catalog/payments.yaml": "team: payments\n",
        "state.json": json.dumps({"version": 3, "deployment": {}}),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = command.strongroom(
        "guard", "--stack", "test", "--state", "state.json", cwd=tmp_path, environment=command.environment(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
