"""Single-user strategy: the user changes its own password. AWS, "Single user rotation strategy".

Between setSecret and finishSecret `AWSCURRENT` does not log in: seconds, if nothing fails. Alternating users have no
such gap.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from .database_users import DatabaseUsers
from .errors import LoginRefusedError, RotationError
from .value import Value
from .versions import Versions


class SingleUser(DatabaseUsers):
    """One user, whose password is replaced."""

    def fresh(self, versions: Versions, current: Value, previous: Value | None) -> Value:  # noqa: ARG002
        return current.with_fields(password=self._new_password(versions))

    def check(self, pending: Value, current: Value) -> None:
        """Whoever can write the secret must not have a password sent to another host, or another user's replaced."""
        self._check_target(pending, current)
        if pending.username != current.username:
            raise RotationError(f"{pending.where}: the user is another one than the current version's")

    def apply(self, versions: Versions, pending: Value, others: Iterator[Value], still: Callable[[], None]) -> None:  # noqa: ARG002
        wanted = self._target(pending)
        for value in chain((pending,), others):
            if self._target(value) != wanted:
                continue
            try:
                session = self._database.connect(value)
            except LoginRefusedError:
                continue
            with session:
                if value is not pending:
                    self._lock(session, pending)
                    still()
                    session.change_own_password(pending.username, pending.password)
            return
        raise RotationError(
            f"{pending.where}: the database accepts no password of any labelled version. Set the user's password to "
            "the one of the AWSPENDING version by hand, and rotation goes on"
        )

    def _target(self, value: Value) -> tuple[object, ...]:
        return (*self._database.target(value), value.username)
