"""MySQL and MariaDB, also as Aurora.

MySQL takes no stored form of `caching_sha2_password` that could be relied on from 5.7 to 9, so the password itself goes
over TLS in `IDENTIFIED BY`. The server replaces it by its hash before it writes any of its logs (MySQL, "Passwords and
Logging"; not with `--log-raw`). MariaDB gets the hash of `mysql_native_password`.
"""

import hashlib
import secrets
from typing import Any, ClassVar, Final

from ..configuration import Configuration
from ..errors import RotationError
from ..tls import context_for
from ..value import Value
from .session import Database, Session, not_connected

_REFUSED: Final = frozenset({1045, 1698, 3118})
"""ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_ACCOUNT_HAS_BEEN_LOCKED."""
_REQUIRE: Final = {"ANY": "REQUIRE SSL", "X509": "REQUIRE X509"}


class MysqlSession(Session):
    """A login to MySQL or MariaDB."""

    def __init__(self, connection: Any, configuration: Configuration) -> None:
        self._connection = connection
        self._configuration = configuration

    def lock(self, name: str) -> None:
        """A user-level lock, of the whole server. Its name has 64 characters at most."""
        digest = f"strongroom-{hashlib.sha256(name.encode()).hexdigest()[:40]}"
        if self._run("SELECT GET_LOCK(%s, %s)", digest, self._configuration.lock_timeout_seconds) != [(1,)]:
            raise RotationError("another rotation of this user is at work, and takes long")

    def probe(self) -> None:
        self._run("SELECT NOW()")

    def change_own_password(self, user: str, password: str) -> None:  # noqa: ARG002 - it is the session's
        if self._is_mariadb():
            self._run("SET PASSWORD = %s", native_hash(password))
        else:
            self._run("ALTER USER USER() IDENTIFIED BY %s", password)

    def change_password(self, user: str, password: str) -> None:
        """In one statement for all hosts that the user may come from."""
        mariadb = self._is_mariadb()
        by = "IDENTIFIED BY PASSWORD %s" if mariadb else "IDENTIFIED BY %s"
        given = native_hash(password) if mariadb else password
        hosts = self._hosts(user)
        accounts = ", ".join(f"%s@%s {by}" for _ in hosts)
        arguments = [argument for host in hosts for argument in (user, host, given)]
        self._run(f"ALTER USER {accounts}", *arguments)

    def prepare_clone(self, user: str, clone: str) -> None:
        """The clone may come from the same hosts, and is granted what the user is: grants, roles, TLS that it must use.
        What the user lost since, the clone keeps."""
        for host in self._hosts(user):
            # With a password that nobody knows, until its own is set.
            self._run(
                f"CREATE USER IF NOT EXISTS %s@%s IDENTIFIED BY %s {self._require(user, host)}",
                clone,
                host,
                f"{secrets.token_urlsafe(32)}-aA1",
            )
            shown = [str(row[0]) for row in self._run("SHOW GRANTS FOR %s@%s", user, host)]
            for grant in shown:
                if (copied := regranted(grant, user, clone, host)) is not None:
                    self._run(copied)
            if any(is_role_grant(grant) for grant in shown) and not self._is_mariadb():
                self._run("SET DEFAULT ROLE ALL TO %s@%s", clone, host)

    def close(self) -> None:
        self._connection.close()

    def _hosts(self, user: str) -> list[str]:
        hosts = [str(row[0]) for row in self._run("SELECT Host FROM mysql.user WHERE User = %s ORDER BY Host", user)]
        if not hosts:
            raise RotationError("the database has no such user")
        return hosts

    def _require(self, user: str, host: str) -> str:
        rows = self._run("SELECT ssl_type FROM mysql.user WHERE User = %s AND Host = %s", user, host)
        kind = rows[0][0] if rows else ""
        return _REQUIRE.get(kind.decode() if isinstance(kind, bytes) else str(kind), "")

    def _is_mariadb(self) -> bool:
        return "mariadb" in str(self._run("SELECT VERSION()")[0][0]).lower()

    def _run(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return list(cursor.fetchall())


class Mysql(Database):
    """MySQL and MariaDB."""

    engines: ClassVar[frozenset[str]] = frozenset({"mysql", "aurora-mysql", "mariadb"})
    default_port: ClassVar[int] = 3306
    longest_user_name: ClassVar[int] = 32

    def connect(self, value: Value) -> Session:
        import pymysql  # noqa: PLC0415  each package has the driver of its database only

        context = context_for(value.host, self.configuration)
        timeout = self.configuration.connect_timeout_seconds
        try:
            connection = pymysql.connect(
                host=value.host,
                port=value.port(self.default_port),
                user=value.username,
                password=value.password.encode(),  # pymysql itself would take Latin-1
                database=self.database_of(value),
                # A context makes TLS required; without one pymysql would take what it gets, unverified.
                ssl=context,
                ssl_disabled=context is None,
                connect_timeout=timeout,
                read_timeout=timeout + self.configuration.lock_timeout_seconds,
                write_timeout=timeout,
                charset="utf8mb4",
                autocommit=True,
            )
        except Exception as error:
            refused = bool(error.args) and error.args[0] in _REFUSED
            raise not_connected(value, error, refused=refused) from None
        return MysqlSession(connection, self.configuration)


def native_hash(password: str) -> str:
    """What `mysql_native_password` stores."""
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()


def is_role_grant(shown: str) -> bool:
    """Whether a line of SHOW GRANTS gives a role; all others say on what they are."""
    return shown.startswith("GRANT ") and " ON " not in shown


def regranted(shown: str, user: str, clone: str, host: str) -> str | None:
    """A line of SHOW GRANTS, for the clone; None: nothing to copy.

    Raises:
        RotationError: The line has another form than any that MySQL 5.7 to 9 and MariaDB 10 to 11 have.
    """
    if shown.startswith("GRANT PROXY "):
        return None
    for quote in ("`", "'"):
        for word in ("TO", "FROM", "FOR"):  # GRANT; REVOKE, of partial revokes; SET DEFAULT ROLE, of MariaDB
            before, found, after = shown.rpartition(f" {word} {account(user, host, quote)}")
            if found:
                option = next((o for o in (" WITH GRANT OPTION", " WITH ADMIN OPTION") if after.endswith(o)), "")
                return f"{before} {word} {account(clone, host, '`')}{option}"
    raise RotationError("a grant of the user has a form that cannot be copied: grant the clone its rights by hand")


def account(user: str, host: str, quote: str) -> str:
    """As MySQL shows one."""
    return "@".join(quote + part.replace(quote, quote * 2) + quote for part in (user, host))
