"""Two PostgreSQL users in turn, the second one a clone, against a real PostgreSQL and moto's Secrets Manager."""

import json
from typing import Any

import pytest
from psycopg import sql

from strongroom.aws.rotation.function.errors import RotationError
from strongroom_sandbox import Sandbox
from support.rotation import Bench

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def master(servers: Sandbox) -> dict[str, Any]:
    return Bench(servers).user(attributes="CREATEROLE")


@pytest.fixture(scope="module")
def bench(servers: Sandbox, master: dict[str, Any]) -> Bench:
    return Bench(servers, "postgresql-alternating-users", MASTER_SECRET_ARN=Bench(servers).secret(master))


def test_the_current_login_works_at_every_moment_and_the_one_before_stays(bench: Bench, master: dict[str, Any]) -> None:
    first = bench.user(made_by=master["username"])
    secret = bench.secret(first)
    seen = [first]
    for _ in range(3):
        bench.rotate(secret)
        seen.append(bench.fields(secret))
        assert bench.logs_in(seen[-1])
        assert bench.logs_in(seen[-2])
    name = first["username"]
    assert [fields["username"] for fields in seen] == [name, f"{name}_clone", name, f"{name}_clone"]
    assert not bench.logs_in(seen[0])
    assert not bench.logs_in(seen[1])


def test_the_clone_may_what_the_user_may_and_what_it_makes_belongs_to_the_user(
    bench: Bench, master: dict[str, Any]
) -> None:
    user = bench.user(made_by=master["username"])
    name, schema = user["username"], user["username"].replace("-", "_")
    with bench.sandbox.postgres.superuser() as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(*map(sql.Identifier, (schema, name))))
    secret = bench.secret(user)
    bench.rotate(secret)
    with bench.connect(bench.fields(secret)) as connection:
        connection.execute("DISCARD ALL")  # as poolers do between two clients
        assert connection.execute("SELECT session_user, current_user").fetchone() == (f"{name}_clone", name)
        connection.execute(sql.SQL("CREATE TABLE {} (x int)").format(sql.Identifier(schema, "made")))
    bench.rotate(secret)
    with bench.connect(bench.fields(secret)) as connection:
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, "made")))


def test_the_clone_has_the_settings_that_its_user_has_by_now(bench: Bench, master: dict[str, Any]) -> None:
    """Else an application that relies on a search_path of its user's finds no table after the first rotation."""
    user = bench.user(made_by=master["username"])
    name, database = user["username"], bench.sandbox.postgres.database

    def alter(statement: str) -> None:
        with bench.sandbox.postgres.superuser() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(database)))

    def seen(*settings: str) -> tuple[Any, ...] | None:
        with bench.connect(bench.fields(secret)) as connection:
            return connection.execute("SELECT " + ", ".join(f"current_setting('{s}')" for s in settings)).fetchone()

    alter("""ALTER ROLE {0} SET search_path = "$user", "odd ""schema", public""")
    alter("ALTER ROLE {0} SET statement_timeout = '7s'")
    alter("ALTER ROLE {0} IN DATABASE {1} SET application_name = 'it''s \\ one'")
    secret = bench.secret(user)
    before = seen("search_path", "statement_timeout", "application_name")
    bench.rotate(secret)
    assert bench.fields(secret)["username"] == f"{name}_clone"
    assert seen("search_path", "statement_timeout", "application_name") == before
    alter("ALTER ROLE {0} RESET statement_timeout")
    alter("ALTER ROLE {0} SET search_path = public")
    for _ in range(2):
        bench.rotate(secret)
    assert bench.fields(secret)["username"] == f"{name}_clone"
    assert seen("search_path", "statement_timeout") == ("public", "0")
    with bench.connect(bench.fields(secret)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (name,)


def test_a_setting_that_the_master_may_not_copy_is_named(bench: Bench, master: dict[str, Any]) -> None:
    user = bench.user(made_by=master["username"])
    secret = bench.secret(user)
    with bench.sandbox.postgres.superuser() as connection:
        connection.execute(
            sql.SQL("ALTER ROLE {} SET session_replication_role = replica").format(sql.Identifier(user["username"]))
        )
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    with pytest.raises(RotationError, match=r"may not copy the setting session_replication_role .* by hand"):
        bench.step("setSecret", secret, token)
    with bench.sandbox.postgres.superuser() as connection:
        clone = sql.Identifier(f"{user['username']}_clone")
        connection.execute(sql.SQL("ALTER ROLE {} SET session_replication_role = replica").format(clone))
    bench.run(secret, token)
    assert bench.logs_in(bench.fields(secret))


def test_a_name_that_needs_quoting_is_only_a_name(bench: Bench, master: dict[str, Any]) -> None:
    odd = "app\"; DROP TABLE orders; --' ü"
    password = "first"
    with bench.sandbox.postgres.superuser() as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(master["username"])))
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(odd), sql.Literal(password))
        )
    secret = bench.secret(bench.login(odd, password))
    bench.rotate(secret)
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))
    with bench.sandbox.postgres.superuser() as connection:
        assert connection.execute("SELECT count(*) > 0 FROM orders").fetchone() == (True,)


