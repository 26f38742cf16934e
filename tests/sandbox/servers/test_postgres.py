"""PostgreSQL: an `orders` database with rows, and a role that issues others."""

import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from strongroom_sandbox import Sandbox, process
from strongroom_sandbox.process import Process
from strongroom_sandbox.servers.postgres import ADMIN, Postgres
from support.sandbox import running


def connect(postgres: Postgres, user: str, password: str, **options: Any) -> psycopg.Connection:
    return psycopg.connect(
        host=postgres.host, port=postgres.port(), dbname=postgres.database, user=user, password=password, **options
    )


def test_the_first_password_logs_in_over_tcp(sandbox: Sandbox) -> None:
    with connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password) as connection:
        row = connection.execute("SELECT current_user, host(inet_server_addr()), count(*) FROM orders").fetchone()
    assert row == (ADMIN, "127.0.0.1", 6)


def test_a_wrong_password_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(sandbox.postgres, ADMIN, "wrong")


def test_the_password_is_proved_by_scram_and_kept_as_a_verifier(sandbox: Sandbox) -> None:
    with sandbox.postgres.superuser() as connection:
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [ADMIN]).fetchone()
    assert row is not None
    assert row[0].startswith("SCRAM-SHA-256$")
    connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password, require_auth="scram-sha-256").close()
    with pytest.raises(psycopg.OperationalError, match=r"(?i)authentication method requirement"):
        connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password, require_auth="password")


def test_the_superuser_cannot_come_over_tcp(sandbox: Sandbox) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects connection"):
        connect(sandbox.postgres, "postgres", "any")


def test_the_superuser_comes_over_a_socket_that_only_we_can_reach(sandbox: Sandbox) -> None:
    with sandbox.postgres.superuser() as connection:
        assert connection.execute("SELECT inet_server_addr() IS NULL, current_user").fetchone() == (True, "postgres")
    assert sandbox.postgres.socket_directory.stat().st_mode & 0o777 == 0o700


def test_the_admin_is_not_a_superuser(sandbox: Sandbox) -> None:
    with sandbox.postgres.superuser() as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcanlogin, rolcreatedb, rolreplication, rolbypassrls"
            " FROM pg_roles WHERE rolname = %s",
            [ADMIN],
        ).fetchone()
    assert row == (False, True, True, False, False, False)


@pytest.mark.parametrize(
    ("privileges", "statement", "allowed"),
    [
        ("SELECT", "SELECT count(*) FROM orders", True),
        ("SELECT", "DELETE FROM orders", False),
        ("SELECT, DELETE", "DELETE FROM orders WHERE false", True),
        ("SELECT", "CREATE TABLE mine (id integer)", False),
    ],
)
def test_the_admin_makes_roles_that_can_do_what_it_grants_and_no_more(
    sandbox: Sandbox, privileges: str, statement: str, allowed: bool
) -> None:
    name = sql.Identifier("made_by_admin")
    with connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'of-a-test'").format(name))
        try:
            admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
            admin.execute(sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA public TO {}").format(sql.SQL(privileges), name))
            with connect(sandbox.postgres, "made_by_admin", "of-a-test") as role:
                if allowed:
                    role.execute(statement)
                else:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        role.execute(statement)
        finally:
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
            admin.execute(sql.SQL("DROP OWNED BY {}").format(name))
            admin.execute(sql.SQL("DROP ROLE {}").format(name))


def test_a_table_that_is_made_later_can_be_granted_by_the_admin_too(sandbox: Sandbox) -> None:
    with sandbox.postgres.superuser() as connection:
        connection.execute("GRANT CREATE ON SCHEMA public TO orders_owner")
        connection.execute("SET ROLE orders_owner")
        connection.execute("CREATE TABLE later (id integer)")
        row = connection.execute(
            "SELECT has_table_privilege(%s, 'later', 'SELECT WITH GRANT OPTION')", [ADMIN]
        ).fetchone()
        connection.rollback()
    assert row == (True,)


def test_a_password_in_a_statement_never_reaches_the_log(sandbox: Sandbox) -> None:
    with (
        connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password, autocommit=True) as admin,
        pytest.raises(psycopg.errors.UndefinedObject),
    ):
        admin.execute("ALTER ROLE nobody_there PASSWORD 'in-a-statement-that-fails'")
    assert "in-a-statement-that-fails" not in sandbox.postgres.log.read_text()
    assert sandbox.postgres.first_password not in sandbox.postgres.log.read_text()


