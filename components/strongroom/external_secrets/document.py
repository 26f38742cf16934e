"""The manifests of SecretStores and ExternalSecrets, as plain data: External Secrets Operator, "API specification".

What the operator takes for itself where nothing is said is not said, but for what readers look for first: how often,
and whose the Secret is.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from strongroom.external_secrets.providers import (
    AwsProvider,
    AzureProvider,
    GcpProvider,
    KubernetesProvider,
    VaultLogin,
    VaultProvider,
)
from strongroom.external_secrets.records import ExternalSecret, KeyRewrite, SecretStore, SecretTemplate, Whole

GROUP: Final = "external-secrets.io"
Manifest = dict[str, Any]

_AZURE_ENVIRONMENTS: Final[Mapping[str, str]] = {
    "public": "PublicCloud",
    "usgov": "USGovernmentCloud",
    "china": "ChinaCloud",
}


def secret_store(record: SecretStore, server: str | None = None, namespace: str = "") -> Manifest:
    """A SecretStore. Of one in Vault that names no server, `server` is the address; `namespace` is that of the stack's
    own configuration. Raises ValueError if there is no address."""
    provider = record.provider
    body = (
        vault_provider(provider, server, namespace)
        if isinstance(provider, VaultProvider)
        else _PROVIDERS[type(provider)](provider)
    )
    return _manifest(record, "SecretStore", {"provider": body})


def external_secret(record: ExternalSecret) -> Manifest:
    """An ExternalSecret."""
    spec: Manifest = {"refreshInterval": go_duration(record.refresh_seconds)}
    if record.refresh_policy != "Periodic":
        spec = {"refreshPolicy": record.refresh_policy}
    if record.store:
        spec["secretStoreRef"] = {"name": record.store, "kind": "SecretStore"}
    target: Manifest = {"name": record.name, "creationPolicy": record.creation_policy}
    if record.deletion_policy != "Retain":
        target["deletionPolicy"] = record.deletion_policy
    if record.immutable:
        target["immutable"] = True
    if record.template:
        target["template"] = _template(record.template)
    spec["target"] = target
    if record.entries:
        spec["data"] = [
            {
                "secretKey": entry.secret_key,
                "remoteRef": {"key": entry.key, **({"property": entry.property} if entry.property else {})},
            }
            for entry in record.entries
        ]
    if record.whole:
        spec["dataFrom"] = [_whole(record.whole)]
    if generator := record.generator:
        reference = {"apiVersion": generator.api_version, "kind": generator.kind, "name": generator.name}
        spec["dataFrom"] = [{"sourceRef": {"generatorRef": reference}}]
    return _manifest(record, "ExternalSecret", spec)


def vault_provider(provider: VaultProvider, server: str | None = None, namespace: str = "") -> Manifest:
    """The provider of a store in Vault. Raises ValueError if there is no address, or one that is not encrypted."""
    address = provider.server or server
    if not address:
        raise ValueError(
            "the address of Vault is not known: set vault:address in the stack's configuration, or "
            "`external_secrets.vault.server` of the cluster"
        )
    if not address.startswith("https://"):
        raise ValueError(f"{address} is not encrypted, and tokens and values would travel over it; use https")
    body: Manifest = {"server": address, "path": provider.mount, "version": provider.version}
    if within := "/".join(part for part in (namespace, provider.namespace) if part):
        body["namespace"] = within
    if provider.ca_pem:
        body["caBundle"] = base64.b64encode(f"{provider.ca_pem}\n".encode()).decode()
    if provider.ca_config_map:
        body["caProvider"] = {"type": "ConfigMap", "name": provider.ca_config_map, "key": provider.ca_key}
    return {"vault": {**body, "auth": vault_auth(provider.login)}}


def vault_auth(login: VaultLogin) -> Manifest:
    """How the operator logs in at Vault: of stores and of generators."""
    if login.method == "kubernetes":
        account = {"name": login.service_account, "audiences": [login.audience]}
        return {"kubernetes": {"mountPath": login.mount, "role": login.role, "serviceAccountRef": account}}
    if login.method == "jwt":
        # Where the token's own audiences are left out, it is for any server that calls itself "vault" too.
        token = {"serviceAccountRef": {"name": login.service_account}, "audiences": [login.audience]}
        return {"jwt": {"path": login.mount, "role": login.role, "kubernetesServiceAccountToken": token}}
    if login.method == "approle":
        # The role's id is drawn by the server, so that it comes in the same Secret.
        role, secret = ({"name": login.secret, "key": key} for key in ("role_id", "secret_id"))
        return {"appRole": {"path": login.mount, "roleRef": role, "secretRef": secret}}
    certificate, key = ({"name": login.secret, "key": key} for key in ("tls.crt", "tls.key"))
    return {"cert": {"path": login.mount, "vaultRole": login.role, "clientCert": certificate, "secretRef": key}}


def _aws(provider: AwsProvider) -> Manifest:
    body: Manifest = {"service": provider.service, "region": provider.region}
    if provider.service_account:
        return {"aws": {**body, "auth": {"jwt": {"serviceAccountRef": {"name": provider.service_account}}}}}
    # The role trusts the operator for sessions with the tags of this namespace and store only.
    return {"aws": {**body, "role": provider.role, "sessionTagsPolicy": "Simple"}}


def _azure(provider: AzureProvider) -> Manifest:
    body: Manifest = {
        "authType": "WorkloadIdentity",
        "vaultUrl": provider.vault_url,
        "tenantId": provider.tenant,
        "serviceAccountRef": {"name": provider.service_account},
    }
    if provider.cloud != "public":
        body["environmentType"] = _AZURE_ENVIRONMENTS[provider.cloud]
    return {"azurekv": body}


def _gcp(provider: GcpProvider) -> Manifest:
    identity: Manifest = {"serviceAccountRef": {"name": provider.service_account}}
    if provider.cluster_name:
        identity |= {
            "clusterProjectID": provider.cluster_project,
            "clusterLocation": provider.cluster_location,
            "clusterName": provider.cluster_name,
        }
    return {"gcpsm": {"projectID": provider.project, "auth": {"workloadIdentity": identity}}}


def _kubernetes(provider: KubernetesProvider) -> Manifest:
    # Every namespace has it: Kubernetes, "Configure Service Accounts for Pods".
    authority = {"type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt"}
    return {
        "kubernetes": {
            "remoteNamespace": provider.namespace,
            "server": {"caProvider": authority},
            "auth": {"serviceAccount": {"name": provider.service_account}},
        }
    }


_PROVIDERS: Final[Mapping[type, Callable[[Any], Manifest]]] = {
    AwsProvider: _aws,
    AzureProvider: _azure,
    GcpProvider: _gcp,
    KubernetesProvider: _kubernetes,
}


def _whole(whole: Whole) -> Manifest:
    body: Manifest = {"extract": {"key": whole.key}}
    if whole.find:
        body = {"find": {"path": whole.key, "name": {"regexp": whole.find}}}
    if whole.rewrite:
        body["rewrite"] = [_rewrite(rewrite) for rewrite in whole.rewrite]
    return body


def _rewrite(rewrite: KeyRewrite) -> Manifest:
    if rewrite.source is None:
        return {"transform": {"template": rewrite.target}}
    return {"regexp": {"source": rewrite.source, "target": rewrite.target}}


def _template(template: SecretTemplate) -> Manifest:
    body: Manifest = {"type": template.type, "engineVersion": "v2"}
    if template.merge_policy != "Replace":
        body["mergePolicy"] = template.merge_policy
    if template.data:
        body["data"] = dict(template.data)
    metadata = {"labels": dict(template.labels), "annotations": dict(template.annotations)}
    if kept := {key: value for key, value in metadata.items() if value}:
        body["metadata"] = kept
    return body


def _manifest(record: SecretStore | ExternalSecret, kind: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": f"{GROUP}/{record.api_version}",
        "kind": kind,
        "metadata": {"name": record.name, "namespace": record.namespace},
        "spec": spec,
    }


def go_duration(seconds: int) -> str:
    """As Go writes durations, which know no days."""
    unit, name = next((u, n) for u, n in ((3600, "h"), (60, "m"), (1, "s")) if seconds % u == 0)
    return f"{seconds // unit}{name}"
