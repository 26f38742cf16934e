"""What the platform team writes about stores and Secrets that many namespaces of a cluster share."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.external_secrets.delivery import Template
from strongroom.kubernetes.secrets.types import SecretKey
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, FieldName, Name, WorkloadRef, check_characters, refuse

_OF_THE_CLUSTER: Final = ("kube-system", "kube-public", "kube-node-lease", "default")
_NOT_ALIKE: Final = re.compile(r"\(\?|\{,|[*+?}]\+")
"""What Python and Go (RE2) read otherwise: flags and groups of other kinds, `{,3}`, and what is possessive."""


def _check_regex(text: str) -> str:
    # Names of namespaces have these only.
    check_characters(text, "the pattern", r"^[a-z0-9.*+?()|\[\]{},-]+$", "a-z0-9.*+?()|[]{},-", 253)
    try:
        found = re.compile(text)
    except re.error as error:
        raise refuse(f"the pattern is no regular expression: {error}", "correct it") from None
    if different := _NOT_ALIKE.search(text):
        raise refuse(f"'{text}' has '{different[0]}', which the operator reads otherwise", "write it without")
    for name in _OF_THE_CLUSTER:
        if found.fullmatch(name):
            raise refuse(f"'{text}' matches {name}, and so probably all", "name a prefix: `team-[a-z0-9-]+`")
    return text


def _check_label(text: str) -> str:
    # Kubernetes, "Labels and Selectors".
    return check_characters(text, "the label", r"^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$", "A-Za-z0-9._/-", 253)


NamespaceRegex = Annotated[str, Field(min_length=1), AfterValidator(_check_regex)]
Label = Annotated[str, AfterValidator(_check_label)]


class Namespaces(Model):
    """Some namespaces of a cluster: those of any of these ways to name them."""

    names: tuple[KubernetesName, ...] = ()
    """By name."""
    labels: dict[Label, Label] = Field(default_factory=dict)
    """By all of these labels. Whoever may label a namespace decides then."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.names and not self.labels and not getattr(self, "regexes", ()):
            raise refuse("no namespace is named, which would be all of them", "name those that are meant")
        return self


class StoreNamespaces(Namespaces):
    """The namespaces whose ExternalSecrets may use a store."""

    regexes: tuple[NamespaceRegex, ...] = ()
    """By a regular expression that matches the whole name: the operator's own match a part of it, ours are anchored."""


class ClusterStore(Model):
    """A store for several namespaces. Whoever makes ExternalSecrets in one of them reads all that its workload may."""

    workload: WorkloadRef
    """As whom it is read, `team/workload`: one that is for this and nothing else, with grants to `read`."""
    store: Name
    """One of `stores`."""
    namespaces: StoreNamespaces
    """The namespaces that may use it. There is no store for all."""


class ClusterDelivery(Model):
    """One secret for many namespaces, each with a Kubernetes Secret of its own."""

    cluster_store: Name
    """One of `cluster_stores`, whose workload may read the secret."""
    secret: WorkloadRef
    """The secret, `team/secret`."""
    kubernetes_secret: KubernetesName
    """The name of the Kubernetes Secret in each of them."""
    namespaces: Namespaces
    """The namespaces that get it. They must be among those of the store."""
    fields: dict[SecretKey, FieldName] = Field(default_factory=dict)
    """Keys of the Kubernetes Secret, and the field that each holds. Default: all fields, by their names."""
    template: Template | None = None
    """What the Secret is made of them."""
    refresh: Duration = 3600
    """How often the secret is read again. Default `1h`."""
    refresh_namespaces: Duration = 300
    """How often it is looked which namespaces there are. Default `5m`."""
    deletion_policy: Literal["Retain", "Delete"] = "Retain"
    """What happens when the secret is gone from its store."""
