"""How an operator is installed: what a plan's record says of it, and a component's arguments."""

from dataclasses import dataclass
from typing import Final

RELEASE: Final = "external-secrets"
"""The name of the Helm release, of the operator's Deployment and of its service account."""
CERT_CONTROLLER: Final = f"{RELEASE}-cert-controller"
WEBHOOK: Final = f"{RELEASE}-webhook"
"""Of the webhook's Deployment, its Service, its service account, and the Secret with its certificate."""
ACCOUNTS: Final = frozenset({RELEASE, CERT_CONTROLLER, WEBHOOK})
"""The service accounts of its pods."""
REPOSITORY: Final = "https://charts.external-secrets.io"
"""External Secrets Operator, "Getting started"."""
WEBHOOK_PORT: Final = 10250
METRICS_PORT: Final = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSettings:
    """One installation."""

    chart_version: str
    repository: str = REPOSITORY
    namespace: str = RELEASE
    create_namespace: bool = True
    watch: str | None = None
    """The only namespace that it serves; None: all."""
    processes: tuple[str, ...] = ()
    """The kinds beyond SecretStore and ExternalSecret that it looks after."""
    replicas: int = 2
    concurrent: int = 5
    image: str | None = None
    image_digest: str | None = None
    cpu: str = "50m"
    memory: str = "128Mi"
    memory_limit: str = "512Mi"
    network_policies: bool = True
    egress_ports: tuple[int, ...] = (443, 6443)
    egress_networks: tuple[str, ...] = ()
    """Empty: anywhere."""
    metrics_from: str | None = None
    webhook_issuer: str | None = None
    """`kind/name` of cert-manager's; None: a controller of its own certifies the webhook."""
    priority_class: str | None = None
    node_selector: tuple[tuple[str, str], ...] = ()
    openshift: bool = False
