"""A small sound project in a folder of its own, for tests that break or change one thing of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.spec.problems import SpecError
from support.toolchain import ROOT

PAYMENTS: Final = "catalog/payments.yaml"
IDENTITY: Final = "catalog/identity.yaml"
DEV: Final = "environments/dev.yaml"
PROD: Final = "environments/prod.yaml"
COMMON: Final = "environments/common.yaml"

FILES: Final = {
    "Pulumi.dev.yaml": """\
config:
  strongroom:environment: dev
""",
    "Pulumi.prod.yaml": """\
config:
  strongroom:environment: prod
  vault:address: https://vault.example:8200
""",
    COMMON: """\
default_store: kv
stores:
  kv: {vault_kv: {}}
  archive: {vault_kv: {max_versions: 1}}
vault:
  auth:
    cluster:
      jwt:
        accepts: [kubernetes]
        audiences: ["vault-{{ environment }}"]
        oidc_discovery_url: https://oidc.example
    machines: {approle: {}}
  engines:
    database:
      connections:
        orders:
          postgresql:
            host: "{{ settings.orders_host }}"
            database: orders
            username: vault_admin
            first_password: {pulumi_config: orders-first-password}
  policies:
    inventory:
      reason: a report of names and ages, no values
      rules:
        - {path: "kv-{{ environment }}/metadata/*", capabilities: [list, read]}
      workloads: [identity/login]
""",
    DEV: """\
environment: dev
extends: common
settings: {orders_host: db.dev.example}
protect: false
""",
    PROD: """\
environment: prod
extends: common
settings: {orders_host: db.prod.example}
""",
    PAYMENTS: """\
team: payments
workloads:
  checkout:
    runs_as: {kubernetes: {namespace: payments, service_account: checkout}}
  settlement:
    runs_as: {approle: {}}
secrets:
  stripe:
    fields: [api_key, webhook_secret]
    rotate_every: 90d
  orders-db:
    database: {connection: orders, access: readonly, default_ttl: 1h, max_ttl: 24h}
grants:
  - {workload: checkout, secret: stripe, can: [read]}
  - {workload: settlement, secret: orders-db, can: [read]}
""",
    IDENTITY: """\
team: identity
workloads:
  login:
    runs_as: {kubernetes: {namespace: identity, service_account: login}}
secrets:
  session:
    fields: [key]
grants:
  - {workload: login, secret: session, can: [read, write]}
  - {workload: payments/checkout, secret: session, can: [read]}
""",
}


EXAMPLE_VALUES: Final = {"strongroom:orders-first-password": "worthless", "strongroom:cluster-reviewer": "eyJ.eyJ.sig"}
"""What the configuration of the example's stacks holds encrypted, for programs that run without an engine."""


class ProjectFolder:
    """A project below a folder. Files are named as they lie below `stacks/`."""

    def __init__(self, root: Path, files: dict[str, str] = FILES) -> None:
        self.root = root
        (root / "Pulumi.yaml").write_text("name: test\nruntime: python\nmain: stacks/\nstackConfigDir: stacks\n")
        for file, text in files.items():
            self.write(file, text)

    def write(self, file: str, text: str) -> ProjectFolder:
        path = self.root / "stacks" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return self

    def text(self, file: str) -> str:
        return (self.root / "stacks" / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> ProjectFolder:
        """Changes the one place in a file where `old` stands."""
        text = self.text(file)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        return self.write(file, text.replace(old, new))

    def append(self, file: str, text: str) -> ProjectFolder:
        return self.write(file, self.text(file) + text)

    def remove(self, file: str) -> ProjectFolder:
        (self.root / "stacks" / file).unlink()
        return self

    def read(self) -> Project:
        return Project.read(self.root)

    def plan(self, stack: str) -> Plan:
        return self.read().plan(stack)

    def problems(self) -> list[str]:
        """What `strongroom check` says, a line each, with `stacks/` left out; empty if all is well."""
        try:
            self.read().check()
        except SpecError as error:
            return [str(problem).removeprefix("stacks/") for problem in error.problems]
        return []


def copy_of_the_example(folder: Path) -> Path:
    """The example project in a folder of its own, with this repository's Python environment."""
    shutil.copytree(ROOT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    manifest = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(manifest.replace(".venv", str(ROOT / ".venv")), encoding="utf-8")
    return folder
