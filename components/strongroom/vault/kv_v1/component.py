"""The KV version 1 engine as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.kv_v1.plan import KvV1Mount


class VaultKvV1EngineArgs(TypedDict):
    """A mount."""

    mount: pulumi.Input[str]
    """Mount path, such as `legacy-prod`."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether the mount is protected from deletion and replacement. Default true."""


class VaultKvV1Engine(pulumi.ComponentResource):
    """A KV version 1 secrets engine: values without versions. It never holds a value itself."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is mounted."""

    def __init__(self, name: str, args: VaultKvV1EngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultKvV1Engine", name, None, opts)
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="kv",
            options={"version": "1"},
            description=args.get("description", "values by reference, without versions"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount = mount.path
        self.register_outputs({"mount": self.mount})


def deploy(plan: Plan, stage: Stage) -> None:
    """The KV version 1 mounts of a plan."""
    for record in plan.of(KvV1Mount):
        args: VaultKvV1EngineArgs = {"mount": record.mount, "protect_data": record.protect}
        if record.description is not None:
            args["description"] = record.description
        engine = VaultKvV1Engine(record.mount, args, component_options(stage))
        stage.mounts[record.mount] = engine.mount
