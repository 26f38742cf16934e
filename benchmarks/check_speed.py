"""How long `strongroom check` takes on a large project, and how much memory. Run: `python benchmarks/check_speed.py`.

Makes a project of 10,000 secrets in 40 teams and four environments, and measures the whole process from its start
to its end: the time that a person or a pull request waits.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

TARGET_SECONDS: Final = 3.0
TARGET_MEGABYTES: Final = 400

ENVIRONMENTS: Final = ("dev", "test", "staging", "prod")
ENVIRONMENT_FILE: Final = """\
environment: {name}
default_store: {store}
stores:
  kv: {{vault_kv: {{}}}}
  aws: {{aws_secrets_manager: {{kms_key: main}}}}
  parameters: {{aws_parameter_store: {{kms_key: main}}}}
  azure: {{azure_key_vault: {{vault: "acme-{name}", allowed_ips: [20.30.40.0/24]}}}}
  gcp: {{gcp_secret_manager: {{}}}}
azure:
  tenant: 8a4c0a5e-6b0f-4c0e-9d55-1f0a3c1d2e3f
  subscription: 0f9b7c8d-1e2f-4a3b-8c4d-5e6f7a8b9c0d
  resource_group: secrets-{name}
  location: westeurope
  identities: {{clusters: {{main: {{issuer: "https://oidc.{name}.example/"}}}}}}
gcp:
  project: acme-{name}
  project_number: "123456789012"
  identities: {{gke: {{main: {{project: acme-{name}, project_number: "123456789012"}}}}}}
aws:
  account: "111122223333"
  region: eu-central-1
  keys: {{main: {{}}}}
  iam:
    clusters:
      main: {{pod_identity: {{cluster_arn: "arn:aws:eks:eu-central-1:111122223333:cluster/main"}}}}
vault:
  auth:
    cluster:
      jwt:
        accepts: [kubernetes]
        audiences: ["vault-{{{{ environment }}}}"]
        oidc_discovery_url: https://oidc.{name}.example
  engines:
    database:
      connections:
        orders:
          postgresql:
            host: db.{name}.example
            database: orders
            username: vault_admin
            first_password: {{pulumi_config: orders-first-password}}
  policies:
    inventory:
      reason: a report of names and ages for all teams
      rules: [{{path: "kv-{{{{ environment }}}}/metadata/*", capabilities: [list, read]}}]
"""
CLUSTERS: Final = """\
clusters:
  main:
    context: {name}
    server: https://kubernetes.{name}.example
    external_secrets: {{vault: {{server: "https://vault.{name}.example"}}}}
"""
STACK_FILE: Final = "config:\n  strongroom:environment: {name}\n"


def write_project(root: Path, secrets: int, teams: int, store: str = "kv", deliver: bool = False) -> None:
    """Four environments; in every team one workload for ten secrets, every secret granted, every tenth a database."""
    (root / "stacks" / "environments").mkdir(parents=True)
    (root / "stacks" / "catalog").mkdir()
    (root / "Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
    for name in ENVIRONMENTS:
        (root / "stacks" / f"Pulumi.{name}.yaml").write_text(STACK_FILE.format(name=name))
        environment = (ENVIRONMENT_FILE + CLUSTERS * deliver).format(name=name, store=store)
        (root / "stacks" / "environments" / f"{name}.yaml").write_text(environment)
    for team in range(teams):
        count = secrets // teams + (team < secrets % teams)
        (root / "stacks" / "catalog" / f"team-{team}.yaml").write_text(_catalog(f"team-{team}", count, deliver))


def _catalog(team: str, secrets: int, deliver: bool) -> str:
    lines = [f"team: {team}", "workloads:"]
    for workload in range(-(-secrets // 10)):
        account = f"{{namespace: {team}, service_account: w-{workload}}}"
        lines.append(f"  w-{workload}:\n    runs_as: {{kubernetes: {account}}}")
    lines.append("secrets:")
    for secret in range(secrets):
        if secret % 10 == 9:
            lines.append(f"  s-{secret}:\n    database: {{connection: orders, access: readonly, max_ttl: 24h}}")
        else:
            lines.append(f"  s-{secret}:\n    description: number {secret}\n    fields: [username, password]")
            lines.append("    rotate_every: 90d")
    lines.append("grants:")
    lines += [f"  - {{workload: w-{secret // 10}, secret: s-{secret}, can: [read]}}" for secret in range(secrets)]
    lines += ["deliveries:"] * deliver
    for secret in range(secrets * deliver):
        if secret % 10 != 9:
            lines.append(f"  - {{workload: w-{secret // 10}, secret: s-{secret}, kubernetes_secret: s-{secret}}}")
    return "\n".join(lines) + "\n"


def check_seconds(root: Path) -> tuple[float, float]:
    """Runs the command as a process of its own, as people do. Returns the time it takes, and that of the processor,
    which other work on the machine does not lengthen."""
    begin, used = time.perf_counter(), _processor_seconds()
    command = Path(sys.executable).with_name("strongroom")
    subprocess.run([str(command), "check", "--root", str(root)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin, _processor_seconds() - used


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--secrets", type=int, default=10_000)
    arguments.add_argument("--teams", type=int, default=40)
    arguments.add_argument("--store", default="kv", help="kv, aws, parameters, azure or gcp: what keeps them")
    arguments.add_argument("--deliver", action="store_true", help="each stored value to a cluster, followed to its end")
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), options.secrets, options.teams, options.store, options.deliver)
        runs = [check_seconds(Path(folder)) for _ in range(options.runs)]
    # The most that any process we started has ever held; ru_maxrss is in KiB on Linux, in bytes on macOS.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    table = Table("measured", "value", "target", "ratio", title=f"check of {options.secrets:,} secrets, 4 stacks")
    for what, seconds in (("time, best run", min(r[0] for r in runs)), ("processor time", min(r[1] for r in runs))):
        table.add_row(what, f"{seconds:.2f} s", f"{TARGET_SECONDS:.0f} s", f"{seconds / TARGET_SECONDS:.2f}")
    table.add_row("memory", f"{megabytes:.0f} MB", f"{TARGET_MEGABYTES} MB", f"{megabytes / TARGET_MEGABYTES:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
