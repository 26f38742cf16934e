"""How the clusters of an environment encrypt what is in etcd: by what is written, where the keys are, and who does it
where that is not us. No record has a key, and none the ring: that follows from what a rotation observes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.document import Configuration, Plugin, configuration_of, covers
from strongroom.kubernetes.encryption.key_secret import key_secret, key_secret_name
from strongroom.kubernetes.encryption.managed import Managed
from strongroom.kubernetes.encryption.ring import Kind, Ring
from strongroom.kubernetes.encryption.rotation.reach import Reach
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.kubernetes.place import ClusterPlace, place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.plan.stored import StoredSecret
from strongroom.spec.problems import did_you_mean, shown

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptionAtRest(Record):
    """How the API servers of one cluster encrypt. Nothing is deployed in the cluster for it."""

    kind: ClassVar[str] = "kubernetes.encryption.configuration"
    encrypted: ClusterPlace
    """The cluster. Not called `place`: a deployment asks nothing of it, and needs no way to it."""
    provider: Kind
    """By what is written when all is done."""
    resources: tuple[str, ...]
    plaintext: tuple[str, ...]
    """What is exempt from a wildcard among them."""
    plugins: tuple[Plugin, ...]
    """The KMS plugins that may be in use; the first one writes, where `provider` is `kms`."""
    key_store: str
    """The store that keeps the ring and its keys."""
    key_secret: str
    """The full name of the secret there, below its mount where it has one."""
    rotate_every_seconds: int
    reach: Reach
    """Where a rotation looks, and which files it writes."""
    reason: str | None
    """Why nothing is encrypted, where that is so."""

    @property
    def key(self) -> str:
        return self.encrypted.cluster

    @property
    def covers(self) -> str:
        """What is read and written by the ring, the same for the same resources in any order."""
        return covers(self.resources, self.plaintext)

    def configuration(self, ring: Ring) -> Configuration:
        """What the file of its API servers says with a ring."""
        return configuration_of(self.resources, self.plaintext, self.plugins, ring)


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
    resources: tuple[str, ...]
    plaintext: tuple[str, ...]
    plugins: tuple[Plugin, ...]
    refresh_seconds: int

    @property
    def key(self) -> str:
        return self.cluster


def declared(scope: Scope) -> Iterator[tuple[str, Encryption]]:
    """What the environment says of each of its clusters, in order of their names."""
    for name, cluster in sorted(scope.environment.clusters.items()):
        if cluster.encryption:
            yield name, cluster.encryption


def encryption_of(plan: "Plan", cluster: str) -> tuple[EncryptionAtRest, StoredSecret]:
    """How a cluster of a plan is encrypted, and the secret with its keys. Raises WrongInputError if that is nobody's
    business here, or its vendor's."""
    for managed in plan.of(ManagedEncryption):
        if managed.cluster == cluster:
            raise WrongInputError(
                f"{cluster} is a managed cluster ({managed.vendor}): {managed.by_whom}. There is no file and no key of "
                f"it here. {managed.rotation}"
            )
    found = {record.key: record for record in plan.of(EncryptionAtRest)}
    if cluster not in found:
        hint = did_you_mean(cluster, found, "declare its `encryption`, or name the stack with the platform's slice")
        raise WrongInputError(f"there is no cluster {shown(cluster)} with `encryption` in {plan.slice}; {hint}")
    record = found[cluster]
    (secret,) = (s for s in plan.of(StoredSecret) if (s.slice, s.name) == (PLATFORM, key_secret_name(cluster)))
    return record, secret


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
            plugins=encryption.plugins,
            key_store=secret.store,
            key_secret=secret.path,
            rotate_every_seconds=encryption.rotate_every,
            reach=encryption.reach,
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
                resources=encryption.resources,
                plaintext=encryption.plaintext,
                plugins=encryption.plugins,
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
