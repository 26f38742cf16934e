"""Kubernetes: the auth method of one cluster, and a role for each workload that runs there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.login_role import LoginRole, common, logins_at


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
class KubernetesRole(LoginRole):
    """Which service account is this workload, and what its token may do. Exactly one account of one namespace."""

    kind: ClassVar[str] = "vault.auth.kubernetes.role"
    namespace: str
    service_account: str
    audience: str


def alias_of(identity: Identity) -> str | None:
    """The name by which the identity store knows who logs in so (`alias_name_source: serviceaccount_name`)."""
    account = identity.kubernetes
    return f"{account.namespace}/{account.service_account}" if account else None


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (kubernetes := method.kubernetes):
            continue
        reviewer = kubernetes.token_reviewer_jwt
        yield KubernetesMethod(
            slice=PLATFORM,
            mount=scope.auth_mount(method_name),
            kubernetes_host=kubernetes.kubernetes_host,
            ca_pem=kubernetes.ca_pem,
            token_reviewer_jwt_from=(reviewer.kind, reviewer.value) if reviewer else None,
            protect=scope.environment.protect,
        )
        for workload, identity in logins_at(scope, method_name):
            if account := identity.kubernetes:
                yield KubernetesRole(
                    **common(scope, method_name, kubernetes, workload),
                    namespace=account.namespace,
                    service_account=account.service_account,
                    audience=kubernetes.audience,
                )
