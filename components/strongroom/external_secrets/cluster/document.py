"""The manifests of ClusterSecretStores and ClusterExternalSecrets, as plain data."""

from typing import Any, Final

from strongroom.external_secrets.cluster.records import (
    ClusterExternalSecret,
    ClusterSecretStore,
    NamespaceConditions,
)
from strongroom.external_secrets.document import GROUP, Manifest, external_secret, go_duration, secret_store
from strongroom.external_secrets.records import SecretStore

_REFERENCES: Final = frozenset(
    {"serviceAccountRef", "serviceAccount", "roleRef", "secretRef", "clientCert", "caProvider"}
)
_NAME: Final = "kubernetes.io/metadata.name"
"""The label by which every namespace has its name: Kubernetes, "Automatic labelling"."""


def cluster_secret_store(record: ClusterSecretStore, server: str | None = None, namespace: str = "") -> Manifest:
    """A ClusterSecretStore. `server` and `namespace` are those of Vault in the stack's own configuration. Raises
    ValueError if one in Vault has no address."""
    of_namespace = SecretStore(
        slice=record.slice,
        place=record.place,
        api_version=record.api_version,
        namespace=record.account_namespace,
        name=record.name,
        workload=record.workload,
        store=record.store,
        provider=record.provider,
    )
    provider = secret_store(of_namespace, server, namespace)["spec"]["provider"]
    spec = {"provider": _within(provider, record.account_namespace), "conditions": conditions(record.conditions)}
    return _manifest(record.api_version, "ClusterSecretStore", record.name, spec)


def cluster_external_secret(record: ClusterExternalSecret) -> Manifest:
    """A ClusterExternalSecret."""
    each = dict(external_secret(record.each)["spec"])
    each["secretStoreRef"] = {"name": record.cluster_store, "kind": "ClusterSecretStore"}
    spec = {
        "externalSecretName": record.each.name,
        "namespaceSelectors": _selectors(record.namespaces),
        "refreshTime": go_duration(record.refresh_seconds),
        "externalSecretSpec": each,
    }
    return _manifest(record.each.api_version, "ClusterExternalSecret", record.name, spec)


def _within(value: Any, namespace: str) -> Any:
    """The same with a namespace in each reference. Without one the operator would look in that of the ExternalSecret:
    anybody's account of that name there would do."""
    if isinstance(value, dict):
        return {
            key: {**inner, "namespace": namespace} if key in _REFERENCES else _within(inner, namespace)
            for key, inner in value.items()
        }
    return value


def conditions(namespaces: NamespaceConditions) -> list[Manifest]:
    """Any of them is enough. The operator matches patterns anywhere in a name, so that ours are anchored."""
    found: list[Manifest] = []
    if namespaces.names:
        found.append({"namespaces": list(namespaces.names)})
    if namespaces.regexes:
        found.append({"namespaceRegexes": [f"^(?:{pattern})$" for pattern in namespaces.regexes]})
    if namespaces.labels:
        found.append({"namespaceSelector": {"matchLabels": dict(namespaces.labels)}})
    return found


def _selectors(namespaces: NamespaceConditions) -> list[Manifest]:
    selectors: list[Manifest] = []
    if namespaces.names:
        named = {"key": _NAME, "operator": "In", "values": list(namespaces.names)}
        selectors.append({"matchExpressions": [named]})
    if namespaces.labels:
        selectors.append({"matchLabels": dict(namespaces.labels)})
    return selectors


def _manifest(version: str, kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": f"{GROUP}/{version}", "kind": kind, "metadata": {"name": name}, "spec": spec}
