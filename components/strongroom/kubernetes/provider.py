"""The provider of Kubernetes for one cluster, which is none but the declared one."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.kubernetes import kubeconfig
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options


def check(plan: Plan, stage: Stage) -> None:  # noqa: ARG001  what all deployers take
    """Looks where the caller's contexts lead before anything is registered, in previews too. Raises StrongroomError."""
    places = {place for record in plan.records if isinstance(place := getattr(record, "place", None), ClusterPlace)}
    for place in sorted(places, key=str):
        kubeconfig.check(place)


def provider_of(stage: Stage, place: ClusterPlace) -> pulumi.ProviderResource:
    """The provider itself, one for each cluster. It reads the caller's kubeconfig, so that no credentials are in the
    state."""
    name = f"kubernetes-{place.cluster}"
    if name not in stage.providers:
        stage.providers[name] = kubernetes.Provider(
            name,
            context=place.context,
            enable_server_side_apply=True,
            # Else a new value replaces the Secret, which is protected; pods would be without one in between.
            enable_secret_mutable=True,
        )
    return stage.providers[name]


def options(stage: Stage, place: ClusterPlace, after: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Options of a component whose resources are in that cluster."""
    return pulumi.ResourceOptions.merge(
        component_options(stage, after=after), pulumi.ResourceOptions(providers=[provider_of(stage, place)])
    )
