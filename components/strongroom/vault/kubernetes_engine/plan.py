"""The Kubernetes secrets engine: a mount for each cluster, and a role for each secret that is tokens."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.kubernetes_engine.spec import Cluster, RbacRule

WHAT: Final = "tokens of service accounts"
LEASED: Final = False
"""It has a lease, at whose end what was made goes; but no token can be extended."""
VERBS: Final[Mapping[str, str]] = {"issue": "creds"}
"""Verb -> path below the mount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesCluster(Record):
    """A Kubernetes secrets engine."""

    kind: ClassVar[str] = "vault.kubernetes_engine.cluster"
    mount: str
    kubernetes_host: str
    ca_pem: str
    service_account_jwt_from: tuple[str, str] | None
    """`(kind, name)` of the reference; None: the server is a pod of the cluster and has its own."""
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesTokenRole(Record):
    """What tokens one secret gives."""

    kind: ClassVar[str] = "vault.kubernetes_engine.role"
    mount: str
    name: str
    namespaces: tuple[str, ...]
    service_account: str
    """One that exists; empty: one is made for each token."""
    rules: str
    """What one that is made may do, as the JSON of a Role's rules; empty beside `service_account`."""
    audiences: tuple[str, ...]
    ttl_seconds: int
    max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


def clusters_of(scope: Scope) -> dict[str, Cluster]:
    """The environment's clusters by name."""
    engine = scope.environment.vault.engines.kubernetes if scope.environment.vault else None
    return dict(engine.clusters) if engine else {}


def mount_of(scope: Scope, name: str) -> str:
    """The mount of a cluster."""
    cluster = clusters_of(scope).get(name)
    return cluster.mount if cluster and cluster.mount else naming.mount_of(f"kubernetes-{name}", scope.name)


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capability that one verb on one secret needs."""
    wanted = scope.secrets[secret].kubernetes_token
    assert wanted is not None
    yield f"{mount_of(scope, wanted.cluster)}/{VERBS[verb]}/{naming.role_of(*secret)}", ("update",)


def plan(scope: Scope) -> Iterator[Record]:
    clusters = clusters_of(scope)
    for name, cluster in clusters.items():
        source = cluster.service_account_jwt
        yield KubernetesCluster(
            slice=PLATFORM,
            mount=mount_of(scope, name),
            kubernetes_host=cluster.kubernetes_host,
            ca_pem=cluster.ca_pem,
            service_account_jwt_from=(source.kind, source.value) if source else None,
            protect=scope.environment.protect,
        )
    for (team, name), secret in scope.secrets.items():
        wanted = secret.kubernetes_token
        if wanted and wanted.cluster in clusters:
            yield KubernetesTokenRole(
                slice=team,
                mount=mount_of(scope, wanted.cluster),
                name=naming.role_of(team, name),
                namespaces=wanted.namespaces,
                service_account=wanted.service_account or "",
                rules=_role(wanted.rules) if wanted.rules else "",
                audiences=wanted.audiences,
                ttl_seconds=wanted.ttl,
                max_ttl_seconds=wanted.max_ttl,
            )


def _role(wanted: tuple[RbacRule, ...]) -> str:
    """Rules as the API has them, in one spelling."""
    found = []
    for rule in wanted:
        names = {"resourceNames": list(rule.resource_names)} if rule.resource_names else {}
        found.append(
            {"apiGroups": list(rule.api_groups), "resources": list(rule.resources), "verbs": list(rule.verbs), **names}
        )
    return json.dumps({"rules": found}, separators=(",", ":"), sort_keys=True)