def test_the_masters_password_is_sent_to_no_other_host(bench: Bench, master: dict[str, Any]) -> None:
    """Somebody who may write the secret, and not read the master's, has it point to a server of his own."""
    user = bench.user(made_by=master["username"])
    for field, value in (("host", "localhost"), ("port", 1)):
        secret = bench.secret(user | {field: value})
        token = bench.begin(secret)
        bench.step("createSecret", secret, token)
        with pytest.raises(RotationError, match=r"host or port are not those of the master secret|cannot be connected"):
            bench.step("setSecret", secret, token)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"host": "attacker.example"}, "engine, host, port or dbname differ"),
        ({"port": 1}, "engine, host, port or dbname differ"),
        ({"dbname": "other"}, "engine, host, port or dbname differ"),
        ({"engine": "mysql"}, "`engine` is none of"),
        ({"username": "vault_admin"}, "neither the current version's nor its clone"),
        ({"masterarn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:other"}, "`masterarn` is not"),
    ],
)
def test_a_pending_version_for_something_else_is_refused_in_every_step(
    bench: Bench, master: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    user = bench.user(made_by=master["username"])
    secret = bench.secret(user)
    token = bench.begin(secret)
    tampered = user | {"username": f"{user['username']}_clone", "password": "x"} | changes
    bench.client.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(tampered), VersionStages=["AWSPENDING"]
    )
    for step in ("setSecret", "testSecret", "finishSecret"):
        with pytest.raises(RotationError, match=why):
            bench.step(step, secret, token)
    assert bench.fields(secret) == user


def test_whoever_writes_a_secret_gets_no_clone_of_a_user_whose_password_he_does_not_know(
    bench: Bench, master: dict[str, Any]
) -> None:
    """A confused deputy: the function would give its writer a login with the other user's rights."""
    victim = bench.user(made_by=master["username"])
    secret = bench.secret(victim | {"password": "guessed"})
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    with pytest.raises(RotationError, match="no version of the secret logs in as one of its two users"):
        bench.step("setSecret", secret, token)
    with bench.sandbox.postgres.superuser() as connection:
        clone = f"{victim['username']}_clone"
        assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [clone]).fetchone() is None
    assert bench.logs_in(victim)


def test_a_database_restored_to_before_the_last_rotation_is_rotated_by_the_login_before(
    bench: Bench, master: dict[str, Any]
) -> None:
    secret = bench.secret(bench.user(made_by=master["username"]))
    bench.rotate(secret)
    bench.rotate(secret)
    current = bench.fields(secret)
    with bench.sandbox.postgres.superuser() as connection:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD 'of the snapshot'").format(sql.Identifier(current["username"]))
        )
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))


