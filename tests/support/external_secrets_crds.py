"""The kinds of the External Secrets Operator in a real API server, and whether a manifest is there as it was given.

Published definitions (v2.9.0, `../shared/reference/external-secrets-crds`) where that folder is; of the kinds that it
lacks, and where it is absent, structural definitions of our own, which accept any `spec`. `PUBLISHED` says which.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import yaml
from kubernetes.client import ApiClient, ApiException, ApiextensionsV1Api
from kubernetes.dynamic import DynamicClient

from strongroom_sandbox.process import wait_until
from support.control_plane import ControlPlane
from support.toolchain import ROOT

FOLDER: Final = ROOT.parent / "shared" / "reference" / "external-secrets-crds"
GROUP: Final = "external-secrets.io"
GENERATORS: Final = f"generators.{GROUP}"
KINDS: Final = {
    "SecretStore": (GROUP, "v1", "Namespaced"),
    "ExternalSecret": (GROUP, "v1", "Namespaced"),
    "ClusterSecretStore": (GROUP, "v1", "Cluster"),
    "ClusterExternalSecret": (GROUP, "v1", "Cluster"),
    "PushSecret": (GROUP, "v1alpha1", "Namespaced"),
    "Password": (GENERATORS, "v1alpha1", "Namespaced"),
    "UUID": (GENERATORS, "v1alpha1", "Namespaced"),
    "VaultDynamicSecret": (GENERATORS, "v1alpha1", "Namespaced"),
    "ECRAuthorizationToken": (GENERATORS, "v1alpha1", "Namespaced"),
    "GCRAccessToken": (GENERATORS, "v1alpha1", "Namespaced"),
    "ACRAccessToken": (GENERATORS, "v1alpha1", "Namespaced"),
}


@cache
def _published() -> Mapping[str, dict[str, Any]]:
    read = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    return {crd["spec"]["names"]["kind"]: crd for crd in read}


_PLAIN: Final[Mapping[str, Any]] = {"serializer": lambda _, document: document}
PUBLISHED: Final[frozenset[str]] = frozenset(_published())
"""The kinds whose published definition the tests have."""


def schema(kind: str, version: str | None = None) -> dict[str, Any] | None:
    """The schema of a kind in its newest version, or in another; None: any `spec` is accepted."""
    if kind not in PUBLISHED:
        return None
    version = version or KINDS[kind][1]
    versions = _published()[kind]["spec"]["versions"]
    found: dict[str, Any] = next(v["schema"]["openAPIV3Schema"] for v in versions if v["name"] == version)
    return found


def _definition(kind: str) -> dict[str, Any]:
    if kind in PUBLISHED:
        return copy.deepcopy(_published()[kind])
    group, version, scope = KINDS[kind]
    plural = f"{kind.lower()}s"
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {
        "name": version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": anything}}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [served],
        },
    }


def install(cluster: ControlPlane) -> None:
    """Makes all kinds known to the API server, once; other tests of the same cluster may have done so."""
    api = ApiextensionsV1Api(cluster.admin)
    there = {crd.metadata.name for crd in api.list_custom_resource_definition().items}
    names = []
    for kind in KINDS:
        definition = _definition(kind)
        names.append(definition["metadata"]["name"])
        if names[-1] not in there:
            api.create_custom_resource_definition(definition)

    def established() -> bool:
        found = api.list_custom_resource_definition().items
        ready = {
            crd.metadata.name
            for crd in found
            if any(c.type == "Established" and c.status == "True" for c in crd.status.conditions or ())
        }
        return set(names) <= ready

    assert wait_until(established, 30)


@contextmanager
def also_serves(cluster: ControlPlane, version: str) -> Iterator[None]:
    """The kinds of an old operator, served in that version too as long as this lasts, and stored as ever."""
    api = ApiextensionsV1Api(cluster.admin)
    kinds = ("SecretStore", "ExternalSecret")
    made = {(of := _definition(kind))["metadata"]["name"]: of["spec"]["versions"] for kind in kinds}

    def served(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        old = next((v for v in versions if v["name"] == version), versions[0])
        others = [v for v in versions if v["name"] != version]
        return [*others, {**old, "name": version, "served": True, "storage": False}]

    def asked(names: Mapping[str, Any], there: bool) -> None:
        for name, versions in names.items():
            api.patch_custom_resource_definition(name, [{"op": "replace", "path": "/spec/versions", "value": versions}])
        client = DynamicClient(cluster.admin, discoverer=lambda *_: None)

        def is_served(name: str) -> bool:
            try:
                client.request("get", f"/apis/{GROUP}/{version}/{name.partition('.')[0]}", **_PLAIN)
            except ApiException as error:
                if error.status != 404:
                    raise
                return False
            return True

        assert wait_until(lambda: all(is_served(name) is there for name in names), 30)

    asked({name: served(versions) for name, versions in made.items()}, True)
    try:
        yield
    finally:
        asked(made, False)


def read_back(client: ApiClient, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Applies a manifest as a deployment does (server-side, strictly), and reads what the API server has of it."""
    about = manifest["metadata"]
    within = f"/namespaces/{about['namespace']}" if "namespace" in about else ""
    path = f"/apis/{manifest['apiVersion']}{within}/{_plural(manifest['kind'])}/{about['name']}"
    # Without discovery, which keeps a file of what it found.
    asked = DynamicClient(client, discoverer=lambda *_: None)
    queries = [("fieldManager", "strongroom"), ("fieldValidation", "Strict")]
    asked.request(
        "patch", path, body=dict(manifest), query_params=queries, content_type="application/apply-patch+yaml", **_PLAIN
    )
    found: dict[str, Any] = asked.request("get", path, **_PLAIN)
    return found


