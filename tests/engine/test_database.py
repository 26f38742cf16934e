"""Databases: two of them and logins that stay, deployed by the real engine to a real PostgreSQL and used by workloads
as they would use them."""

import json
import re
import secrets
import string
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import psycopg
import pytest
from psycopg import errors, sql

from strongroom.vault.database.plan import DatabaseConnection
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.orders_admin import OrdersAdmin, orders_admin
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

ENVIRONMENT = "dbase"
MOUNT = f"database-{ENVIRONMENT}"
POLICY = f"{ENVIRONMENT}.long"


class World:
    """What was deployed, the databases behind it, and their users."""

    def __init__(self, sandbox: Sandbox, folder: Path, orders: OrdersAdmin, stock: OrdersAdmin) -> None:
        self.sandbox, self.folder, self.orders, self.stock = sandbox, folder, orders, stock
        self.suffix = secrets.token_hex(4)
        self.first = {"orders": orders.password, "stock": stock.password}
        self.stock_database = f"stock_{self.suffix}"
        self.static = {name: f"{name}_{self.suffix}" for name in ("legacy", "brief")}
        self.static_first = {name: secrets.token_urlsafe(16) for name in self.static}
        self.deployed: Deployed
        self.operator: hvac.Client = sandbox.vault.root_client()

    def second_database(self) -> None:
        """One that nobody connects to who was not given that."""
        stock, admin = sql.Identifier(self.stock_database), sql.Identifier(self.stock.name)
        with self.sandbox.postgres.superuser() as connection:
            connection.autocommit = True
            connection.execute(sql.SQL("CREATE DATABASE {}").format(stock))
            for statement in (
                "REVOKE CONNECT ON DATABASE {0} FROM PUBLIC",
                "GRANT CONNECT ON DATABASE {0} TO {1} WITH GRANT OPTION",
            ):
                connection.execute(sql.SQL(statement).format(stock, admin))
            self._let_in(connection, f"host {self.stock_database} all 127.0.0.1/32 scram-sha-256\n")
        with self.sandbox.postgres.superuser(self.stock_database) as connection:
            connection.execute(
                sql.SQL(
                    "CREATE TABLE items (name text); INSERT INTO items VALUES ('screw'); "
                    "GRANT USAGE ON SCHEMA public TO {0} WITH GRANT OPTION; GRANT ALL ON items TO {0} WITH GRANT OPTION"
                ).format(admin)
            )

    def _let_in(self, connection: psycopg.Connection, line: str) -> None:
        """The sandbox lets nobody into other databases than its own over TCP. An empty line: nobody again."""
        found = connection.execute("SHOW hba_file").fetchone()
        assert found is not None
        rules = Path(found[0])
        kept = [rule for rule in rules.read_text().splitlines(keepends=True) if self.stock_database not in rule]
        rules.write_text("".join([line, *kept]))
        connection.execute("SELECT pg_reload_conf()")

    def drop_second_database(self) -> None:
        with self.sandbox.postgres.superuser() as connection:
            connection.autocommit = True
            self._let_in(connection, "")
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.stock_database)))

    def logins_that_stay(self) -> None:
        """Such as an application had before anybody thought of rotation."""
        with self.sandbox.postgres.superuser() as connection:
            for name, login_name in self.static.items():
                connection.execute(
                    sql.SQL("CREATE ROLE {0} LOGIN PASSWORD {1}; GRANT {0} TO {2} WITH ADMIN OPTION").format(
                        sql.Identifier(login_name),
                        sql.Literal(self.static_first[name]),
                        sql.Identifier(self.orders.name),
                    )
                )

    def drop_logins_that_stay(self) -> None:
        with self.sandbox.postgres.superuser() as connection:
            for login_name in self.static.values():
                connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(login_name)))

    def workload(self, name: str) -> hvac.Client:
        return login(self.sandbox, self.deployed, f"shop/{name}")

    def environment(self) -> dict[str, Any]:
        postgres = self.sandbox.postgres
        place = {"host": postgres.host, "port": postgres.port(), "database": "orders", "tls": "disable"}
        connections = {
            "orders": {
                **place,
                "username": self.orders.name,
                "password_policy": "long",
                "username_template": "{{.RoleName | truncate 24}}-{{random 20 | lowercase}}",
                "max_connection_lifetime": "1h",
            },
            "stock": {
                **place,
                "database": self.stock_database,
                "username": self.stock.name,
                "max_open_connections": 2,
                "max_idle_connections": 1,
            },
        }
        made = environment(
            self.sandbox,
            ENVIRONMENT,
            {
                "database": {
                    "connections": {
                        name: {"postgresql": {**keys, "first_password": {"pulumi_config": f"{name}-first"}}}
                        for name, keys in connections.items()
                    }
                }
            },
        )
        rules = [{"charset": "lowercase"}, {"charset": "digits", "min_chars": 3}, {"characters": "-_~", "min_chars": 2}]
        made["vault"]["password_policies"] = {"long": {"length": 40, "rules": rules}}
        return made

    def catalog(self) -> dict[str, Any]:
        def static(name: str, period: str) -> dict[str, Any]:
            keys = {"connection": "orders", "username": self.static[name], "rotation_period": period}
            return {"database_static_role": keys}

        return {
            "team": "shop",
            "workloads": {name: runs_as(name) for name in ("reader", "release", "counter", "batch", "operations")},
            "secrets": {
                "orders-read": {"database": {"connection": "orders", "access": "readonly"}},
                "orders-own": {"database": {"connection": "orders", "access": "owner"}},
                "stock-read": {
                    "database": {
                        "connection": "stock",
                        "statements": {
                            "creation": [
                                """CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'""",
                                f'GRANT CONNECT ON DATABASE "{self.stock_database}" TO "{{{{name}}}}"',
                                'GRANT USAGE ON SCHEMA public TO "{{name}}"; GRANT SELECT ON items TO "{{name}}"',
                            ],
                            "revocation": [
                                'GRANT "{{name}}" TO CURRENT_USER; DROP OWNED BY "{{name}}"; DROP ROLE "{{name}}"'
                            ],
                        },
                    }
                },
                "legacy": static("legacy", "1d"),
                "brief": static("brief", "5s"),
            },
            "grants": [
                {"workload": "reader", "secret": "orders-read", "can": ["read"]},
                {"workload": "release", "secret": "orders-own", "can": ["read"]},
                {"workload": "counter", "secret": "stock-read", "can": ["read"]},
                {"workload": "batch", "secret": "legacy", "can": ["read"]},
                {"workload": "batch", "secret": "brief", "can": ["read"]},
                {"workload": "operations", "secret": "legacy", "can": ["rotate"]},
            ],
        }

    def up(self, catalog: dict[str, Any]) -> tuple[int, str]:
        """Deploys with another catalog; returns exit code and console."""
        write_project(self.folder, self.environment(), [catalog])
        self.deployed.engine.configure(
            {"settings": self.sandbox.settings()}, self.folder / "stacks" / f"Pulumi.{ENVIRONMENT}.yaml"
        )
        for name, password in self.first.items():
            self.deployed.engine.set_secret(f"{name}-first", password)
        result = self.deployed.engine.up("--suppress-outputs", check=False)
        return result.exit_code, result.console.read_text()


