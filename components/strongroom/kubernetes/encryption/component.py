"""What of a cluster's encryption can be deployed without a key: nothing but who brings the file, and what it will say.

API servers read their file when they start, from their own machine. Where they run as pods of another cluster, the
External Secrets Operator of that one makes the Secret that they mount. Elsewhere `strongroom encryption render` writes
the file on each control-plane node, and the outputs say how.
"""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.kubernetes import provider
from strongroom.kubernetes.encryption.document import Plugin
from strongroom.kubernetes.encryption.plan import DeliveredConfiguration, EncryptionAtRest
from strongroom.kubernetes.encryption.template import external_secret, template
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class KmsPluginArgs(TypedDict):
    """A KMS plugin beside each API server, which speaks version 2 of the interface."""

    name: str
    """What stands in etcd before each value."""
    endpoint: str
    """Its socket, such as `unix:///run/kmsplugin/socket.sock`."""
    timeout_ms: NotRequired[int]
    """How long an API server waits for it, in milliseconds. Default 3000."""


class KubernetesEncryptionConfigurationArgs(TypedDict):
    """A Secret with the EncryptionConfiguration of a hosted control plane. The External Secrets Operator makes it."""

    namespace: str
    """Where the API servers run. Whoever reads Secrets there reads the keys."""
    kubernetes_secret: str
    """The Secret's name."""
    secret_store: str
    """A SecretStore of that namespace whose identity may read the key secret."""
    remote_key: str
    """The key secret's name in that store: fields `ring`, and each key by `<provider>.<name>`."""
    secret_key: NotRequired[str]
    """The key of the Secret, which is the name of the mounted file. Default `encryption.yaml`."""
    resources: NotRequired[list[str]]
    """What is encrypted. Default `secrets`."""
    plaintext: NotRequired[list[str]]
    """What a wildcard among them covers, and stays in plain text. Default: nothing."""
    plugins: NotRequired[list[KmsPluginArgs]]
    """The KMS plugins that a ring may name. Default: none."""
    refresh_seconds: NotRequired[int]
    """How often the operator looks at the key store. Default 300."""
    api_version: NotRequired[str]
    """Of the operator's manifests: `v1` or `v1beta1`. Default `v1`."""


class KubernetesEncryptionConfiguration(pulumi.ComponentResource):
    """Who brings the file, without a key. A ring and its keys are made by `strongroom encryption init` in the store."""

    template: pulumi.Output[str]
    """The file as the operator's template: what it says, but for ring and keys."""

    def __init__(
        self, name: str, args: KubernetesEncryptionConfigurationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:KubernetesEncryptionConfiguration", name, None, opts)
        plugins = tuple(
            Plugin(name=plugin["name"], endpoint=plugin["endpoint"], timeout_ms=int(plugin.get("timeout_ms", 3000)))
            for plugin in args.get("plugins", [])
        )
        resources = tuple(args.get("resources", ["secrets"]))
        text = template(resources, tuple(args.get("plaintext", [])), plugins)
        manifest = external_secret(
            args["kubernetes_secret"],
            text,
            api_version=args.get("api_version", "v1"),
            store=args["secret_store"],
            remote_key=args["remote_key"],
            secret_key=args.get("secret_key", "encryption.yaml"),
            refresh_seconds=int(args.get("refresh_seconds", 300)),
        )
        self.external_secret = kubernetes.apiextensions.CustomResource(
            f"{name}-file",
            api_version=manifest["apiVersion"],
            kind=manifest["kind"],
            metadata={"name": args["kubernetes_secret"], "namespace": args["namespace"]},
            spec=manifest["spec"],
            opts=leaf(self),
        )
        self.template = pulumi.Output.from_input(text)
        self.register_outputs({"template": self.template})


def deploy(plan: Plan, stage: Stage) -> None:
    """The files of hosted control planes, and for all clusters how the file gets to the others: no key is in it."""
    pulumi.export("kubernetes_encryption", {record.key: _outputs(record) for record in plan.of(EncryptionAtRest)})
    for record in plan.of(DeliveredConfiguration):
        KubernetesEncryptionConfiguration(
            f"{plan.environment}-{record.cluster}-encryption",
            {
                "namespace": record.namespace,
                "kubernetes_secret": record.kubernetes_secret,
                "secret_store": record.secret_store,
                "remote_key": record.remote_key,
                "secret_key": record.secret_key,
                "resources": list(record.resources),
                "plaintext": list(record.plaintext),
                "plugins": [
                    {"name": plugin.name, "endpoint": plugin.endpoint, "timeout_ms": plugin.timeout_ms}
                    for plugin in record.plugins
                ],
                "refresh_seconds": record.refresh_seconds,
                "api_version": record.api_version,
            },
            provider.options(stage, record.place),
        )


def _outputs(record: EncryptionAtRest) -> dict[str, str]:
    return {
        "provider": record.provider,
        "key_store": record.key_store,
        "key_secret": record.key_secret,
        "bootstrap": (
            f"strongroom encryption render --stack {pulumi.get_stack()} {record.key} --output "
            "/etc/kubernetes/encryption/config.yaml"
        ),
    }
