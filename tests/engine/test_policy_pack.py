"""The policy pack under the real engine, on a plain pulumi-vault program that knows nothing of Strongroom."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support.flavours import only_on
from support.pulumi_project import write_project

# On one server, as it is the engine that is asked.
pytestmark = [pytest.mark.engine, only_on("openbao")]

PACK = Path(__file__).parents[2] / "policies"
CONFIG = {
    "s01-cross-environment-reach": {
        "environments": {
            "dev": {"paths": ["dev-kv/*"], "principals": ["auth/dev-approle/*"]},
            "prod": {"paths": ["prod-kv/*"], "principals": ["auth/prod-approle/*"]},
        }
    },
    "v30-no-audit-device": {"managed_elsewhere": {"reason": "in the server's configuration"}},
}

PROGRAM = """
    import pulumi, pulumi_vault as vault

    def policy(name, text):
        return vault.Policy(name, name=f"test-{name}", policy=text)

    def role(name, *policies):
        vault.approle.AuthBackendRole(
            name, backend=approle.path, role_name=name, token_policies=[policy.name for policy in policies])

    kv = vault.Mount("kv", path="prod-kv", type="kv", options={"version": "2"})
    approle = vault.AuthBackend("approle", type="approle", path="prod-approle")
    reader = policy("reader", 'path "prod-kv/data/app" { capabilities = ["read"] }')
    role("app", reader)
    # Its text is known only when the mount has an accessor.
    policy("late", kv.accessor.apply(lambda it: f'path "prod-kv/data/{it}" {{ capabilities = ["read"] }}'))
"""
VIOLATIONS = """
    role("v02", policy("everything", 'path "*" { policy = "write" }'))
    role("v04", policy("writer", 'path "sys/policies/acl/*" { capabilities = ["update"] }'))
    role("v10", policy("shadowed",
        'path "prod-kv/data/*" { capabilities = ["read"] } path "prod-kv/+/admin" { capabilities = ["deny"] }'))
    vault.database.SecretBackendRole("v26", backend="prod-database", name="owner", db_name="orders",
        creation_statements=["CREATE ROLE hunter2 SUPERUSER;"])
    role("s01", policy("crosses", 'path "+/data/shared" { capabilities = ["read"] }'))
"""


@dataclass(frozen=True)
class Outcome:
    """What a preview said."""

    exit_code: int
    violations: set[tuple[str, str, str]]  # id of the rule, Pulumi name, level
    undecided: set[tuple[str, str, str]]
    messages: str
    console: str


def preview(engine: Engine, config: dict[str, object], environment: str) -> Outcome:
    engine.configure({"strongroom:environment": environment})
    file = engine.work / "pack.json"
    file.write_text(json.dumps(config))
    result = engine.preview("--policy-pack-config", str(file), check=False)
    violations, undecided, messages = set(), set(), []
    for line in result.events.read_text().splitlines():
        if event := json.loads(line).get("policyEvent"):
            name = event.get("resourceUrn", "").rpartition("::")[2]
            said = (event["policyName"].partition("-")[0].upper(), name, event["enforcementLevel"])
            messages.append(event["message"])
            (undecided if event["message"].startswith("undecided: ") else violations).add(said)
    return Outcome(result.exit_code, violations, undecided, "\n".join(messages), result.console.read_text())


def make_engine(toolchain: Toolchain, sandbox: Sandbox, folder: Path, program: str) -> Engine:
    runtime = f"""
        runtime:
          name: python
          options: {{virtualenv: {json.dumps(sys.prefix)}}}
    """
    project = write_project(folder / "project", program, settings=runtime)
    work = folder / "work"
    work.mkdir()
    engine = Deployment(project, sandbox, "main", policy_packs=[PACK]).engine(toolchain, print, also=["vault"])
    return replace(engine, work=work)


def test_a_good_program_passes_and_what_is_not_known_yet_is_undecided(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    outcome = preview(make_engine(toolchain, sandbox, tmp_path, PROGRAM), CONFIG, "prod")
    assert outcome.exit_code == 0, outcome.console
    assert outcome.violations == set()
    assert outcome.undecided == {(rule, "late", "advisory") for rule in ("V02", "V04", "V10", "S01")}


def test_a_bad_program_is_refused_in_prod_and_only_warned_about_in_dev(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    engine = make_engine(toolchain, sandbox, tmp_path, PROGRAM + VIOLATIONS)
    refused = preview(engine, CONFIG, "prod")
    expected = {("V02", "everything"), ("V04", "writer"), ("V10", "shadowed"), ("V26", "v26"), ("S01", "crosses")}
    # Reaching everything is reaching the other environment too.
    expected.add(("S01", "everything"))
    assert refused.exit_code != 0
    assert refused.violations == {(rule, name, "mandatory") for rule, name in expected}, refused.console
    assert "hunter2" not in refused.messages

    warned = preview(engine, CONFIG, "dev")
    assert warned.exit_code == 0, warned.console
    assert warned.violations == {(rule, name, "advisory") for rule, name in expected}


def test_a_pack_configuration_that_does_not_fit_its_schema_is_refused_by_the_engine(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path
) -> None:
    engine = make_engine(toolchain, sandbox, tmp_path, PROGRAM)
    bad = {"v30-no-audit-device": {"managed_elsewhere": {"raison": "typo"}}}
    outcome = preview(engine, bad, "prod")
    assert outcome.exit_code != 0
    assert "v30-no-audit-device" in outcome.console
    assert "reason is required" in outcome.console
