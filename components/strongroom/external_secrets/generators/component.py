"""Generators of the operator as a component."""

from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets import seen
from strongroom.external_secrets.generators.document import generator
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.generators.reference import API_VERSION
from strongroom.kubernetes import provider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class ExternalSecretGeneratorsArgs(TypedDict):
    """Generators of one cluster."""

    manifests: list[dict[str, Any]]
    """The generators as manifests of `generators.external-secrets.io`, each with its namespace. They hold no values."""


class ExternalSecretGenerators(pulumi.ComponentResource):
    """What the operator makes for ExternalSecrets that refer to it. What was made is the operator's, and in no
    state."""

    names: pulumi.Output[list[str]]
    """The generators as `namespace/name`."""

    def __init__(
        self, name: str, args: ExternalSecretGeneratorsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:ExternalSecretGenerators", name, None, opts)
        names = []
        for manifest in args["manifests"]:
            metadata = manifest["metadata"]
            if manifest["apiVersion"] != API_VERSION or manifest["kind"] == "Fake" or not metadata.get("namespace"):
                raise ValueError(f"{name}: {manifest['kind']} {metadata.get('name')} is no generator of a namespace")
            called = f"{metadata['namespace']}/{metadata['name']}"
            kubernetes.apiextensions.CustomResource(
                f"{name}-{called}",
                api_version=manifest["apiVersion"],
                kind=manifest["kind"],
                metadata=metadata,
                spec=manifest["spec"],
                opts=leaf(self),
            )
            names.append(called)
        self.names = pulumi.Output.from_input(names)
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage) -> None:
    """The generators of a plan: a component for each cluster. What refers to them comes after."""
    for place, generators in plan.grouped(Generator, lambda record: record.place):
        manifests = [generator(found, *seen.from_here()) for found in generators]
        component = ExternalSecretGenerators(
            f"{plan.environment}-{place}-generators",
            {"manifests": manifests},
            provider.options(stage, place, after=[*stage.policies, *stage.rights]),
        )
        stage.rights.append(component)
