"""V26: dynamic database credentials that own the database server."""

import pytest

from support.policy_pack import DATABASE_ROLE, UNKNOWN, Stack, secret

LOGIN = """CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}';"""


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("""CREATE ROLE "{{name}}" WITH SUPERUSER LOGIN PASSWORD '{{password}}';""", "creates a SUPERUSER"),
        ("""create user "{{name}}" superuser""", "creates a SUPERUSER"),
        ('ALTER ROLE "{{name}}" SUPERUSER;', "creates a SUPERUSER"),
        ("CREATE ROLE x WITH LOGIN = false AND SUPERUSER = true", "creates a SUPERUSER"),
        ("CREATE /* no */ ROLE {{name}}\n--\nSUPERUSER", "creates a SUPERUSER"),
        ('GRANT ALL ON ALL TABLES IN SCHEMA public TO "{{name}}";', "GRANT ALL"),
        ('GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA "public" TO "{{name}}";', "GRANT ALL"),
        ('GRANT ALL ON DATABASE orders TO "{{name}}";', "GRANT ALL"),
        ('GRANT ALL ON TABLE app.orders TO "{{name}}";', "GRANT ALL"),
        ('GRANT ALL ON SCHEMA app, public TO "{{name}}";', "GRANT ALL"),
        ("GRANT ALL PRIVILEGES ON *.* TO '{{name}}'@'%';", "GRANT ALL"),
        ("GRANT ALL ON `mysql`.* TO '{{name}}'@'%';", "GRANT ALL"),
        ('GRANT rds_superuser TO "{{name}}";', "membership in rds_superuser"),
        ("DO $$ BEGIN IF true THEN CREATE ROLE x SUPERUSER; END IF; END $$;", "creates a SUPERUSER"),
        ("DO $body$ BEGIN GRANT ALL ON DATABASE orders TO x; END $body$;", "GRANT ALL"),
        ("DO 'BEGIN ALTER ROLE \"{{name}}\" SUPERUSER; END'", "written as a literal"),
        ("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'ALTER ROLE x SUPERUSER'", "written as a literal"),
        ('DO $f$ DECLARE x$$ int; BEGIN GRANT pg_read_all_data TO "{{name}}"; END $f$', "pg_read_all_data"),
        ("CREATE ROLE x IN ROLE pg_execute_server_program", "pg_execute_server_program"),
        (
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ ALTER ROLE app PASSWORD 'x' $$",
            "SECURITY DEFINER",
        ),
        ("GRANT CREATE USER ON *.* TO '{{name}}'@'%'", "every database"),
        ("GRANT SELECT, UPDATE ON mysql.* TO '{{name}}'@'%'", "MySQL's logins"),
        ("GRANT UPDATE ON TABLE `mysql`.`user` TO '{{name}}'@'%'", "MySQL's logins"),
    ],
)
def test_superuser_rights_and_all_privileges_are_refused(stack: Stack, statement: str, what: str) -> None:
    report = stack.change("orders", creationStatements=[LOGIN, statement]).preview()
    [said] = report.violations("V26")
    assert (said.resource, said.level) == ("orders", "mandatory")
    assert "'creationStatements[1]'" in said.message
    assert what in said.message


@pytest.mark.parametrize(
    "statement",
    [
        """CREATE ROLE "{{name}}" NOSUPERUSER LOGIN PASSWORD '{{password}}';""",
        """CREATE ROLE "superuser" LOGIN PASSWORD 'SUPERUSER' -- SUPERUSER""",
        "CREATE ROLE x WITH PASSWORD = '{{password}}' AND LOGIN = true AND SUPERUSER = false",
        'GRANT ALL ON SCHEMA "{{name}}" TO "{{name}}";',
        'GRANT ALL ON SCHEMA payments TO "{{name}}";',
        'GRANT ALL PRIVILEGES ON ALL TABLES IN SCHEMA payments, "payments-archive" TO "{{name}}";',
        "GRANT ALL ON `payments`.* TO '{{name}}'@'%';",
        'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";',
        'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO "{{name}}";',
        'GRANT payments_readers TO "{{name}}";',
        "GRANT USAGE ON *.* TO '{{name}}'@'%'",
        "GRANT SELECT ON app.mysql TO '{{name}}'@'%'",
        "CREATE ROLE x IN ROLE readers PASSWORD 'rds_superuser'",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a' $$",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles) THEN CREATE ROLE x NOLOGIN; END IF; END $$;",
        '{"db": "orders", "roles": [{"role": "readWrite"}]}',
        "",
    ],
)
def test_nosuperuser_and_all_on_its_own_schema_are_fine(stack: Stack, statement: str) -> None:
    assert not stack.change("orders", creationStatements=[statement]).preview().said


