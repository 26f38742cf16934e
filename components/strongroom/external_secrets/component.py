"""SecretStores and ExternalSecrets as components, and the deployment of those that a plan has."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi

from strongroom.external_secrets import accounts, seen
from strongroom.external_secrets.custom_resource import custom_resource
from strongroom.external_secrets.document import external_secret, secret_store
from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.kubernetes import provider
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


class ExternalSecretStoresArgs(TypedDict):
    """SecretStores of one cluster."""

    manifests: list[dict[str, Any]]
    """The stores as manifests of `external-secrets.io`, each with its namespace. They hold no values."""


class ExternalSecretStores(pulumi.ComponentResource):
    """What the operator reads of stores, as whom. It holds nothing, and nothing is lost with it but that."""

    names: pulumi.Output[list[str]]
    """The stores as `namespace/name`."""

    def __init__(self, name: str, args: ExternalSecretStoresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:ExternalSecretStores", name, None, opts)
        self.names = pulumi.Output.from_input(_made(self, name, "SecretStore", args["manifests"]))
        self.register_outputs({"names": self.names})


class ExternalSecretDeliveriesArgs(TypedDict):
    """ExternalSecrets of one cluster."""

    manifests: list[dict[str, Any]]
    """They as manifests of `external-secrets.io`, each with its namespace. They hold no values, but where they are."""


class ExternalSecretDeliveries(pulumi.ComponentResource):
    """Secrets that the operator keeps up to date. The Kubernetes Secrets themselves are the operator's, so that no
    value of theirs is in any state."""

    names: pulumi.Output[list[str]]
    """The ExternalSecrets as `namespace/name`."""

    def __init__(
        self, name: str, args: ExternalSecretDeliveriesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:ExternalSecretDeliveries", name, None, opts)
        self.names = pulumi.Output.from_input(_made(self, name, "ExternalSecret", args["manifests"]))
        self.register_outputs({"names": self.names})


def _made(parent: pulumi.ComponentResource, name: str, kind: str, manifests: Sequence[Mapping[str, Any]]) -> list[str]:
    names = []
    for manifest in manifests:
        metadata = manifest["metadata"]
        if manifest["kind"] != kind or not metadata.get("namespace"):
            raise ValueError(f"{name}: {manifest['kind']} {metadata.get('name')} is no {kind} of a namespace")
        # A slash is in neither, so that no two are one.
        called = f"{metadata['namespace']}/{metadata['name']}"
        custom_resource(f"{name}-{called}", manifest, parent)
        names.append(called)
    return names


def deploy(plan: Plan, stage: Stage) -> None:
    """Of each cluster the annotations of service accounts, the stores, and what is delivered from them, in this order:
    the operator tries a store once it is there, and later only now and then."""
    # Of each cluster its own: what one of them does not take, does not hold up the others.
    before: dict[ClusterPlace, list[pulumi.Resource]] = {}
    for place, of_cluster in plan.grouped(ServiceAccount, lambda record: record.place):
        before.setdefault(place, []).append(accounts.deploy(plan, stage, place, of_cluster))
    stores = [
        _stores(plan, stage, place, of_place, before.setdefault(place, []))
        for place, of_place in plan.grouped(SecretStore, lambda record: record.place)
    ]
    for place, secrets in plan.grouped(ExternalSecret, lambda record: record.place):
        ExternalSecretDeliveries(
            f"{plan.environment}-{place}-external-secrets",
            {"manifests": [external_secret(secret) for secret in secrets]},
            provider.options(stage, place, after=[*stage.rights, *before.get(place, ())]),
        )
    stage.rights += stores  # what is pushed, is by a store too


def _stores(
    plan: Plan, stage: Stage, place: ClusterPlace, stores: list[SecretStore], before: list[pulumi.Resource]
) -> pulumi.Resource:
    component = ExternalSecretStores(
        f"{plan.environment}-{place}-secret-stores",
        {"manifests": [secret_store(store, *seen.from_here()) for store in stores]},
        provider.options(stage, place, after=[*stage.policies, *stage.rights, *before]),
    )
    before.append(component)
    return component
