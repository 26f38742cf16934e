"""Adopted things as resources: plain ones, under no component, as there is nothing to compose or derive."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.adopted.plan import AdoptedThing

_BLOCKS: Final[Mapping[str, str]] = {
    "postgresql-database-plugin": "postgresql",
    "mysql-database-plugin": "mysql",
    "mysql-aurora-database-plugin": "mysql_aurora",
    "mysql-rds-database-plugin": "mysql_rds",
    "mysql-legacy-database-plugin": "mysql_legacy",
    "redshift-database-plugin": "redshift",
}
"""Plugin -> where the provider wants its settings."""
_IN_BLOCK: Final = {
    "connection_url",
    "username",
    "max_open_connections",
    "max_idle_connections",
    "max_connection_lifetime",
    "username_template",
    "password_authentication",
    "disable_escaping",
}
_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "token_role": {
        "allowed_policies_glob": "allowed_policies_globs",
        "disallowed_policies_glob": "disallowed_policies_globs",
    },
    "pki_role": {
        "key_usage": "key_usages",
        "ext_key_usage": "ext_key_usages",
        "ou": "organization_unit",
        "organization": "organizations",
        "country": "countries",
        "locality": "localities",
        "province": "provinces",
    },
    "mount": {"default_lease_ttl": "default_lease_ttl_seconds", "max_lease_ttl": "max_lease_ttl_seconds"},
}
"""The provider's names of settings, where they are not the server's."""
_SECONDS_AS_TEXT: Final = frozenset({"ttl", "max_ttl", "not_before_duration"})
"""Lifetimes of certificates, which the provider has as texts and reads back as whole seconds."""


class _Made:
    """What was made so far, for what refers to it."""

    def __init__(self) -> None:
        self.mounts: dict[str, Any] = {}
        self.connections: dict[tuple[str, str], pulumi.Resource] = {}
        self.entities: dict[str, vault.identity.Entity] = {}
        self.groups: dict[str, vault.identity.Group] = {}


def resource_name(thing: AdoptedThing) -> str:
    """The engine's name of a thing: `adopted-policy/app`."""
    return f"adopted-{thing.key}"


def deploy(plan: Plan, stage: Stage) -> None:
    """The adopted things of a plan: mounts first, then what is in them, then what refers to both."""
    made = _Made()
    for thing in _in_order(plan.of(AdoptedThing)):
        options: dict[str, Any] = {"protect": thing.protect, "depends_on": list(stage.first)}
        if container := made.mounts.get(thing.mount):
            # Deleting a mount deletes what is in it.
            options["deleted_with"] = container
        _MAKERS[thing.what](thing, dict(thing.settings), options, made, stage)


def _in_order(things: tuple[AdoptedThing, ...]) -> list[AdoptedThing]:
    """Mounts before what is in them, connections before roles, members before their groups."""
    order = {what: position for position, what in enumerate(_MAKERS)}
    sorted_things = sorted(things, key=lambda thing: (order[thing.what], thing.key))
    groups = {thing.name: thing for thing in sorted_things if thing.what == "group"}
    placed: dict[str, AdoptedThing] = {}

    def place(name: str) -> None:
        for member in groups[name].settings.get("member_groups", ()):
            if member not in placed and member in groups and member != name:
                place(member)
        placed.setdefault(name, groups[name])

    for name in groups:
        place(name)
    at = next((i for i, thing in enumerate(sorted_things) if thing.what == "group"), 0)
    others = [thing for thing in sorted_things if thing.what != "group"]
    return [*others[:at], *placed.values(), *others[at:]]


def _mount(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, stage: Stage) -> None:
    made.mounts[thing.mount] = mount = vault.Mount(
        resource_name(thing), path=thing.mount, **_named(thing.what, settings), opts=_opts(options)
    )
    stage.mounts[thing.mount], stage.containers[thing.mount] = mount.path, mount


