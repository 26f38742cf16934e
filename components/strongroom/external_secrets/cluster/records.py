"""ClusterSecretStores and ClusterExternalSecrets as records."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from strongroom.external_secrets.providers import Provider
from strongroom.external_secrets.records import ExternalSecret
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceConditions:
    """Some namespaces: those of any of these."""

    names: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    regexes: tuple[str, ...] = ()
    """As people wrote them, without anchors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSecretStore(Record):
    """A store for the namespaces that its conditions name, read as a workload of its own."""

    kind: ClassVar[str] = "external_secrets.cluster.store"
    place: ClusterPlace
    api_version: Literal["v1", "v1beta1"]
    name: str
    workload: str
    """`team/workload`."""
    store: str
    """The name that catalogs use for the store."""
    account_namespace: str
    """Where the service account of that workload is."""
    provider: Provider
    conditions: NamespaceConditions

    @property
    def key(self) -> str:
        return f"{self.place}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterExternalSecret(Record):
    """One secret for many namespaces."""

    kind: ClassVar[str] = "external_secrets.cluster.secret"
    place: ClusterPlace
    name: str
    cluster_store: str
    namespaces: NamespaceConditions
    refresh_seconds: int
    """How often it is looked which namespaces there are."""
    each: ExternalSecret
    """What each namespace has; its own namespace is empty."""

    @property
    def key(self) -> str:
        return f"{self.place}/{self.name}"
