"""One connection as resources: what the server is told, and the rotation of the password it was told first."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf
from strongroom.vault.rotation import rotate_away

COMMON: Final = ("allowed_roles", "password_policy")
"""Arguments that are of every connection, and not of a plugin."""
OURS: Final = ("first_password", "verify_connection")
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    # The server hashes before it sends, so that no password stands in the database's own log.
    "postgresql": {"password_authentication": "scram-sha-256", "max_open_connections": 4},
    **{
        kind: {"max_open_connections": 4}
        for kind in ("redshift", "mysql", "mysql_aurora", "mysql_rds", "mysql_legacy", "mongodb")
    },
    "cassandra": {"tls": True},
    "redis": {"tls": True},
    "valkey": {"tls": True},
}
"""Ours where the provider's or the plugin's are less safe."""


def connect(
    component: pulumi.Resource,
    resource_name: str,
    name: str,
    kind: str,
    mount: vault.Mount,
    args: Mapping[str, Any],
    *,
    protect: bool,
) -> None:
    """Makes a connection, and rotates its first password away once it has been used."""
    settings = {**DEFAULTS.get(kind, {}), **{key: value for key, value in args.items() if key not in COMMON + OURS}}
    password = args.get("first_password")
    if password:  # absent is not the same as null, which would be sent
        settings["password"] = pulumi.Output.secret(password)
    common: dict[str, Any] = {key: args[key] for key in COMMON if key in args}
    verify = args.get("verify_connection", True)
    if kind == "valkey":
        _valkey(component, resource_name, name, mount, {**settings, **common, "verify_connection": verify}, protect)
        return
    block = "".join(part if at == 0 else part.capitalize() for at, part in enumerate(kind.split("_")))
    connection = vault.database.SecretBackendConnection(
        f"{resource_name}-connection",
        name=name,
        backend=mount.path,
        verify_connection=verify,
        # After the rotation the server alone knows the password; the one we had must never be sent again.
        opts=leaf(component, protect=protect, ignore_changes=[f"{block}.password"], deleted_with=mount),
        **{**common, kind: settings},
    )
    if verify:
        _rotated(component, resource_name, name, mount, connection)


def _rotated(
    component: pulumi.Resource, resource_name: str, name: str, mount: vault.Mount, connection: pulumi.Resource
) -> vault.generic.Endpoint:
    # A mount made anew, such as after a loss of the server's data, starts with a first password again.
    # (3.259 ignores a trigger that holds a secret, so another first password alone cannot be one.)
    opts = leaf(component, replacement_trigger=mount.accessor)
    return rotate_away(resource_name, pulumi.Output.concat(mount.path, "/rotate-root/", name), connection, opts)


def _valkey(
    component: pulumi.Resource,
    resource_name: str,
    name: str,
    mount: vault.Mount,
    settings: Mapping[str, Any],
    protect: bool,
) -> None:
    """The provider does not know Valkey's plugin, so the API is written to directly, and what somebody changes there by
    hand goes unseen.

    It merges what it is sent into what it has. So the password is sent in a first write, which is never repeated, and
    all that may change later in another one, without it.
    """
    path = pulumi.Output.concat(mount.path, "/config/", name)
    # What is left out keeps its value, so what can be left out is said to be empty.
    told = {"ca_cert": "", "password_policy": "", **settings, "plugin_name": "valkey-database-plugin"}
    login = vault.generic.Endpoint(
        f"{resource_name}-login",
        path=path,
        data_json=pulumi.Output.json_dumps(told),
        disable_read=True,
        opts=leaf(
            component,
            protect=protect,
            ignore_changes=["dataJson"],
            deleted_with=mount,
            replacement_trigger=mount.accessor,
        ),
    )
    last: pulumi.Resource = (
        _rotated(component, resource_name, name, mount, login) if told["verify_connection"] else login
    )
    vault.generic.Endpoint(
        f"{resource_name}-connection",
        path=path,
        data_json=pulumi.Output.json_dumps({key: value for key, value in told.items() if key != "password"}),
        disable_read=True,
        disable_delete=True,
        opts=leaf(component, depends_on=[last], deleted_with=mount, replace_with=[login]),
    )
