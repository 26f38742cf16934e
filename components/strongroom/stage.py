"""What components share while a plan is being deployed, and the options of their leaves.

There is one component for each mount and one for all that lives in it, not one for each team: every resource makes a
deployment slower, as the whole state is written again for each. Names of leaves say the team.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pulumi


class Mounted(Protocol):
    """A component that makes a mount."""

    @property
    def mount(self) -> pulumi.Output[str]:
        """Its path."""

    @property
    def mount_resource(self) -> pulumi.Resource:
        """The mount itself."""


@dataclass
class Stage:
    """One run of a program: what was made so far that later components refer to."""

    secret: Callable[[str, str], pulumi.Output[str] | None]
    """Resolves a reference `(kind, name)` to a secret output; None if there is no value (any more)."""
    mounts: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    """Mounts of this stack by path, so that what lives in a mount waits for it."""
    containers: dict[str, pulumi.Resource] = field(default_factory=dict)
    """The same mounts as resources: what lives in a mount goes when the mount goes."""
    first: list[pulumi.Resource] = field(default_factory=list)
    """What all else waits for: audit devices, so that nothing happens unrecorded."""
    policies: list[pulumi.Resource] = field(default_factory=list)
    """The policies of this stack: no role names one that does not exist yet."""
    rights: list[pulumi.Resource] = field(default_factory=list)
    """Who workloads of this stack are and what they may do, in all systems: what acts as one of them comes after."""
    password_policies: list[pulumi.Resource] = field(default_factory=list)
    """The password policies of this stack: no engine makes a password before its policy exists."""

    accessors: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    """Accessors of auth methods that another slice made, by mount, so that the server is asked once."""
    role_ids: dict[str, pulumi.Output[dict[str, str]]] = field(default_factory=dict)
    """Ids that the server draws for the roles of an auth method, by mount and name of the role."""

    providers: dict[str, pulumi.ProviderResource] = field(default_factory=dict)
    """Providers of clouds by name, each for one account, subscription or project."""
    aws_keys: list[pulumi.Resource] = field(default_factory=list)
    """The KMS keys of this stack: nothing is encrypted with one that does not exist yet."""
    aws_key_ids: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    """The ids of KMS keys, this stack's and others', by the name that stores use."""
    aws_secrets: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    """Secrets of AWS that this stack makes, by `team/secret`."""
    azure_vaults: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    """Vaults of Azure that this stack makes, by name: rights on what is in them come after them."""
    azure_client_ids: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    """What workloads of this stack name when they log in at Entra ID, by `team/workload`."""
    gcp_first: list[pulumi.Resource] = field(default_factory=list)
    """What the rest in Google Cloud waits for: audit logs, service agents, roles, keys, topics."""

    def mounted(self, path: str, component: Mounted) -> None:
        """Remembers a mount that this stack makes; an auth method's path is `auth/<mount>`."""
        self.remember(path, component.mount, component.mount_resource)

    def remember(self, path: str, mount: pulumi.Output[str], resource: pulumi.Resource) -> None:
        """The same for a mount that is no component's."""
        self.mounts[path], self.containers[path] = mount, resource

    def mount(self, path: str) -> pulumi.Input[str]:
        """The mount's own output where this stack makes it, else the path: another slice made it."""
        return self.mounts.get(path, path)

    def auth_mount(self, path: str) -> pulumi.Input[str]:
        """The same for an auth method; `path` is without `auth/`."""
        return self.mounts.get(f"auth/{path}", path)


def component_options(
    stage: Stage, after: Sequence[pulumi.Resource] = (), within: str | None = None
) -> pulumi.ResourceOptions:
    """Options of a component: it waits for the audit devices and for `after`, and goes with the mount `within`."""
    container = stage.containers.get(within) if within else None
    return pulumi.ResourceOptions(depends_on=[*stage.first, *after], deleted_with=container)


def leaf(parent: pulumi.Resource, **options: object) -> pulumi.ResourceOptions:
    """Options of a component's own resources."""
    return pulumi.ResourceOptions(parent=parent, **options)  # type: ignore[arg-type]


def leaf_within(
    parent: pulumi.Resource, opts: pulumi.ResourceOptions | None, **options: object
) -> pulumi.ResourceOptions:
    """Options of a resource that lives in a mount: it goes when the mount does (`deleted_with` of the component).

    The engine does not hand that option down. Deleting a mount's connections and roles before the mount itself would
    leave the server unable to revoke what was issued, and so to delete the mount.
    """
    return leaf(parent, deleted_with=opts.deleted_with if opts else None, **options)
