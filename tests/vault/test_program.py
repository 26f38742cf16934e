"""The program of a stack: the four example stacks, whole and slice by slice, as requests to an engine."""

import base64
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pulumi
import pytest

from strongroom.program import deploy, run
from strongroom.project import Project
from strongroom.spec.stack import Stack
from strongroom.stage import Stage
from support.mocks import Recorded, Recording, record
from support.projects import EXAMPLE_VALUES

ROOT = Path(__file__).parents[2]
STACKS = ("sandbox", "dev", "staging", "prod")
SLICES = ("platform", "payments", "identity")
CANARY = "first-password-canary-9b1d"

EACH_STACK = pytest.mark.parametrize("stack", STACKS)
EACH_STACK_AND_SLICE = pytest.mark.parametrize("slice_name", ["all", *SLICES])


@cache
def _run(stack: str, slice_name: str = "all", preview: bool = False) -> Recording:
    return record(
        lambda: run(ROOT),
        stack=stack,
        preview=preview,
        config={"strongroom:environment": stack, "strongroom:slice": slice_name},
        secret_config=EXAMPLE_VALUES | {"strongroom:orders-first-password": CANARY},
    )


def _thing(resource: Recorded) -> tuple[str, str, str]:
    """What a provider sees of a resource."""
    return resource.type, resource.name, json.dumps(resource.inputs, sort_keys=True)


@EACH_STACK
def test_the_slices_of_a_stack_together_make_exactly_what_the_whole_makes(stack: str) -> None:
    whole = sorted(map(_thing, _run(stack).leaves))
    parts = sorted(_thing(leaf) for slice_name in SLICES for leaf in _run(stack, slice_name).leaves)
    assert parts == whole


@EACH_STACK
def test_names_are_the_same_in_the_whole_and_in_a_slice(stack: str) -> None:
    whole = {resource.urn for resource in _run(stack).resources}
    assert {resource.urn for slice_name in SLICES for resource in _run(stack, slice_name).resources} == whole


@EACH_STACK
@EACH_STACK_AND_SLICE
def test_no_two_resources_share_a_name(stack: str, slice_name: str) -> None:
    urns = [resource.urn for resource in _run(stack, slice_name).resources]
    assert len(urns) == len(set(urns))


@EACH_STACK
@EACH_STACK_AND_SLICE
def test_a_preview_registers_what_an_update_does(stack: str, slice_name: str) -> None:
    update, preview = _run(stack, slice_name), _run(stack, slice_name, preview=True)
    assert sorted(r.urn for r in preview.resources) == sorted(r.urn for r in update.resources)


@EACH_STACK
def test_every_kv_and_database_mount_and_every_role_and_policy_of_the_plan_is_made(stack: str) -> None:
    plan = Project.read(ROOT).plan(stack)
    expected = {
        "vault:kv/secretBackendV2:SecretBackendV2": {"vault.kv.mount"},
        "vault:database/secretBackendConnection:SecretBackendConnection": {"vault.database.connection"},
        "vault:database/secretBackendRole:SecretBackendRole": {"vault.database.role"},
        "vault:index/policy:Policy": {"vault.policy"},
        "vault:index/authBackend:AuthBackend": {"vault.auth.approle.method", "vault.auth.kubernetes.method"},
        "vault:appRole/authBackendRole:AuthBackendRole": {"vault.auth.approle.role"},
        "vault:jwt/authBackend:AuthBackend": {"vault.auth.jwt.method"},
        "vault:jwt/authBackendRole:AuthBackendRole": {"vault.auth.jwt.role"},
        "vault:kubernetes/authBackendConfig:AuthBackendConfig": {"vault.auth.kubernetes.method"},
        "vault:kubernetes/authBackendRole:AuthBackendRole": {"vault.auth.kubernetes.role"},
    }
    made = _run(stack)
    for type_, kinds in expected.items():
        assert len(made.of(type_)) == sum(record.kind in kinds for record in plan.records), type_
    assert {policy.inputs["policy"] for policy in made.of("vault:index/policy:Policy")} == {
        record.as_json()["text"] for record in plan.records if record.kind == "vault.policy"
    }


STATEFUL = {
    "vault:index/mount:Mount",
    "vault:database/secretBackendConnection:SecretBackendConnection",
    "vault:index/authBackend:AuthBackend",
    "vault:jwt/authBackend:AuthBackend",
    "vault:index/audit:Audit",
}


@pytest.mark.parametrize("stack", ["staging", "prod"])
def test_everything_stateful_is_protected_where_the_environment_says_so(stack: str) -> None:
    leaves = _run(stack).leaves
    assert {leaf.type for leaf in leaves if leaf.protect} == STATEFUL
    assert not [leaf.name for leaf in leaves if leaf.type in STATEFUL and not leaf.protect]


@pytest.mark.parametrize("stack", ["sandbox", "dev"])
def test_nothing_is_protected_where_the_environment_says_so(stack: str) -> None:
    assert not [leaf.name for leaf in _run(stack).leaves if leaf.protect]


