"""What rotation needs of a database, whichever it is."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from ..configuration import Configuration
from ..errors import LoginRefusedError, RotationError, describe
from ..value import Value


class Session(ABC):
    """A login. Passwords are arguments, never part of a statement's text unless the database leaves no other way."""

    @abstractmethod
    def lock(self, name: str) -> None:
        """Wait until nobody else holds a name, and hold it as long as the session lasts; where there is none, pass.

        Raises:
            RotationError: Somebody holds it too long.
        """

    @abstractmethod
    def probe(self) -> None:
        """Read something that everybody may read."""

    def change_own_password(self, user: str, password: str) -> None:
        """Of the user of this session. Default: as of any other."""
        self.change_password(user, password)

    @abstractmethod
    def change_password(self, user: str, password: str) -> None:
        """Of another user. One that somebody locked stays locked."""

    @abstractmethod
    def prepare_clone(self, user: str, clone: str) -> None:
        """See to it that `clone` exists and may do what `user` may. It can log in once its password is changed."""

    @abstractmethod
    def close(self) -> None:
        """End it, and with it the lock."""

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Database(ABC):
    """A kind of database."""

    engines: ClassVar[frozenset[str]]
    """What a secret's `engine` may say: AWS, "JSON structure of AWS Secrets Manager database credential secrets"."""
    default_port: ClassVar[int]
    default_database: ClassVar[str | None] = None
    longest_user_name: ClassVar[int]
    """In bytes."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    @abstractmethod
    def connect(self, value: Value) -> Session:
        """Log in.

        Raises:
            LoginRefusedError: The database does not accept user and password.
            RotationError: It cannot be connected to.
        """

    def target(self, value: Value) -> tuple[Any, ...]:
        """Which database a value is for.

        Raises:
            RotationError: The secret is none of this kind of database.
        """
        if value.field("engine") not in self.engines:
            raise RotationError(f"{value.where}: `engine` is none of {', '.join(sorted(self.engines))}")
        return value.host.lower(), value.port(self.default_port), self.database_of(value)

    def database_of(self, value: Value) -> str | None:
        """The database within the server."""
        return value.optional("dbname") or self.default_database


def not_connected(value: Value, error: Exception, *, refused: bool) -> Exception:
    """What is raised `from None` instead of a driver's error, which may quote the login."""
    if refused:
        return LoginRefusedError()
    return RotationError(f"{value.where}: its host cannot be connected to: {describe(error)}")
