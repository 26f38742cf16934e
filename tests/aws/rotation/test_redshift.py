"""Redshift, whose protocol PostgreSQL speaks: the function's statements are run by a real PostgreSQL.

Two things PostgreSQL cannot stand in for, and are said here instead: it stores no MD5 hashes where only SCRAM may log
in (so the stored form is PostgreSQL's, and Redshift's is tested apart), and it has no PASSWORD DISABLE.
"""

import re
from typing import Any

import pg8000.native
import pytest
from psycopg import sql

from strongroom.aws.rotation.function.configuration import Configuration
from strongroom.aws.rotation.function.databases.redshift import RedshiftSession
from strongroom.aws.rotation.function.databases.scram import verifier
from strongroom_sandbox import Sandbox
from support.rotation import Bench

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def as_postgresql(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stored passwords and NOLOGIN in PostgreSQL's own form; and what was sent."""
    sent: list[str] = []
    run = pg8000.native.Connection.run

    def translated(connection: Any, text: str, **more: Any) -> Any:
        sent.append(text)
        return run(connection, text.replace("PASSWORD DISABLE", "PASSWORD NULL"), **more)

    monkeypatch.setattr(pg8000.native.Connection, "run", translated)
    monkeypatch.setattr(RedshiftSession, "stored", lambda _, _user, password: verifier(password))
    return sent


def test_a_single_user_is_rotated(servers: Sandbox, as_postgresql: list[str]) -> None:
    bench = Bench(servers, "redshift-single-user")
    old = bench.user() | {"engine": "redshift"}
    secret = bench.secret(old)
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))
    assert not bench.logs_in(old)
    assert [text for text in as_postgresql if re.match(r'ALTER USER "app-\w+" PASSWORD ', text)]
    assert not [text for text in as_postgresql if "advisory" in text or "ALTER ROLE" in text]


def test_a_clone_gets_the_groups_of_its_user(servers: Sandbox) -> None:
    plain = Bench(servers)
    master = plain.user(attributes="CREATEROLE") | {"engine": "redshift"}
    bench = Bench(servers, "redshift-alternating-users", MASTER_SECRET_ARN=plain.secret(master))
    user = bench.user(made_by=master["username"]) | {"engine": "redshift"}
    name, group = user["username"], f"group of {user['username']}"
    with servers.postgres.superuser() as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(master["username"])))
        connection.execute(sql.SQL("CREATE GROUP {} WITH USER {}").format(sql.Identifier(group), sql.Identifier(name)))
    secret = bench.secret(user)
    for _ in range(3):
        bench.rotate(secret)
        assert bench.logs_in(bench.fields(secret))
    with servers.postgres.superuser() as connection:
        members = connection.execute(
            "SELECT u.usename FROM pg_group g JOIN pg_user u ON u.usesysid = ANY(g.grolist) WHERE g.groname = %s "
            "ORDER BY u.usename",
            [group],
        ).fetchall()
    # PostgreSQL makes whoever creates a role a member of it.
    assert {name, f"{name}_clone"} <= {member for (member,) in members}


def test_the_stored_form_is_redshifts_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """CREATE USER: md5, and then the MD5 hash of password and user in hexadecimal."""
    monkeypatch.undo()
    session = RedshiftSession(None, Configuration(strategy="redshift-single-user"))
    assert session.stored("joe", "xyzzy") == "md5b5f5ba1a423792b526f799ae4eb3d59e"
