"""The texts of the database engine: nothing that people write leaves its place in SQL or in a URL."""

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strongroom.templating import UnsafeTextError, escape_sql
from strongroom.vault.database.plugins.server import Language, Server
from strongroom.vault.database.privileges import findings
from strongroom.vault.database.render import ACCESS as ACCESS_OF
from strongroom.vault.database.render import owners_of, statements
from strongroom.vault.database.spec import Connection, DatabaseAccess, Postgresql

HOSTILE = st.text(st.sampled_from("ab_1\"'{};\\-\n\0 $é"), min_size=1, max_size=14)
ACCESS = ("readonly", "readwrite", "owner")


LOGIN = {"username": "vault_admin", "first_password": {"pulumi_config": "first"}}
SERVERS: dict[Language, Server] = {
    connection.server.language: connection.server
    for connection in (
        Connection.model_validate({"postgresql": {"host": "db", "database": "orders", **LOGIN}}),
        Connection.model_validate({"redshift": {"host": "db", "database": "orders", **LOGIN}}),
        Connection.model_validate({"mysql": {"host": "db", **LOGIN}}),
        Connection.model_validate({"mongodb": {"host": "db", **LOGIN}}),
        Connection.model_validate({"cassandra": {"hosts": ["db"], **LOGIN}}),
    )
}


def _postgresql(**keys: object) -> Postgresql:
    return Postgresql.model_validate({"host": "db", "database": "orders", **LOGIN, **keys})


def _statements(**keys: object) -> tuple[tuple[str, ...], ...]:
    return statements(_access(**keys), SERVERS["postgresql"])


def _url(postgresql: Postgresql) -> str:
    return str(dict(postgresql.settings)["connection_url"])


def _access(**keys: object) -> DatabaseAccess:
    return DatabaseAccess.model_validate({"connection": "orders", **keys})


@given(HOSTILE | st.text(min_size=1, max_size=70), st.sampled_from(ACCESS))
def test_a_schema_is_refused_or_stands_quoted_in_the_statements(schema: str, access: str) -> None:
    try:
        made = _access(access=access, schema=schema)
    except ValidationError:
        return
    harmless = statements(_access(access=access, schema="other"), SERVERS["postgresql"])
    groups = [owners_of(SERVERS["postgresql"], name) for name in (schema, "other")]
    for texts, wanted in zip(statements(made, SERVERS["postgresql"]), harmless, strict=True):
        assert tuple(text.replace(groups[0], groups[1]).replace(f'"{schema}"', '"other"') for text in texts) == wanted


@given(HOSTILE | st.text(max_size=14))
def test_an_escaped_identifier_cannot_end_early(text: str) -> None:
    try:
        escaped = escape_sql(text)
    except UnsafeTextError:
        assert set(text) & set("{};\0\n\r")
        return
    assert '"' not in escaped.replace('""', "")
    assert escaped.replace('""', '"') == text


@pytest.mark.parametrize("access", ACCESS)
def test_every_item_is_one_statement(access: str) -> None:
    for texts in _statements(access=access):
        assert texts
        for text in texts:
            assert text.endswith(";")
            assert ";" not in text[:-1] or (text.startswith("DO $$ ") and text.endswith(" $$;"))


def test_access_grows_from_reading_to_writing_to_making() -> None:
    reading, writing, making = (" ".join(_statements(access=access)[0]) for access in ACCESS)
    assert "INSERT" not in reading
    assert "INSERT" in writing
    assert "GRANT USAGE ON SCHEMA" in writing
    assert "GRANT USAGE, CREATE ON SCHEMA" in making


def test_no_access_makes_a_powerful_role() -> None:
    for access in ACCESS:
        (first,) = [text for text in _statements(access=access)[0] if text.startswith("CREATE ROLE")]
        assert first.startswith('CREATE ROLE "{{name}}" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ')
        assert first.endswith("PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';")


