"""What is the same for every strategy that rotates users of a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from .configuration import Configuration
from .databases.session import Database, Session
from .errors import LoginRefusedError, RotationError
from .value import Value
from .versions import Versions


class DatabaseUsers:
    """Users whose passwords are replaced."""

    def __init__(self, database: Database, configuration: Configuration) -> None:
        self._database = database
        self._configuration = configuration

    def usable(self, begun: Value) -> bool:  # noqa: ARG002
        return True  # a password can be set at any time

    def discard(self, begun: Value) -> None:
        """A password that was replaced is worth nothing."""

    def test(self, pending: Value) -> None:
        with self._log_in(pending) as session:
            session.probe()

    @contextmanager
    def holding(self, pending: Value) -> Iterator[None]:
        with self._log_in(pending) as session:
            self._lock(session, pending)
            yield

    def _first(self, user: str) -> str:
        """Whom a user and its clone stand for: the user itself, where there are no clones."""
        return user

    def _lock(self, session: Session, pending: Value) -> None:
        """Rotations of a user, and of its clone, exclude each other."""
        session.lock(f"strongroom-rotation:{self._first(pending.username)}")

    def _log_in(self, value: Value) -> Session:
        """A session.

        Raises:
            RotationError: The login is refused.
        """
        try:
            return self._database.connect(value)
        except LoginRefusedError:
            pass
        raise RotationError(f"{value.where}: the database refuses this login")

    def _check_target(self, pending: Value, current: Value) -> None:
        """Both versions are of the same database.

        Raises:
            RotationError: They are not.
        """
        if self._database.target(pending) != self._database.target(current):
            raise RotationError(
                f"{pending.where}: engine, host, port or dbname differ from the current version's. Rotation moves no "
                "secret to another database: write the new address to the current version, and rotate then"
            )

    def _new_password(self, versions: Versions) -> str:
        """A random one. It is ASCII, as GetRandomPassword documents."""
        configuration = self._configuration
        return versions.random_password(configuration.password_length, configuration.exclude_characters)
