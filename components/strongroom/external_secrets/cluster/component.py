"""Stores and Secrets for many namespaces as components."""

from typing import Any, TypedDict

import pulumi

from strongroom.external_secrets import seen
from strongroom.external_secrets.cluster import records
from strongroom.external_secrets.cluster.document import cluster_external_secret, cluster_secret_store
from strongroom.external_secrets.custom_resource import custom_resource
from strongroom.kubernetes import provider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


class ExternalSecretsForNamespacesArgs(TypedDict):
    """What many namespaces of one cluster share."""

    stores: list[dict[str, Any]]
    """ClusterSecretStores as manifests, each with conditions: without one it would serve every namespace."""
    secrets: list[dict[str, Any]]
    """ClusterExternalSecrets as manifests, each with selectors: one that is empty selects every namespace."""


class ExternalSecretsForNamespaces(pulumi.ComponentResource):
    """ClusterSecretStores, and ClusterExternalSecrets after them."""

    names: pulumi.Output[list[str]]
    """All of them as `kind/name`."""

    def __init__(
        self, name: str, args: ExternalSecretsForNamespacesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        for store in args["stores"]:
            if not all(store["spec"].get("conditions") or [{}]):
                raise ValueError(f"{name}: ClusterSecretStore {store['metadata']['name']} would serve every namespace")
        for secret in args["secrets"]:
            if not all(secret["spec"].get("namespaceSelectors") or [{}]):
                raise ValueError(
                    f"{name}: ClusterExternalSecret {secret['metadata']['name']} would be for every namespace"
                )
        super().__init__("strongroom:index:ExternalSecretsForNamespaces", name, None, opts)
        stores = [self._make(name, store, []) for store in args["stores"]]
        for secret in args["secrets"]:
            self._make(name, secret, stores)
        self.names = pulumi.Output.from_input(
            [f"{made['kind']}/{made['metadata']['name']}" for made in (*args["stores"], *args["secrets"])]
        )
        self.register_outputs({"names": self.names})

    def _make(self, name: str, manifest: dict[str, Any], after: list[pulumi.Resource]) -> pulumi.Resource:
        short = {"ClusterSecretStore": "store", "ClusterExternalSecret": "secret"}[manifest["kind"]]
        return custom_resource(f"{name}-{short}-{manifest['metadata']['name']}", manifest, self, depends_on=after)


def deploy(plan: Plan, stage: Stage) -> None:
    """What a plan has of both: a component for each cluster."""
    address, namespace = seen.from_here()
    secrets = dict(plan.grouped(records.ClusterExternalSecret, lambda record: record.place))
    for place, stores in plan.grouped(records.ClusterSecretStore, lambda record: record.place):
        ExternalSecretsForNamespaces(
            f"{plan.environment}-{place}-for-namespaces",
            {
                "stores": [cluster_secret_store(store, address, namespace) for store in stores],
                "secrets": [cluster_external_secret(secret) for secret in secrets.get(place, ())],
            },
            provider.options(stage, place, after=[*stage.policies, *stage.rights]),
        )
