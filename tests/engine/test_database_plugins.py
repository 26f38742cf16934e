"""Databases other than PostgreSQL: those that a real server can be had of are used as a client would use them, the
others are written to the servers that have their plugins, and read back."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import psycopg
import pytest
import valkey.exceptions

from strongroom.vault.database.plan import DatabaseConnection
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.orders_admin import OrdersAdmin, orders_admin
from support.tls_hop import TlsHop, tls_before
from support.valkey import HOST, Valkey, running
from support.workloads import environment, login, runs_as

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("database-plugins")]

ENVIRONMENT = "dplug"
MOUNT = f"database-{ENVIRONMENT}"


def _not_yet(username: str) -> dict[str, Any]:
    """The login for a database that nothing here can run. Each connection has its own, as they have one host."""
    return {"username": username, "first_password": {"pulumi_config": "first"}, "verify_connection": False}


WRITTEN: Mapping[str, Mapping[str, Any]] = {
    "mysql": {"mysql": {"host": "db.example", **_not_yet("mysql_admin")}},
    "aurora": {
        "mysql": {"host": "db.example", "variant": "aurora", "max_idle_connections": 2, **_not_yet("aurora_admin")}
    },
    "rds": {
        "mysql": {"host": "db.example", "variant": "rds", "max_connection_lifetime": "90m", **_not_yet("rds_admin")}
    },
    "old": {
        "mysql": {
            "host": "db.example",
            "variant": "legacy",
            "username_template": "{{random 16}}",
            **_not_yet("old_admin"),
        }
    },
    "cassandra": {"cassandra": {"hosts": ["a.example", "b.example"], **_not_yet("cassandra_admin")}},
    "mongo": {"mongodb": {"host": "db.example", **_not_yet("mongo_admin")}},
    "search": {"elasticsearch": {"host": "db.example", **_not_yet("search_admin")}},
}
OF: Mapping[Flavour, tuple[str, ...]] = {
    "openbao": ("mysql", "aurora", "rds", "old", "cassandra"),
    "vault": tuple(WRITTEN),
}
"""What each server has the plugins for."""
ACCESS: Mapping[str, Mapping[str, Any]] = {
    "mysql": {"access": "owner", "schema": "shop"},
    "cassandra": {"access": "readwrite", "schema": "shop"},
    "mongo": {"access": "readonly", "schema": "shop"},
    "search": {
        "statements": {
            "creation": [
                '{"elasticsearch_role_definition": {"indices": [{"names": ["shop-*"], "privileges": ["read"]}]}}'
            ]
        }
    },
}


class World:
    """What was deployed, and the databases behind it."""

    def __init__(
        self, sandbox: Sandbox, folder: Path, flavour: Flavour, cache: Valkey, tls: TlsHop, warehouse: OrdersAdmin
    ) -> None:
        self.sandbox, self.folder, self.flavour = sandbox, folder, flavour
        self.cache, self.tls, self.warehouse = cache, tls, warehouse
        self.kinds = ("redis", "valkey") if flavour == "openbao" else ("redis",)
        self.first = {kind: cache.user(f"{kind}_admin", "~*", "&*", "+@all") for kind in self.kinds}
        self.static_first = {kind: cache.user(f"{kind}_job", "~job:*", "+@read") for kind in self.kinds}
        self.later_first, self.later_exists = cache.user("later_admin", "~*", "&*", "+@all"), False
        self.deployed: Deployed
        self.operator: hvac.Client = sandbox.vault.root_client()

    def like_redshift(self) -> None:
        """The one system table of Redshift that the plugin asks when it ends a login's sessions."""
        with self.sandbox.postgres.superuser() as connection:
            connection.execute(
                "CREATE VIEW stv_sessions AS SELECT usename::text AS user_name, pid AS process FROM pg_stat_activity; "
                "GRANT SELECT ON stv_sessions TO PUBLIC"
            )

    def no_longer_like_redshift(self) -> None:
        with self.sandbox.postgres.superuser() as connection:
            connection.execute("DROP VIEW stv_sessions")

    def workload(self, name: str) -> hvac.Client:
        return login(self.sandbox, self.deployed, f"shop/{name}")

    @property
    def secrets(self) -> dict[str, str]:
        """The values of the stack's configuration."""
        kinds = {f"{kind}-first": password for kind, password in self.first.items()}
        later = {"later-first": self.later_first}
        return {"first": "password-of-no-database", **later, "warehouse-first": self.warehouse.password, **kinds}

    def environment(self) -> dict[str, Any]:
        place = {"host": HOST, "port": self.tls.port, "ca_pem": self.tls.ca_pem}
        connections: dict[str, Any] = {
            kind: {
                kind: {
                    **place,
                    "username": f"{kind}_admin",
                    "first_password": {"pulumi_config": f"{kind}-first"},
                    "password_policy": "long",
                }
            }
            for kind in self.kinds
        }
        later = {"username": "later_admin", "first_password": {"pulumi_config": "later-first"}}
        connections["later"] = {"redis": {**place, **later, "verify_connection": self.later_exists}}
        if self.flavour == "vault":
            postgres = self.sandbox.postgres
            connections["warehouse"] = {
                "redshift": {
                    "host": postgres.host,
                    "port": postgres.port(),
                    "database": "orders",
                    "tls": "disable",
                    "username": self.warehouse.name,
                    "first_password": {"pulumi_config": "warehouse-first"},
                }
            }
        connections |= {name: dict(WRITTEN[name]) for name in OF[self.flavour]}
        made = environment(self.sandbox, ENVIRONMENT, {"database": {"connections": connections}})
        made["vault"]["password_policies"] = {"long": {"length": 40}}
        return made

    def write(self, environment: dict[str, Any], catalog: dict[str, Any], secrets: Mapping[str, str]) -> None:
        """Writes the project anew, and these values into the stack's configuration."""
        write_project(self.folder, environment, [catalog])
        engine = self.deployed.engine
        engine.configure({"settings": self.sandbox.settings()}, self.folder / "stacks" / f"Pulumi.{ENVIRONMENT}.yaml")
        for name, value in secrets.items():
            engine.set_secret(name, value)

    def catalog(self, *more_rules: str) -> dict[str, Any]:
        secrets: dict[str, Any] = {}
        for kind in self.kinds:
            rules = json.dumps(["~app:*", "+@read", *more_rules])
            secrets[f"{kind}-app"] = {"database": {"connection": kind, "statements": {"creation": [rules]}}}
            static = {"connection": kind, "username": f"{kind}_job", "rotation_period": "1d"}
            secrets[f"{kind}-job"] = {"database_static_role": static}
        if self.flavour == "vault":
            secrets["warehouse-app"] = {"database": {"connection": "warehouse", "access": "readonly"}}
        for name, keys in ACCESS.items():
            if name in OF[self.flavour]:
                secrets[f"{name}-app"] = {"database": {"connection": name, **keys}}
        grants = [{"workload": "app", "secret": name, "can": ["read"]} for name in secrets]
        rotation = [{"workload": "operations", "secret": f"{kind}-job", "can": ["rotate"]} for kind in self.kinds]
        workloads = {name: runs_as(name) for name in ("app", "operations")}
        return {"team": "shop", "workloads": workloads, "secrets": secrets, "grants": grants + rotation}


