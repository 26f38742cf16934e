"""PostgreSQL, also as Aurora. Passwords leave this function as SCRAM-SHA-256 verifiers only."""

import hashlib
from typing import Any, ClassVar, Final

from ..configuration import Configuration
from ..errors import RotationError
from ..tls import context_for
from ..value import Value
from . import role_settings
from .quoting import checked, quoted
from .scram import verifier
from .session import Database, Session, not_connected

_REFUSED: Final = frozenset({"28P01", "28000"})
"""invalid_password (also of a user who does not exist), invalid_authorization_specification."""
_LOCK_NOT_AVAILABLE: Final = "55P03"


class PostgresqlSession(Session):
    """A login to PostgreSQL."""

    def __init__(self, connection: Any, configuration: Configuration) -> None:
        self._connection = connection
        self._configuration = configuration

    def lock(self, name: str) -> None:
        """An advisory lock. It is of one database of the server, and anybody may take it."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        timeout = f"{self._configuration.lock_timeout_seconds}s"
        self._run("SELECT set_config('lock_timeout', :timeout, false)", timeout=timeout)
        try:
            self._run("SELECT pg_advisory_lock(:key)", key=key)
        except Exception as error:
            if _state(error) != _LOCK_NOT_AVAILABLE:
                raise
            raise RotationError("another rotation of this user is at work, and takes long") from None

    def probe(self) -> None:
        self._run("SELECT now()")

    def change_password(self, user: str, password: str) -> None:
        self._run(f"ALTER ROLE {quoted(user)} PASSWORD '{checked(self.stored(user, password))}'")

    def prepare_clone(self, user: str, clone: str) -> None:
        """The clone is a member of the user, so it may do whatever the user may, now and later. And it acts as the
        user from its login on, so that what it makes belongs to the user, whichever of the two is in turn."""
        if not self._run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=clone):
            self._run(f"CREATE ROLE {quoted(clone)} LOGIN")  # without a password, none is accepted
        if not self._run(
            "SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles c ON c.oid = m.member "
            "WHERE g.rolname = :name AND c.rolname = :clone",
            name=user,
            clone=clone,
        ):
            self._run(f"GRANT {quoted(user)} TO {quoted(clone)}")
        self._run(f"ALTER ROLE {quoted(clone)} SET role = {quoted(user)}")
        role_settings.copy(self._run, user, clone)

    def close(self) -> None:
        self._connection.close()

    def stored(self, user: str, password: str) -> str:  # noqa: ARG002 - Redshift's depends on the user
        """What the server stores instead of the password."""
        return verifier(password)

    def _run(self, statement: str, **parameters: Any) -> list[Any]:
        return self._connection.run(statement, **parameters) or []


class Postgresql(Database):
    """PostgreSQL."""

    engines: ClassVar[frozenset[str]] = frozenset({"postgres", "aurora-postgresql"})
    default_port: ClassVar[int] = 5432
    default_database: ClassVar[str | None] = "postgres"
    longest_user_name: ClassVar[int] = 63
    session: ClassVar[type[PostgresqlSession]] = PostgresqlSession

    def connect(self, value: Value) -> Session:
        from pg8000.native import Connection  # noqa: PLC0415  each package has the driver of its database only

        try:
            connection = Connection(
                value.username,
                host=value.host,
                port=value.port(self.default_port),
                database=self.database_of(value),
                password=value.password,
                # pg8000 takes None as "TLS if the server offers it, unverified": plaintext is False.
                ssl_context=context_for(value.host, self.configuration) or False,
                timeout=self.configuration.connect_timeout_seconds + self.configuration.lock_timeout_seconds,
                application_name="strongroom-rotation",
            )
        except Exception as error:
            raise not_connected(value, error, refused=_state(error) in _REFUSED) from None
        try:
            # First of all: the owner of a database says where its sessions look for names (ALTER DATABASE … SET
            # search_path), and would have the master run functions of his that are called as the system's are.
            connection.run("SET search_path TO pg_catalog")
        except BaseException:
            connection.close()
            raise
        return self.session(connection, self.configuration)


def _state(error: BaseException) -> str | None:
    """SQLSTATE, of pg8000's error."""
    first = error.args[0] if error.args else None
    return first.get("C") if isinstance(first, dict) else None
