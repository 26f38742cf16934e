"""The KV version 2 engine as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.kv.plan import KvMount


class VaultKvEngineArgs(TypedDict):
    """A mount and its settings."""

    mount: pulumi.Input[str]
    """Mount path, such as `kv-prod`."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    max_versions: NotRequired[pulumi.Input[int]]
    """Versions kept of each secret, 1 to 1000; 0: unset. Default 10."""
    cas_required: NotRequired[pulumi.Input[bool]]
    """Whether every write must name the version it replaces. Default true."""
    delete_version_after_seconds: NotRequired[pulumi.Input[int]]
    """After which time a version is deleted. Default 0: never."""
    protect_data: NotRequired[bool]
    """Whether the mount is protected from deletion and replacement. Default true."""


class VaultKvEngine(pulumi.ComponentResource):
    """A KV version 2 secrets engine. It never holds a value: values are written straight to the store."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is mounted."""

    def __init__(self, name: str, args: VaultKvEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultKvEngine", name, None, opts)
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="kv",
            options={"version": "2"},
            description=args.get("description", "values by reference, written by `strongroom values`"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        vault.kv.SecretBackendV2(
            f"{name}-settings",
            mount=mount.path,
            max_versions=args.get("max_versions", 10),
            cas_required=args.get("cas_required", True),
            delete_version_after=args.get("delete_version_after_seconds", 0),
            opts=leaf(self),
        )
        self.mount = mount.path
        self.register_outputs({"mount": self.mount})


def deploy(plan: Plan, stage: Stage) -> None:
    """The KV mounts of a plan."""
    for record in plan.of(KvMount):
        args: VaultKvEngineArgs = {
            "mount": record.mount,
            "max_versions": record.max_versions,
            "cas_required": record.cas_required,
            "delete_version_after_seconds": record.delete_version_after_seconds,
            "protect_data": record.protect,
        }
        if record.description is not None:
            args["description"] = record.description
        engine = VaultKvEngine(record.mount, args, component_options(stage))
        stage.mounts[record.mount] = engine.mount
