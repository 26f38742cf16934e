"""`strongroom server`: what the live server is, beside what is declared. It needs no token."""

import json
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from support import command

KV = "environment: test\ndefault_store: kv\nstores: {kv: {vault_kv: {}}}\n"


class Asked:
    """A small project that is pointed at a server."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.project = folder / "project"
        self.address = sandbox.vault.address
        (folder / "home").mkdir()
        self.environment = command.environment(folder / "home", VAULT_CACERT=str(sandbox.vault.ca_file))

    def declare(self, vault: str) -> "Asked":
        files = {
            "Pulumi.yaml": "name: server\nruntime: python\nmain: stacks/\n",
            "stacks/Pulumi.test.yaml": f"config: {{strongroom:environment: test, vault:address: '{self.address}'}}\n",
            "stacks/environments/test.yaml": f"{KV}{vault}\n",
            "stacks/catalog/payments.yaml": "team: payments\n",
        }
        for name, text in files.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text, encoding="utf-8")
        return self

    def run(self, *arguments: str) -> tuple[int, str, str]:
        done = command.strongroom(
            "server", "--stack", "test", *arguments, cwd=self.project, environment=self.environment
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def asked(sandbox: Sandbox, tmp_path: Path) -> Asked:
    return Asked(tmp_path, sandbox)


@pytest.mark.parametrize("version", ["", ", version: 2.7.2", ", version: 2.3.1"])
def test_the_declared_server_fits_and_so_does_a_newer_one(asked: Asked, version: str) -> None:
    code, out, error = asked.declare(f"vault: {{flavour: openbao{version}, engines: {{transit: {{}}}}}}").run()
    assert (code, error) == (0, "")
    assert out.splitlines()[0] == f"{asked.address} is OpenBao 2.7.2, active"
    assert "has: Kubernetes secrets engine, " in out
    assert "has no AWS secrets engine: in HashiCorp Vault since 0.1" in out


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("flavour: vault", "the environment declares HashiCorp Vault 1.21.0, and this is OpenBao 2.7.2"),
        ("flavour: vault, edition: enterprise", "declares HashiCorp Vault Enterprise 1.21.0, and this is OpenBao"),
        ("flavour: openbao, version: 2.8.0", "declares OpenBao 2.8.0, and this is an older one: 2.7.2"),
    ],
)
def test_another_or_an_older_server_does_not_fit(asked: Asked, declared: str, says: str) -> None:
    code, _, error = asked.declare(f"vault: {{{declared}}}").run()
    assert code == 1
    assert says in error


def test_what_it_could_not_serve_is_named_with_its_place(asked: Asked) -> None:
    quota = "quotas: {q: {lease_count: {mount: kv-test, max_leases: 3}}}"
    asked.declare(f"vault:\n  flavour: vault\n  edition: enterprise\n  {quota}")
    code, _, error = asked.run()
    assert code == 1
    assert "stacks/environments/test.yaml:7:16: vault.quotas.q.lease_count: OpenBao 2.7.2 has no lease-count" in error
    code, out, _ = asked.run("--json")
    found = json.loads(out)
    assert code == 1
    assert (found["server"]["flavour"], found["fits"], len(found["unserved"])) == ("openbao", False, 1)
    assert found["declared"] == {"flavour": "vault", "version": None, "edition": "enterprise"}
    assert (found["features"]["namespaces"], found["features"]["secrets.aws"]) == (True, False)