def test_who_says_where_a_database_looks_for_names_cannot_have_the_master_run_his_function(
    servers: Sandbox,
) -> None:
    """The owner of a database does (ALTER DATABASE … SET search_path), in front of the system's own schema even. Here
    it is said of the master in this database, which has the same effect, and none on other tests."""
    plain = Bench(servers)
    master = plain.user(attributes="CREATEROLE")
    bench = Bench(servers, "postgresql-alternating-users", MASTER_SECRET_ARN=plain.secret(master))
    trap = f"trap_{master['username'].removeprefix('app-')}"
    with servers.postgres.superuser() as connection:
        for statement in (
            "CREATE SCHEMA {0}",
            "CREATE TABLE {0}.caught (who text)",
            "GRANT USAGE ON SCHEMA {0} TO PUBLIC",
            "GRANT SELECT, INSERT ON {0}.caught TO PUBLIC",
            "CREATE FUNCTION {0}.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS "
            "'INSERT INTO {0}.caught VALUES (current_user) RETURNING who'",
            "ALTER ROLE {1} IN DATABASE {2} SET search_path = {0}, pg_catalog",
        ):
            names = map(sql.Identifier, (trap, master["username"], servers.postgres.database))
            connection.execute(sql.SQL(statement).format(*names))
    secret = bench.secret(bench.user(made_by=master["username"]))
    bench.rotate(secret)
    with servers.postgres.superuser() as connection:
        assert connection.execute(sql.SQL("SELECT who FROM {}.caught").format(sql.Identifier(trap))).fetchall() == []
    assert bench.logs_in(bench.fields(secret))


def test_a_user_that_somebody_locked_stays_locked(bench: Bench, master: dict[str, Any]) -> None:
    user = bench.user(made_by=master["username"])
    secret = bench.secret(user)
    bench.rotate(secret)
    with bench.sandbox.postgres.superuser() as connection:
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(user["username"])))
    token = bench.begin(secret)
    for name in ("createSecret", "setSecret"):
        bench.step(name, secret, token)
    with pytest.raises(RotationError, match="the database refuses this login"):
        bench.step("testSecret", secret, token)
    assert bench.logs_in(bench.fields(secret))


def test_the_master_itself_is_not_rotated_by_its_own_login(bench: Bench, master: dict[str, Any]) -> None:
    secret = bench.secret(master)
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    with pytest.raises(RotationError, match="its user is the master"):
        bench.step("setSecret", secret, token)


def test_a_user_whose_clones_name_would_be_too_long_is_refused(bench: Bench) -> None:
    secret = bench.secret(bench.login("u" * 58, "x"))
    with pytest.raises(RotationError, match="longer than 63 bytes"):
        bench.step("createSecret", secret, bench.begin(secret))


def test_a_rotation_that_another_one_has_made_void_gives_way_to_the_next(bench: Bench, master: dict[str, Any]) -> None:
    """Both were to give the clone a password of their own, and the other one has finished."""
    user = bench.user(made_by=master["username"])
    secret = bench.secret(user)
    bench.rotate(secret)
    current = bench.fields(secret)
    token = bench.begin(secret)
    void = current | {"password": "another"}
    bench.client.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(void), VersionStages=["AWSPENDING"]
    )
    with pytest.raises(RotationError, match="became the current one meanwhile"):
        bench.step("setSecret", secret, token)
    assert "AWSPENDING" not in [label for labels in bench.labels(secret).values() for label in labels]
    assert bench.logs_in(current)
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))


def test_without_a_master_secret_in_its_configuration_the_function_does_nothing(servers: Sandbox) -> None:
    bench = Bench(servers, "postgresql-alternating-users")
    secret = bench.secret(bench.login("app", "x"))
    with pytest.raises(RotationError, match="MASTER_SECRET_ARN"):
        bench.step("createSecret", secret, bench.begin(secret))
