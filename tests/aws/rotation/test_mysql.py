"""MySQL and MariaDB. There is no such server here: statements go to a mock of the driver's connection, which records
them with the driver's own quoting. What a server makes of them is not tested."""

from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from pymysql.converters import escape_item

from strongroom.aws.rotation.function.configuration import Configuration
from strongroom.aws.rotation.function.databases import mysql
from strongroom.aws.rotation.function.databases.mysql import Mysql, MysqlSession, native_hash, regranted
from strongroom.aws.rotation.function.errors import LoginRefusedError, RotationError
from strongroom.aws.rotation.function.value import Value

CONFIGURATION = Configuration(strategy="mysql-single-user", plaintext_on_loopback=True)
VALUE = Value({"engine": "mysql", "host": "db.example.com", "username": "app", "password": "pässword"}, "arn")

Answers = dict[str, list[tuple[Any, ...]]]
"""Start of a statement -> what the server answers."""
MYSQL: Answers = {"SELECT VERSION": [("8.4.3",)], "SELECT Host": [("%",), ("10.0.0.1",)]}
MARIADB: Answers = {"SELECT VERSION": [("11.4.2-MariaDB-log",)]}


class MockConnection:
    """Records statements as pymysql would send them, and answers from a table."""

    def __init__(self, answers: Answers | None = None) -> None:
        self.sent: list[str] = []
        self._answers = MYSQL | (answers or {})

    def cursor(self) -> "MockCursor":
        return MockCursor(self)

    def answer(self, statement: str) -> list[tuple[Any, ...]]:
        return next((rows for start, rows in self._answers.items() if statement.startswith(start)), [])


class MockCursor:
    def __init__(self, connection: MockConnection) -> None:
        self._connection = connection

    def __enter__(self) -> "MockCursor":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str, arguments: tuple[Any, ...] | None) -> None:
        if arguments is not None:
            statement %= tuple(escape_item(argument, "utf8mb4") for argument in arguments)
        self._connection.sent.append(statement)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._connection.answer(self._connection.sent[-1])


def session(answers: Answers | None = None) -> tuple[MysqlSession, list[str]]:
    connection = MockConnection(answers)
    return MysqlSession(connection, CONFIGURATION), connection.sent


def test_a_user_changes_its_own_password_with_quoting_by_the_driver() -> None:
    one, sent = session()
    one.change_own_password("app", "it's \\ %s")
    assert sent[-1] == r"ALTER USER USER() IDENTIFIED BY 'it\'s \\ %s'"


def test_mariadb_gets_the_hash_only() -> None:
    one, sent = session(MARIADB)
    one.change_own_password("app", "password")
    one.change_password("app", "password")
    # The hash of MySQL's manual, "Password Hashing in MySQL": PASSWORD('password').
    hashed = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
    assert native_hash("password") == hashed
    assert f"SET PASSWORD = '{hashed}'" in sent
    assert sent[-1] == (
        f"ALTER USER 'app'@'%' IDENTIFIED BY PASSWORD '{hashed}', 'app'@'10.0.0.1' IDENTIFIED BY PASSWORD '{hashed}'"
    )


def test_the_password_of_all_accounts_of_a_user_is_changed_at_once() -> None:
    one, sent = session()
    one.change_password("o'app", "new")
    assert sent[-1] == (r"ALTER USER 'o\'app'@'%' IDENTIFIED BY 'new', 'o\'app'@'10.0.0.1' IDENTIFIED BY 'new'")


def test_a_user_that_is_not_there_is_an_error() -> None:
    one, _ = session({"SELECT Host": []})
    with pytest.raises(RotationError, match="no such user"):
        one.change_password("app", "new")