@EACH_STACK
def test_the_first_password_is_a_secret_input_of_one_resource_and_nowhere_else(stack: str) -> None:
    made = _run(stack)
    (connection,) = made.of("vault:database/secretBackendConnection:SecretBackendConnection")
    assert connection.secrets == {"postgresql.password"}
    assert connection.inputs["postgresql"]["password"] == CANARY
    spellings = (CANARY, base64.b64encode(CANARY.encode()).decode(), json.dumps(CANARY))
    rest = "".join(r.request for r in made.resources if r is not connection) + json.dumps(made.outputs)
    assert not [spelling for spelling in spellings if spelling in rest]


@EACH_STACK
def test_no_other_slice_than_the_platform_sends_the_first_password(stack: str) -> None:
    for slice_name in ("payments", "identity"):
        assert CANARY not in "".join(r.request for r in _run(stack, slice_name).resources)


def test_all_else_waits_for_the_audit_device() -> None:
    made = _run("prod")
    (device,) = made.of("vault:index/audit:Audit")
    others = [leaf for leaf in made.leaves if leaf is not device]
    assert [leaf.name for leaf in others if device.name not in made.waits_for(leaf.name)] == []
    assert made.leaves[0] is device


def test_on_openbao_the_audit_device_is_an_output_and_nobody_waits_for_it() -> None:
    made = _run("sandbox")
    assert made.of("vault:index/audit:Audit") == []
    assert 'audit "file" "file-sandbox"' in made.outputs["audit-file-sandbox"]["declaration"]


@EACH_STACK
def test_roles_wait_for_all_policies_of_their_stack(stack: str) -> None:
    made = _run(stack)
    policies = {policy.name for policy in made.of("vault:index/policy:Policy")}
    roles = made.of("vault:jwt/authBackendRole:AuthBackendRole")
    roles += made.of("vault:appRole/authBackendRole:AuthBackendRole")
    roles += made.of("vault:kubernetes/authBackendRole:AuthBackendRole")
    assert roles
    assert all(made.waits_for(role.name) >= policies for role in roles)


@EACH_STACK
def test_the_rotation_waits_for_its_connection(stack: str) -> None:
    made = _run(stack)
    (rotation,) = made.of("vault:generic/endpoint:Endpoint")
    (connection,) = made.of("vault:database/secretBackendConnection:SecretBackendConnection")
    assert connection.name in rotation.depends_on


@EACH_STACK
def test_what_lives_in_a_mount_goes_with_the_mount(stack: str) -> None:
    """Else a server could not revoke what it issued, and would refuse to delete the mount."""
    made = _run(stack)
    kinds = ("database/secretBackendRole:SecretBackendRole", "database/secretBackendConnection:SecretBackendConnection")
    contained = [leaf for kind in kinds for leaf in made.of(f"vault:{kind}")]
    assert contained
    assert {leaf.deleted_with for leaf in contained} == {f"database-{stack}-mount"}


@EACH_STACK
def test_a_teams_own_slice_refers_to_the_platforms_mounts_by_path(stack: str) -> None:
    made = _run(stack, "payments")
    assert made.of("vault:index/mount:Mount") == []
    roles = made.of("vault:database/secretBackendRole:SecretBackendRole")
    assert {role.inputs["backend"] for role in roles} == {f"database-{stack}"}


@EACH_STACK
def test_the_stacks_outputs_say_how_each_workload_logs_in_where_secrets_are_kept_and_no_value(stack: str) -> None:
    outputs = _run(stack).outputs[f"strongroom-{stack}"]
    assert outputs.keys() == {"environment", "slice", "logins", "secrets"}
    assert outputs["secrets"]["payments/stripe"] == {
        "mount": f"kv-{stack}",
        "path": "payments/stripe",
        "fields": ["api_key", "webhook_secret"],
    }
    assert outputs["logins"]["payments/checkout"] == {
        "method": "kubernetes" if stack == "sandbox" else "jwt",
        "mount": f"cluster-{stack}",
        "role": "payments.checkout",
    }


# Names under change: the reason why nothing is ever replaced by accident.


def _deployed(project: Path, environment: str = "dev") -> set[str]:
    plan = Project.read(project).plan(environment, Stack(environment=environment))
    return {r.urn for r in record(lambda: deploy(plan, Stage(secret=lambda *_: None))).resources}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    for source in (ROOT / "stacks").rglob("*.yaml"):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text("utf-8"), "utf-8")
    return tmp_path


def _add_team(project: Path) -> None:
    (project / "stacks/catalog/accounting.yaml").write_text(
        "team: accounting\n"
        "workloads:\n  books: {runs_as: {kubernetes: {namespace: a, service_account: b}}}\n"
        "secrets:\n  ledger: {database: {connection: orders, access: readonly}}\n"
        "grants:\n  - {workload: books, secret: ledger, can: [read]}\n"
    )


def _add_secret(project: Path) -> None:
    path = project / "stacks/catalog/payments.yaml"
    path.write_text(path.read_text().replace("secrets:\n", "secrets:\n  a-new-one: {fields: [x]}\n"))


