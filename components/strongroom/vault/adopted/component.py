"""Adopted things as resources: plain ones, under no component, as there is nothing to compose or derive."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.adopted.plan import AdoptedThing
from strongroom.vault.adopted.render import BLOCKS, IN_BLOCK, named, tuned, untold


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
        resource_name(thing), path=thing.mount, **named(thing.what, settings), opts=_opts(options)
    )
    stage.remember(thing.mount, mount.path, mount)


def _auth_mount(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
    made.mounts[thing.mount] = vault.AuthBackend(
        resource_name(thing), path=_below_auth(thing.mount), **tuned(settings), opts=_opts(options)
    )


def _jwt_mount(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, s: Stage) -> None:
    if reference := settings.pop("oidc_client_secret", None):
        settings["oidc_client_secret"] = _secret(s, reference)
    made.mounts[thing.mount] = vault.jwt.AuthBackend(
        resource_name(thing), path=_below_auth(thing.mount), **tuned(settings), opts=_opts(options)
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
    block = {name: settings.pop(name) for name in IN_BLOCK & settings.keys()}
    plugin = settings.pop("plugin_name")
    kind = BLOCKS[plugin]
    resource: Any = vault.database.SecretBackendConnection
    made.connections[thing.mount, thing.name] = resource(
        resource_name(thing),
        backend=_within(thing, made),
        name=thing.name,
        plugin_name=plugin,
        verify_connection=True,
        **settings,
        **{kind: block},
        opts=_opts({**options, "ignore_changes": untold(kind, block)}),
    )


def _simple(resource: Any, mount: str = "backend", name: str = "name") -> "_Maker":
    """A thing in a mount, whose settings the provider calls as the server does, but for what is renamed."""

    def make(thing: AdoptedThing, settings: dict[str, Any], options: dict[str, Any], made: _Made, _: Stage) -> None:
        place = {mount: _within(thing, made)} if thing.mount else {}
        called = {name: thing.name} if name else {}
        if connection := made.connections.get((thing.mount, settings.get("db_name", ""))):
            options = {**options, "depends_on": [*options["depends_on"], connection]}
        resource(resource_name(thing), **place, **called, **named(thing.what, settings), opts=_opts(options))

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
