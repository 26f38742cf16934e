"""Database engine: connections, dynamic roles, static roles."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import database

from ..frame.inputs import Shape, inputs_of
from ..frame.row import words
from ..frame.values import UNKNOWN, Properties
from .conversions import LIST_AS_COMMAS, SECONDS_AS_DURATION, Conversion, fitted, snake
from .path_row import PathRow

_PLUGINS = {
    "cassandra": "cassandra-database-plugin",
    "elasticsearch": "elasticsearch-database-plugin",
    "mongodb": "mongodb-database-plugin",
    "mysql": "mysql-database-plugin",
    "mysqlAurora": "mysql-aurora-database-plugin",
    "mysqlLegacy": "mysql-legacy-database-plugin",
    "mysqlRds": "mysql-rds-database-plugin",
    "postgresql": "postgresql-database-plugin",
    "redis": "redis-database-plugin",
    "redshift": "redshift-database-plugin",
}
"""Kinds of connections that the stand-in serves: the ones that Strongroom has a component for."""
_DEFAULTS: dict[str, dict[str, Any]] = {
    "postgresql": {"passwordAuthentication": "password"},
    "cassandra": {
        "connectTimeout": 5,
        "insecureTls": False,
        "port": 9042,
        "protocolVersion": 2,
        "skipVerification": False,
        "tls": True,
    },
    "elasticsearch": {"insecure": False},
    "redis": {"insecureTls": False, "port": 6379, "tls": False},
}
"""What the official provider's schema fills into a block."""
_CONVERT: dict[str, Conversion] = {"hosts": LIST_AS_COMMAS, "maxConnectionLifetime": SECONDS_AS_DURATION}
"""Properties of blocks whose values look different on the server."""
_SECRETS = words("password passwordWo privateKey serviceAccountJson")
"""Never revealed by the server."""
_SENSITIVE = _SECRETS | words("pemBundle pemJson tlsCertificateKey")
"""Encrypted in the state."""
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
        if inputs.get("verifyConnection") is not None:  # how to write, not what: the state keeps what was asked
            sent["verify_connection"] = inputs["verifyConnection"]
        for name, wanted in shape.inputs.items():
            value = block.get(name)
            if name in _SECRETS or name == "passwordWoVersion":
                continue
            if value is not None or was.get(name) not in (None, wanted.shape.zero):
                value = wanted.shape.zero if value is None else value
                sent[snake(name)] = _CONVERT[name].to_server(value) if name in _CONVERT else value
        changed = {snake(name): block[name] for name in _SECRETS & block.keys() if block[name] != was.get(name)}
        written_once = changed.pop("password_wo", None)
        if written_once and block.get("passwordWoVersion", 0) != was.get("passwordWoVersion"):
            changed["password"] = written_once
        return sent | changed

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return settings, and the block of the kind that the server's plugin is for."""
        # What is known says the kind; only an import has to ask the server.
        told = (kind for kind, plugin in _PLUGINS.items() if plugin == data.get("plugin_name"))
        kind = next((kind for kind in _PLUGINS if known.get(kind)), None) or next(told, "postgresql")
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
        if told is not None and name in _CONVERT:
            told = _CONVERT[name].from_server(told)
        block[name] = wanted.shape.zero if told is None else fitted(told, wanted.shape)
    hidden = {name: known.get(name, "") for name in _SECRETS & shape.inputs.keys()}
    if "passwordWo" not in shape.inputs:
        return {**block, **hidden}
    version = known.get("passwordWoVersion", 0)
    return {**block, **hidden, "passwordWo": None, "passwordWoVersion": 0 if version is UNKNOWN else version}


def _in_blocks(names: frozenset[str]) -> frozenset[str]:
    """Those of the names that each kind's block has, as paths."""
    shapes = {kind: inputs_of(database.SecretBackendConnectionArgs)[kind].shape.inputs for kind in _PLUGINS}
    return frozenset(f"{kind}.{name}" for kind, inputs in shapes.items() for name in names & inputs.keys())


ROWS = (
    ConnectionRow(
        resource=database.SecretBackendConnection,
        path="{backend}/config/{name}",
        autonamed=True,
        replaces=words("backend namespace"),
        defaults={
            "verifyConnection": True,
            **{f"{kind}.{name}": value for kind, values in _DEFAULTS.items() for name, value in values.items()},
        },
        computed=words("pluginName pluginVersion"),
        secret=_in_blocks(_SENSITIVE),
        ephemeral=_in_blocks(words("passwordWo")),
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