@contextmanager
def _accepted(world: World, user: str, password: str) -> Iterator[psycopg.Connection]:
    with world.orders.connect(user, password) as connection:
        yield connection
        connection.rollback()


def _refused(world: World, user: str, password: str) -> bool:
    try:
        world.orders.connect(user, password).close()
    except psycopg.OperationalError as error:
        return "password authentication failed" in str(error)
    return False


def _static(world: World, name: str) -> str:
    answer = world.workload("batch").read(f"{MOUNT}/static-creds/shop.{name}")["data"]
    assert answer["username"] == world.static[name]
    return str(answer["password"])


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[World]:
    with ExitStack() as stack:
        orders, stock = (stack.enter_context(orders_admin(sandbox)) for _ in range(2))
        folder = tmp_path_factory.mktemp("databases")
        made = World(sandbox, folder, orders, stock)
        made.second_database()
        stack.callback(made.drop_second_database)
        made.logins_that_stay()
        stack.callback(made.drop_logins_that_stay)
        passwords = {f"{name}-first": password for name, password in made.first.items()}
        made.deployed = deploy(sandbox, toolchain, folder, made.environment(), [made.catalog()], passwords)
        yield made
        made.deployed.engine.destroy()


def test_issued_logins_are_named_by_the_template_and_made_by_the_policy(world: World) -> None:
    data = world.workload("reader").read(f"{MOUNT}/creds/shop.orders-read")["data"]
    assert re.fullmatch(r"shop\.orders-read-[a-z0-9]{20}", data["username"])
    assert len(data["password"]) == 40
    with _accepted(world, data["username"], data["password"]) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM orders").fetchone() == (True,)
    other = world.workload("counter").read(f"{MOUNT}/creds/shop.stock-read")["data"]
    assert other["username"].startswith("v-")
    assert len(other["password"]) == 20


