"""The manifests of generators, as plain data: External Secrets Operator, "Generators"."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from strongroom.external_secrets.document import Manifest, vault_provider
from strongroom.external_secrets.generators.records import (
    AcrAccessToken,
    EcrAuthorizationToken,
    GcrAccessToken,
    Generator,
    Password,
    Uuid,
    VaultDynamicSecret,
)
from strongroom.external_secrets.generators.reference import API_VERSION


def generator(record: Generator, server: str | None = None, namespace: str = "") -> Manifest:
    """A generator. `server` and `namespace` are those of Vault in the stack's own configuration. Raises ValueError if
    one in Vault has no address."""
    source = record.source
    if isinstance(source, VaultDynamicSecret):
        return _manifest(record, _vault(source, server, namespace))
    return _manifest(record, _SPECS[type(source)](source))


def _manifest(record: Generator, spec: Manifest) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": record.type,
        "metadata": {"name": record.name, "namespace": record.namespace},
        "spec": spec,
    }


def _vault(source: VaultDynamicSecret, server: str | None, namespace: str) -> Manifest:
    provider = dict(vault_provider(source.provider, server, namespace)["vault"])
    for key in ("path", "version"):  # of a KV mount
        del provider[key]
    spec: Manifest = {"path": source.path, "method": source.method, "resultType": "Data", "provider": provider}
    if source.parameters:
        spec["parameters"] = dict(source.parameters)
    return spec


def _password(source: Password) -> Manifest:
    spec: Manifest = {
        "length": source.length,
        "digits": source.digits,
        "symbols": source.symbols,
        "noUpper": source.no_upper,
        # Without repetition, a password of all its characters would have to be a permutation of them.
        "allowRepeat": True,
        "encoding": source.encoding,
    }
    if source.symbols:
        spec["symbolCharacters"] = source.symbol_characters
    return spec


def _ecr(source: EcrAuthorizationToken) -> Manifest:
    account = {"serviceAccountRef": {"name": source.service_account}}
    return {"region": source.region, "scope": "public" if source.public else "private", "auth": {"jwt": account}}


def _gcr(source: GcrAccessToken) -> Manifest:
    identity = {
        "serviceAccountRef": {"name": source.service_account},
        "clusterProjectID": source.cluster_project,
        "clusterLocation": source.cluster_location,
        "clusterName": source.cluster_name,
    }
    return {"projectID": source.project, "auth": {"workloadIdentity": identity}}


def _acr(source: AcrAccessToken) -> Manifest:
    identity = {"serviceAccountRef": {"name": source.service_account}}
    return {"registry": source.registry, "tenantId": source.tenant, "auth": {"workloadIdentity": identity}}


_BASIC: Final = "printf `%s:%s` .username .password | b64enc"
_SPECS: Final[Mapping[type, Callable[[Any], Manifest]]] = {
    Password: _password,
    Uuid: lambda _: {},
    EcrAuthorizationToken: _ecr,
    GcrAccessToken: _gcr,
    AcrAccessToken: _acr,
}


def pull_secret(registry: str) -> str:
    """The text of a pull secret, by the keys that generators of registries answer: Kubernetes, "Pull an Image from a
    Private Registry". `registry` is its name, or a template of it. Templates have no double quotes, which JSON would
    escape."""
    login = {"username": "{{ .username }}", "password": "{{ .password }}", "auth": f"{{{{ {_BASIC} }}}}"}
    return json.dumps({"auths": {registry: login}})
