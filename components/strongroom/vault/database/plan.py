"""The database engine: its mount, its connections, and a role for each secret that is credentials on demand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.database.plugins.server import Settings
from strongroom.vault.database.render import statements
from strongroom.vault.password_policy.plan import name_of as password_policy_of

WHAT: Final = "credentials made on demand"
LEASED: Final = True
VERBS: Final[Mapping[str, tuple[str, ...]]] = {"read": ("read",)}
"""Reading a credential issues a new one; there is nothing to write or delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseMount(Record):
    """A database secrets engine."""

    kind: ClassVar[str] = "vault.database.mount"
    mount: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseConnection(Record):
    """How the server reaches one database. The password is a reference, rotated away after the first use."""

    kind: ClassVar[str] = "vault.database.connection"
    mount: str
    name: str
    plugin: str
    block: str
    """What the provider calls the plugin; empty if it does not know it."""
    settings: Settings
    username: str
    first_password_from: tuple[str, str]
    """`("pulumi_config", key)` or `("environment_variable", name)`."""
    password_policy: str | None
    verify_connection: bool
    allowed_roles: tuple[str, ...]
    """Exactly the roles declared for it; no pattern."""
    protect: bool

    @property
    def key(self) -> str:
        return self.name

    def as_json(self) -> dict[str, Any]:
        return {**Record.as_json(self), "settings": dict(self.settings)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRole(Record):
    """What credentials one secret gives, and for how long."""

    kind: ClassVar[str] = "vault.database.role"
    mount: str
    name: str
    connection: str
    creation_statements: tuple[str, ...]
    revocation_statements: tuple[str, ...]
    renew_statements: tuple[str, ...]
    default_ttl_seconds: int
    max_ttl_seconds: int

    @property
    def key(self) -> str:
        return self.name


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    yield f"{scope.engine_mount('database')}/creds/{naming.role_of(*secret)}", VERBS[verb]


def plan(scope: Scope) -> Iterator[Record]:
    engine = scope.environment.vault.engines.database if scope.environment.vault else None
    if engine is None:
        return
    mount = scope.engine_mount("database")
    yield DatabaseMount(slice=PLATFORM, mount=mount, protect=scope.environment.protect)
    roles: dict[str, list[str]] = {name: [] for name in engine.connections}
    for (team, name), secret in scope.secrets.items():
        role = naming.role_of(team, name)
        if static := secret.database_static_role:
            roles[static.connection].append(role)
        if access := secret.database:
            roles[access.connection].append(role)
            texts = statements(access, engine.connections[access.connection].server)
            yield DatabaseRole(
                slice=team,
                mount=mount,
                name=role,
                connection=access.connection,
                creation_statements=texts.creation,
                revocation_statements=texts.revocation,
                renew_statements=texts.renewal,
                default_ttl_seconds=access.default_ttl,
                max_ttl_seconds=access.max_ttl,
            )
    for name, connection in sorted(engine.connections.items()):
        server = connection.server
        yield DatabaseConnection(
            slice=PLATFORM,
            mount=mount,
            name=name,
            plugin=server.plugin,
            block=server.block,
            settings=server.settings,
            username=server.username,
            first_password_from=(server.first_password.kind, server.first_password.value),
            password_policy=password_policy_of(scope, server.password_policy) if server.password_policy else None,
            verify_connection=server.verify_connection,
            allowed_roles=tuple(roles[name]),
            protect=scope.environment.protect,
        )
