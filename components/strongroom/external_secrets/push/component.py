"""PushSecrets as a component."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets.push import records
from strongroom.external_secrets.push.document import push_secret
from strongroom.kubernetes import provider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class ExternalSecretPushesArgs(TypedDict):
    """PushSecrets of one cluster."""

    manifests: list[dict[str, Any]]
    """They as manifests of `external-secrets.io/v1alpha1`, each with its namespace and the keys that it writes."""


class ExternalSecretPushes(pulumi.ComponentResource):
    """What the operator writes to stores. When one goes, what it wrote stays."""

    names: pulumi.Output[list[str]]
    """The PushSecrets as `namespace/name`."""

    def __init__(self, name: str, args: ExternalSecretPushesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:ExternalSecretPushes", name, None, opts)
        names = []
        for manifest in args["manifests"]:
            metadata, spec = manifest["metadata"], manifest["spec"]
            called = f"{metadata['namespace']}/{metadata['name']}"
            if not spec.get("data") or spec.get("dataTo") or spec.get("deletionPolicy", "None") != "None":
                raise ValueError(f"{name}: PushSecret {called} names no keys, or would delete what it wrote")
            kubernetes.apiextensions.CustomResource(
                f"{name}-{called}",
                api_version=manifest["apiVersion"],
                kind="PushSecret",
                metadata=metadata,
                spec=spec,
                opts=leaf(self),
            )
            names.append(called)
        self.names = pulumi.Output.from_input(names)
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage) -> None:
    """The PushSecrets of a plan: a component for each cluster."""
    for place, pushes in plan.grouped(records.PushSecret, lambda record: record.place):
        ExternalSecretPushes(
            f"{plan.environment}-{place}-pushes",
            {"manifests": [push_secret(push) for push in pushes]},
            provider.options(stage, place, after=[*stage.policies, *stage.rights]),
        )
