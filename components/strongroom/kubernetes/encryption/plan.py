"""How the clusters of an environment encrypt what is in etcd: by what is written, where the keys are, and who does it
where that is not us. No record has a key, and none the ring: that follows from what a rotation observes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.kubernetes.encryption.key_secret import key_secret
from strongroom.kubernetes.encryption.managed import Managed
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.kubernetes.place import ClusterPlace, place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionAtRest(Record):
    """How the API servers of one cluster encrypt. Nothing is deployed in the cluster for it."""

    kind: ClassVar[str] = "kubernetes.encryption.configuration"
    encrypted: ClusterPlace
    """The cluster. Not called `place`: a deployment asks nothing of it, and needs no way to it."""
    provider: str
    """By what is written when all is done."""
    resources: tuple[str, ...]
    plaintext: tuple[str, ...]
    """What is exempt from a wildcard among them."""
    plugins: tuple[str, ...]
    """The KMS plugins that may be in use, by name."""
    key_store: str
    """The store that keeps the ring and its keys."""
    key_secret: str
    """The full name of the secret there, below its mount where it has one."""
    rotate_every_seconds: int
    reason: str | None
    """Why nothing is encrypted, where that is so."""

    @property
    def key(self) -> str:
        return self.encrypted.cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedEncryption(Record):
    """A cluster whose vendor encrypts. There is nothing to rotate here."""

    kind: ClassVar[str] = "kubernetes.encryption.managed"
    cluster: str
    vendor: str
    """`eks`, `gke` or `aks`."""
    kms_key: str | None
    """The key that is named where the cluster is made, in the vendor's own form; None: none is."""
    by_whom: str
    """Who encrypts what."""
    rotation: str
    """Who rotates, and how."""

    @property
    def key(self) -> str:
        return self.cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredConfiguration(Record):
    """A Secret with the file, which the External Secrets Operator makes for the API servers of a hosted cluster."""

    kind: ClassVar[str] = "kubernetes.encryption.delivery"
    cluster: str
    """The cluster whose API servers read it."""
    place: ClusterPlace
    """The cluster that it lies in."""
    api_version: str
    """Of the External Secrets Operator's manifests there."""
    namespace: str
    kubernetes_secret: str
    secret_key: str
    secret_store: str
    remote_key: str
    """The secret's name as the SecretStore has it."""
    refresh_seconds: int

    @property
    def key(self) -> str:
        return self.cluster


def declared(scope: Scope) -> Iterator[tuple[str, Encryption]]:
    """What the environment says of each of its clusters, in order of their names."""
    for name, cluster in sorted(scope.environment.clusters.items()):
        if cluster.encryption:
            yield name, cluster.encryption


def plan(scope: Scope) -> Iterator[Record]:
    for cluster, encryption in declared(scope):
        if encryption.managed:
            yield _managed(cluster, encryption.managed)
            continue
        secret = key_secret(scope, cluster)
        yield secret
        yield EncryptionAtRest(
            slice=PLATFORM,
            encrypted=place_of(scope, cluster),
            provider=encryption.writes,
            resources=encryption.resources,
            plaintext=encryption.plaintext,
            plugins=tuple(plugin.name for plugin in encryption.plugins),
            key_store=secret.store,
            key_secret=secret.path,
            rotate_every_seconds=encryption.rotate_every,
            reason=encryption.reason,
        )
        if deliver := encryption.deliver:
            host = scope.environment.clusters[deliver.cluster]
            yield DeliveredConfiguration(
                slice=PLATFORM,
                cluster=cluster,
                place=place_of(scope, deliver.cluster),
                api_version=host.external_secrets.api_version if host.external_secrets else "v1",
                namespace=deliver.namespace,
                kubernetes_secret=deliver.kubernetes_secret,
                secret_key=deliver.key,
                secret_store=deliver.secret_store,
                remote_key=secret.path,
                refresh_seconds=deliver.refresh,
            )


def _managed(cluster: str, managed: Managed) -> ManagedEncryption:
    return ManagedEncryption(
        slice=PLATFORM,
        cluster=cluster,
        vendor=managed.kind,
        kms_key=managed.key,
        by_whom=managed.by_whom,
        rotation=managed.rotation,
    )
