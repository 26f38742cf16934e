"""What the platform team writes about the External Secrets Operator itself, where Strongroom installs it."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.external_secrets.operator.settings import REPOSITORY
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import HttpsUrl, Networks, Port, check_characters, refuse

OLDEST: Final = (2, 5, 0)
"""The first chart that can leave out the right to make tokens of every service account."""


def _check_version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}", text):
        raise refuse(f"'{text[:40]}' is no exact version", "write one as 2.9.0: a range would install what nobody saw")
    if tuple(map(int, text.split("."))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise refuse(
            f"the chart {text} lets the operator make tokens of every service account of the cluster",
            f"write {oldest} or newer, which can do without",
        )
    return text


def _check_repository(text: str) -> str:
    return check_characters(text, "the image", r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$", "a-z0-9.:/_-", 250)


def _check_label(text: str) -> str:
    # Kubernetes, "Labels and Selectors", with the prefix that some have.
    return check_characters(text, "the label", r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", "A-Za-z0-9._/-", 253)


Cpu = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}m?$")]
"""`2`, or `100m` for a tenth of one: Kubernetes, "Resource Management for Pods and Containers"."""
Memory = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}(Mi|Gi)$")]
"""`128Mi`, or `2Gi`."""
Label = Annotated[str, AfterValidator(_check_label)]


def _mebibytes(memory: str) -> int:
    return int(memory[:-2]) * (1024 if memory.endswith("Gi") else 1)


class Image(Model):
    """Where the operator's image comes from. Default: the vendor's registry, by the tag of the chart."""

    repository: Annotated[str, AfterValidator(_check_repository)]
    """Such as a mirror of one's own, `registry.acme.example/external-secrets`."""
    digest: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")] | None = None
    """The digest of the image of exactly this version, so that no other can come under its tag."""


class Resources(Model):
    """What each of its three pods may use."""

    cpu: Cpu = "50m"
    """What it is sure of. It is not limited to it."""
    memory: Memory = "128Mi"
    """What it is sure of."""
    memory_limit: Memory = "512Mi"
    """At what it is stopped. It keeps all ExternalSecrets, and the Secrets that they made, in memory."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if _mebibytes(self.memory) > _mebibytes(self.memory_limit):
            raise refuse(f"memory {self.memory} is more than memory_limit {self.memory_limit}", "raise `memory_limit`")
        return self


class NetworkPolicies(Model):
    """Who may speak to the operator's pods, and to whom they may. Nothing else gets in or out."""

    egress_ports: tuple[Port, ...] = (443, 6443)
    """The TCP ports of API server and stores. Add that of Vault."""
    egress_networks: Networks = ()
    """Where those may be. Default: anywhere, as the addresses of cloud vendors change."""
    metrics_from: KubernetesName | None = None
    """The namespace whose pods may read metrics. Default: none."""


class Issuer(Model):
    """An issuer of cert-manager."""

    kind: Literal["Issuer", "ClusterIssuer"] = "Issuer"
    """Whether it is of the operator's namespace or of the cluster."""
    name: KubernetesName
    """Its name."""


class Operator(Model):
    """The operator, installed from the vendor's Helm chart with hardened values."""

    chart_version: Annotated[str, AfterValidator(_check_version)]
    """The exact version of the chart, such as `2.9.0`. There is no default: it reads every secret that it delivers, so
    somebody chooses what runs."""
    repository: HttpsUrl = REPOSITORY
    """Where the chart is: External Secrets Operator, "Getting started"."""
    namespace: KubernetesName = "external-secrets"
    """The namespace it runs in, which nothing else should share."""
    create_namespace: StrictBool = True
    """Whether that namespace is made, with the Pod Security Standard `restricted` enforced."""
    watch: KubernetesName | None = None
    """The only namespace that it serves, and has rights in. Default: all."""
    pushes: StrictBool = False
    """Whether it looks after PushSecrets though this environment has none: those of another in the same cluster."""
    replicas: Annotated[StrictInt, Field(ge=1, le=5)] = 2
    """How many of each of its pods. One of them works, the others wait."""
    concurrent: Annotated[StrictInt, Field(ge=1, le=100)] = 5
    """How many ExternalSecrets it reads at a time."""
    image: Image | None = None
    """Where the image comes from."""
    resources: Resources = Resources()
    """What each pod may use."""
    network_policies: NetworkPolicies | None = NetworkPolicies()
    """Who may speak with whom. `null`: no policies, for clusters whose network enforces none or is governed
    elsewhere."""
    webhook_issuer: Issuer | None = None
    """The issuer of cert-manager that certifies the operator's webhook. Default: a controller of its own does."""
    priority_class: KubernetesName | None = None
    """The priority class of its pods. Default: that of the cluster."""
    node_selector: dict[Label, Label] = Field(default_factory=dict)
    """Labels of the nodes that it may run on."""
    openshift: StrictBool = False
    """Whether the cluster is OpenShift, which chooses the user of pods and wants rights on finalizers."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.watch and self.watch == self.namespace:
            raise refuse("it would serve its own namespace only", "name the namespace of the workloads in `watch`")
        return self