def _auth_mount(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
    made.mounts[thing.mount] = vault.AuthBackend(
        resource_name(thing), path=_below_auth(thing.mount), **_tuned(settings), opts=_opts(options)
    )


def _jwt_mount(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, s: Stage) -> None:
    if reference := settings.pop("oidc_client_secret", None):
        settings["oidc_client_secret"] = _secret(s, reference)
    made.mounts[thing.mount] = vault.jwt.AuthBackend(
        resource_name(thing), path=_below_auth(thing.mount), **_tuned(settings), opts=_opts(options)
    )


def _kubernetes_config(
    thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, stage: Stage
) -> None:
    if reference := settings.pop("token_reviewer_jwt", None):
        settings["token_reviewer_jwt"] = _secret(stage, reference)
    settings.setdefault("disable_local_ca_jwt", False)
    settings.setdefault("disable_iss_validation", True)
    vault.kubernetes.AuthBackendConfig(
        resource_name(thing), backend=_within(thing, made), **settings, opts=_opts(options)
    )


def _connection(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
    block = {name: settings.pop(name) for name in _IN_BLOCK & settings.keys()}
    plugin = settings.pop("plugin_name")
    kind = _BLOCKS[plugin]
    resource: Any = vault.database.SecretBackendConnection
    made.connections[thing.mount, thing.name] = resource(
        resource_name(thing),
        backend=_within(thing, made),
        name=thing.name,
        plugin_name=plugin,
        verify_connection=True,
        **settings,
        **{kind: block},
        opts=_opts({**options, "ignore_changes": _untold(kind, block)}),
    )


def _untold(kind: str, block: Mapping[str, Any]) -> list[str]:
    """What the server does not tell, so that an import knows nothing of it: no difference, whatever is said here.

    So the password is never sent: the server keeps its own.
    """
    name = re.sub("_(.)", lambda found: found[1].upper(), kind)
    untold = [f"{name}.password", "verifyConnection"]
    if kind == "postgresql" and "password_authentication" not in block:
        untold.append(f"{name}.passwordAuthentication")
    return untold


def _simple(resource: Any, mount: str = "backend", name: str = "name") -> "_Maker":
    """A thing in a mount, whose settings the provider calls as the server does, but for what is renamed."""

    def make(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
        place = {mount: _within(thing, made)} if thing.mount else {}
        called = {name: thing.name} if name else {}
        if connection := made.connections.get((thing.mount, settings.get("db_name", ""))):
            options = {**options, "depends_on": [*options["depends_on"], connection]}
        resource(resource_name(thing), **place, **called, **_named(thing.what, settings), opts=_opts(options))

    return make


def _entity(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
    made.entities[thing.name] = vault.identity.Entity(
        resource_name(thing), name=thing.name, **settings, opts=_opts(options)
    )


def _group(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
    members = [made.entities[name].id for name in settings.pop("members", ())]
    groups = [made.groups[name].id for name in settings.pop("member_groups", ())]
    made.groups[thing.name] = vault.identity.Group(
        resource_name(thing),
        name=thing.name,
        member_entity_ids=members or None,
        member_group_ids=groups or None,
        **settings,
        opts=_opts(options),
    )


def _alias(resource: Any) -> "_Maker":
    def make(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
        owner = made.entities[settings["entity"]] if "entity" in settings else made.groups[settings["group"]]
        resource(
            resource_name(thing),
            name=thing.name,
            mount_accessor=made.mounts[thing.mount].accessor,
            canonical_id=owner.id,
            opts=_opts({**options, "deleted_with": owner}),
        )

    return make


_Maker = Callable[[AdoptedThing, dict[str, Any], dict[str, Any], _Made, Stage], None]
_MAKERS: Final[Mapping[str, _Maker]] = {
    "audit": _simple(vault.Audit, name="path"),
    "mount": _mount,
    "password_policy": _simple(vault.PasswordPolicy),
    "policy": _simple(vault.Policy),
    "auth_mount": _auth_mount,
    "jwt_mount": _jwt_mount,
    "kubernetes_config": _kubernetes_config,
    "database_connection": _connection,
    "database_role": _simple(vault.database.SecretBackendRole),
    "database_static_role": _simple(vault.database.SecretBackendStaticRole),
    "transit_key": _simple(vault.transit.SecretBackendKey),
    "pki_urls": _simple(vault.pkisecret.SecretBackendConfigUrls, name=""),
    "pki_role": _simple(vault.pkisecret.SecretBackendRole),
    "ssh_role": _simple(vault.ssh.SecretBackendRole),
    "token_role": _simple(vault.tokenauth.AuthBackendRole, name="role_name"),
    "approle_role": _simple(vault.approle.AuthBackendRole, name="role_name"),
    "kubernetes_role": _simple(vault.kubernetes.AuthBackendRole, name="role_name"),
    "jwt_role": _simple(vault.jwt.AuthBackendRole, name="role_name"),
    "cert_role": _simple(vault.CertAuthBackendRole),
    "entity": _entity,
    "entity_alias": _alias(vault.identity.EntityAlias),
    "group": _group,
    "group_alias": _alias(vault.identity.GroupAlias),
}
"""What a thing is -> how it becomes a resource, in the order in which they are made."""


def _named(what: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as the provider wants them."""
    named = {_RENAMED.get(what, {}).get(name, name): value for name, value in settings.items()}
    if what in ("pki_role", "ssh_role"):
        named |= {name: str(named[name]) for name in _SECONDS_AS_TEXT & named.keys()}
    if "bound_claims" in named:
        named["bound_claims"] = {claim: ",".join(values) for claim, values in named["bound_claims"].items()}
    return named


def _tuned(settings: dict[str, Any]) -> dict[str, Any]:
    if tune := settings.get("tune"):
        texts = {name: _as_read(tune[name]) for name in ("default_lease_ttl", "max_lease_ttl")}
        # Named in full: what a block leaves out, the provider resets.
        settings["tune"] = {"token_type": "default-service", "listing_visibility": "", **tune, **texts}
    return settings


def _as_read(seconds: int) -> str:
    """A lifetime as the provider reads it back: 5400 is `1h30m`."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count) or "0s"


def _within(thing: AdoptedThing, made: _Made) -> pulumi.Input[str]:
    """The mount that a thing lies in, without `auth/`; as an output where this stack has it."""
    mount = made.mounts.get(thing.mount)
    return mount.path if mount is not None else _below_auth(thing.mount)


def _below_auth(mount: str) -> str:
    return mount.removeprefix("auth/")


def _secret(stage: Stage, reference: Mapping[str, str]) -> pulumi.Output[str]:
    ((kind, name),) = reference.items()
    found = stage.secret(kind, name)
    if found is None:
        raise pulumi.RunError(f"there is no value behind {kind} {name}; set it, or leave the reference out")
    return found


def _opts(options: dict[str, Any]) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(**options)
