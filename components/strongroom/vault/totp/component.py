"""The TOTP engine as components: the engine, and keys that belong together."""

import json
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.totp.plan import TotpKey, TotpMount

KEY_BYTES: Final = {"SHA1": 20, "SHA256": 32, "SHA512": 64}
"""As long as the output of the hash function: RFC 6238, section 5.1 and its reference implementation."""


class VaultTotpEngineArgs(TypedDict):
    """A mount."""

    mount: pulumi.Input[str]
    """Mount path, such as `totp-prod`."""
    protect_data: NotRequired[bool]
    """Whether the mount is protected: with it all keys go. Default true."""


class VaultTotpEngine(pulumi.ComponentResource):
    """A TOTP secrets engine: one-time codes."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is mounted."""

    def __init__(self, name: str, args: VaultTotpEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultTotpEngine", name, None, opts)
        self.mount_resource = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="totp",
            description="one-time codes; keys never leave it",
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount = self.mount_resource.path
        self.register_outputs({"mount": self.mount})


class VaultTotpKeyArgs(TypedDict):
    """A key, which the server makes and shows to nobody. A change makes another one."""

    issuer: str
    """Who checks the codes."""
    account: str
    """Whom the codes are for."""
    period_seconds: NotRequired[int]
    """How long a code is valid. Default 30."""
    algorithm: NotRequired[str]
    """`SHA1`, `SHA256` (the default) or `SHA512`."""
    digits: NotRequired[int]
    """The length of a code: 6 (the default) or 8."""
    skew_periods: NotRequired[int]
    """How many periods before and after the current one a code is still good: 0 or 1 (the default)."""


class VaultTotpKeysArgs(TypedDict):
    """Keys of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    keys: dict[str, VaultTotpKeyArgs]
    """The keys by name."""
    protect_data: NotRequired[bool]
    """Whether keys are protected: who was given codes of a key cannot use those of another. Default true."""


class VaultTotpKeys(pulumi.ComponentResource):
    """Keys of a TOTP engine. The provider has no resource for them, so each is a write to its path."""

    def __init__(self, name: str, args: VaultTotpKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultTotpKeys", name, None, opts)
        for key, key_args in args["keys"].items():
            algorithm = key_args.get("algorithm", "SHA256")
            wanted = {
                "generate": True,
                # Else the server answers with the key, which the provider keeps in the state.
                "exported": False,
                "key_size": KEY_BYTES[algorithm],
                "issuer": key_args["issuer"],
                "account_name": key_args["account"],
                "period": key_args.get("period_seconds", 30),
                "algorithm": algorithm,
                "digits": key_args.get("digits", 6),
                "skew": key_args.get("skew_periods", 1),
            }
            vault.generic.Endpoint(
                f"{name}-{key}",
                path=pulumi.Output.concat(args["mount"], "/keys/", key),
                data_json=json.dumps(wanted, separators=(",", ":"), sort_keys=True),
                # The server tells of a key what is in its label, and not how it was made.
                ignore_absent_fields=True,
                # To write a key again is to make another one. As a replacement that is seen, and refused if protected.
                opts=leaf_within(
                    self,
                    opts,
                    protect=args.get("protect_data", True),
                    replace_on_changes=["dataJson"],
                    delete_before_replace=True,
                ),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The TOTP engine of a plan and its keys."""
    for record in plan.of(TotpMount):
        engine = VaultTotpEngine(
            record.mount, {"mount": record.mount, "protect_data": record.protect}, component_options(stage)
        )
        stage.mounted(record.mount, engine)
    for (mount, protect), keys in plan.grouped(TotpKey, lambda key: (key.mount, key.protect)):
        VaultTotpKeys(
            f"{mount}-keys",
            {
                "mount": stage.mount(mount),
                "keys": {key.name: _key_args(key) for key in keys},
                "protect_data": protect,
            },
            component_options(stage, within=mount),
        )


def _key_args(record: TotpKey) -> VaultTotpKeyArgs:
    return {
        "issuer": record.issuer,
        "account": record.account,
        "period_seconds": record.period_seconds,
        "algorithm": record.algorithm,
        "digits": record.digits,
        "skew_periods": record.skew_periods,
    }