def test_the_password_file_is_for_its_owner_only(sandbox: Sandbox) -> None:
    assert sandbox.postgres.first_password_file.stat().st_mode & 0o777 == 0o600


def test_a_rotated_password_survives_another_up(tmp_path: Path) -> None:
    with running(tmp_path, "postgres") as sandbox:
        with sandbox.postgres.superuser() as connection:
            connection.execute(f"ALTER ROLE {ADMIN} PASSWORD 'rotated'")
        sandbox.up(print, ["postgres"])
        connect(sandbox.postgres, ADMIN, "rotated").close()


def test_rows_that_were_deleted_stay_deleted(tmp_path: Path) -> None:
    with running(tmp_path, "postgres") as sandbox:
        with sandbox.postgres.superuser() as connection:
            connection.execute("DELETE FROM orders")
        sandbox.down()
        sandbox.up(print, ["postgres"])
        with sandbox.postgres.superuser() as connection:
            assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_an_openbao_that_starts_anew_finds_a_first_password_again(tmp_path: Path) -> None:
    with running(tmp_path, "openbao", "postgres") as sandbox:
        before = sandbox.postgres.first_password
        with sandbox.postgres.superuser() as connection:
            connection.execute(f"ALTER ROLE {ADMIN} PASSWORD 'known-to-the-lost-openbao-only'")
        (sandbox.vault.home / "keys.json").unlink()
        sandbox.up(print, ["openbao", "postgres"])
        connect(sandbox.postgres, ADMIN, sandbox.postgres.first_password).close()
        assert sandbox.postgres.first_password != before
        again = sandbox.postgres.first_password
        sandbox.up(print, ["openbao", "postgres"])
        assert sandbox.postgres.first_password == again


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    half = tmp_path / "postgres" / "cluster" / "data.new" / "base"
    half.mkdir(parents=True)
    (half.parent / "PG_VERSION").write_text("18\n")
    with running(tmp_path, "postgres"), sandbox.postgres.superuser() as connection:
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (4,)
    assert not half.exists()


def test_a_stale_lock_that_names_a_living_process_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    with running(tmp_path, "postgres") as sandbox:
        server = sandbox.postgres.process
        assert server is not None
        lock = sandbox.postgres.home / "cluster" / "data" / "postmaster.pid"
        lines = lock.read_text().splitlines()
        server.send(signal.SIGKILL)
        assert process.wait_until(lambda: not server.alive, 20)
        lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # the pid is ours now
        sandbox.up(print, ["postgres"])
        assert sandbox.postgres.state() == "healthy"


def test_backends_that_outlive_a_killed_server_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Postgres, "stop_patience_seconds", 0.2)
    with running(tmp_path, "postgres") as sandbox:
        server = sandbox.postgres.process
        assert server is not None
        connection = sandbox.postgres.superuser()
        backend = Process.of(connection.info.backend_pid)
        assert backend is not None
        os.kill(backend.pid, signal.SIGSTOP)  # so that it does not notice
        server.send(signal.SIGKILL)
        assert process.wait_until(lambda: not server.alive, 20)
        assert backend.alive
        assert backend in sandbox.postgres.processes()
        sandbox.up(print, ["postgres"])
        assert not backend.alive
        connection.close()


@pytest.mark.parametrize("name", ["a folder with spaces", "d" * 120, 'it\'s, "odd" ü'])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    with running(tmp_path / name, "postgres") as sandbox, sandbox.postgres.superuser() as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (6,)
    assert sandbox.postgres.socket_directory.parent.name == "cluster" or not sandbox.postgres.socket_directory.exists()


def test_a_folder_that_only_its_owner_may_enter_will_do(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    with running(tmp_path / "private" / "sandbox", "postgres") as sandbox:
        assert sandbox.postgres.state() == "healthy"
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
