"""The caller's kubeconfig: where a context leads, and a client of it."""

import os
from typing import TYPE_CHECKING, Any

from kubernetes.config import ConfigException, new_client_from_config
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, KubeConfigMerger

from strongroom.errors import StrongroomError
from strongroom.kubernetes.place import ClusterPlace

if TYPE_CHECKING:
    from kubernetes.client import ApiClient


def check(place: ClusterPlace) -> None:
    """Refuses a context that does not lead to the cluster's declared API server. Asks no server.

    Raises StrongroomError, which says whether the context is missing or leads elsewhere.
    """
    server = _server_of(place)
    if server.rstrip("/") != place.server.rstrip("/"):
        raise StrongroomError(
            f"cluster {place.cluster}: context '{place.context}' leads to {server}, and the environment file says "
            f"{place.server}; nothing was touched. Correct the context in {_files()}, or `clusters.{place.cluster}`"
        )


def client_of(place: ClusterPlace) -> "ApiClient":
    """A client with the caller's credentials for a cluster. Raises StrongroomError as `check` does, or if the
    credentials cannot be had."""
    check(place)
    try:
        # What KUBECONFIG says now: the library's default is what it said when the library was imported.
        return new_client_from_config(config_file=_files(), context=place.context)
    except ConfigException as error:
        raise StrongroomError(f"cluster {place.cluster}: {error} (in {_files()})") from None


def _files() -> str:
    return os.environ.get("KUBECONFIG") or KUBE_CONFIG_DEFAULT_LOCATION


def _server_of(place: ClusterPlace) -> str:
    try:
        found = KubeConfigMerger(_files()).config
    except (ConfigException, OSError) as error:
        raise StrongroomError(f"cluster {place.cluster}: {error}; set KUBECONFIG") from None
    merged: dict[str, Any] = found.value if found else {}  # there is none if there is no file
    contexts, clusters = (
        {entry["name"]: entry[kind] for entry in merged.get(f"{kind}s") or ()} for kind in ("context", "cluster")
    )
    if place.context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise StrongroomError(
            f"cluster {place.cluster}: {_files()} has no context '{place.context}' (there are: {known}); add it with "
            "your platform's tool, or correct `context` in the environment file"
        )
    return str(clusters.get(contexts[place.context].get("cluster"), {}).get("server", "nowhere"))
