"""What stands beside the chart, as plain manifests: narrower rights, and who may speak with whom.

The rights of the controller that certifies the webhook follow what it does (`cmd/controller/certcontroller.go` and
`pkg/controllers/{crds,webhookconfig}` of the operator): one Secret by its name, and no other.
"""

from typing import Any, Final

from strongroom.external_secrets.operator.settings import (
    CERT_CONTROLLER,
    METRICS_PORT,
    RELEASE,
    WEBHOOK,
    WEBHOOK_PORT,
    OperatorSettings,
)

Manifest = dict[str, Any]
RBAC: Final = "rbac.authorization.k8s.io"
POD_SECURITY: Final = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
"""Kubernetes, "Pod Security Standards"."""
_READ: Final = ["get", "list", "watch"]
_CHANGE: Final = ["update", "patch"]
_DEFINITIONS: Final = [
    f"{plural}.external-secrets.io"
    for plural in ("clusterexternalsecrets", "clustersecretstores", "externalsecrets", "secretstores")
]


def certifier_cluster_rules() -> list[Manifest]:
    """Of the controller that certifies the webhook, in the cluster."""
    webhooks = {"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingwebhookconfigurations"]}
    definitions = {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"]}
    return [
        {**definitions, "verbs": _READ},
        {**definitions, "resourceNames": _DEFINITIONS, "verbs": _CHANGE},
        {**webhooks, "verbs": _READ},
        {**webhooks, "resourceNames": ["secretstore-validate", "externalsecret-validate"], "verbs": _CHANGE},
        {"apiGroups": [""], "resources": ["endpoints"], "verbs": _READ},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": _READ},
        {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]},
    ]


def certifier_rules() -> list[Manifest]:
    """Of the same, in the operator's namespace."""
    return [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [WEBHOOK], "verbs": ["get", *_CHANGE]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", *_CHANGE]},
    ]


def token_role(service_account: str) -> str:
    """The name of the Role, and of its binding, that lets the operator be an account."""
    return f"{RELEASE}-token.{service_account}"


def token_rules(service_account: str) -> list[Manifest]:
    """That the operator may ask for tokens of one service account, by its name."""
    return [
        {
            "apiGroups": [""],
            "resources": ["serviceaccounts/token"],
            "resourceNames": [service_account],
            "verbs": ["create"],
        }
    ]


def role(namespace: str | None, name: str, rules: list[Manifest]) -> Manifest:
    """A Role, or without a namespace a ClusterRole."""
    kind = "Role" if namespace else "ClusterRole"
    about = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": about, "rules": rules}


def binding(of: Manifest, account: str, account_namespace: str) -> Manifest:
    """Gives a role to a service account."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{of['kind']}Binding",
        "metadata": of["metadata"],
        "roleRef": {"apiGroup": RBAC, "kind": of["kind"], "name": of["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": account_namespace}],
    }


def network_policies(settings: OperatorSettings) -> list[Manifest]:
    """One for each kind of pod; what no policy allows is refused."""
    api_server = {"ports": [_tcp(port) for port in settings.egress_ports]}
    stores = {**api_server, **({"to": [{"ipBlock": {"cidr": n}} for n in settings.egress_networks]})}
    outside = [stores] if settings.egress_networks else [api_server]
    names = {"ports": [_tcp(53), {"port": 53, "protocol": "UDP"}]}
    metrics = []
    if settings.metrics_from:
        source = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": settings.metrics_from}}}
        metrics = [{"from": [source], "ports": [_tcp(METRICS_PORT)]}]
    # The API server has no address that a policy could name: it may be outside of the cluster's network.
    asked = [*metrics, {"ports": [_tcp(WEBHOOK_PORT)]}]
    certifier = [] if settings.webhook_issuer else [_policy(settings, CERT_CONTROLLER, metrics, [names, *outside])]
    return [
        _policy(settings, RELEASE, metrics, [names, *outside]),
        _policy(settings, WEBHOOK, asked, [names, *outside]),
        *certifier,
    ]


def _policy(settings: OperatorSettings, name: str, ingress: list[Manifest], egress: list[Manifest]) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": settings.namespace},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        },
    }


def _tcp(port: int) -> Manifest:
    return {"port": port, "protocol": "TCP"}
