"""Static roles: a secret that is a login of the database whose password the server changes.

The kind of secret and its plan; what people write is `DatabaseStaticRole` in spec.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope

WHAT: Final = "logins whose password the server changes"
LEASED: Final = False
VERBS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "read": ("static-creds", ("read",)),
    "rotate": ("rotate-role", ("update",)),
}
"""The path below the mount, and what it takes there. Whoever reads the password need not be who may change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStaticRole(Record):
    """A login that stays, and when its password changes."""

    kind: ClassVar[str] = "vault.database.static_role"
    mount: str
    name: str
    connection: str
    username: str
    rotation_period_seconds: int | None
    rotation_schedule: str | None
    rotation_window_seconds: int | None
    rotation_statements: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.name


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    path, capabilities = VERBS[verb]
    yield f"{scope.engine_mount('database')}/{path}/{naming.role_of(*secret)}", capabilities


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.vault is None or scope.environment.vault.engines.database is None:
        return
    for (team, name), secret in scope.secrets.items():
        if static := secret.database_static_role:
            yield DatabaseStaticRole(
                slice=team,
                mount=scope.engine_mount("database"),
                name=naming.role_of(team, name),
                connection=static.connection,
                username=static.username,
                rotation_period_seconds=static.rotation_period,
                rotation_schedule=static.rotation_schedule,
                rotation_window_seconds=static.rotation_window,
                rotation_statements=static.rotation_statements,
            )