def test_the_server_makes_passwords_as_the_policy_says(world: World) -> None:
    made = {world.operator.read(f"sys/policies/password/{POLICY}/generate")["data"]["password"] for _ in range(20)}
    assert len(made) == 20
    for password in made:
        assert len(password) == 40
        assert set(password) <= set(string.ascii_lowercase + string.digits + "-_~")
        assert sum(character in string.digits for character in password) >= 3
        assert sum(character in "-_~" for character in password) >= 2
        assert set(password) & set(string.ascii_lowercase)


def test_the_first_passwords_were_rotated_away(world: World) -> None:
    for admin in (world.orders, world.stock):
        assert _refused(world, admin.name, admin.password)


def test_each_connection_serves_its_own_roles_and_no_other(world: World) -> None:
    allowed = {c.name: list(c.allowed_roles) for c in world.deployed.plan.of(DatabaseConnection)}
    assert allowed == {
        "orders": ["shop.brief", "shop.legacy", "shop.orders-own", "shop.orders-read"],
        "stock": ["shop.stock-read"],
    }
    for name, roles in allowed.items():
        told = world.operator.read(f"{MOUNT}/config/{name}")["data"]
        assert told["allowed_roles"] == roles
        assert told["connection_details"]["username"] == getattr(world, name).name
    role = {"db_name": "stock", "creation_statements": ["SELECT 1"]}
    world.operator.write_data(f"{MOUNT}/roles/shop.by-hand", data=role)
    with pytest.raises(hvac.exceptions.InternalServerError, match="not an allowed role"):
        world.operator.read(f"{MOUNT}/creds/shop.by-hand")
    world.operator.delete(f"{MOUNT}/roles/shop.by-hand")


def test_the_limits_of_a_pool_are_the_ones_that_were_written(world: World) -> None:
    details = {
        name: world.operator.read(f"{MOUNT}/config/{name}")["data"]["connection_details"] for name in world.first
    }
    assert details["orders"]["max_connection_lifetime"] == "3600s"
    assert (details["stock"]["max_open_connections"], details["stock"]["max_idle_connections"]) == (2, 1)


def test_a_login_that_stays_gets_a_password_that_nobody_chose(world: World) -> None:
    assert _refused(world, world.static["legacy"], world.static_first["legacy"])
    password = _static(world, "legacy")
    assert len(password) == 40
    with _accepted(world, world.static["legacy"], password) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (world.static["legacy"],)


def test_a_login_that_stays_is_rotated_on_demand_by_who_may(world: World) -> None:
    before = _static(world, "legacy")
    world.workload("operations").write_data(f"{MOUNT}/rotate-role/shop.legacy", data={})
    after = _static(world, "legacy")
    assert after != before
    assert _refused(world, world.static["legacy"], before)
    with _accepted(world, world.static["legacy"], after):
        pass


def test_the_server_rotates_a_login_that_stays_by_itself(world: World) -> None:
    first = _static(world, "brief")
    deadline = time.monotonic() + 60
    while (password := _static(world, "brief")) == first:
        assert time.monotonic() < deadline, "the password is still the same"
        time.sleep(0.5)
    assert _refused(world, world.static["brief"], first)
    assert password != world.static_first["brief"]


@pytest.mark.parametrize(
    ("workload", "path", "verb"),
    [
        ("batch", "rotate-role/shop.legacy", "write"),
        ("operations", "static-creds/shop.legacy", "read"),
        ("operations", "rotate-role/shop.brief", "write"),
        ("operations", "rotate-root/orders", "write"),
        ("batch", "static-roles/shop.legacy", "read"),
        ("batch", "static-roles/shop.legacy", "write"),
        ("reader", "creds/shop.orders-own", "read"),
        ("reader", "creds/shop.stock-read", "read"),
        ("reader", "config/orders", "read"),
        ("release", "roles/shop.orders-own", "write"),
    ],
)
def test_what_a_workload_was_not_granted_it_is_refused(world: World, workload: str, path: str, verb: str) -> None:
    client = world.workload(workload)
    with pytest.raises(hvac.exceptions.Forbidden):
        client.read(f"{MOUNT}/{path}") if verb == "read" else client.write_data(f"{MOUNT}/{path}", data={})


