"""DocumentDB. Its users are in the database `admin`. It takes passwords in clear, over TLS; its auditing does not log
them."""

import secrets
from typing import Any, ClassVar, Final

from ..errors import RotationError
from ..tls import context_for
from ..value import Value
from .session import Database, Session, not_connected

_AUTHENTICATION_FAILED: Final = 18


class DocumentdbSession(Session):
    """A login to DocumentDB."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def lock(self, name: str) -> None:
        """There is none. One rotation at a time is the Lambda function's concurrency."""

    def probe(self) -> None:
        self._run({"connectionStatus": 1})

    def change_password(self, user: str, password: str) -> None:
        self._run({"updateUser": user, "pwd": password})

    def prepare_clone(self, user: str, clone: str) -> None:
        """The clone has the same roles."""
        roles = self._roles(user)
        if roles is None:
            raise RotationError("the database has no such user")
        if self._roles(clone) is None:
            self._run({"createUser": clone, "pwd": secrets.token_urlsafe(32), "roles": roles})
        else:
            self._run({"updateUser": clone, "roles": roles})

    def close(self) -> None:
        self._client.close()

    def _roles(self, user: str) -> list[dict[str, str]] | None:
        users = self._run({"usersInfo": {"user": user, "db": "admin"}})["users"]
        return [{"role": role["role"], "db": role["db"]} for role in users[0]["roles"]] if users else None

    def _run(self, command: dict[str, Any]) -> Any:
        return self._client.admin.command(command)


class Documentdb(Database):
    """DocumentDB."""

    engines: ClassVar[frozenset[str]] = frozenset({"mongo", "docdb"})
    default_port: ClassVar[int] = 27017
    longest_user_name: ClassVar[int] = 63

    def connect(self, value: Value) -> Session:
        from pymongo import MongoClient  # noqa: PLC0415  each package has the driver of its database only

        timeout = self.configuration.connect_timeout_seconds * 1000
        client: Any = None
        try:
            client = MongoClient(
                host=value.host,
                port=value.port(self.default_port),
                username=value.username,
                password=value.password,
                authSource="admin",
                directConnection=True,
                retryWrites=False,  # DocumentDB has none
                serverSelectionTimeoutMS=timeout,
                connectTimeoutMS=timeout,
                socketTimeoutMS=timeout * 2,
                **self._tls(value.host),
            )
            client.admin.command({"ping": 1})  # clients log in with their first command
        except Exception as error:
            if client is not None:
                client.close()
            refused = getattr(error, "code", None) == _AUTHENTICATION_FAILED
            raise not_connected(value, error, refused=refused) from None
        return DocumentdbSession(client)

    def _tls(self, host: str) -> dict[str, Any]:
        """pymongo makes its own context: with the authorities of the file, or the system's; certificate and name are
        checked unless one says otherwise."""
        if context_for(host, self.configuration) is None:
            return {"tls": False}
        ca_file = self.configuration.ca_file
        return {"tls": True, **({"tlsCAFile": str(ca_file)} if ca_file else {})}
