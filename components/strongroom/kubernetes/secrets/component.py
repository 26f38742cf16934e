"""Kubernetes Secrets that a deployment brings, as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.errors import StrongroomError
from strongroom.kubernetes import provider
from strongroom.kubernetes.secrets.plan import DeployedKubernetesSecret
from strongroom.plan.plan import Plan
from strongroom.spec.value_source import how_to_set
from strongroom.stage import Stage, leaf


class KubernetesSecretArgs(TypedDict):
    """A Secret, with its values."""

    namespace: str
    """The namespace, which is there already. A change makes another Secret."""
    name: str
    """Its name. A change makes another Secret."""
    type: NotRequired[str]
    """`Opaque`, `kubernetes.io/tls` and so on. Default `Opaque`. A change makes another Secret."""
    string_data: dict[str, pulumi.Input[str]]
    """The values by key. They are made Pulumi secrets, whatever they were, and are in the state, encrypted."""
    immutable: NotRequired[bool]
    """Whether they can never be changed. Default false."""
    labels: NotRequired[dict[str, str]]
    """Labels. Default: none."""


class KubernetesSecretsArgs(TypedDict):
    """Secrets of one cluster."""

    allow_values_in_state: str
    """Why their values have to be in the state of the stack. There is no default: who reviews it reads this."""
    secrets: dict[str, KubernetesSecretArgs]
    """The Secrets, by a short name of their own."""
    protect_data: NotRequired[bool]
    """Whether they are protected from deletion and replacement. Default true."""


class KubernetesSecrets(pulumi.ComponentResource):
    """Secrets whose values the program brings: the exception. Others are made by `strongroom values`, or delivered.

    They are applied by the server (`enableServerSideApply`, the default of the provider): with applying by the client
    the annotation `kubectl.kubernetes.io/last-applied-configuration` would have all values in plain text. Give it a
    provider with `enable_secret_mutable`: by default a new value replaces the Secret, which is protected.
    """

    names: pulumi.Output[list[str]]
    """The Secrets as `namespace/name`."""

    def __init__(self, name: str, args: KubernetesSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not args["allow_values_in_state"].strip():
            raise ValueError(f"{name}: say in `allow_values_in_state` why values have to be in the state of the stack")
        super().__init__("strongroom:index:KubernetesSecrets", name, None, opts)
        made = [
            kubernetes.core.v1.Secret(
                f"{name}-{short}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    namespace=secret["namespace"], name=secret["name"], labels=secret.get("labels")
                ),
                type=secret.get("type", "Opaque"),
                string_data={key: pulumi.Output.secret(value) for key, value in secret["string_data"].items()},
                immutable=secret.get("immutable") or None,
                # The SDK marks the outputs `data` and `stringData` as secrets too.
                opts=leaf(self, protect=args.get("protect_data", True)),
            )
            for short, secret in args["secrets"].items()
        ]
        self.names = pulumi.Output.all(
            *(secret.metadata.apply(lambda told: f"{told.namespace}/{told.name}") for secret in made)
        )
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage) -> None:
    """The Secrets of a plan that are brought here: a component for each cluster. Raises StrongroomError for one whose
    value is nowhere: to go on would take it away from who uses it."""
    by = plan.grouped(DeployedKubernetesSecret, lambda s: (s.place, s.reason, s.protect))
    for (place, reason, protect), secrets in by:
        KubernetesSecrets(
            f"{plan.environment}-{place}-secrets",
            {
                "allow_values_in_state": reason,
                "secrets": {secret.declared: _args(secret, stage) for secret in secrets},
                "protect_data": protect,
            },
            provider.options(stage, place),
        )


def _args(record: DeployedKubernetesSecret, stage: Stage) -> KubernetesSecretArgs:
    values = {key: stage.secret(kind, name) for key, kind, name in record.string_data_from}
    for key, kind, name in record.string_data_from:
        if values[key] is None:
            raise StrongroomError(
                f"{key} of Secret {record.namespace}/{record.name} in cluster {record.place} has no value; set it with "
                f"{how_to_set(kind, name)}"
            )
    return {
        "namespace": record.namespace,
        "name": record.name,
        "type": record.type,
        "string_data": {key: value for key, value in values.items() if value is not None},
        "immutable": record.immutable,
        "labels": dict(record.labels),
    }