def _add_workload_first(project: Path) -> None:
    path = project / "stacks/catalog/payments.yaml"
    path.write_text(
        path.read_text().replace(
            "workloads:\n", "workloads:\n  a-new-one: {runs_as: {kubernetes: {namespace: n, service_account: s}}}\n"
        )
    )


def _add_auth_method(project: Path) -> None:
    path = project / "stacks/environments/common.yaml"
    keys = "{accepts: [jwt], audiences: [a], jwks_url: https://a.example/keys, issuer: https://a.example}"
    path.write_text(path.read_text().replace("  auth:\n", f"  auth:\n    a-new-one: {{jwt: {keys}}}\n"))


@pytest.mark.parametrize("change", [_add_team, _add_secret, _add_workload_first, _add_auth_method])
def test_an_addition_changes_no_other_name(project: Path, change: Callable[[Path], None]) -> None:
    before = _deployed(project)
    change(project)
    after = _deployed(project)
    assert before <= after


def test_mounts_and_teams_that_read_the_same_when_joined_have_names_of_their_own(project: Path) -> None:
    keys = "accepts: [jwt], audiences: [a], jwks_url: https://a.example/keys, issuer: https://a.example"
    with (project / "stacks/environments/dev.yaml").open("a") as file:
        file.write(f"vault: {{auth: {{one: {{jwt: {{{keys}, mount: m}}}}, two: {{jwt: {{{keys}, mount: m-n}}}}}}}}\n")
    for team, auth in (("n-o", "one"), ("o", "two")):
        (project / f"stacks/catalog/{team}.yaml").write_text(
            f"team: {team}\nworkloads:\n  w: {{auth: {auth}, runs_as: {{jwt: {{subject: s}}}}}}\n"
        )
    plan = Project.read(project).plan("dev")
    urns = [r.urn for r in record(lambda: deploy(plan, Stage(secret=lambda *_: None))).resources]
    assert len(urns) == len(set(urns))


# Where a first password comes from.


def _with_password_from_environment(project: Path) -> Callable[[], None]:
    path = project / "stacks/environments/common.yaml"
    text = path.read_text()
    assert "{pulumi_config: orders-first-password}" in text
    path.write_text(text.replace("{pulumi_config: orders-first-password}", "{environment_variable: FIRST_PASSWORD}"))
    return lambda: run(project)


def _password(made: Recording) -> object:
    (connection,) = made.of("vault:database/secretBackendConnection:SecretBackendConnection")
    return connection.inputs["postgresql"].get("password", "absent")


def test_a_first_password_from_the_environment_is_secret_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", CANARY)
    made = record(_with_password_from_environment(project), config={"strongroom:environment": "dev"}, stack="dev")
    assert _password(made) == CANARY
    (connection,) = made.of("vault:database/secretBackendConnection:SecretBackendConnection")
    assert connection.secrets == {"postgresql.password"}


@pytest.mark.parametrize("value", [None, ""])
def test_an_absent_or_empty_first_password_is_not_sent(
    project: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("FIRST_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("FIRST_PASSWORD", value)
    made = record(_with_password_from_environment(project), config={"strongroom:environment": "dev"}, stack="dev")
    assert _password(made) == "absent"


@EACH_STACK
def test_after_the_first_up_the_password_may_be_forgotten(stack: str) -> None:
    others = {key: value for key, value in EXAMPLE_VALUES.items() if "first-password" not in key}
    made = record(lambda: run(ROOT), stack=stack, config={"strongroom:environment": stack}, secret_config=others)
    assert _password(made) == "absent"


def test_a_first_password_that_stands_in_plain_text_is_refused_and_not_repeated() -> None:
    config = {"strongroom:environment": "dev", "strongroom:orders-first-password": CANARY}
    with pytest.raises(pulumi.RunError, match=r"plain text.*pulumi config set --secret") as refused:
        record(lambda: run(ROOT), stack="dev", config=config)
    assert CANARY not in str(refused.value)


def test_an_encrypted_setting_is_refused_as_settings_are_shown_everywhere() -> None:
    with pytest.raises(pulumi.RunError, match="no place for secrets") as refused:
        record(
            lambda: run(ROOT),
            stack="dev",
            config={"strongroom:environment": "dev"},
            secret_config={"strongroom:settings": json.dumps({"issuer_url": CANARY})},
        )
    assert CANARY not in str(refused.value)


# What a person sees of mistakes.


def test_mistakes_reach_the_person_as_a_list_and_without_a_traceback(project: Path) -> None:
    path = project / "stacks/catalog/payments.yaml"
    path.write_text(path.read_text().replace("secret: stripe", "secret: stripes"))
    with pytest.raises(pulumi.RunError, match=r"^stacks/catalog/payments.yaml:\d+:\d+: grants"):
        record(lambda: run(project), stack="dev", config={"strongroom:environment": "dev"})


def test_a_wrong_slice_name_in_the_configuration_is_no_traceback_either() -> None:
    config = {"strongroom:environment": "dev", "strongroom:slice": "No Slice"}
    with pytest.raises(pulumi.RunError, match="slice"):
        record(lambda: run(ROOT), stack="dev", config=config)
