"""The values of the Helm chart: External Secrets Operator, "Security Best Practices", and the chart's `values.yaml`.

Written out where the chart's own default is as good: a default can change with the version.
"""

from typing import Any, Final

from strongroom.external_secrets.operator.settings import (
    CERT_CONTROLLER,
    METRICS_PORT,
    RELEASE,
    WEBHOOK_PORT,
    OperatorSettings,
)

SWITCHES: Final = {
    "ClusterSecretStore": "processClusterStore",
    "ClusterExternalSecret": "processClusterExternalSecret",
    "PushSecret": "processPushSecret",
}
"""Kind -> the value that says whether the operator looks after it."""

_SECURITY: Final[dict[str, Any]] = {
    "enabled": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
# OpenShift gives each namespace users of its own, and refuses a pod that names another.
_SECURITY_OPENSHIFT: Final = {key: value for key, value in _SECURITY.items() if key != "runAsUser"}


def values(settings: OperatorSettings) -> dict[str, Any]:
    """All that is not left to the chart."""
    pod = _pod(settings)
    return {
        **pod,
        "fullnameOverride": RELEASE,
        "installCRDs": True,
        # Definitions stay whatever the plan has: with one go all its objects, and the Secrets that they own.
        "crds": {
            "createClusterExternalSecret": True,
            "createClusterSecretStore": True,
            "createClusterGenerator": True,
            "createClusterPushSecret": True,
            "createPushSecret": True,
            "createSecretStore": True,
            "annotations": {"helm.sh/resource-policy": "keep"},
            "conversion": {"enabled": False},
        },
        "processSecretStore": True,
        **{switch: kind in settings.processes for kind, switch in SWITCHES.items()},
        "processClusterPushSecret": False,
        "processClusterGenerator": False,
        "genericTargets": {"enabled": False},
        "leaderElect": settings.replicas > 1,
        "concurrent": settings.concurrent,
        "scopedNamespace": settings.watch or "",
        "scopedRBAC": settings.watch is not None,
        "openshiftFinalizers": settings.openshift,
        "systemAuthDelegator": False,
        "rbac": {
            "create": True,
            # It may make tokens of the accounts that it reads as, by Roles of their own.
            "serviceAccountTokenCreate": False,
            # Who may edit a namespace must not thereby read, as any workload there, what its stores hold.
            "aggregateToEdit": False,
            "aggregateToView": False,
            "servicebindings": {"create": False},
        },
        "serviceAccount": {"create": True, "name": RELEASE, "automount": True},
        "hostNetwork": False,
        "enableHTTP2": False,
        "log": {"level": "info", "timeEncoding": "rfc3339"},
        "livenessProbe": {"enabled": True},
        "metrics": {"listen": {"port": METRICS_PORT}, "service": {"enabled": settings.metrics_from is not None}},
        "webhook": {
            **pod,
            "create": True,
            "failurePolicy": "Fail",
            "hostNetwork": False,
            "port": WEBHOOK_PORT,
            # Without any right; but without a token it does not start.
            "serviceAccount": {"create": True, "automount": True},
            "certManager": _cert_manager(settings.webhook_issuer),
        },
        "certController": {
            **pod,
            "replicaCount": 1,  # it elects no leader
            "podDisruptionBudget": {"enabled": False},
            "create": settings.webhook_issuer is None,
            "hostNetwork": False,
            "serviceAccount": {"create": True, "name": CERT_CONTROLLER, "automount": True},
            # The chart's own would read and change every Secret of the cluster; it needs one.
            "rbac": {"create": False},
        },
    }


def _pod(settings: OperatorSettings) -> dict[str, Any]:
    """What is the same of all three Deployments."""
    pod: dict[str, Any] = {
        "replicaCount": settings.replicas,
        "securityContext": _SECURITY_OPENSHIFT if settings.openshift else _SECURITY,
        "podSecurityContext": {"enabled": True, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "podDisruptionBudget": {"enabled": settings.replicas > 1, "minAvailable": 1},
        "resources": {
            "requests": {"cpu": settings.cpu, "memory": settings.memory},
            "limits": {"memory": settings.memory_limit},
        },
        "nodeSelector": dict(settings.node_selector),
        "priorityClassName": settings.priority_class or "",
    }
    if settings.image:
        image = {"repository": settings.image, "pullPolicy": "IfNotPresent"}
        if settings.image_digest:
            image["tag"] = f"v{settings.chart_version}@{settings.image_digest}"
        pod["image"] = image
    return pod


def _cert_manager(issuer: str | None) -> dict[str, Any]:
    if issuer is None:
        return {"enabled": False}
    kind, _, name = issuer.partition("/")
    reference = {"group": "cert-manager.io", "kind": kind, "name": name}
    return {"enabled": True, "addInjectorAnnotations": True, "cert": {"create": True, "issuerRef": reference}}
