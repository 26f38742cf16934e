"""Keys of Cloud KMS as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp import provider
from strongroom.gcp.kms.plan import GcpCryptoKey
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf

USING: str = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
"""Secret Manager, "Enable customer-managed encryption keys"."""


class GcpKeyArgs(TypedDict):
    """A key that encrypts and decrypts."""

    rotation_period_seconds: NotRequired[pulumi.Input[int]]
    """How often a new version takes over, at least a day. Default 90 days."""
    protection_level: NotRequired[pulumi.Input[str]]
    """`SOFTWARE` or `HSM`. Default `SOFTWARE`. A change makes another key."""
    destroy_scheduled_seconds: NotRequired[pulumi.Input[int]]
    """How long a version that is to be destroyed can be restored. Default 30 days. A change makes another key."""


class GcpKeysArgs(TypedDict):
    """Keys of one location."""

    project: pulumi.Input[str]
    """The project's id."""
    location: str
    """The location: a region, or `global`."""
    key_ring: str
    """The name of their key ring. It can never be deleted."""
    keys: dict[str, GcpKeyArgs]
    """The keys by name."""
    users: list[str]
    """Who may encrypt and decrypt with them, as members of IAM: all that have this role on them. Other roles that were
    given by hand, and rights on the project, stay."""
    protect_data: NotRequired[bool]
    """Whether they are protected from deletion and replacement. Default true."""


class GcpKeys(pulumi.ComponentResource):
    """A key ring with keys by which a service of Google encrypts what it keeps."""

    names: pulumi.Output[dict[str, str]]
    """The full name of each key."""

    def __init__(self, name: str, args: GcpKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpKeys", name, None, opts)
        protect = args.get("protect_data", True)
        ring = gcp.kms.KeyRing(
            f"{name}-ring",
            project=args["project"],
            location=args["location"],
            name=args["key_ring"],
            opts=leaf(self, protect=protect),
        )
        self.keys = {
            short: gcp.kms.CryptoKey(
                f"{name}-{short}",
                key_ring=ring.id,
                name=short,
                purpose="ENCRYPT_DECRYPT",
                rotation_period=_seconds(key.get("rotation_period_seconds", 90 * 86400)),
                destroy_scheduled_duration=_seconds(key.get("destroy_scheduled_seconds", 30 * 86400)),
                version_template={
                    "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
                    "protection_level": key.get("protection_level", "SOFTWARE"),
                },
                opts=leaf(self, protect=protect),
            )
            for short, key in args["keys"].items()
        }
        self.bindings = [
            gcp.kms.CryptoKeyIAMBinding(
                f"{name}-{short}-users", crypto_key_id=key.id, role=USING, members=args["users"], opts=leaf(self)
            )
            for short, key in self.keys.items()
        ]
        self.names = pulumi.Output.all(**{short: key.id for short, key in self.keys.items()})
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage) -> None:
    """The keys of a plan: a component for each location."""
    made: list[pulumi.Resource] = []
    for (place, location, ring, protect), keys in plan.grouped(
        GcpCryptoKey, lambda k: (k.place, k.location, k.key_ring, k.protect)
    ):
        component = GcpKeys(
            f"{plan.environment}-keys-{location}",
            {
                "project": place.project,
                "location": location,
                "key_ring": ring,
                "keys": {
                    key.name: {
                        "rotation_period_seconds": key.rotation_period_seconds,
                        "protection_level": key.protection_level,
                        "destroy_scheduled_seconds": key.destroy_scheduled_seconds,
                    }
                    for key in keys
                },
                "users": [place.secret_manager_agent],
                "protect_data": protect,
            },
            provider.options(stage, place),
        )
        made += component.bindings
    stage.gcp_first += made


def _seconds(duration: pulumi.Input[int]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(duration).apply(lambda seconds: f"{seconds}s")
