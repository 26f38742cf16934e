"""What statements give away: found however it is written, and not where it only seems to stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.vault.database.plugins.server import Language
from strongroom.vault.database.privileges import findings


@pytest.mark.parametrize(
    ("language", "statement", "what"),
    [
        ("postgresql", """CREATE ROLE "{{name}}" WITH SUPERUSER LOGIN PASSWORD '{{password}}'""", "SUPERUSER"),
        ("postgresql", 'create user "{{name}}" superuser', "SUPERUSER"),
        ("postgresql", "CREATE /* NO/**/ */ ROLE x\n--\nSuperUser", "SUPERUSER"),
        ("postgresql", 'CREATE ROLE "a"; ALTER ROLE "a" SUPERUSER', "SUPERUSER"),
        ("postgresql", "CREATE ROLE x PASSWORD E'it\\'s' CREATEROLE", "CREATEROLE"),
        ("postgresql", "CREATE ROLE x REPLICATION BYPASSRLS CREATEDB", "REPLICATION"),
        ("postgresql", "DO $$ BEGIN IF true THEN CREATE ROLE x SUPERUSER; END IF; END $$", "SUPERUSER"),
        ("postgresql", "DO $body$ BEGIN EXECUTE 'ALTER ROLE x ' || 'SUPER' || 'USER'; END $body$", "builds itself"),
        ("postgresql", "DO $$ BEGIN FOR r IN EXECUTE 'SELECT 1' LOOP END LOOP; END $$", "builds itself"),
        ("postgresql", 'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{{name}}"', "GRANT ALL"),
        ("postgresql", 'grant/**/all privileges ON orders TO "{{name}}"', "GRANT ALL"),
        ("postgresql", "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO x", "GRANT ALL"),
        ("postgresql", 'GRANT SELECT ON orders TO "{{name}}" WITH GRANT OPTION', "pass on"),
        ("postgresql", "GRANT readers TO x WITH ADMIN OPTION", "pass on"),
        ("postgresql", "GRANT readers TO x WITH INHERIT TRUE, ADMIN TRUE", "pass on"),
        ("postgresql", 'GRANT "rds_superuser" TO x', "rds_superuser"),
        ("postgresql", "CREATE ROLE x IN ROLE pg_execute_server_program", "pg_execute_server_program"),
        ("postgresql", "CREATE ROLE x PASSWORD 'SUPERUSER", "never closed"),
        ("postgresql", "CREATE ROLE x /* SUPERUSER", "never closed"),
        (
            "postgresql",
            "COMMENT ON ROLE x IS $$it's$$; GRANT ALL ON a TO x; COMMENT ON ROLE x IS $$it's$$",
            "GRANT ALL",
        ),
        ("postgresql", "DO $$ BEGIN CREATE ROLE x SUPERUSER; END", "never closed"),
        ("redshift", "CREATE USER x PASSWORD DISABLE CREATEUSER", "CREATEUSER"),
        ("mysql", "GRANT ALL PRIVILEGES ON *.* TO '{{name}}'@'%'", "GRANT ALL"),
        ("mysql", "GRANT /*!50000 ALL */ ON *.* TO '{{name}}'@'%'", "GRANT ALL"),
        ("mysql", "GRANT SELECT, SUPER ON *.* TO '{{name}}'@'%'", "super"),
        ("mysql", "GRANT SELECT ON a.* TO '{{name}}'@'%' WITH GRANT OPTION", "pass on"),
        ("mysql", "GRANT SELECT, GRANT OPTION ON a.* TO '{{name}}'@'%'", "pass on"),
        ("mysql", "SET @s = 'x'; PREPARE p FROM @s; EXECUTE p", "builds itself"),
        ("mysql", "CREATE USER x IDENTIFIED BY 'a\\' # b'; GRANT ALL ON a.* TO x", "GRANT ALL"),
        ("cassandra", "CREATE ROLE x WITH PASSWORD = 'p' AND SUPERUSER = true", "SUPERUSER"),
        ("cassandra", "CREATE USER x WITH PASSWORD 'p' SUPERUSER", "SUPERUSER"),
        ("cassandra", "GRANT ALL PERMISSIONS ON ALL KEYSPACES TO x", "GRANT ALL"),
        ("cassandra", "SELECT 1; // it's\nGRANT ALL ON KEYSPACE a TO x; // it's", "GRANT ALL"),
        ("mysql", "SELECT 1--'\n, 2'; GRANT ALL ON a.* TO x", "GRANT ALL"),
        ("cassandra", "GRANT AUTHORIZE ON ALL KEYSPACES TO x", "authorize"),
        ("mongodb", '{"db": "admin", "roles": ["root"]}', "root"),
        ("mongodb", '{"roles": [{"role": "dbOwner", "db": "app"}]}', "dbOwner"),
        ("mongodb", '{"roles": [{"role": "userAdminAnyDatabase"}, {"role": "__system"}]}', "__system"),
        ("mongodb", "CREATE ROLE x", "JSON"),
        ("elasticsearch", '{"elasticsearch_roles": ["superuser"]}', "superuser"),
        ("elasticsearch", '{"elasticsearch_role_definition": {"cluster": ["manage_security"]}}', "manage_security"),
        ("elasticsearch", '{"elasticsearch_role_definition": {"run_as": ["elastic"]}}', "run_as"),
        (
            "elasticsearch",
            '{"elasticsearch_role_definition": {"indices": [{"privileges": ["all"]}]}}',
            "all privileges",
        ),
        ("redis", '["~*", "+@all"]', "+@all"),
        ("redis", '["~*", "ALLCOMMANDS"]', "+@all"),
        ("redis", '["~*", "+@read", "+acl|setuser"]', "+acl"),
        ("redis", '["~*", "-@dangerous", "+@all"]', "+@all"),
        ("redis", '["nopass", "~*", "+@read"]', "let in"),
        ("redis", "~* +@all", "JSON"),
        ("redis", "[1]", "JSON"),
    ],
)
def test_too_much_is_found(language: Language, statement: str, what: str) -> None:
    found = list(findings(language, statement))
    assert found
    assert any(what in said for said, _ in found)
    assert all(remedy for _, remedy in found)


@pytest.mark.parametrize(
    ("language", "statement"),
    [
        ("postgresql", """CREATE ROLE "superuser" NOSUPERUSER LOGIN PASSWORD 'SUPERUSER' -- SUPERUSER"""),
        ("postgresql", "CREATE ROLE x /* SUPERUSER /* nested */ GRANT ALL */ LOGIN; COMMENT ON ROLE x IS $$it is$$"),
        ("postgresql", 'GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA "all" TO "{{name}}"'),
        ("postgresql", "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA a TO x"),
        ("postgresql", "ALTER DEFAULT PRIVILEGES IN SCHEMA a GRANT EXECUTE ON FUNCTIONS TO x"),
        ("postgresql", "CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()"),
        ("postgresql", "REVOKE GRANT OPTION FOR ALL ON orders FROM x; REVOKE ALL ON orders FROM x"),
        ("postgresql", "GRANT readers TO x WITH INHERIT TRUE"),
        ("postgresql", "COMMENT ON ROLE x IS $$it's not a SUPERUSER$$"),
        ("cassandra", "CREATE ROLE x // SUPERUSER"),
        ("mysql", "GRANT SELECT ON `super`.* TO '{{name}}'@'%' # WITH GRANT OPTION"),
        ("mysql", """CREATE USER '{{name}}'@'%' IDENTIFIED BY "GRANT ALL" """),
        ("mysql", "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{{name}}'@'%'; DROP USER '{{name}}'@'%'"),
        ("cassandra", "CREATE ROLE x WITH PASSWORD = 'p' AND SUPERUSER = false"),
        ("cassandra", "CREATE USER x WITH PASSWORD 'p' NOSUPERUSER"),
        ("mongodb", '{"db": "admin", "roles": [{"role": "readWrite", "db": "root"}]}'),
        ("mongodb", '{"db": "admin"}'),
        ("elasticsearch", '{"elasticsearch_role_definition": {"indices": [{"names": ["a"], "privileges": ["read"]}]}}'),
        ("redis", '["~app:*", "+@read"]'),
        ("redis", '["~*", "+@all", "-@dangerous", "-@admin"]'),
        ("redis", '["+@all", "-@all", "~app:*", "+@read"]'),
        ("redis", '["+@all", "nocommands", "+get"]'),
        ("postgresql", "DO $f$ DECLARE x$$ int; BEGIN GRANT SELECT ON a TO x; END $f$"),
        ("postgresql", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$"),
        ("postgresql", "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 'c'"),
        ("postgresql", "SELECT 1 AS x$y; COMMENT ON ROLE x IS E'it\\'s' -- it's"),
        ("postgresql", 'GRANT "{{name}}" TO vault_admin; GRANT "{{name}}" TO CURRENT_USER'),
        ("postgresql", 'GRANT USAGE ON SCHEMA vault_admin TO "{{name}}"'),
        ("postgresql", 'REVOKE vault_admin FROM "{{name}}"'),
        ("postgresql", "CREATE ROLE x PASSWORD 'vault_admin'"),
        ("mysql", "GRANT USAGE ON *.* TO '{{name}}'@'%'"),
        ("mysql", "GRANT SELECT ON `some_app`.* TO '{{name}}'@'%'"),
        ("mysql", "GRANT SELECT ON `shop%`.* TO '{{name}}'@'%'"),
        ("mysql", "GRANT SELECT ON `my\\_ql`.* TO '{{name}}'@'%'"),
        ("mysql", "GRANT SELECT ON TABLE app.mysql TO '{{name}}'@'%'"),
    ],
)
def test_what_only_looks_like_too_much_is_let_through(language: Language, statement: str) -> None:
    assert list(findings(language, statement, "vault_admin")) == []


@pytest.mark.parametrize(
    ("language", "statement", "what"),
    [
        ("postgresql", "DO 'BEGIN ALTER ROLE \"{{name}}\" SUPERUSER; END'", "written as a literal"),
        ("postgresql", "DO LANGUAGE 'plpgsql' E'BEGIN ALTER ROLE x SUPERUSER; END'", "written as a literal"),
        ("postgresql", "DO $$ BEGIN DO 'BEGIN NULL; END'; END $$", "written as a literal"),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'ALTER ROLE x SUPERUSER'",
            "written as a literal",
        ),
        (
            "postgresql",
            "CREATE PROCEDURE begin() LANGUAGE sql AS /* */ 'ALTER ROLE x SUPERUSER'",
            "written as a literal",
        ),
        ("cassandra", "CREATE FUNCTION f() RETURNS int LANGUAGE java AS 'return 1;'", "written as a literal"),
        (
            "postgresql",
            'DO $f$ DECLARE x$$ int; BEGIN GRANT pg_read_all_data TO "{{name}}"; END $f$',
            "pg_read_all_data",
        ),
        ("postgresql", "DO $f$ BEGIN RAISE $$it's$$ x ' END $f$", "cannot be read"),
        ("postgresql", "CREATE FUNCTION f() RETURNS int AS $f$ ' $f$", "cannot be read"),
        ("postgresql", "DO LANGUAGE plpython3u $$ plpy.execute('GRANT ' + 'ALL') $$", "language"),
        ("postgresql", "DO $$ plpy.execute('GRANT ' + 'ALL') $$ LANGUAGE 'plpython3u'", "language"),
        ("postgresql", "SELECT 1 AS x$$; ALTER ROLE \"{{name}}\" SUPERUSER; SELECT ' $$ ' -- '", "SUPERUSER"),
        ("postgresql", "SELECT 1 AS \u00a0$$; ALTER ROLE x SUPERUSER; SELECT ' $$ ' -- '", "SUPERUSER"),
        ("postgresql", "SELECT 1 AS x{{name}}$$; ALTER ROLE x SUPERUSER; SELECT ' $$ ' -- '", "right after"),
        ("postgresql", "SELECT 1 --\rALTER ROLE x SUPERUSER", "SUPERUSER"),
        ("postgresql", "SELECT 1 -- ; ALTER ROLE x SUPERUSER", "; in a comment"),
        ("mysql", "SELECT 1 # ; GRANT ALL ON a.* TO x", "; in a comment"),
        ("postgresql", "SELECT E'a'\n'\\'', 'SUPERUSER' --'", "goes on in another"),
        (
            "postgresql",
            "SET standard_conforming_strings = off; SELECT '\\''; ALTER ROLE x SUPERUSER; --'",
            "literal end",
        ),
        ("postgresql", 'GRANT U&"pg_read_all\\005fdata" TO "{{name}}"', "U&"),
        ("postgresql", "GRANT pg_read_all_data TO x", "pg_read_all_data"),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ ALTER ROLE app PASSWORD 'x' $$",
            "SECURITY DEFINER",
        ),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS void AS $$ ALTER ROLE app PASSWORD 'x' $$ LANGUAGE sql SECURITY DEFINER",
            "SECURITY DEFINER",
        ),
        ("postgresql", 'GRANT "vault_admin" TO "{{name}}"', "own login"),
        ("postgresql", 'GRANT loop, VAULT_ADMIN TO "{{name}}"', "own login"),
        ("postgresql", 'CREATE ROLE "{{name}}" IN ROLE vault_admin', "own login"),
        ("postgresql", 'CREATE ROLE "{{name}}" IN ROLE readers, begin, vault_admin', "own login"),
        ("postgresql", 'CREATE ROLE "{{name}}" IN GROUP CURRENT_USER', "own login"),
        ("postgresql", 'ALTER GROUP vault_admin ADD USER "{{name}}"', "own login"),
        ("postgresql", "ALTER ROLE CURRENT_USER PASSWORD 'x'", "own login"),
        ("mysql", "GRANT 'vault_admin'@'%' TO '{{name}}'@'%'", "own login"),
        ("mysql", "ALTER USER IF EXISTS 'vault_admin'@'%' IDENTIFIED BY 'x'", "own login"),
        ("mysql", "SET PASSWORD FOR 'vault_admin'@'%' = 'x'", "own login"),
        ("cassandra", "GRANT vault_admin TO x", "own login"),
        ("mysql", "GRANT CREATE USER ON *.* TO '{{name}}'@'%'", "make others"),
        ("mysql", "GRANT SELECT ON *.* TO '{{name}}'@'%'", "every database"),
        ("mysql", "GRANT SELECT, UPDATE ON mysql.* TO '{{name}}'@'%'", "which has the logins"),
        ("mysql", "GRANT UPDATE ON TABLE `MySQL`.`user` TO '{{name}}'@'%'", "which has the logins"),
        ("mysql", "GRANT UPDATE ON `m_s%`.* TO '{{name}}'@'%'", "which has the logins"),
        ("redis", '["~app:*", "(+@all ~*)"]', "selector"),
        ("redis", '["+@all", "-@admin"]', "+@all"),
        ("redis", '["+@all", "-@dangerous"]', "+@all"),
        ("redis", '["-@dangerous", "-@admin", "+@all"]', "+@all"),
        ("redis", '["~*", "+@slow"]', "+@all"),
        (
            "elasticsearch",
            '{"elasticsearch_role_definition": {"indices": [{"privileges": ["ALL"]}]}}',
            "all privileges",
        ),
        ("elasticsearch", '{"elasticsearch_role_definition": {"index": [{"privileges": ["all"]}]}}', "all privileges"),
        ("elasticsearch", '{"elasticsearch_role_definition": {"cluster": ["Manage_Security"]}}', "manage_security"),
    ],
)
def test_too_much_is_found_behind_quotes_other_names_and_what_cannot_be_read(
    language: Language, statement: str, what: str
) -> None:
    found = list(findings(language, statement, "vault_admin"))
    assert any(what in said for said, _ in found), found
    assert all(remedy for _, remedy in found)


PIECES = ["'", '"', "`", "$$", "/*", "*/", "--", "#", "\n", ";", "{{", "}}", "\\", "GRANT ALL", "SUPERUSER", " ", "x"]


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join), st.booleans())
def test_any_text_at_all_is_judged_and_what_is_said_does_not_repeat_it(text: str, mysql: bool) -> None:
    canary = f"{text}canary_word"
    for said, remedy in findings("mysql" if mysql else "postgresql", canary):
        assert "canary_word" not in said + remedy


@given(st.lists(st.sampled_from(["'", "''", "x", "\n", ";", "--", "/*"]), max_size=8).map("".join))
def test_a_superuser_after_any_literal_is_found_or_the_text_is_called_unreadable(literal: str) -> None:
    """PostgreSQL's own rule: a quote within a literal is written twice."""
    statement = f"CREATE ROLE x PASSWORD '{literal.replace(chr(39), chr(39) * 2)}' SUPERUSER"
    assert any("SUPERUSER" in said for said, _ in findings("postgresql", statement))
