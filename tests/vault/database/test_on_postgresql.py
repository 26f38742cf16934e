"""The statements of the templates on a real PostgreSQL, run by the role that Vault uses: CREATEROLE, not SUPERUSER."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql

from strongroom.vault.database.render import StatementTexts, statements
from strongroom.vault.database.spec import DatabaseAccess, Postgresql
from strongroom_sandbox import Sandbox
from support.orders_admin import OrdersAdmin, orders_admin

ACCESS = ("readonly", "readwrite", "owner")
EXPIRATION = "2099-01-01 00:00:00+00"


@pytest.fixture(scope="module")
def admin(sandbox: Sandbox) -> Iterator[OrdersAdmin]:
    with orders_admin(sandbox) as made:
        yield made


def _issue(admin: OrdersAdmin, access: str, schema: str = "public") -> tuple[str, str, StatementTexts]:
    """A new role: its name (as Vault makes them), password and statements."""
    described = {"host": "db", "database": "orders", "username": admin.name, "first_password": {"pulumi_config": "a"}}
    asked = {"connection": "c", "access": access, "schema": schema}
    texts = statements(DatabaseAccess.model_validate(asked), Postgresql.model_validate(described))
    name, password = f"v-approle-{access}-{secrets.token_hex(8)}-1790000000", secrets.token_urlsafe(16)
    admin.run(texts.creation, name=name, password=password, expiration=EXPIRATION)
    return name, password, texts


def _exists(admin: OrdersAdmin, name: str) -> bool:
    with admin.sandbox.postgres.superuser() as connection:
        return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def _can(connection: psycopg.Connection, statement: str) -> bool:
    """Whether a statement is allowed; nothing of it stays."""
    try:
        connection.execute(statement.encode())
    except errors.InsufficientPrivilege:
        return False
    finally:
        connection.rollback()
    return True


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("SELECT item FROM orders", ACCESS),
        ("INSERT INTO customers (name, country) VALUES ('x', 'SE')", ("readwrite", "owner")),
        ("UPDATE orders SET item = 'x' WHERE id = 1", ("readwrite", "owner")),
        ("DELETE FROM orders WHERE id = 1", ("readwrite", "owner")),
        ("TRUNCATE orders", ("owner",)),
        ("CREATE TABLE mine (id int)", ("owner",)),
        ("CREATE VIEW mine AS SELECT 1", ("owner",)),
        ("DROP TABLE orders", ()),
        ("CREATE SCHEMA mine", ()),
        ("CREATE ROLE other", ()),
        ("SELECT * FROM pg_authid", ()),
        ("SET ROLE orders_owner", ()),
        ("COPY orders TO '/tmp/orders'", ()),
    ],
)
@pytest.mark.parametrize("access", ACCESS)
def test_a_role_can_do_what_its_access_says_and_nothing_else(
    admin: OrdersAdmin, access: str, statement: str, allowed: tuple[str, ...]
) -> None:
    name, password, texts = _issue(admin, access)
    with admin.connect(name, password) as connection:
        assert _can(connection, statement) == (access in allowed)
    admin.run(texts.revocation, name=name)
    assert not _exists(admin, name)


@pytest.mark.parametrize("access", ACCESS)
def test_what_a_role_passes_on_is_nothing(admin: OrdersAdmin, access: str) -> None:
    """PostgreSQL says so with a warning, not with an error."""
    name, password, texts = _issue(admin, access)
    with admin.connect(name, password) as connection:
        connection.execute("GRANT SELECT ON orders TO PUBLIC")
    with admin.sandbox.postgres.superuser() as connection:
        found = connection.execute("SELECT relacl::text FROM pg_class WHERE relname = 'orders'").fetchone()
    assert found is not None
    assert not any(entry.startswith("=") for entry in found[0].strip("{}").split(",")), "'=' begins what PUBLIC has"
    admin.run(texts.revocation, name=name)


@pytest.mark.parametrize("access", ACCESS)
def test_a_role_expires_by_itself_and_renewal_moves_that(admin: OrdersAdmin, access: str) -> None:
    name, password, texts = _issue(admin, access)
    admin.run(texts.renewal, name=name, expiration="2001-01-01 00:00:00+00")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        admin.connect(name, password)
    admin.run(texts.renewal, name=name, expiration=EXPIRATION)
    admin.connect(name, password).close()
    admin.run(texts.revocation, name=name)


def test_an_owner_alters_and_drops_what_it_made_and_its_tables_outlive_it(admin: OrdersAdmin) -> None:
    name, password, texts = _issue(admin, "owner")
    with admin.connect(name, password) as connection:
        connection.execute("CREATE TABLE made (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, note text)")
        connection.execute("ALTER TABLE made ADD COLUMN more text")
        connection.execute("INSERT INTO made (note) VALUES ('kept')")
        connection.execute("CREATE TABLE gone (id int)")
        connection.execute("DROP TABLE gone")
    admin.run(texts.revocation, name=name)
    assert not _exists(admin, name)
    later, password, later_texts = _issue(admin, "readonly")
    with admin.connect(later, password) as connection:
        assert connection.execute("SELECT note FROM made").fetchall() == [("kept",)]
    admin.run(later_texts.revocation, name=later)
    with admin.sandbox.postgres.superuser() as connection:
        connection.execute("DROP TABLE made")


@pytest.mark.parametrize("made_as", ["", "RESET ROLE; "])
def test_a_later_owner_alters_and_drops_what_an_earlier_one_left(admin: OrdersAdmin, made_as: str) -> None:
    """Whether the earlier one made it as the group, as by default, or went back to being itself."""
    name, password, texts = _issue(admin, "owner")
    with admin.connect(name, password) as connection:
        connection.execute(f"{made_as}CREATE TABLE left_behind (id int)".encode())
    admin.run(texts.revocation, name=name)
    name, password, texts = _issue(admin, "owner")
    with admin.connect(name, password) as connection:
        connection.execute("ALTER TABLE left_behind ADD COLUMN note text")
        connection.execute("DROP TABLE left_behind")
    admin.run(texts.revocation, name=name)


def test_two_owners_at_once_alter_what_either_made_and_one_is_revoked_alone(admin: OrdersAdmin) -> None:
    (one, one_password, texts), (other, other_password, _) = _issue(admin, "owner"), _issue(admin, "owner")
    with admin.connect(one, one_password) as connection:
        connection.execute("CREATE TABLE shared (id int)")
    with admin.connect(other, other_password) as connection:
        connection.execute("ALTER TABLE shared ADD COLUMN note text")
    admin.run(texts.revocation, name=one)
    with admin.connect(other, other_password) as connection:
        connection.execute("DROP TABLE shared")
    admin.run(texts.revocation, name=other)


def test_nobody_logs_in_as_the_group_of_owners_or_gets_into_it_otherwise(admin: OrdersAdmin) -> None:
    name, password, texts = _issue(admin, "owner")
    group = f"{admin.name}.orders.public.owner"
    with pytest.raises(psycopg.OperationalError, match=r"not permitted to log in|password authentication failed"):
        admin.connect(group, password)
    reader, reader_password, reader_texts = _issue(admin, "readonly")
    with admin.connect(reader, reader_password) as connection:
        assert not _can(connection, f'SET ROLE "{group}"')
    admin.run(reader_texts.revocation, name=reader)
    admin.run(texts.revocation, name=name)


@pytest.mark.parametrize("access", ACCESS)
def test_revocation_ends_open_sessions(admin: OrdersAdmin, access: str) -> None:
    name, password, texts = _issue(admin, access)
    connection = admin.connect(name, password)
    connection.execute("SELECT 1")
    admin.run(texts.revocation, name=name)
    assert not _exists(admin, name)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


@pytest.mark.parametrize("access", ACCESS)
def test_revoking_twice_is_no_error_so_that_no_lease_is_stuck(admin: OrdersAdmin, access: str) -> None:
    name, _, texts = _issue(admin, access)
    admin.run(texts.revocation, name=name)
    admin.run(texts.revocation, name=name)


def test_one_role_is_revoked_without_touching_another(admin: OrdersAdmin) -> None:
    (one, _, texts), (other, password, _) = _issue(admin, "readwrite"), _issue(admin, "readwrite")
    admin.run(texts.revocation, name=one)
    with admin.connect(other, password) as connection:
        assert _can(connection, "INSERT INTO customers (name, country) VALUES ('x', 'SE')")
    admin.run(texts.revocation, name=other)


def test_making_the_same_role_twice_fails_and_leaves_the_first_as_it_was(admin: OrdersAdmin) -> None:
    name, password, texts = _issue(admin, "readonly")
    with pytest.raises(errors.DuplicateObject):
        admin.run(texts.creation, name=name, password="another", expiration=EXPIRATION)
    admin.connect(name, password).close()
    admin.run(texts.revocation, name=name)


def test_access_is_to_the_schema_that_is_named_and_to_no_other(admin: OrdersAdmin) -> None:
    with admin.sandbox.postgres.superuser() as connection:
        connection.execute(
            sql.SQL(
                "CREATE SCHEMA extra; CREATE TABLE extra.notes (id int); "
                "GRANT ALL ON SCHEMA extra TO {0} WITH GRANT OPTION; GRANT ALL ON extra.notes TO {0} WITH GRANT OPTION"
            ).format(sql.Identifier(admin.name))
        )
    name, password, texts = _issue(admin, "readonly", "extra")
    with admin.connect(name, password) as connection:
        assert _can(connection, "SELECT * FROM extra.notes")
        assert not _can(connection, "SELECT * FROM public.orders")
    admin.run(texts.revocation, name=name)
    with admin.sandbox.postgres.superuser() as connection:
        connection.execute("DROP SCHEMA extra CASCADE")
