"""A small project on a server of the sandbox, with a KV engine of its own, for tests of the values channel."""

import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import hvac

from strongroom_sandbox import Sandbox
from support import command
from support.terminal import Terminal, on_terminal

OPERATOR = """
path "{mount}/data/*"     {{ capabilities = ["create", "update", "patch", "delete"] }}
path "{mount}/subkeys/*"  {{ capabilities = ["read"] }}
path "{mount}/metadata/*" {{ capabilities = ["read", "delete"] }}
"""
"""What an operator needs: everything but to read a value."""

CATALOG = """
team: payments
secrets:
  stripe: {fields: [api_key, webhook_secret], rotate_every: 90d}
  bank-sftp: {fields: [private_key]}
"""


class Bench:
    """The project, the store behind it, and an operator who may not read values."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.root = sandbox.vault.root_client()
        self.mount = f"kv-{secrets.token_hex(6)}"
        self.project = folder / "project"
        self.home = folder / "home"
        self.home.mkdir()
        address = sandbox.vault.address
        self._write("Pulumi.yaml", "name: values\nruntime: python\n")
        self._write("stacks/Pulumi.test.yaml", f"config:\n  strongroom:environment: test\n  vault:address: {address}\n")
        self._write(
            "stacks/environments/test.yaml",
            f"environment: test\ndefault_store: kv\nstores: {{kv: {{vault_kv: {{mount: {self.mount}}}}}}}\n"
            f"vault: {{flavour: {sandbox.vault.flavour}}}\n",
        )
        self._write("stacks/catalog/payments.yaml", CATALOG)
        self.environment = command.environment(
            self.home,
            VAULT_ADDR=address,
            VAULT_CACERT=str(sandbox.vault.ca_file),
            VAULT_TOKEN=self.token(OPERATOR.format(mount=self.mount)),
        )

    def _write(self, name: str, text: str) -> None:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def mount_engine(self) -> None:
        self.root.sys.enable_secrets_engine("kv", path=self.mount, options={"version": "2"})
        # A new version 2 engine answers 400 while it upgrades itself.
        until = time.monotonic() + 10
        while True:
            try:
                self.root.secrets.kv.v2.configure(mount_point=self.mount, cas_required=True)
            except hvac.exceptions.InvalidRequest:
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                return

    def token(self, policy: str) -> str:
        """A token with exactly this policy."""
        name = f"values-test-{secrets.token_hex(6)}"
        self.root.sys.create_or_update_policy(name, policy)
        made: str = self.root.auth.token.create(policies=[name], no_default_policy=True)["auth"]["client_token"]
        return made

    def token_for_nothing(self) -> str:
        return self.token('path "nowhere" { capabilities = ["read"] }')

    def run(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """`strongroom values ... --stack test`."""
        return command.strongroom(
            "values",
            *arguments,
            *("--stack", "test"),
            cwd=self.project,
            environment=self.environment | dict(environment or {}),
            stdin=stdin,
        )

    def on_terminal(self, *arguments: str) -> AbstractContextManager[Terminal]:
        """The same on a terminal."""
        argv = [command.STRONGROOM, "values", *arguments, "--stack", "test"]
        return on_terminal(argv, self.project, self.environment)

    def stored(self, path: str = "payments/stripe", version: int | None = None) -> dict[str, str]:
        """What root sees there."""
        read = self.root.secrets.kv.v2.read_secret_version(
            path, mount_point=self.mount, version=version, raise_on_deleted_version=True
        )
        data: dict[str, str] = read["data"]["data"]
        return data

    def write(self, values: Mapping[str, str], cas: int, path: str = "payments/stripe") -> None:
        """Somebody else writes."""
        self.root.secrets.kv.v2.create_or_update_secret(path, dict(values), cas=cas, mount_point=self.mount)

    def nothing_stored(self, path: str = "payments/stripe") -> bool:
        try:
            self.root.secrets.kv.v2.read_secret_metadata(path, mount_point=self.mount)
        except hvac.exceptions.InvalidPath:
            return True
        return False

    def requests(self) -> list[tuple[str, str]]:
        """The operator's requests to the engine so far: operation and path below the mount."""
        found = []
        for line in self.sandbox.vault.audit_log.read_text("utf-8").splitlines():
            entry = json.loads(line)
            request = entry["request"]
            if (
                entry["type"] == "request"
                and request["path"].startswith(f"{self.mount}/")
                and "root" not in entry["auth"].get("policies", ())
            ):
                found.append((request["operation"], request["path"].removeprefix(f"{self.mount}/")))
        return found
