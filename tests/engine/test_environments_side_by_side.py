"""dev, staging and prod, applied side by side to one server, do not touch each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hvac.exceptions
import pytest
from psycopg import sql

from strongroom.plan.plan import Plan
from strongroom.vault.auth.jwt.plan import JwtRole
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import FIRST_PASSWORD, Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support.sandbox import running, without_cluster

pytestmark = pytest.mark.engine

ENVIRONMENTS = ("dev", "staging", "prod")


class Deployed(NamedTuple):
    deployment: Deployment
    engine: Engine
    plan: Plan


class World(NamedTuple):
    sandbox: Sandbox
    stacks: dict[str, Deployed]


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, example: Path, flavour: Flavour
) -> Iterator[World]:
    """All three, applied one after the other; each with a role of its own in the database."""
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        stacks = {}
        for name in ENVIRONMENTS:
            deployment = Deployment(example, sandbox, name, policy_packs=[])
            engine = deployment.engine(toolchain, print)
            tracked = example / "stacks" / f"Pulumi.{name}.yaml"
            engine.configure({"settings": _settings(sandbox, name), "vault:address": sandbox.vault.address}, tracked)
            engine.set_secret(FIRST_PASSWORD, _database_role(sandbox, name))
            deployment.up(engine)
            plan = deployment.plan(engine)
            deployment.fill(plan, print)
            stacks[name] = Deployed(deployment, engine, plan)
        yield World(sandbox, stacks)


def _settings(sandbox: Sandbox, name: str) -> dict[str, str]:
    issuer = {"github_issuer_url": sandbox.issuer.url, "github_ca_pem": sandbox.issuer.ca_pem}
    audit = {"audit_log": str(sandbox.directory / f"audit-{name}.log")}
    database = {"orders_db_admin": f"vault_admin_{name}", "orders_db_tls": "disable"}
    return sandbox.settings() | issuer | audit | database


def _database_role(sandbox: Sandbox, name: str) -> str:
    """What a database administrator would make for an environment; returns its first password."""
    password = f"first-{name}-{sandbox.postgres.first_password}"
    role = sql.Identifier(f"vault_admin_{name}")
    with sandbox.postgres.superuser() as database:
        for statement in (
            "CREATE ROLE {role} LOGIN CREATEROLE PASSWORD {password}",
            "GRANT USAGE, CREATE ON SCHEMA public TO {role} WITH GRANT OPTION",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role} WITH GRANT OPTION",
        ):
            database.execute(sql.SQL(statement).format(role=role, password=sql.Literal(password)))
    return password


def _login(world: World, environment: str, workload: str) -> hvac.Client:
    role = next(role for role in world.stacks[environment].plan.of(JwtRole) if role.workload == workload)
    client = world.sandbox.vault.workload_client()
    token = world.sandbox.issuer.token(subject=role.subject or "", audience=role.audiences[0])
    client.auth.jwt.jwt_login(role=role.name, jwt=token, path=role.mount)
    return client


def _read(client: hvac.Client, secret: KvSecret) -> dict[str, str]:
    answer = client.secrets.kv.v2.read_secret_version(
        secret.path, mount_point=secret.mount, raise_on_deleted_version=False
    )
    return dict(answer["data"]["data"])


def _secret(world: World, environment: str, key: str = "payments/stripe") -> KvSecret:
    return next(secret for secret in world.stacks[environment].plan.of(KvSecret) if secret.key == key)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_workload_reads_its_own_environment_and_is_refused_the_others(world: World, environment: str) -> None:
    client = _login(world, environment, "payments/checkout")
    assert _read(client, _secret(world, environment))
    for other in set(ENVIRONMENTS) - {environment}:
        with pytest.raises(hvac.exceptions.Forbidden):
            _read(client, _secret(world, other))
        with pytest.raises(hvac.exceptions.Forbidden):
            client.read(f"database-{other}/creds/payments.orders-db")


def test_an_identity_token_of_one_environment_does_not_log_in_at_another(world: World) -> None:
    role = next(role for role in world.stacks["dev"].plan.of(JwtRole) if role.workload == "payments/checkout")
    token = world.sandbox.issuer.token(subject=role.subject or "", audience="vault-dev")
    with pytest.raises(hvac.exceptions.InvalidRequest, match="audience"):
        world.sandbox.vault.workload_client().auth.jwt.jwt_login(role=role.name, jwt=token, path="cluster-prod")


def test_values_of_the_environments_differ(world: World) -> None:
    values = [
        _read(_login(world, environment, "payments/checkout"), _secret(world, environment))["api_key"]
        for environment in ENVIRONMENTS
    ]
    assert len(set(values)) == len(ENVIRONMENTS)


def test_each_issues_credentials_through_its_own_database_role(world: World) -> None:
    for environment in ENVIRONMENTS:
        client = _login(world, environment, "payments/checkout")
        lease = client.read(f"database-{environment}/creds/payments.orders-db")
        assert lease is not None
        assert lease["lease_duration"] == 3600


def test_a_destroy_of_prod_loses_nothing_that_cannot_be_made_again(world: World) -> None:
    """The engine deletes what is not protected (roles, policies) before it stops at what is; `up` brings it back."""
    before = _server_state(world.sandbox, ("prod",))
    values = _read(_login(world, "prod", "payments/checkout"), _secret(world, "prod"))
    refused = world.stacks["prod"].engine.destroy(check=False)
    assert refused.exit_code != 0
    assert "cannot be deleted" in refused.console.read_text()
    world.stacks["prod"].deployment.up(world.stacks["prod"].engine)
    assert _server_state(world.sandbox, ("prod",)) == before
    assert _read(_login(world, "prod", "payments/checkout"), _secret(world, "prod")) == values


def test_other_environments_do_not_notice_when_dev_is_destroyed(world: World) -> None:
    before = _server_state(world.sandbox, ("staging", "prod"))
    world.stacks["dev"].engine.destroy()
    assert _server_state(world.sandbox, ("staging", "prod")) == before
    assert _server_state(world.sandbox, ("dev",)) == {}
    for environment in ("staging", "prod"):
        assert _read(_login(world, environment, "payments/checkout"), _secret(world, environment))
        result = world.stacks[environment].deployment.up(world.stacks[environment].engine)
        assert result.changed == 0, result.console.read_text()


def _server_state(sandbox: Sandbox, environments: tuple[str, ...]) -> dict[str, str]:
    """Mounts with their accessors, and policies with their texts, of these environments."""
    client = sandbox.vault.root_client()
    mounts = {**client.sys.list_mounted_secrets_engines()["data"], **client.sys.list_auth_methods()["data"]}
    found = {name: mount["accessor"] for name, mount in mounts.items()}
    for name in client.sys.list_policies()["data"]["policies"]:
        found[name] = client.sys.read_policy(name)["data"].get("rules", "")
    return {
        name: value
        for name, value in found.items()
        if any(name.startswith(f"{e}.") or name.endswith(f"-{e}/") for e in environments)
    }
