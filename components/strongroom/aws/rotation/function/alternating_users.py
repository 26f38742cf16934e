"""Alternating-users strategy: of two users with the same rights, the one that is not current gets a new password, by a
master's login. AWS, "Alternating users rotation strategy". `AWSCURRENT` logs in at every moment.

The first user is cloned when it is first the other one's turn; the clone's name is its name with `_clone`, as AWS's own
functions have it.
"""

from collections.abc import Callable, Iterator

from .configuration import MASTER_SECRET, Configuration
from .database_users import DatabaseUsers
from .databases.session import Database
from .errors import LoginRefusedError, RotationError, VoidError
from .value import Value
from .versions import Versions


class AlternatingUsers(DatabaseUsers):
    """Two users in turn."""

    def __init__(self, database: Database, configuration: Configuration) -> None:
        """Raises: RotationError: The configuration names no master secret."""
        super().__init__(database, configuration)
        if configuration.master_secret_arn is None:
            raise RotationError(f"alternating users need the function's environment variable {MASTER_SECRET}")
        self._master_arn = configuration.master_secret_arn

    def fresh(self, versions: Versions, current: Value, previous: Value | None) -> Value:  # noqa: ARG002
        password = self._new_password(versions)
        return current.with_fields(username=self._other(current.username), password=password)

    def check(self, pending: Value, current: Value) -> None:
        """Same database, and the other one of the two users. A value that is current already may become so again."""
        self._check_target(pending, current)
        for value in (pending, current):
            named = value.optional("masterarn")
            if named is not None and named != self._master_arn:
                raise RotationError(f"{value.where}: `masterarn` is not the function's {MASTER_SECRET}")
        if pending.username == current.username:
            if pending.password != current.password:
                raise VoidError(
                    f"{pending.where}: its user became the current one meanwhile; the next rotation starts anew"
                )
        elif pending.username != self._other(current.username):
            raise RotationError(f"{pending.where}: the user is neither the current version's nor its clone")

    def apply(self, versions: Versions, pending: Value, others: Iterator[Value], still: Callable[[], None]) -> None:
        try:
            with self._database.connect(pending):
                return  # the password is the last thing that is set
        except LoginRefusedError:
            pass
        self._prove(pending, others)
        with self._log_in(self._master(versions, pending)) as session:
            self._lock(session, pending)
            still()
            if pending.username != self._first(pending.username):
                session.prepare_clone(self._first(pending.username), pending.username)
            session.change_password(pending.username, pending.password)

    def _prove(self, pending: Value, others: Iterator[Value]) -> None:
        """Whoever may write the secret has to know a password of its users: else the master would be a confused deputy,
        and give the writer a login with the rights of any user that the writer names.

        Raises:
            RotationError: No version logs in.
        """
        target, first = self._database.target(pending), self._first(pending.username)
        for value in others:
            if self._database.target(value) != target or self._first(value.username) != first:
                continue
            try:
                with self._database.connect(value):
                    return
            except LoginRefusedError:
                continue
        raise RotationError(
            f"{pending.where}: no version of the secret logs in as one of its two users, which has to be so before the "
            "master gives one a new password. Set the current version's password by hand, and rotation goes on"
        )

    def _master(self, versions: Versions, pending: Value) -> Value:
        """The master's login, to the database of the secret, on the master's own host.

        Raises:
            RotationError: The secret is of another host, to which the master's password must not be sent; or its user
                is the master itself.
        """
        master = versions.master(self._master_arn)
        if self._database.target(master)[:2] != self._database.target(pending)[:2]:
            raise RotationError(f"{pending.where}: host or port are not those of the master secret {self._master_arn}")
        if master.username in (self._first(pending.username), pending.username):
            raise RotationError(f"{pending.where}: its user is the master of {self._master_arn}")
        database = self._database.database_of(pending)
        return master.with_fields(dbname=database) if database else master

    def _first(self, user: str) -> str:
        return user.removesuffix(self._configuration.clone_suffix)

    def _other(self, user: str) -> str:
        """The other one of the two."""
        suffix = self._configuration.clone_suffix
        other = user.removesuffix(suffix) if user.endswith(suffix) else user + suffix
        if len(other.encode()) > self._database.longest_user_name:
            most = self._database.longest_user_name
            raise RotationError(
                f"the user's name with {suffix} would be longer than {most} bytes, the most that a user's can have"
            )
        return other
