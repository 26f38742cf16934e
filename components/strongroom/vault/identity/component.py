"""Entities of workloads, and groups of entities, as components."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.auth.deployment import accessor
from strongroom.vault.identity.plan import Alias, Entity, ExternalGroupRecord, InternalGroup


class VaultEntityAliasArgs(TypedDict):
    """By which name an auth method knows an entity."""

    accessor: pulumi.Input[str]
    """The auth method's accessor. An entity has one name at each method."""
    name: pulumi.Input[str]
    """The name: a subject, an account, a role's id; see the auth method."""


class VaultEntityArgs(TypedDict):
    """One who logs in, in whichever way."""

    metadata: NotRequired[pulumi.Input[dict[str, str]]]
    """What policies with templates and the audit log can tell of it. Never a secret."""
    aliases: dict[str, VaultEntityAliasArgs]
    """Its names, by a word of the caller's for each auth method."""


class VaultEntitiesArgs(TypedDict):
    """Entities."""

    entities: dict[str, VaultEntityArgs]
    """The entities by name; names are global to a server (or namespace)."""


class VaultEntities(pulumi.ComponentResource):
    """Entities that belong together. They carry no policies of their own: roles and groups do."""

    entity_ids: pulumi.Output[dict[str, str]]
    """The ids that the server draws, by name."""

    def __init__(self, name: str, args: VaultEntitiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultEntities", name, None, opts)
        ids: dict[str, pulumi.Output[str]] = {}
        for entity_name, entity_args in args["entities"].items():
            entity = vault.identity.Entity(
                f"{name}-{entity_name}", name=entity_name, metadata=entity_args.get("metadata"), opts=leaf(self)
            )
            ids[entity_name] = entity.id
            for word, alias in entity_args["aliases"].items():
                vault.identity.EntityAlias(
                    f"{name}-{entity_name}-{word}",
                    name=alias["name"],
                    mount_accessor=alias["accessor"],
                    canonical_id=entity.id,
                    opts=leaf(self, deleted_with=entity),
                )
        self.entity_ids = pulumi.Output.all(**ids)
        self.register_outputs({"entity_ids": self.entity_ids})


class VaultGroupArgs(TypedDict):
    """Entities that share policies."""

    policies: pulumi.Input[list[str]]
    """What whoever is in it may do, beside what the token says."""
    member_entity_ids: pulumi.Input[list[str]]
    """Who is in it, and nobody else."""
    metadata: NotRequired[pulumi.Input[dict[str, str]]]
    """For people. Never a secret."""


class VaultGroupsArgs(TypedDict):
    """Groups of entities."""

    groups: dict[str, VaultGroupArgs]
    """The groups by name; names are global to a server (or namespace)."""


class VaultGroups(pulumi.ComponentResource):
    """Groups of entities. Whoever is put in by hand is taken out again."""

    def __init__(self, name: str, args: VaultGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultGroups", name, None, opts)
        for group, group_args in args["groups"].items():
            vault.identity.Group(
                f"{name}-{group}",
                name=group,
                type="internal",
                policies=group_args["policies"],
                member_entity_ids=group_args["member_entity_ids"],
                metadata=group_args.get("metadata"),
                opts=leaf(self),
            )
        self.register_outputs({})


class VaultExternalGroupArgs(TypedDict):
    """A group that an identity provider keeps."""

    accessor: pulumi.Input[str]
    """The accessor of the auth method whose tokens name it."""
    group: pulumi.Input[str]
    """Its name in those tokens."""
    policies: pulumi.Input[list[str]]
    """What whoever is in it may do."""


class VaultExternalGroupsArgs(TypedDict):
    """Groups that identity providers keep."""

    groups: dict[str, VaultExternalGroupArgs]
    """The groups by name; names are global to a server (or namespace)."""


class VaultExternalGroups(pulumi.ComponentResource):
    """Groups that identity providers keep: the server puts people in and takes them out, at each login."""

    group_ids: pulumi.Output[dict[str, str]]
    """The ids that the server draws, by name."""

    def __init__(self, name: str, args: VaultExternalGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultExternalGroups", name, None, opts)
        ids: dict[str, pulumi.Output[str]] = {}
        for group, group_args in args["groups"].items():
            made = vault.identity.Group(
                f"{name}-{group}",
                name=group,
                type="external",
                policies=group_args["policies"],
                external_member_entity_ids=True,
                opts=leaf(self),
            )
            ids[group] = made.id
            vault.identity.GroupAlias(
                f"{name}-{group}-alias",
                name=group_args["group"],
                mount_accessor=group_args["accessor"],
                canonical_id=made.id,
                opts=leaf(self, deleted_with=made),
            )
        self.group_ids = pulumi.Output.all(**ids)
        self.register_outputs({"group_ids": self.group_ids})


def deploy(plan: Plan, stage: Stage) -> None:
    """The entities and groups of a plan."""
    after = component_options(stage, after=stage.policies)
    ids: pulumi.Output[dict[str, str]] = pulumi.Output.from_input({})
    if entities := plan.of(Entity):
        args: VaultEntitiesArgs = {"entities": {entity.name: _entity_args(entity, stage) for entity in entities}}
        ids = VaultEntities("entities", args, component_options(stage)).entity_ids
    if groups := plan.of(InternalGroup):
        VaultGroups("groups", {"groups": {group.name: _group_args(group, ids) for group in groups}}, after)
    if external := plan.of(ExternalGroupRecord):
        VaultExternalGroups(
            "external-groups",
            {
                "groups": {
                    g.name: {"accessor": accessor(stage, g.mount), "group": g.group, "policies": list(g.policies)}
                    for g in external
                }
            },
            after,
        )


def _entity_args(entity: Entity, stage: Stage) -> VaultEntityArgs:
    return {
        "metadata": dict(entity.metadata),
        "aliases": {
            alias.mount: {"accessor": accessor(stage, alias.mount), "name": _alias_name(alias, stage)}
            for alias in entity.aliases
        },
    }


def _alias_name(alias: Alias, stage: Stage) -> pulumi.Input[str]:
    # Roles and entities of a workload are of one slice, so that the id is always at hand.
    return alias.name or stage.role_ids[alias.mount].apply(lambda ids: ids[alias.role])


def _group_args(group: InternalGroup, ids: pulumi.Output[dict[str, str]]) -> VaultGroupArgs:
    return {
        "policies": list(group.policies),
        "member_entity_ids": ids.apply(lambda of: [of[member] for member in group.members]),
        "metadata": dict(group.metadata),
    }