def test_a_clone_has_a_password_that_nobody_knows_until_it_has_all_rights_of_its_user() -> None:
    one, sent = session(
        {
            "SELECT Host": [("%",)],
            "SELECT ssl_type": [("ANY",)],
            "SHOW GRANTS": [
                ("GRANT USAGE ON *.* TO `app`@`%`",),
                ("GRANT SELECT, INSERT (`a`) ON `shop`.* TO `app`@`%` WITH GRANT OPTION",),
                ("REVOKE SELECT ON `mysql`.* FROM `app`@`%`",),
                ("GRANT `reader`@`%` TO `app`@`%`",),
                ("GRANT PROXY ON ``@`` TO `app`@`%` WITH GRANT OPTION",),
            ],
        },
    )
    one.prepare_clone("app", "app_clone")
    created = next(text for text in sent if text.startswith("CREATE"))
    assert created.startswith("CREATE USER IF NOT EXISTS 'app_clone'@'%' IDENTIFIED BY '")
    assert created.endswith("' REQUIRE SSL")
    assert [text for text in sent if text.startswith(("GRANT", "REVOKE", "SET"))] == [
        "GRANT USAGE ON *.* TO `app_clone`@`%`",
        "GRANT SELECT, INSERT (`a`) ON `shop`.* TO `app_clone`@`%` WITH GRANT OPTION",
        "REVOKE SELECT ON `mysql`.* FROM `app_clone`@`%`",
        "GRANT `reader`@`%` TO `app_clone`@`%`",
        "SET DEFAULT ROLE ALL TO 'app_clone'@'%'",
    ]


@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        ("GRANT ALL PRIVILEGES ON `a TO b`.* TO 'app'@'%'", "GRANT ALL PRIVILEGES ON `a TO b`.* TO `app_clone`@`%`"),
        (
            "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*AB' REQUIRE SSL WITH GRANT OPTION",
            "GRANT USAGE ON *.* TO `app_clone`@`%` WITH GRANT OPTION",
        ),
        ("SET DEFAULT ROLE `reader` FOR `app`@`%`", "SET DEFAULT ROLE `reader` FOR `app_clone`@`%`"),
    ],
)
def test_grants_of_all_servers_are_copied_without_passwords(shown: str, copied: str) -> None:
    assert regranted(shown, "app", "app_clone", "%") == copied


def test_a_name_with_a_backtick_stays_a_name() -> None:
    shown = "GRANT USAGE ON *.* TO `a``p`@`%`"
    assert regranted(shown, "a`p", "a`p_clone", "%") == "GRANT USAGE ON *.* TO `a``p_clone`@`%`"


def test_a_grant_of_an_unknown_form_is_an_error_that_does_not_quote_it() -> None:
    with pytest.raises(RotationError, match="cannot be copied") as error:
        regranted("GRANT canary TO SOMEBODY", "app", "app_clone", "%")
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(("answer", "raises"), [((1,), False), ((0,), True), ((None,), True)])
def test_a_lock_is_held_or_it_is_an_error(answer: tuple[Any], raises: bool) -> None:
    one, sent = session({"SELECT GET_LOCK": [answer]})
    if raises:
        with pytest.raises(RotationError, match="another rotation of this user is at work"):
            one.lock("x" * 200)
    else:
        one.lock("x" * 200)
    name = sent[0].split("'")[1]
    assert len(name) <= 64


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    seen = SimpleNamespace(error=None, arguments={})

    def connect(**arguments: Any) -> MockConnection:
        seen.arguments = arguments
        if seen.error:
            raise seen.error
        return MockConnection()

    monkeypatch.setattr(pymysql, "connect", connect)
    return seen


def test_it_logs_in_with_tls_that_is_verified(connected: SimpleNamespace) -> None:
    Mysql(CONFIGURATION).connect(VALUE)
    assert connected.arguments["ssl"].check_hostname
    assert connected.arguments["ssl_disabled"] is False
    assert connected.arguments["port"] == 3306
    assert connected.arguments["password"] == "pässword".encode()


def test_on_loopback_it_does_without_when_asked_to(connected: SimpleNamespace) -> None:
    Mysql(CONFIGURATION).connect(VALUE.with_fields(host="127.0.0.1"))
    assert connected.arguments["ssl"] is None
    assert connected.arguments["ssl_disabled"] is True


def test_a_refused_login_is_told_from_a_server_that_cannot_be_reached(connected: SimpleNamespace) -> None:
    connected.error = pymysql.OperationalError(1045, "Access denied for user 'app'")
    with pytest.raises(LoginRefusedError):
        Mysql(CONFIGURATION).connect(VALUE)
    connected.error = pymysql.OperationalError(2003, "Can't connect to MySQL server on 'db.example.com'")
    with pytest.raises(RotationError, match=r"cannot be connected to: OperationalError \(2003\)"):
        Mysql(CONFIGURATION).connect(VALUE)


def test_the_driver_demands_tls_of_a_server_when_given_a_context() -> None:
    """pymysql's own: without one it would fall back to plaintext."""
    connection = pymysql.connections.Connection(
        host="db.example.com", ssl=mysql.context_for("db.example.com", CONFIGURATION), defer_connect=True
    )
    assert connection._ssl_required
