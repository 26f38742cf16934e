"""A namespace as a component, and how all else of a plan comes to lie within it."""

from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.namespace.plan import VaultNamespace as NamespaceRecord

OF_THE_ROOT: Final = frozenset(
    {
        "vault:index/audit:Audit",
        "vault:index/namespace:Namespace",
        "vault:index/quotaLeaseCount:QuotaLeaseCount",
        "vault:index/quotaRateLimit:QuotaRateLimit",
    }
)
"""What belongs to the server as a whole, or says itself which namespace it is about: Vault, "Namespaces", "Root only
API paths"."""


class VaultNamespaceArgs(TypedDict):
    """A namespace."""

    name: str
    """Its name, one segment."""
    parent: NotRequired[str]
    """The namespace that it is made in. Default: the provider's own."""
    metadata: NotRequired[Mapping[str, str]]
    """Custom metadata, for people; never a secret."""
    protect_data: NotRequired[bool]
    """Whether it is protected: with it goes all that lies in it. Default true."""


class VaultNamespace(pulumi.ComponentResource):
    """A namespace of OpenBao, or of Vault Enterprise."""

    path: pulumi.Output[str]
    """Its full path below the provider's own namespace."""

    def __init__(self, name: str, args: VaultNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultNamespace", name, None, opts)
        parent = args.get("parent") or None
        namespace = vault.Namespace(
            f"{name}-namespace",
            path=args["name"],
            namespace=parent,
            custom_metadata=dict(args.get("metadata") or {}),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.path = namespace.path.apply(lambda last: f"{parent}/{last}" if parent else last)
        self.register_outputs({"path": self.path})


def deploy(plan: Plan, stage: Stage) -> None:
    """The namespace of a plan; all else waits for it."""
    for record in plan.of(NamespaceRecord):
        args: VaultNamespaceArgs = {
            "name": record.name,
            "parent": record.parent,
            "metadata": dict(record.metadata),
            "protect_data": record.protect,
        }
        stage.first.append(VaultNamespace(f"namespace-{record.name}", args, component_options(stage)))


def within(namespace: str) -> None:
    """Makes every Vault resource that this program registers from now on one of `namespace`.

    By a transformation, so that components know nothing of namespaces: whoever uses one elsewhere chooses by the
    provider, as with all of that provider's resources.
    """

    def placed(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("vault:") or args.type_ in OF_THE_ROOT:
            return None
        return pulumi.ResourceTransformationResult({**args.props, "namespace": namespace}, args.opts)

    pulumi.runtime.register_stack_transformation(placed)
