"""The texts of the database engine: nothing that people write leaves its place in SQL or in a URL."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strongroom.templating import UnsafeTextError, escape_sql
from strongroom.vault.database.render import connection_url, statements
from strongroom.vault.database.spec import DatabaseAccess, Postgresql

HOSTILE = st.text(st.sampled_from("ab_1\"'{};\\-\n\0 $é"), min_size=1, max_size=14)
ACCESS = ("readonly", "readwrite", "owner")


def _access(**keys: object) -> DatabaseAccess:
    return DatabaseAccess.model_validate({"connection": "orders", **keys})


@given(HOSTILE | st.text(min_size=1, max_size=70), st.sampled_from(ACCESS))
def test_a_schema_is_refused_or_stands_quoted_in_the_statements(schema: str, access: str) -> None:
    try:
        made = _access(access=access, schema=schema)
    except ValidationError:
        return
    harmless = statements(_access(access=access, schema="other"))
    assert [tuple(text.replace(f'"{schema}"', '"other"') for text in texts) for texts in statements(made)] == list(
        harmless
    )


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
    for texts in statements(_access(access=access)):
        assert texts
        for text in texts:
            assert text.endswith(";")
            assert ";" not in text[:-1] or (text.startswith("DO $$ ") and text.endswith(" $$;"))


def test_access_grows_from_reading_to_writing_to_making() -> None:
    reading, writing, making = (" ".join(statements(_access(access=access)).creation) for access in ACCESS)
    assert "INSERT" not in reading
    assert "INSERT" in writing
    assert "GRANT USAGE ON SCHEMA" in writing
    assert "GRANT USAGE, CREATE ON SCHEMA" in making


def test_no_access_makes_a_powerful_role() -> None:
    for access in ACCESS:
        first = statements(_access(access=access)).creation[0]
        assert first.startswith('CREATE ROLE "{{name}}" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION ')
        assert first.endswith("PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';")


def test_statements_by_hand_are_taken_as_they_are_and_renewed_by_the_template() -> None:
    by_hand = {"creation": ['CREATE ROLE "{{name}}"'], "revocation": ['DROP ROLE "{{name}}"']}
    made = statements(_access(statements=by_hand))
    assert made.creation == ('CREATE ROLE "{{name}}"',)
    assert made.revocation == ('DROP ROLE "{{name}}"',)
    assert made.renewal == ("ALTER ROLE \"{{name}}\" VALID UNTIL '{{expiration}}';",)
    renewed = statements(_access(statements={**by_hand, "renewal": ["SELECT 1"]}))
    assert renewed.renewal == ("SELECT 1",)


@pytest.mark.parametrize("statement", ["", "  ", "x" * 4097, "a\0b", "CREATE ROLE {{user}}", "SELECT '{{ name }}'"])
def test_a_statement_that_the_server_could_not_fill_is_refused(statement: str) -> None:
    with pytest.raises(ValidationError):
        _access(statements={"creation": [statement], "revocation": ["DROP ROLE x"]})


def test_statements_by_hand_must_say_how_to_revoke() -> None:
    with pytest.raises(ValidationError, match="revocation"):
        _access(statements={"creation": ["CREATE ROLE x"]})


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
    parts = urlsplit(connection_url(postgresql).replace("{{username}}:{{password}}", "user:word"))
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
        assert connection_url(Postgresql.model_validate(keys)).endswith("sslmode=disable")
    else:
        with pytest.raises(ValidationError, match="which is not this machine"):
            Postgresql.model_validate(keys)
