"""Keys of vaults as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from strongroom.azure import provider
from strongroom.azure.key_vault.plan import AzureVaultKey
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AzureVaultKeyArgs(TypedDict):
    """A key, which Key Vault makes and keeps. Azure Resource Manager can make one and never change it."""

    type: str
    """`rsa-3072`, `ec-p256`, in hardware `rsa-hsm-3072` and so on."""
    operations: list[str]
    """What it can be used for: `encrypt`, `decrypt`, `sign`, `verify`, `wrapKey`, `unwrapKey`."""
    rotate_every_days: NotRequired[int]
    """How often Key Vault makes a new version by itself, in days. Default: never."""
    expires_after_days: NotRequired[int]
    """How long each version is valid, in days. Default: for ever."""


class AzureVaultKeysArgs(TypedDict):
    """Keys of one vault."""

    vault: str
    """The vault."""
    resource_group: str
    """Its resource group."""
    keys: dict[str, AzureVaultKeyArgs]
    """The keys by name."""
    protect_data: NotRequired[bool]
    """Whether they are protected from deletion and replacement. Default true."""


class AzureVaultKeys(pulumi.ComponentResource):
    """Keys of one vault."""

    uris: pulumi.Output[dict[str, str]]
    """The address of each key, without a version."""

    def __init__(self, name: str, args: AzureVaultKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AzureVaultKeys", name, None, opts)
        self.keys = {
            key: azure_native.keyvault.Key(
                f"{name}-{key}",
                key_name=key,
                vault_name=args["vault"],
                resource_group_name=args["resource_group"],
                properties=_properties(wanted),
                opts=leaf(self, protect=args.get("protect_data", True)),
            )
            for key, wanted in args["keys"].items()
        }
        self.uris = pulumi.Output.all(**{key: made.key_uri for key, made in self.keys.items()})
        self.register_outputs({"uris": self.uris})


def deploy(plan: Plan, stage: Stage) -> None:
    """The keys of a plan: a component for each vault."""
    for (vault, place, protect), keys in plan.grouped(AzureVaultKey, lambda k: (k.vault, k.place, k.protect)):
        AzureVaultKeys(
            f"{plan.environment}-{vault}-keys",
            {
                "vault": vault,
                "resource_group": place.resource_group,
                "keys": {key.name: _args(key) for key in keys},
                "protect_data": protect,
            },
            provider.options_in_vault(stage, place, vault),
        )


def _args(record: AzureVaultKey) -> AzureVaultKeyArgs:
    args: AzureVaultKeyArgs = {"type": record.type, "operations": list(record.operations)}
    if record.rotate_every_days:
        args["rotate_every_days"] = record.rotate_every_days
    if record.expires_after_days:
        args["expires_after_days"] = record.expires_after_days
    return args


def _properties(key: AzureVaultKeyArgs) -> azure_native.keyvault.KeyPropertiesArgs:
    algorithm, *hardware, size = key["type"].split("-")
    return azure_native.keyvault.KeyPropertiesArgs(
        kty=f"{algorithm.upper()}{'-HSM' if hardware else ''}",
        key_size=int(size) if algorithm == "rsa" else None,
        curve_name=None if algorithm == "rsa" else f"P-{size.removeprefix('p')}",
        key_ops=key["operations"],
        rotation_policy=_rotation(key.get("rotate_every_days"), key.get("expires_after_days")),
    )


def _rotation(rotate: int | None, expires: int | None) -> azure_native.keyvault.RotationPolicyArgs | None:
    if not rotate and not expires:
        return None
    action = azure_native.keyvault.LifetimeActionArgs(
        action=azure_native.keyvault.ActionArgs(type=azure_native.keyvault.KeyRotationPolicyActionType.ROTATE),
        trigger=azure_native.keyvault.TriggerArgs(time_after_create=f"P{rotate}D"),
    )
    return azure_native.keyvault.RotationPolicyArgs(
        attributes=azure_native.keyvault.KeyRotationPolicyAttributesArgs(expiry_time=f"P{expires}D")
        if expires
        else None,
        lifetime_actions=[action] if rotate else None,
    )
