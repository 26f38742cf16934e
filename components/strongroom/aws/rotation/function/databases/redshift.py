"""Redshift, which speaks PostgreSQL's protocol."""

import hashlib
from typing import ClassVar, Final

from .postgresql import Postgresql, PostgresqlSession
from .quoting import checked, quoted

_GROUPS: Final = (
    "SELECT g.groname FROM pg_group g, pg_user u WHERE u.usename = :name AND u.usesysid = ANY(g.grolist) "
    "ORDER BY g.groname"
)


class RedshiftSession(PostgresqlSession):
    """A login to Redshift."""

    def lock(self, name: str) -> None:
        """There is none: Redshift has no advisory locks. One rotation at a time is the function's concurrency."""

    def change_password(self, user: str, password: str) -> None:
        self._run(f"ALTER USER {quoted(user)} PASSWORD '{checked(self.stored(user, password))}'")

    def prepare_clone(self, user: str, clone: str) -> None:
        """The clone is in the same groups: what is granted to the user itself, it does not get."""
        if not self._run("SELECT 1 FROM pg_user WHERE usename = :name", name=clone):
            self._run(f"CREATE USER {quoted(clone)} PASSWORD DISABLE")
        have = self._groups(clone)
        for group in self._groups(user):
            if group not in have:
                self._run(f"ALTER GROUP {quoted(group)} ADD USER {quoted(clone)}")

    def stored(self, user: str, password: str) -> str:
        """Redshift's own form of a password that it is given in clear ("CREATE USER"). The SHA-256 form would be
        better, but whoever logs in with it needs a driver of Redshift's own."""
        return "md5" + hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()

    def _groups(self, user: str) -> list[str]:
        return [row[0] for row in self._run(_GROUPS, name=user)]


class Redshift(Postgresql):
    """Redshift."""

    engines: ClassVar[frozenset[str]] = frozenset({"redshift"})
    default_port: ClassVar[int] = 5439
    default_database: ClassVar[str | None] = "dev"
    longest_user_name: ClassVar[int] = 127
    session: ClassVar[type[PostgresqlSession]] = RedshiftSession