def test_statements_by_hand_are_taken_as_they_are_and_renewed_by_the_template() -> None:
    by_hand = {"creation": ['CREATE ROLE "{{name}}"'], "revocation": ['DROP ROLE "{{name}}"']}
    made = statements(_access(statements=by_hand), SERVERS["postgresql"])
    assert made.creation == ('CREATE ROLE "{{name}}"',)
    assert made.revocation == ('DROP ROLE "{{name}}"',)
    assert made.renewal == ("ALTER ROLE \"{{name}}\" VALID UNTIL '{{expiration}}';",)
    renewed = _statements(statements={**by_hand, "renewal": ["SELECT 1"]})
    assert renewed[2] == ("SELECT 1",)


@pytest.mark.parametrize("statement", ["", "  ", "x" * 4097, "a\0b", "CREATE ROLE {{user}}", "SELECT '{{ name }}'"])
def test_a_statement_that_the_server_could_not_fill_is_refused(statement: str) -> None:
    with pytest.raises(ValidationError):
        _access(statements={"creation": [statement], "revocation": ["DROP ROLE x"]})


@pytest.mark.parametrize("language", ACCESS_OF)
def test_every_access_of_a_language_has_statements_that_give_away_nothing_they_must_not(language: Language) -> None:
    for access in ACCESS_OF[language]:
        made = statements(_access(access=access, schema="some_app"), SERVERS[language])
        assert made.creation
        for text in (text for texts in made for text in texts):
            assert list(findings(language, text, SERVERS[language].username)) == []
            assert "\n--" not in text


def test_a_wildcard_in_the_name_of_a_mysql_database_is_escaped() -> None:
    """In a GRANT `_` stands for any character: MySQL, "GRANT Statement"."""
    made = statements(_access(access="readonly", schema="some_app"), SERVERS["mysql"])
    assert r"ON `some\_app`.* TO" in made.creation[1]


def test_mongodb_gets_roles_of_one_database_as_json() -> None:
    made = statements(_access(access="owner", schema="shop"), SERVERS["mongodb"])
    assert [json.loads(text) for text in made.creation] == [
        {"db": "admin", "roles": [{"role": "readWrite", "db": "shop"}, {"role": "dbAdmin", "db": "shop"}]}
    ]
    assert (made.revocation, made.renewal) == ((), ())


def test_the_group_of_owners_is_one_for_each_connection_and_schema_and_never_too_long() -> None:
    long = "a" * 63
    names = [
        owners_of(_postgresql(username=username, database=database), schema)
        for username in ("adm", "other", long)
        for database in ("orders", "stock", long)
        for schema in ("public", "extra", long)
    ]
    assert names[0] == "adm.orders.public.owner"
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 63


hosts = st.text(st.sampled_from("ab1.-:/[]%@?#'\" {}"), min_size=1, max_size=12) | st.sampled_from(
    ["::1", "[::1]", "a.b"]
)


@given(hosts, st.text(st.sampled_from("ab_1?/@:&= \"'"), min_size=1, max_size=8), st.integers(-1, 70000))
def test_a_connection_url_is_refused_or_means_what_was_written(host: str, database: str, port: int) -> None:
    try:
        postgresql = Postgresql.model_validate(
            {
                "host": host,
                "port": port,
                "database": database,
                "username": "vault_admin",
                "first_password": {"pulumi_config": "first"},
            }
        )
    except ValidationError:
        return
    parts = urlsplit(_url(postgresql).replace("{{username}}:{{password}}", "user:word"))
    assert parts.scheme == "postgresql"
    assert (parts.username, parts.password) == ("user", "word")
    assert parts.hostname == postgresql.host.lower()
    assert parts.port == port
    assert parts.path == f"/{database}"
    assert parts.query == "sslmode=verify-full"
    assert not parts.fragment


@pytest.mark.parametrize(
    ("host", "accepted"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("db.example", False)]
)
def test_a_connection_without_tls_stays_on_this_machine(host: str, accepted: bool) -> None:
    keys = {"host": host, "database": "a", "username": "b", "tls": "disable", "first_password": {"pulumi_config": "c"}}
    if accepted:
        assert _url(Postgresql.model_validate(keys)).endswith("sslmode=disable")
    else:
        with pytest.raises(ValidationError, match="which is not this machine"):
            Postgresql.model_validate(keys)
