"""The External Secrets Operator as a component."""

from typing import Any, Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets.operator import documents
from strongroom.external_secrets.operator import plan as planned
from strongroom.external_secrets.operator.roles import make_role
from strongroom.external_secrets.operator.settings import CERT_CONTROLLER, RELEASE, OperatorSettings
from strongroom.external_secrets.operator.values import values
from strongroom.kubernetes import provider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf

READY_SECONDS: Final = 300
"""How long a new version may take until its pods are ready; then the release before it is restored."""


class ExternalSecretsOperatorArgs(TypedDict):
    """One installation."""

    chart_version: str
    """The exact version of the chart, 2.5.0 or newer."""
    repository: NotRequired[str]
    """Where the chart is. Default: the vendor's repository."""
    namespace: NotRequired[str]
    """Where it runs. Default `external-secrets`. A change makes another one."""
    create_namespace: NotRequired[bool]
    """Whether the namespace is made, with Pod Security `restricted`. Default true."""
    watch: NotRequired[str]
    """The only namespace that it serves and has rights in. Default: all."""
    processes: NotRequired[list[str]]
    """The kinds beyond SecretStore and ExternalSecret that it looks after: `ClusterSecretStore`,
    `ClusterExternalSecret`, `PushSecret`. Default: none."""
    replicas: NotRequired[int]
    """How many of its pods. Default 2."""
    concurrent: NotRequired[int]
    """How many ExternalSecrets it reads at a time. Default 5."""
    image: NotRequired[str]
    """The image without its tag. Default: the vendor's."""
    image_digest: NotRequired[str]
    """The digest of the image, `sha256:…`. Default: whatever is under the tag."""
    cpu: NotRequired[str]
    """Of each pod. Default `50m`."""
    memory: NotRequired[str]
    """Of each pod. Default `128Mi`."""
    memory_limit: NotRequired[str]
    """Of each pod. Default `512Mi`."""
    network_policies: NotRequired[bool]
    """Whether network policies are made. Default true."""
    egress_ports: NotRequired[list[int]]
    """The TCP ports of API server and stores. Default 443 and 6443."""
    egress_networks: NotRequired[list[str]]
    """Where those may be. Default: anywhere."""
    metrics_from: NotRequired[str]
    """The namespace whose pods may read metrics. Default: none."""
    webhook_issuer: NotRequired[str]
    """The issuer of cert-manager for the webhook, as `kind/name`. Default: a controller of the operator's own."""
    priority_class: NotRequired[str]
    """The priority class of its pods. Default: the cluster's."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that it may run on. Default: any."""
    openshift: NotRequired[bool]
    """Whether the cluster is OpenShift. Default false."""
    protect_data: NotRequired[bool]
    """Whether the release, and the namespace with all that is in it, are protected from deletion. Default true."""


class ExternalSecretsOperator(pulumi.ComponentResource):
    """The operator from the vendor's Helm chart, with narrower rights and network policies beside it.

    Its definitions (CRDs) stay when it goes: with them would go all ExternalSecrets, and the Secrets that they own.
    """

    release: pulumi.Output[str]
    """The name of the Helm release."""
    namespace: pulumi.Output[str]
    """Where it runs."""

    def __init__(
        self, name: str, args: ExternalSecretsOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:ExternalSecretsOperator", name, None, opts)
        settings = _settings(args)
        protect = args.get("protect_data", True)
        first: list[pulumi.Resource] = []
        if settings.create_namespace:
            about = {"name": settings.namespace, "labels": documents.POD_SECURITY}
            first.append(
                kubernetes.core.v1.Namespace(f"{name}-namespace", metadata=about, opts=leaf(self, protect=protect))
            )
        beside = [] if settings.webhook_issuer else self._certifier(name, settings, first)
        if settings.network_policies:
            beside += [
                kubernetes.networking.v1.NetworkPolicy(
                    f"{name}-{policy['metadata']['name']}",
                    metadata=policy["metadata"],
                    spec=policy["spec"],
                    opts=leaf(self, depends_on=first),
                )
                for policy in documents.network_policies(settings)
            ]
        self.release_resource = kubernetes.helm.v3.Release(
            f"{name}-release",
            name=RELEASE,
            chart=RELEASE,
            version=settings.chart_version,
            repository_opts={"repo": settings.repository},
            namespace=settings.namespace,
            values=values(settings),
            atomic=True,  # a version that does not become ready is taken back
            cleanup_on_fail=True,
            timeout=READY_SECONDS,
            max_history=5,
            opts=leaf(self, protect=protect, depends_on=[*first, *beside]),
        )
        self.release = self.release_resource.name.apply(str)
        self.namespace = self.release_resource.namespace.apply(str)
        self.register_outputs({"release": self.release, "namespace": self.namespace})

    def _certifier(self, name: str, settings: OperatorSettings, after: list[pulumi.Resource]) -> list[pulumi.Resource]:
        """The rights of the controller that certifies the webhook, before it starts."""
        wide = documents.role(None, CERT_CONTROLLER, documents.certifier_cluster_rules())
        narrow = documents.role(settings.namespace, CERT_CONTROLLER, documents.certifier_rules())
        made: list[pulumi.Resource] = []
        for short, found in (("certifier-cluster", wide), ("certifier", narrow)):
            made += make_role(self, f"{name}-{short}", found, (CERT_CONTROLLER, settings.namespace), after)
        return made


def _settings(args: ExternalSecretsOperatorArgs) -> OperatorSettings:
    given: dict[str, Any] = {key: value for key, value in args.items() if key != "protect_data"}
    for key in ("processes", "egress_ports", "egress_networks"):
        if key in given:
            given[key] = tuple(given[key])
    if "node_selector" in given:
        given["node_selector"] = tuple(sorted(given["node_selector"].items()))
    return OperatorSettings(**given)


def args_of(record: planned.ExternalSecretsOperator) -> ExternalSecretsOperatorArgs:
    """The arguments for a record."""
    args: dict[str, Any] = {"protect_data": record.protect}
    for key in OperatorSettings.__dataclass_fields__:
        value = getattr(record.settings, key)
        if value is not None:
            args[key] = dict(value) if key == "node_selector" else list(value) if isinstance(value, tuple) else value
    return args  # type: ignore[return-value]


def deploy(plan: Plan, stage: Stage) -> None:
    """The operators of a plan: a component for each cluster. What is for an operator waits for it, as the API server
    knows its kinds from then on."""
    for record in plan.of(planned.ExternalSecretsOperator):
        name = f"{plan.environment}-{record.place}-operator"
        stage.rights.append(ExternalSecretsOperator(name, args_of(record), provider.options(stage, record.place)))