def test_a_later_release_alters_what_an_earlier_one_left_behind(world: World) -> None:
    for statement in ("CREATE TABLE left_over (id int)", "ALTER TABLE left_over ADD note text", "DROP TABLE left_over"):
        answer = world.workload("release").read(f"{MOUNT}/creds/shop.orders-own")
        with world.orders.connect(answer["data"]["username"], answer["data"]["password"]) as connection:
            connection.execute(statement.encode())
        world.operator.adapter.post("/v1/sys/leases/revoke", json={"lease_id": answer["lease_id"], "sync": True})
        assert _refused(world, answer["data"]["username"], answer["data"]["password"])


def test_logins_of_one_connection_are_of_no_use_in_the_database_of_another(world: World) -> None:
    def connect(data: dict[str, str], database: str) -> psycopg.Connection:
        postgres = world.sandbox.postgres
        return psycopg.connect(
            host=postgres.host, port=postgres.port(), dbname=database, user=data["username"], password=data["password"]
        )

    stock = world.workload("counter").read(f"{MOUNT}/creds/shop.stock-read")["data"]
    with connect(stock, world.stock_database) as connection:
        assert connection.execute("SELECT name FROM items").fetchall() == [("screw",)]
    with connect(stock, "orders") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM orders")
    orders = world.workload("reader").read(f"{MOUNT}/creds/shop.orders-read")["data"]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        connect(orders, world.stock_database)


def test_another_up_changes_nothing_also_after_rotations(world: World) -> None:
    world.workload("operations").write_data(f"{MOUNT}/rotate-role/shop.legacy", data={})
    result = world.deployed.up()
    assert result.changed == 0, result.console.read_text()


def test_what_somebody_changed_by_hand_is_put_back(world: World) -> None:
    weak = 'length = 4\nrule "charset" {\n  charset = "ab"\n}\n'
    world.operator.write_data(f"sys/policies/password/{POLICY}", data={"policy": weak})
    world.operator.write_data(f"{MOUNT}/config/stock", data={"allowed_roles": "*", "verify_connection": False})
    assert world.deployed.up().changed == 2
    assert world.operator.read(f"{MOUNT}/config/stock")["data"]["allowed_roles"] == ["shop.stock-read"]
    assert len(world.operator.read(f"sys/policies/password/{POLICY}/generate")["data"]["password"]) == 40


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('CREATE ROLE "{{name}}" LOGIN /* not */ SUPERUSER', "makes a login with SUPERUSER"),
        ('GRANT ALL ON ALL TABLES IN SCHEMA public TO "{{name}}"', "uses GRANT ALL"),
    ],
)
def test_a_statement_that_gives_too_much_reaches_no_server(world: World, statement: str, said: str) -> None:
    catalog = world.catalog()
    by_hand = {"creation": ["SELECT 1", statement], "revocation": ['DROP ROLE "{{name}}"']}
    catalog["secrets"]["too-much"] = {"database": {"connection": "orders", "statements": by_hand}}
    code, console = world.up(catalog)
    assert code != 0
    assert "secrets.too-much.database.statements.creation[1]" in console
    assert said in console
    assert world.operator.read(f"{MOUNT}/roles/shop.too-much") is None
    code, console = world.up(world.catalog())
    assert code == 0, console


def test_a_schedule_is_kept_by_vault_and_refused_at_plan_time_for_openbao(world: World, flavour: Flavour) -> None:
    catalog = world.catalog()
    keys = {"connection": "orders", "username": world.static["legacy"], "rotation_schedule": "0 3 * * SAT"}
    catalog["secrets"]["legacy"] = {"database_static_role": {**keys, "rotation_window": "2h"}}
    code, console = world.up(catalog)
    if flavour == "openbao":
        assert code != 0
        assert "rotation_schedule" in console
        assert "OpenBao 2.7.2 has no rotation schedules" in console
    else:
        assert code == 0, console
        told = world.operator.read(f"{MOUNT}/static-roles/shop.legacy")["data"]
        assert (told["rotation_schedule"], told["rotation_window"]) == ("0 3 * * SAT", 7200)
        assert world.deployed.up().changed == 0
        with _accepted(world, world.static["legacy"], _static(world, "legacy")):
            pass
    code, console = world.up(world.catalog())
    assert code == 0, console


def test_no_password_is_in_state_plan_or_logs(world: World) -> None:
    issued = world.workload("reader").read(f"{MOUNT}/creds/shop.orders-read")["data"]["password"]
    world.deployed.up()
    for value in (*world.first.values(), *world.static_first.values(), issued, _static(world, "legacy")):
        assert canary.files_with(value, world.sandbox.directory, world.folder) == []
        assert not canary.is_in(value, world.deployed.plan.as_json())
        assert not canary.is_in(value, json.dumps(world.deployed.engine.export()))
