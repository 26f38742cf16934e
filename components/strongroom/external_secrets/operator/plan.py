"""The operator of each cluster, and of whom it may make tokens. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.external_secrets import plan as deliveries
from strongroom.external_secrets.cluster import plan as for_namespaces
from strongroom.external_secrets.cluster.records import ClusterExternalSecret, ClusterSecretStore
from strongroom.external_secrets.generators import plan as generators
from strongroom.external_secrets.generators.records import Generator, Password, Source, Uuid, VaultDynamicSecret
from strongroom.external_secrets.operator.settings import OperatorSettings
from strongroom.external_secrets.operator.spec import Operator
from strongroom.external_secrets.providers import Provider, VaultProvider
from strongroom.external_secrets.push import plan as pushes
from strongroom.external_secrets.push.records import PushSecret
from strongroom.external_secrets.records import SecretStore
from strongroom.kubernetes.place import ClusterPlace, place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope, remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalSecretsOperator(Record):
    """The operator of a cluster."""

    kind: ClassVar[str] = "external_secrets.operator.release"
    place: ClusterPlace
    settings: OperatorSettings
    protect: bool

    @property
    def key(self) -> str:
        return str(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTokens(Record):
    """The operator may ask for tokens of one service account: as that it reads."""

    kind: ClassVar[str] = "external_secrets.operator.tokens"
    place: ClusterPlace
    namespace: str
    service_account: str
    operator_namespace: str

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.service_account}"


def operators(scope: Scope) -> Iterator[tuple[str, Operator]]:
    """The clusters whose operator is installed by Strongroom."""
    for name, cluster in sorted(scope.environment.clusters.items()):
        if cluster.external_secrets and (operator := cluster.external_secrets.operator):
            yield name, operator


def processed(scope: Scope, cluster: str) -> tuple[str, ...]:
    """The kinds beyond SecretStore and ExternalSecret that a cluster has in the plan."""
    kinds = {type(record) for record in _read_in(scope, cluster)}
    return tuple(kind.__name__ for kind in (ClusterSecretStore, ClusterExternalSecret, PushSecret) if kind in kinds)


def accounts(scope: Scope, cluster: str) -> tuple[tuple[str, str, str], ...]:
    """Slice, namespace and name of the service accounts as which the operator reads in a cluster, each once."""
    found: dict[tuple[str, str], str] = {}
    for record in _read_in(scope, cluster):
        match record:
            case SecretStore():
                namespace, account = record.namespace, account_of(record.provider)
            case ClusterSecretStore():
                namespace, account = record.account_namespace, account_of(record.provider)
            case Generator():
                namespace, account = record.namespace, account_of(record.source)
            case _:
                continue
        if account:
            found.setdefault((namespace, account), record.slice)
    return tuple((found[key], *key) for key in sorted(found))


def _read_in(scope: Scope, cluster: str) -> list[Record]:
    """What the operator of a cluster has to look after."""
    return _read(scope).get(place_of(scope, cluster), [])


@remembered
def _read(scope: Scope) -> dict[ClusterPlace, list[Record]]:
    found: dict[ClusterPlace, list[Record]] = {}
    for records in (deliveries.plan, generators.plan, for_namespaces.plan, pushes.plan):
        for record in records(scope):
            place: ClusterPlace = record.place  # type: ignore[attr-defined]
            found.setdefault(place, []).append(record)
    return found


def account_of(reader: Provider | Source) -> str | None:
    """The service account whose tokens the operator shows; None: it shows none."""
    match reader:
        case VaultProvider():
            return reader.login.service_account
        case VaultDynamicSecret():
            return reader.provider.login.service_account
        case Password() | Uuid():
            return None
        case _:
            return reader.service_account


def plan(scope: Scope) -> Iterator[Record]:
    for name, operator in operators(scope):
        yield ExternalSecretsOperator(
            slice=PLATFORM,
            place=place_of(scope, name),
            settings=_settings(operator, processed(scope, name)),
            protect=scope.environment.protect,
        )
    for name, cluster in sorted(scope.environment.clusters.items()):
        seen = cluster.external_secrets
        if seen and (where := seen.operator.namespace if seen.operator else seen.operator_in):
            for slice_name, namespace, account in accounts(scope, name):
                yield AccountTokens(
                    slice=slice_name,
                    place=place_of(scope, name),
                    namespace=namespace,
                    service_account=account,
                    operator_namespace=where,
                )


def _settings(operator: Operator, processes: tuple[str, ...]) -> OperatorSettings:
    policies, issuer = operator.network_policies, operator.webhook_issuer
    if operator.pushes and "PushSecret" not in processes:
        processes = (*processes, "PushSecret")
    return OperatorSettings(
        chart_version=operator.chart_version,
        repository=operator.repository,
        namespace=operator.namespace,
        create_namespace=operator.create_namespace,
        watch=operator.watch,
        processes=processes,
        replicas=operator.replicas,
        concurrent=operator.concurrent,
        image=operator.image.repository if operator.image else None,
        image_digest=operator.image.digest if operator.image else None,
        cpu=operator.resources.cpu,
        memory=operator.resources.memory,
        memory_limit=operator.resources.memory_limit,
        network_policies=policies is not None,
        egress_ports=tuple(sorted(set(policies.egress_ports))) if policies else (),
        egress_networks=tuple(sorted(policies.egress_networks)) if policies else (),
        metrics_from=policies.metrics_from if policies else None,
        webhook_issuer=f"{issuer.kind}/{issuer.name}" if issuer else None,
        priority_class=operator.priority_class,
        node_selector=tuple(sorted(operator.node_selector.items())),
        openshift=operator.openshift,
    )
