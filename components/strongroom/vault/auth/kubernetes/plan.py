"""Kubernetes: the auth method of one cluster, and a role for each workload that runs there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.vault.policy.plan import policies_of


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesMethod(Record):
    """A Kubernetes auth method. The reviewer's token is a reference."""

    kind: ClassVar[str] = "vault.auth.kubernetes.method"
    mount: str
    kubernetes_host: str
    ca_pem: str
    token_reviewer_jwt_from: tuple[str, str] | None
    """`("pulumi_config", key)` or `("environment_variable", name)`; None: the server is a pod of the cluster."""
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesRole(Record):
    """Which service account is this workload, and what its token may do. Exactly one account of one namespace."""

    kind: ClassVar[str] = "vault.auth.kubernetes.role"
    mount: str
    name: str
    workload: str
    namespace: str
    service_account: str
    audience: str
    policies: tuple[str, ...]
    token_ttl_seconds: int
    token_max_ttl_seconds: int

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.name}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (kubernetes := method.kubernetes):
            continue
        mount, reviewer = scope.auth_mount(method_name), kubernetes.token_reviewer_jwt
        yield KubernetesMethod(
            slice=PLATFORM,
            mount=mount,
            kubernetes_host=kubernetes.kubernetes_host,
            ca_pem=kubernetes.ca_pem,
            token_reviewer_jwt_from=(reviewer.kind, reviewer.value) if reviewer else None,
            protect=scope.environment.protect,
        )
        for (team, name), workload in scope.workloads.items():
            if scope.auth_of(workload) == [method_name] and (account := workload.runs_as.kubernetes):
                yield KubernetesRole(
                    slice=team,
                    mount=mount,
                    name=naming.role_of(team, name),
                    workload=f"{team}/{name}",
                    namespace=account.namespace,
                    service_account=account.service_account,
                    audience=kubernetes.audience,
                    policies=policies_of(scope, (team, name)),
                    token_ttl_seconds=kubernetes.token_ttl,
                    token_max_ttl_seconds=kubernetes.token_max_ttl,
                )