def test_one_text_with_several_statements_is_taken_apart(stack: Stack) -> None:
    report = stack.change("orders", creationStatements=[LOGIN + ' GRANT ALL ON DATABASE a TO "{{name}}";']).preview()
    assert "'creationStatements[0]'" in report.violations("V26")[0].message


@pytest.mark.parametrize(
    "statement",
    [
        "DO $$ BEGIN EXECUTE 'CREATE ROLE x SUPERUSER'; END $$",
        "EXECUTE format('ALTER ROLE %I SUPERUSER', 'x')",
        "COMMENT ON ROLE x IS $$it's$$; GRANT ALL ON DATABASE a TO x; COMMENT ON ROLE x IS $$it's$$",
        "DO LANGUAGE plpython3u $$ plpy.execute('GRANT ' + 'ALL') $$",
        "DO $$ plpy.execute('GRANT ' + 'ALL') $$ LANGUAGE plpython3u",
        "DO LANGUAGE 'plpgsql' E'BEGIN ALTER ROLE x SUPERUSER; END'",
        "CREATE ROLE x PASSWORD E'\\'' SUPERUSER --'",
        "SELECT 1 -- ; ALTER ROLE x SUPERUSER",
        "SELECT 1 --\rALTER ROLE x SUPERUSER",
        "GRANT /*!50000 ALL */ ON a.* TO x",
        "SELECT 1 # '\n; GRANT ALL ON a.* TO x; # '",
        "SELECT 1 AS x$$; ALTER ROLE x SUPERUSER; SELECT ' $$ ' -- '",
        'GRANT U&"pg_read_all\\005fdata" TO "{{name}}"',
    ],
)
def test_sql_that_builds_sql_is_undecided(stack: Stack, statement: str) -> None:
    report = stack.change("orders", creationStatements=[statement]).preview()
    [undecided] = report.undecided("V26")
    assert (undecided.level, undecided.resource) == ("advisory", "orders")
    assert not report.violations()


def test_shared_schemas_and_superuser_roles_are_configured(stack: Stack) -> None:
    broken = stack.change("orders", creationStatements=['GRANT ALL ON SCHEMA lake TO "x"', 'GRANT boss TO "x"'])
    assert not broken.preview().violations("V26")
    configured = broken.configure("V26", shared_schemas=["lake"], superuser_roles=["boss"])
    assert len(configured.preview().violations("V26")) == 2


def test_the_connections_own_login_is_refused_once_it_is_configured(stack: Stack) -> None:
    """A role does not say what its connection logs in with."""
    texts = ['GRANT "vault_admin" TO "{{name}}"', 'CREATE ROLE "{{name}}" IN ROLE vault_admin']
    configured = stack.change("orders", creationStatements=texts).configure("V26", superuser_roles=["vault_admin"])
    assert len(configured.preview().violations("V26")) == 2


def test_an_unknown_statement_is_undecided_and_the_others_are_still_checked(stack: Stack) -> None:
    report = stack.change("orders", creationStatements=[UNKNOWN, "ALTER ROLE x SUPERUSER"]).preview()
    [undecided] = report.undecided("V26")
    assert "'creationStatements[0]' is not known before the deployment" in undecided.message
    assert "'creationStatements[1]'" in report.violations("V26")[0].message


def test_an_unknown_list_is_undecided(stack: Stack) -> None:
    [undecided] = stack.change("orders", creationStatements=UNKNOWN).preview().undecided("V26")
    assert "'creationStatements' is not known before the deployment" in undecided.message


def test_no_statement_is_ever_shown(stack: Stack) -> None:
    texts = [
        "CREATE ROLE hunter2 SUPERUSER PASSWORD 'hunter2'",
        secret("GRANT ALL ON DATABASE hunter2 TO hunter2"),
        "DO $$ BEGIN EXECUTE hunter2; END $$",
        ["hunter2"],
    ]
    report = stack.change("orders", creationStatements=texts).preview()
    assert len(report.violations("V26")) == 2
    assert len(report.undecided("V26")) == 2
    assert "hunter2" not in report.text


@pytest.mark.parametrize("wrong", [7, True, "CREATE ROLE x SUPERUSER", {"a": 1}, [1, None, {"a": "b"}]])
def test_values_of_the_wrong_type_are_undecided_and_do_not_crash_it(stack: Stack, wrong: object) -> None:
    report = stack.change("orders", creationStatements=wrong).preview()
    assert report.undecided("V26")
    assert not report.violations()


@pytest.mark.parametrize("absent", [{}, {"creationStatements": None}, {"creationStatements": []}])
def test_absent_and_empty_are_nothing_to_judge(stack: Stack, absent: dict[str, object]) -> None:
    assert not stack.drop("orders").add("orders", DATABASE_ROLE, **absent).preview().said