def _plural(kind: str) -> str:
    if kind in KINDS:
        return str(_definition(kind)["spec"]["names"]["plural"])
    return f"{kind.lower().removesuffix('y')}{'ies' if kind.endswith('y') else 's'}"


def with_defaults(value: Any, schema: Mapping[str, Any] | None) -> Any:
    """What the API server makes of a value: the defaults of its schema where nothing is given, and nothing else."""
    if schema is None:
        return value
    if isinstance(value, dict):
        properties: Mapping[str, Any] = schema.get("properties", {})
        further = schema.get("additionalProperties")
        inner = {key: properties.get(key, further if isinstance(further, Mapping) else None) for key in value}
        missing = {
            key: copy.deepcopy(of["default"]) for key, of in properties.items() if "default" in of and key not in value
        }
        whole = {**value, **missing}
        return {key: with_defaults(item, inner.get(key) or properties.get(key)) for key, item in whole.items()}
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items")) for item in value]
    return value


def unknown(value: Any, schema: Mapping[str, Any] | None, at: str = "spec") -> list[str]:
    """What of a value a schema does not know, as paths; nothing where there is no schema."""
    if schema is None:
        return []
    if isinstance(value, list):
        return [path for item in value for path in unknown(item, schema.get("items"), f"{at}[]")]
    if not isinstance(value, dict):
        return [] if value in schema.get("enum", [value]) else [f"{at}={value}"]
    if "properties" not in schema:
        return []
    known = schema["properties"]
    inner = [path for key, item in value.items() if key in known for path in unknown(item, known[key], f"{at}.{key}")]
    missing = [f"{at}.{key} is missing" for key in schema.get("required", ()) if key not in value]
    return [*(f"{at}.{key}" for key in value if key not in known), *missing, *inner]


def is_there_as_given(client: ApiClient, manifest: Mapping[str, Any]) -> None:
    """Applies a manifest and compares its whole `spec` after reading it back: nothing dropped, nothing added but
    defaults of the published definition."""
    found = read_back(client, manifest)
    of = schema(manifest["kind"], manifest["apiVersion"].rpartition("/")[2])
    expected = with_defaults(copy.deepcopy(manifest["spec"]), of["properties"]["spec"] if of else None)
    assert found["spec"] == expected, (found["spec"], expected)
    for key, value in manifest["metadata"].items():
        assert found["metadata"][key] == value
