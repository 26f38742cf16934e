"""What the components add to raw Pulumi: the same resources, once through Strongroom and once written by hand.

    python benchmarks/components_overhead.py [--secrets 200 1000] [--rounds 3]

Both programs run in turn, with a provider that does nothing and a state of their own for each run. The table gives
medians and the ratio; the target is at most 1.15.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from strongroom.project import Project
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain, ensure

ROOT = Path(__file__).resolve().parent.parent
SECRETS_PER_TEAM = 25

OURS = """\
from pathlib import Path

from strongroom.program import run

run(Path(__file__).resolve().parent.parent)
"""
BY_HAND = """\
import json
from pathlib import Path

import pulumi
import pulumi_vault as vault

records = json.loads((Path(__file__).resolve().parent.parent / "plan.json").read_text())["records"]
for r in records:
    protect = pulumi.ResourceOptions(protect=r.get("protect"))
    match r["kind"]:
        case "vault.kv.mount":
            mount = vault.Mount(r["mount"], path=r["mount"], type="kv", options={"version": "2"}, opts=protect)
            vault.kv.SecretBackendV2(
                r["store"], mount=mount.path, max_versions=r["max_versions"], cas_required=r["cas_required"]
            )
        case "vault.database.mount":
            database = vault.Mount(r["mount"], path=r["mount"], type="database", opts=protect)
        case "vault.policy":
            vault.Policy(r["name"], name=r["name"], policy=r["text"])
        case "vault.auth.approle.method":
            approle = vault.AuthBackend(r["mount"], type="approle", path=r["mount"], opts=protect)
for r in records:
    match r["kind"]:
        case "vault.database.connection":
            connection = vault.database.SecretBackendConnection(
                r["name"],
                name=r["name"],
                backend=database.path,
                allowed_roles=r["allowed_roles"],
                postgresql={"connection_url": r["connection_url"], "username": r["username"]},
            )
            vault.generic.Endpoint(
                f"{r['name']}-rotation",
                path=f"{r['mount']}/rotate-root/{r['name']}",
                data_json="{}",
                disable_read=True,
                disable_delete=True,
                opts=pulumi.ResourceOptions(depends_on=[connection]),
            )
        case "vault.database.role":
            vault.database.SecretBackendRole(
                r["name"],
                name=r["name"],
                backend=database.path,
                db_name=r["connection"],
                creation_statements=r["creation_statements"],
                revocation_statements=r["revocation_statements"],
                renew_statements=r["renew_statements"],
                default_ttl=r["default_ttl_seconds"],
                max_ttl=r["max_ttl_seconds"],
            )
        case "vault.auth.approle.role":
            vault.approle.AuthBackendRole(
                r["name"],
                backend=approle.path,
                role_name=r["name"],
                bind_secret_id=True,
                secret_id_ttl=r["secret_id_ttl_seconds"],
                secret_id_num_uses=r["secret_id_uses"],
                token_policies=r["policies"],
                token_no_default_policy=True,
                token_ttl=r["token_ttl_seconds"],
                token_max_ttl=r["token_max_ttl_seconds"],
            )
"""


def write_project(folder: Path, program: str, secrets: int) -> None:
    """A project of so many secrets, each of which is a resource: database credentials."""
    connection = {
        "host": "db.example",
        "database": "orders",
        "username": "vault_admin",
        "first_password": {"environment_variable": "FIRST_PASSWORD"},
    }
    environment = {
        "environment": "bench",
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {
            "auth": {"machines": {"approle": {}}},
            "engines": {"database": {"connections": {"orders": {"postgresql": connection}}}},
        },
    }
    files = {
        "Pulumi.yaml": {
            "name": "strongroom",
            "runtime": {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}},
            "main": "stacks/",
            "stackConfigDir": "stacks",
        },
        "stacks/Pulumi.bench.yaml": {"config": {"strongroom:environment": "bench"}},
        "stacks/environments/bench.yaml": environment,
    }
    for start in range(0, secrets, SECRETS_PER_TEAM):
        names = [f"secret-{n}" for n in range(start, min(start + SECRETS_PER_TEAM, secrets))]
        files[f"stacks/catalog/team-{start}.yaml"] = {
            "team": f"team-{start}",
            "workloads": {"service": {"runs_as": {"approle": {}}}},
            "secrets": {name: {"database": {"connection": "orders", "access": "readonly"}} for name in names},
            "grants": [{"workload": "service", "secret": name, "can": ["read"]} for name in names],
        }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content))
    (folder / "stacks" / "__main__.py").write_text(program)
    (folder / "plan.json").write_text(Project.read(folder).plan("bench").as_json())


@contextmanager
def noop_provider() -> Iterator[int]:
    """The port of a running provider."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("noop_provider.py"))], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().partition(":")[2])
    finally:
        process.terminate()
        process.wait()


def measure(toolchain: Toolchain, port: int, project: Path, work: Path) -> dict[str, float]:
    """Seconds of a first preview, of `up`, and of an `up` without changes; and the number of resources."""
    engine = Engine(toolchain=toolchain, project=project, stack="bench", work=work, providers={"vault": port})
    engine.configure({}, project / "stacks" / "Pulumi.bench.yaml")
    seconds: dict[str, float] = {}
    for name, run in (("preview", engine.preview), ("up", engine.up), ("up again", engine.up)):
        start = time.perf_counter()
        result = run()
        seconds[name] = time.perf_counter() - start
    seconds["resources"] = sum(result.changes.values())
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secrets", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    toolchain = ensure(ROOT, lambda line: print(line, file=sys.stderr))
    print(f"{'secrets':>8} {'command':<9} {'by hand s':>10} {'ours s':>8} {'ratio':>6}   resources by hand / ours")
    for secrets in options.secrets:
        with tempfile.TemporaryDirectory() as folder, noop_provider() as port:
            runs: dict[str, list[dict[str, float]]] = {"by hand": [], "ours": []}
            for name, program in (("by hand", BY_HAND), ("ours", OURS)):
                write_project(Path(folder) / name, program, secrets)
            for round_number in range(options.rounds):
                for name, results in runs.items():
                    work = Path(folder) / f"{name}-{round_number}"
                    results.append(measure(toolchain, port, Path(folder) / name, work))
            counts = " / ".join(f"{results[0]['resources']:.0f}" for results in runs.values())
            for command in ("preview", "up", "up again"):
                hand, ours = ([result[command] for result in results] for results in runs.values())
                ratio = statistics.median(o / h for o, h in zip(ours, hand, strict=True))
                print(
                    f"{secrets:>8} {command:<9} {statistics.median(hand):>10.1f} {statistics.median(ours):>8.1f} "
                    f"{ratio:>6.2f}   {counts}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
