"""Single-user strategy: the user changes its own password. AWS, "Single user rotation strategy".

Between setSecret and finishSecret `AWSCURRENT` does not log in: seconds, if nothing fails. Alternating users have no
such gap.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .configuration import Configuration
from .databases.session import Database, Session
from .errors import LoginRefusedError, RotationError
from .value import Value
from .versions import Versions


class SingleUser:
    """One user, whose password is replaced."""

    def __init__(self, database: Database, configuration: Configuration) -> None:
        self._database = database
        self._configuration = configuration

    def fresh(self, versions: Versions, current: Value, previous: Value | None) -> Value:  # noqa: ARG002
        return current.with_fields(password=new_password(versions, self._configuration))

    def check(self, pending: Value, current: Value) -> None:
        """Whoever can write the secret must not have a password sent to another host, or another user's replaced."""
        check_target(self._database, pending, current)
        if pending.username != current.username:
            raise RotationError(f"{pending.where}: the user is another one than the current version's")

    def usable(self, begun: Value) -> bool:  # noqa: ARG002
        return True  # a password can be set at any time

    def discard(self, begun: Value) -> None:
        """A password that was replaced is worth nothing."""

    def apply(self, versions: Versions, pending: Value, others: Iterator[Value], still: Callable[[], None]) -> None:  # noqa: ARG002
        wanted = self._target(pending)
        for value in _chain(pending, others):
            if self._target(value) != wanted:
                continue
            try:
                session = self._database.connect(value)
            except LoginRefusedError:
                continue
            with session:
                if value is not pending:
                    session.lock(lock_name(pending.username))
                    still()
                    session.change_own_password(pending.username, pending.password)
            return
        raise RotationError(
            f"{pending.where}: the database accepts no password of any labelled version. Set the user's password to "
            "the one of the AWSPENDING version by hand, and rotation goes on"
        )

    def test(self, pending: Value) -> None:
        test_login(self._database, pending)

    @contextmanager
    def holding(self, pending: Value) -> Iterator[None]:
        with log_in(self._database, pending) as session:
            session.lock(lock_name(pending.username))
            yield

    def _target(self, value: Value) -> tuple[object, ...]:
        return (*self._database.target(value), value.username)


def _chain(first: Value, others: Iterator[Value]) -> Iterator[Value]:
    yield first
    yield from others


def check_target(database: Database, pending: Value, current: Value) -> None:
    """Both versions are of the same database.

    Raises:
        RotationError: They are not.
    """
    if database.target(pending) != database.target(current):
        raise RotationError(
            f"{pending.where}: engine, host, port or dbname differ from the current version's. Rotation moves no "
            "secret to another database: write the new address to the current version, and rotate then"
        )


def new_password(versions: Versions, configuration: Configuration) -> str:
    """A random one. It is ASCII, as GetRandomPassword documents."""
    return versions.random_password(configuration.password_length, configuration.exclude_characters)


def log_in(database: Database, pending: Value) -> Session:
    """A session.

    Raises:
        RotationError: The login is refused.
    """
    try:
        return database.connect(pending)
    except LoginRefusedError:
        pass
    raise RotationError(f"{pending.where}: the database refuses this login")


def test_login(database: Database, pending: Value) -> None:
    """Log in and read something harmless.

    Raises:
        RotationError: The login is refused.
    """
    with log_in(database, pending) as session:
        session.probe()


def lock_name(user: str) -> str:
    """What rotations of a user, and of its clone, exclude each other by."""
    return f"strongroom-rotation:{user}"