@pytest.fixture(scope="module")
def world(
    sandbox: Sandbox, flavour: Flavour, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> Iterator[World]:
    with ExitStack() as stack:
        cache = stack.enter_context(running(tmp_path_factory.mktemp("valkey")))
        tls = stack.enter_context(tls_before(cache.port, tmp_path_factory.mktemp("tls")))
        warehouse = stack.enter_context(orders_admin(sandbox))
        folder = tmp_path_factory.mktemp("plugins")
        made = World(sandbox, folder, flavour, cache, tls, warehouse)
        if flavour == "vault":
            made.like_redshift()
            stack.callback(made.no_longer_like_redshift)
        made.deployed = deploy(sandbox, toolchain, folder, made.environment(), [made.catalog()], made.secrets)
        yield made
        made.deployed.engine.destroy()


def test_a_login_of_redis_or_valkey_reads_its_own_keys_until_its_lease_ends(world: World) -> None:
    world.cache.operator.set("app:price", "7")
    world.cache.operator.set("other:price", "8")
    for kind in world.kinds:
        answer = world.workload("app").read(f"{MOUNT}/creds/shop.{kind}-app")
        user, password = answer["data"]["username"], answer["data"]["password"]
        assert len(password) == 40
        with world.cache.login(user, password) as client:
            assert client.get("app:price") == "7"
            for denied in (["SET", "app:price", "9"], ["GET", "other:price"], ["ACL", "LIST"]):
                with pytest.raises(valkey.exceptions.NoPermissionError):
                    client.execute_command(*denied)
        world.operator.adapter.post("/v1/sys/leases/revoke", json={"lease_id": answer["lease_id"], "sync": True})
        assert not world.cache.accepts(user, password)


def test_a_server_with_a_certificate_of_another_authority_is_not_spoken_to(world: World, tmp_path: Path) -> None:
    with tls_before(world.cache.port, tmp_path) as other:
        for kind in world.kinds:
            login_args = {"username": f"{kind}_admin", "password": "never-sent", "allowed_roles": "none"}
            place = {"host": HOST, "port": other.port, "tls": True, "ca_cert": world.tls.ca_pem}
            with pytest.raises(hvac.exceptions.InvalidRequest, match=r"x509: certificate signed by unknown authority"):
                world.operator.write_data(
                    f"{MOUNT}/config/other", data={"plugin_name": f"{kind}-database-plugin", **login_args, **place}
                )


def test_the_first_password_of_each_was_rotated_away(world: World) -> None:
    for kind, password in world.first.items():
        assert not world.cache.accepts(f"{kind}_admin", password)


def test_a_login_of_each_that_stays_is_rotated_at_once_and_on_demand(world: World) -> None:
    for kind, first in world.static_first.items():
        assert not world.cache.accepts(f"{kind}_job", first)
        path = f"{MOUNT}/static-creds/shop.{kind}-job"
        before = world.workload("app").read(path)["data"]["password"]
        assert world.cache.accepts(f"{kind}_job", before)
        world.workload("operations").write_data(f"{MOUNT}/rotate-role/shop.{kind}-job", data={})
        assert not world.cache.accepts(f"{kind}_job", before)
        assert world.cache.accepts(f"{kind}_job", world.workload("app").read(path)["data"]["password"])


@pytest.mark.parametrize("flavour", ["vault"], indirect=True, scope="module")  # OpenBao has no plugin for Redshift
def test_a_login_of_redshift_works_on_what_speaks_its_protocol_and_ends_with_its_lease(world: World) -> None:
    assert _refused(world.warehouse, world.warehouse.name, world.warehouse.password)
    answer = world.workload("app").read(f"{MOUNT}/creds/shop.warehouse-app")
    user, password = answer["data"]["username"], answer["data"]["password"]
    with world.warehouse.connect(user, password) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM orders").fetchone() == (True,)
    world.operator.adapter.post("/v1/sys/leases/revoke", json={"lease_id": answer["lease_id"], "sync": True})
    assert _refused(world.warehouse, user, password)


def _refused(admin: OrdersAdmin, user: str, password: str) -> bool:
    try:
        admin.connect(user, password).close()
    except psycopg.OperationalError as error:
        return "password authentication failed" in str(error)
    return False


def test_the_server_has_every_connection_as_it_was_written(world: World) -> None:
    for connection in world.deployed.plan.of(DatabaseConnection):
        told = world.operator.read(f"{MOUNT}/config/{connection.name}")["data"]
        assert told["plugin_name"] == connection.plugin
        assert told["allowed_roles"] == list(connection.allowed_roles)
        details = told["connection_details"]
        assert "password" not in details
        assert details["username"] == connection.username
        for name, value in connection.settings:
            wanted: object = ",".join(value) if isinstance(value, tuple) else value
            assert details[name] == (f"{value}s" if name == "max_connection_lifetime" else wanted)


def test_the_server_has_the_statements_of_each_language(world: World) -> None:
    for name in ACCESS.keys() & set(OF[world.flavour]):
        told = world.operator.read(f"{MOUNT}/roles/shop.{name}-app")["data"]
        assert told["db_name"] == name
        assert told["creation_statements"]


def test_another_up_changes_nothing(world: World) -> None:
    result = world.deployed.up()
    assert result.changed == 0, result.console.read_text()


def test_first_passwords_may_be_forgotten_once_they_were_used(world: World) -> None:
    """Also where the provider demands one, as for Redis and Elasticsearch: the engine gives it the old one."""
    world.write(world.environment(), world.catalog(), {})
    result = world.deployed.up()
    assert result.changed == 0, result.console.read_text()
    world.write(world.environment(), world.catalog(), world.secrets)


def test_a_first_password_stays_in_force_until_its_database_is_said_to_exist(world: World) -> None:
    assert world.cache.accepts("later_admin", world.later_first)
    world.later_exists = True
    world.write(world.environment(), world.catalog(), world.secrets)
    world.deployed.up()
    assert not world.cache.accepts("later_admin", world.later_first)
    assert world.deployed.up().changed == 0


def test_a_changed_connection_keeps_the_password_that_only_the_server_knows(world: World) -> None:
    made = world.environment()
    for kind in world.kinds:
        del made["vault"]["engines"]["database"]["connections"][kind][kind]["password_policy"]
    world.write(made, world.catalog("+ping"), world.secrets)
    assert world.deployed.up().changed == 2 * len(world.kinds)
    for kind in world.kinds:
        assert not world.cache.accepts(f"{kind}_admin", world.first[kind])
        data = world.workload("app").read(f"{MOUNT}/creds/shop.{kind}-app")["data"]
        assert len(data["password"]) == 20
        assert world.cache.accepts(data["username"], data["password"])


def test_no_password_is_in_state_plan_or_logs(world: World) -> None:
    issued = [world.workload("app").read(f"{MOUNT}/creds/shop.{kind}-app")["data"]["password"] for kind in world.kinds]
    world.deployed.up()
    for value in (*world.secrets.values(), *world.static_first.values(), *issued):
        assert canary.files_with(value, world.sandbox.directory, world.folder) == []
        assert not canary.is_in(value, json.dumps(world.deployed.engine.export()))
