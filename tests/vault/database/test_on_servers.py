"""The engine that runs the statements: it fills them in, issues working credentials and takes them back."""

from collections.abc import Iterator

import hvac
import psycopg
import pytest
from psycopg import sql

from strongroom.vault.database.render import statements
from strongroom.vault.database.spec import DatabaseAccess, Postgresql
from strongroom_sandbox import Sandbox
from support import flavours
from support.orders_admin import OrdersAdmin, orders_admin

flavour, sandbox = flavours.flavour, flavours.sandbox  # these tests run on both servers

MOUNT = "database-test"
ACCESS = ("readonly", "readwrite", "owner")


@pytest.fixture(scope="module")
def admin(sandbox: Sandbox) -> Iterator[OrdersAdmin]:
    with orders_admin(sandbox) as made:
        yield made


@pytest.fixture(scope="module")
def root(sandbox: Sandbox, admin: OrdersAdmin) -> Iterator[hvac.Client]:
    """A server with one role for each access, over a connection that is described as in an environment file."""
    described = Postgresql.model_validate(
        {
            "host": sandbox.postgres.host,
            "port": sandbox.postgres.port(),
            "database": "orders",
            "username": admin.name,
            "first_password": {"pulumi_config": "first"},
            "tls": "disable",
        }
    )
    client = sandbox.vault.root_client()
    client.sys.enable_secrets_engine("database", path=MOUNT)
    client.write_data(
        f"{MOUNT}/config/orders",
        data={
            "plugin_name": "postgresql-database-plugin",
            **dict(described.settings),
            "username": described.username,
            "password": admin.password,
            "allowed_roles": list(ACCESS),
        },
    )
    for access in ACCESS:
        texts = statements(DatabaseAccess.model_validate({"connection": "orders", "access": access}), described)
        client.write_data(
            f"{MOUNT}/roles/{access}",
            data={
                "db_name": "orders",
                "creation_statements": list(texts.creation),
                "revocation_statements": list(texts.revocation),
                "renew_statements": list(texts.renewal),
                "default_ttl": "1h",
                "max_ttl": "24h",
            },
        )
    yield client
    client.sys.disable_secrets_engine(MOUNT)


def _issue(root: hvac.Client, access: str) -> tuple[str, dict[str, str]]:
    answer = root.read(f"{MOUNT}/creds/{access}")
    assert answer is not None
    return answer["lease_id"], answer["data"]


def _revoke(root: hvac.Client, lease: str) -> None:
    root.adapter.post("/v1/sys/leases/revoke", json={"lease_id": lease, "sync": True})


def _leases(root: hvac.Client, access: str) -> list[str]:
    try:
        return list(root.sys.list_leases(f"{MOUNT}/creds/{access}")["data"]["keys"])
    except hvac.exceptions.InvalidPath:
        return []


@pytest.mark.parametrize("access", ACCESS)
def test_credentials_work_are_renewed_and_end_with_their_lease(
    admin: OrdersAdmin, root: hvac.Client, access: str
) -> None:
    lease, data = _issue(root, access)
    session = admin.connect(data["username"], data["password"])
    assert session.execute("SELECT count(*) > 0 FROM orders").fetchone() == (True,)
    assert root.sys.renew_lease(lease, increment=7200)["lease_duration"] == 7200
    _revoke(root, lease)
    with pytest.raises(psycopg.OperationalError):
        session.execute("SELECT 1")
    session.close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        admin.connect(data["username"], data["password"])
    assert _leases(root, access) == []


@pytest.mark.parametrize("access", ACCESS)
def test_a_lease_ends_even_if_somebody_dropped_its_role(admin: OrdersAdmin, root: hvac.Client, access: str) -> None:
    lease, data = _issue(root, access)
    role = sql.Identifier(data["username"])
    with admin.connect(admin.name, admin.password) as connection:
        connection.execute(sql.SQL("GRANT {0} TO CURRENT_USER; DROP OWNED BY {0}; DROP ROLE {0}").format(role))
    _revoke(root, lease)
    assert _leases(root, access) == []
