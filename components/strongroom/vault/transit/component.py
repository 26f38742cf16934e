"""The transit engine as components: the engine, and keys that belong together."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.transit.plan import TransitKey, TransitMount

HMAC_KEY_BYTES = 32
"""As long as the output of SHA-256, the engine's default hash: RFC 2104, section 3."""


class VaultTransitEngineArgs(TypedDict):
    """A mount."""

    mount: pulumi.Input[str]
    """Mount path, such as `transit-prod`."""
    protect_data: NotRequired[bool]
    """Whether the mount is protected: without its keys, nothing that they encrypted can be read. Default true."""


class VaultTransitEngine(pulumi.ComponentResource):
    """A transit secrets engine: encryption as a service."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is mounted."""

    def __init__(self, name: str, args: VaultTransitEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultTransitEngine", name, None, opts)
        self.mount_resource = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="transit",
            description="encryption as a service; keys never leave it",
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount = self.mount_resource.path
        self.register_outputs({"mount": self.mount})


class VaultTransitKeyArgs(TypedDict):
    """A key. It is made by the server and cannot be exported or backed up as plaintext."""

    type: str
    """`aes256-gcm96`, `chacha20-poly1305`, `ed25519`, `ecdsa-p256`, `-p384`, `-p521`, `rsa-2048`, `-3072`, `-4096` or
    `hmac`. A change makes another key, and what the first one encrypted is lost."""
    rotate_every_seconds: NotRequired[pulumi.Input[int]]
    """How often the server makes a new version, at least 3600. Default 0: never."""
    min_decryption_version: NotRequired[pulumi.Input[int]]
    """The oldest version that still decrypts and verifies, at least 1. Default 1."""
    derived: NotRequired[pulumi.Input[bool]]
    """Whether each request must bring a context. Default false."""
    convergent_encryption: NotRequired[pulumi.Input[bool]]
    """Whether equal plaintexts and contexts give equal ciphertexts; needs `derived`. Default false."""


class VaultTransitKeysArgs(TypedDict):
    """Keys of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    keys: dict[str, VaultTransitKeyArgs]
    """The keys by name."""
    protect_data: NotRequired[bool]
    """Whether keys are protected here, and the server refuses to delete them too. Default true."""


class VaultTransitKeys(pulumi.ComponentResource):
    """Keys of a transit engine."""

    def __init__(self, name: str, args: VaultTransitKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultTransitKeys", name, None, opts)
        protect = args.get("protect_data", True)
        for key, key_args in args["keys"].items():
            vault.transit.SecretBackendKey(
                f"{name}-{key}",
                backend=args["mount"],
                name=key,
                type=key_args["type"],
                # That of all other types follows from the type.
                key_size=HMAC_KEY_BYTES if key_args["type"] == "hmac" else None,
                # Sent even if 0 or 1, so that what somebody set by hand is found and undone.
                auto_rotate_period=key_args.get("rotate_every_seconds", 0),
                min_decryption_version=key_args.get("min_decryption_version", 1),
                derived=key_args.get("derived", False),
                convergent_encryption=key_args.get("convergent_encryption", False),
                exportable=False,
                allow_plaintext_backup=False,
                deletion_allowed=not protect,
                # A server that has the key leaves it as it is when told to make it: the new one needs the name free.
                opts=leaf_within(self, opts, protect=protect, delete_before_replace=True),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The transit engine of a plan and its keys."""
    for record in plan.of(TransitMount):
        engine = VaultTransitEngine(
            record.mount, {"mount": record.mount, "protect_data": record.protect}, component_options(stage)
        )
        stage.mounted(record.mount, engine)
    for (mount, protect), keys in plan.grouped(TransitKey, lambda key: (key.mount, key.protect)):
        VaultTransitKeys(
            f"{mount}-keys",
            {
                "mount": stage.mount(mount),
                "keys": {key.name: _key_args(key) for key in keys},
                "protect_data": protect,
            },
            component_options(stage, within=mount),
        )


def _key_args(record: TransitKey) -> VaultTransitKeyArgs:
    return {
        "type": record.type,
        "rotate_every_seconds": record.rotate_every_seconds,
        "min_decryption_version": record.min_decryption_version,
        "derived": record.derived,
        "convergent_encryption": record.convergent_encryption,
    }
