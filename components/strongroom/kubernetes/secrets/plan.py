"""Kubernetes Secrets: those that the values channel makes, and those that a deployment brings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from strongroom.kubernetes.labels import labels
from strongroom.kubernetes.place import ClusterPlace, place_of
from strongroom.kubernetes.secrets.spec import KubernetesObject, KubernetesSecrets
from strongroom.kubernetes.secrets.types import FORMS, LABEL, OF_ACCOUNT, check_namespace, is_own
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in
from strongroom.spec.names import check_characters

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan

KIND: Final = "kubernetes_secrets"
SYSTEM: Final = "clusters"
_PLAIN: Final = KubernetesObject()


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesSecret(StoredSecret):
    """A secret of a catalog that is one Kubernetes Secret, each field one of its keys. `path` is `namespace/name`.

    It is no resource, as its live object would be in the state with all values: the values channel makes it.
    """

    kind: ClassVar[str] = "kubernetes.secrets.secret"
    place: ClusterPlace
    type: str
    immutable: bool
    service_account: str | None
    """Whose token the cluster puts into it; None: it is not of that type."""
    labels: tuple[tuple[str, str], ...]

    @property
    def namespace(self) -> str:
        return self.path.partition("/")[0]

    @property
    def object_name(self) -> str:
        """Its name in the namespace."""
        return self.path.partition("/")[2]

    @property
    def issued(self) -> bool:
        return self.type == OF_ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedKubernetesSecret(Record):
    """A Kubernetes Secret that the deployment brings: references to its values, which will be in the state."""

    kind: ClassVar[str] = "kubernetes.secrets.deployed"
    place: ClusterPlace
    declared: str
    """Its key in the environment file."""
    namespace: str
    name: str
    type: str
    string_data_from: tuple[tuple[str, str, str], ...]
    """Key, and the kind and name of the reference to its value."""
    immutable: bool
    labels: tuple[tuple[str, str], ...]
    reason: str
    protect: bool

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"


def name_of(scope: Scope, secret: Key, store: KubernetesSecrets) -> str:
    """`namespace/name`: the secret's `path`, or its own name in the first namespace of its team."""
    team, name = secret
    return scope.secrets[secret].path or f"{namespaces_of(store, team)[0]}/{name}"


def namespaces_of(store: KubernetesSecrets, team: str) -> tuple[str, ...]:
    """The namespaces that the secrets of a team may lie in."""
    return store.namespaces.get(team, (team,))


def flaw(path: str, fields: tuple[str, ...]) -> tuple[str, str] | None:  # noqa: ARG001  the spec checks them
    """What Kubernetes does not accept of a namespace and a name in it."""
    namespace, _, name = path.partition("/")
    if not name or "/" in name:
        return (
            f"'{path}' is not the namespace and the name of a Kubernetes Secret",
            "write the `path` as namespace/name",
        )
    if is_own(namespace):
        return (
            f"'{namespace}' is a namespace of the cluster itself, or nobody's",
            "give the team another one by the store's `namespaces`",
        )
    try:
        check_namespace(namespace)
        check_characters(name, "the name", rf"^{LABEL}(\.{LABEL})*$", "a-z0-9.-", 253)
    except ValueError as error:
        return (
            f"'{path}' cannot be a Kubernetes Secret: {error}",
            "give the secret a `path` of small letters and digits",
        )
    return None


def where(plan: "Plan") -> dict[str, dict[str, Any]]:
    """`team/secret` -> cluster, namespace, name and keys of its Kubernetes Secret: what who uses it needs to know, and
    no value."""
    return {
        secret.key: {
            "cluster": secret.place.cluster,
            "namespace": secret.namespace,
            "name": secret.object_name,
            "keys": list(secret.fields),
        }
        for secret in plan.of(KubernetesSecret)
    }


def object_of(scope: Scope, secret: Key) -> KubernetesObject:
    """What a catalog says of a secret as a Kubernetes Secret."""
    return scope.secrets[secret].kubernetes or _PLAIN


def plan(scope: Scope) -> Iterator[Record]:
    for key, store, common in stored_in(scope, KIND):
        team, name = key
        wanted = object_of(scope, key)
        yield KubernetesSecret(
            **{**common, "patterns": tuple(sorted({**FORMS.get(wanted.type, {}), **dict(common["patterns"])}.items()))},
            place=place_of(scope, store.cluster),
            path=name_of(scope, key, store),
            type=wanted.type,
            immutable=wanted.immutable,
            service_account=wanted.service_account,
            labels=tuple(labels(scope.name, team, secret=name).items()),
        )
    for cluster_name, cluster in sorted(scope.environment.clusters.items()):
        for declared, deployed in sorted(cluster.secrets.items()):
            assert cluster.allow_values_in_state  # the spec refuses it otherwise
            yield DeployedKubernetesSecret(
                slice=PLATFORM,
                place=place_of(scope, cluster_name),
                declared=declared,
                namespace=deployed.namespace,
                name=deployed.name or declared,
                type=deployed.type,
                string_data_from=tuple(
                    (key, source.kind, source.value) for key, source in sorted(deployed.string_data.items())
                ),
                immutable=deployed.immutable,
                labels=tuple(labels(scope.name, PLATFORM, cluster=cluster_name, secret=declared).items()),
                reason=cluster.allow_values_in_state.reason,
                protect=scope.environment.protect,
            )
