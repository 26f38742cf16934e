"""DocumentDB. There is no such server here: commands go to a mock of the driver's client, which records them. What a
server makes of them is not tested."""

from types import SimpleNamespace
from typing import Any

import pymongo
import pymongo.errors
import pytest

from strongroom.aws.rotation.function.configuration import Configuration
from strongroom.aws.rotation.function.databases.documentdb import Documentdb, DocumentdbSession
from strongroom.aws.rotation.function.errors import LoginRefusedError, RotationError
from strongroom.aws.rotation.function.value import Value

CONFIGURATION = Configuration(strategy="documentdb-single-user")
VALUE = Value({"engine": "mongo", "host": "db.example.com", "username": "app", "password": "password"}, "arn")
READER = {"role": "read", "db": "shop"}


class MockClient:
    """Records commands, and knows users with their roles."""

    def __init__(self, **users: list[dict[str, str]]) -> None:
        self.sent: list[dict[str, Any]] = []
        self.users = users
        self.admin = SimpleNamespace(command=self.command)
        self.closed = False

    def command(self, command: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(command)
        wanted = command.get("usersInfo", {}).get("user")
        return {"users": [{"roles": self.users[wanted]}] if wanted in self.users else []}

    def close(self) -> None:
        self.closed = True


def test_a_password_is_changed_by_command() -> None:
    client = MockClient()
    DocumentdbSession(client).change_own_password("app", "new")
    assert client.sent == [{"updateUser": "app", "pwd": "new"}]


def test_a_clone_is_made_with_the_roles_of_its_user_and_a_password_that_nobody_knows() -> None:
    client = MockClient(app=[READER | {"x": "y"}])
    DocumentdbSession(client).prepare_clone("app", "app_clone")
    made = client.sent[-1]
    assert made["createUser"] == "app_clone"
    assert made["roles"] == [READER]
    assert len(made["pwd"]) > 40


def test_a_clone_that_exists_gets_the_roles_that_its_user_has_by_now() -> None:
    client = MockClient(app=[READER], app_clone=[])
    DocumentdbSession(client).prepare_clone("app", "app_clone")
    assert client.sent[-1] == {"updateUser": "app_clone", "roles": [READER]}


def test_a_user_that_is_not_there_cannot_be_cloned() -> None:
    with pytest.raises(RotationError, match="no such user"):
        DocumentdbSession(MockClient()).prepare_clone("app", "app_clone")


def test_it_logs_in_with_tls_that_the_driver_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def client(**arguments: Any) -> MockClient:
        seen.update(arguments)
        return MockClient()

    monkeypatch.setattr(pymongo, "MongoClient", client)
    Documentdb(CONFIGURATION).connect(VALUE)
    assert seen["tls"] is True
    assert not {"tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames"} & seen.keys()
    assert (seen["port"], seen["authSource"]) == (27017, "admin")


def test_a_refused_login_is_told_from_other_failures_and_the_client_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    client = MockClient()
    monkeypatch.setattr(pymongo, "MongoClient", lambda **_: client)
    for code, expected in ((18, LoginRefusedError), (13, RotationError)):
        client.closed = False

        def refuse(_: dict[str, Any], code: int = code) -> None:
            raise pymongo.errors.OperationFailure("Authentication failed", code)

        client.admin.command = refuse
        with pytest.raises(expected):
            Documentdb(CONFIGURATION).connect(VALUE)
        assert client.closed


def test_a_server_that_is_not_there_is_an_error_of_the_real_driver() -> None:
    configuration = Configuration(strategy="documentdb-single-user", connect_timeout_seconds=1)
    with pytest.raises(RotationError, match="cannot be connected to: ServerSelectionTimeoutError"):
        Documentdb(configuration).connect(VALUE.with_fields(host="127.0.0.1", port="1"))
