"""Database engine: connections, dynamic roles, static roles."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import database

from ..frame.inputs import Shape
from ..frame.values import UNKNOWN, Properties
from .conversions import fitted, snake
from .path_row import PathRow, words

_PLUGINS = {"postgresql": "postgresql-database-plugin"}
"""Kinds of connections that the stand-in serves: the ones a sandbox has a server for."""
_SECRETS = words("password passwordWo privateKey serviceAccountJson")
_KINDS = words(
    "cassandra couchbase elasticsearch hana influxdb mongodb mongodbatlas mssql mysql mysqlAurora mysqlLegacy mysqlRds "
    "oracle postgresql redis redisElasticache redshift snowflake"
)


def _one_served_kind(inputs: Properties) -> tuple[str, str] | None:
    given = sorted(_KINDS & inputs.keys())
    if len(given) == 1 and given[0] in _PLUGINS:
        return None
    asked = f"not {' and '.join(given)}" if given else "and none is given"
    return (given[0] if given else "postgresql"), (
        f"a connection is one of the kinds that the stand-in serves ({', '.join(_PLUGINS)}), {asked}: "
        "give exactly one, or use the official provider"
    )


@dataclass(frozen=True, kw_only=True)
class ConnectionRow(PathRow):
    """A connection whose settings are a nested block named after the kind of database."""

    def body(self, inputs: Properties, state: Properties | None = None) -> dict[str, Any]:
        """Return block and settings in one.

        The password is sent at creation and when it changed, else never: after a root rotation the server alone
        knows the current one, and the old one would lock it out.
        """
        kind = next(kind for kind in _PLUGINS if kind in inputs)
        shape, block, was = self.inputs[kind].shape, inputs[kind], (state or {}).get(kind) or {}
        sent = {name: value for name, value in super().body(inputs, state).items() if name not in map(snake, _KINDS)}
        sent["plugin_name"] = inputs.get("pluginName") or _PLUGINS[kind]
        for name, wanted in shape.inputs.items():
            value = block.get(name)
            if name in _SECRETS or name == "passwordWoVersion":
                continue
            if value is not None or was.get(name) not in (None, wanted.shape.zero):
                sent[snake(name)] = wanted.shape.zero if value is None else value
        changed = {snake(name): block[name] for name in _SECRETS & block.keys() if block[name] != was.get(name)}
        written_once = changed.pop("password_wo", None)
        if written_once and block.get("passwordWoVersion", 0) != was.get("passwordWoVersion"):
            changed["password"] = written_once
        return sent | changed

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return settings, and the block of the kind that the server's plugin is for."""
        kind = next((kind for kind, plugin in _PLUGINS.items() if plugin == data.get("plugin_name")), "postgresql")
        details = data.get("connection_details") or {}
        state = {name: value for name, value in super().properties(data, known).items() if name not in _KINDS}
        state |= dict.fromkeys(_KINDS)
        return {
            **state,
            kind: _block(self.inputs[kind].shape, details, known.get(kind) or {}),
            "data": known.get("data") or {},
            "rootRotationStatements": fitted(
                data.get("root_credentials_rotate_statements"), self.inputs["rootRotationStatements"].shape
            ),
        }


def _block(shape: Shape, details: dict[str, Any], known: Properties) -> Properties:
    block: Properties = {}
    for name, wanted in shape.inputs.items():
        told = details.get(snake(name))
        block[name] = wanted.shape.zero if told is None else fitted(told, wanted.shape)
    hidden = {name: known.get(name, "") for name in _SECRETS}
    version = known.get("passwordWoVersion", 0)
    return {**block, **hidden, "passwordWo": None, "passwordWoVersion": 0 if version is UNKNOWN else version}


ROWS = (
    ConnectionRow(
        resource=database.SecretBackendConnection,
        path="{backend}/config/{name}",
        autonamed=True,
        replaces=words("backend namespace"),
        defaults={"verifyConnection": True, "postgresql.passwordAuthentication": "password"},
        computed=words("pluginName pluginVersion"),
        secret=words("postgresql.password postgresql.passwordWo postgresql.privateKey postgresql.serviceAccountJson"),
        ephemeral=words("postgresql.passwordWo"),
        flags=words("data verifyConnection"),
        unsaid=words("disableAutomatedRotation"),
        rules=(_one_served_kind,),
    ),
    PathRow(
        resource=database.SecretBackendRole,
        path="{backend}/roles/{name}",
        autonamed=True,
        replaces=words("backend dbName name namespace"),
        computed=words("credentialType"),
        unsaid=words("credentialConfig"),
    ),
    PathRow(
        resource=database.SecretBackendStaticRole,
        path="{backend}/static-roles/{name}",
        autonamed=True,
        replaces=words("backend dbName name namespace username"),
        computed=words("credentialType rotationPeriod rotationSchedule rotationWindow"),
        secret=words("passwordWo selfManagedPassword"),
        ephemeral=words("passwordWo"),
        write_only=words("selfManagedPassword"),
        flags=words("skipImportRotation"),
        zeroed=words("rotationPeriod rotationSchedule rotationWindow"),
        unsaid=words("credentialConfig"),
    ),
)
