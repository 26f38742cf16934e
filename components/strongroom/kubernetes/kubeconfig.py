"""The caller's kubeconfig: where a context leads, and a client of it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from kubernetes.config import ConfigException, new_client_from_config
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION
from pydantic import BaseModel, Field, ValidationError

from strongroom.errors import StrongroomError
from strongroom.kubernetes.place import ClusterPlace
from strongroom.kubernetes.spec import address

if TYPE_CHECKING:
    from kubernetes.client import ApiClient


def check(place: ClusterPlace) -> None:
    """Refuses a context that does not lead to the cluster's declared API server, for certain. Asks no server.

    Raises StrongroomError, which says whether the context is missing, leads elsewhere, or to whoever answers.
    """
    found = _cluster_of(place)
    server = found.server if found else "nowhere"
    if address(server) != place.server:
        raise StrongroomError(
            f"cluster {place.cluster}: context '{place.context}' leads to {server}, and the environment file says "
            f"{place.server}; nothing was touched. Correct the context in {_files()}, or `clusters.{place.cluster}`"
        )
    if found and found.insecure:
        raise StrongroomError(
            f"cluster {place.cluster}: context '{place.context}' does not check who answers at {server} "
            "(insecure-skip-tls-verify), and that could be given credentials and values; nothing was touched. Name the "
            f"cluster's certificate-authority instead in {_files()}"
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


class _Context(BaseModel):
    cluster: str


class _NamedContext(BaseModel):
    name: str
    context: _Context


class _Cluster(BaseModel):
    server: str
    insecure: bool = Field(default=False, alias="insecure-skip-tls-verify")


class _NamedCluster(BaseModel):
    name: str
    cluster: _Cluster


class _File(BaseModel):
    """What is looked at of a kubeconfig file; users, and so credentials, are not."""

    contexts: list[_NamedContext] | None = None
    clusters: list[_NamedCluster] | None = None


def _cluster_of(place: ClusterPlace) -> _Cluster | None:
    """What the kubeconfig says of the cluster that a context leads to."""
    contexts: dict[str, str] = {}
    clusters: dict[str, _Cluster] = {}
    for path in _files().split(os.pathsep):
        file = _read(place, Path(path).expanduser()) if path else _File()
        # The first file that names something wins: Kubernetes, "Organizing Cluster Access Using kubeconfig Files".
        contexts = {each.name: each.context.cluster for each in file.contexts or ()} | contexts
        clusters = {each.name: each.cluster for each in file.clusters or ()} | clusters
    if place.context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise StrongroomError(
            f"cluster {place.cluster}: {_files()} has no context '{place.context}' (there are: {known}); add it with "
            "your platform's tool, or correct `context` in the environment file"
        )
    return clusters.get(contexts[place.context])


def _read(place: ClusterPlace, path: Path) -> _File:
    try:
        return _File.model_validate(yaml.safe_load(path.read_text("utf-8")) or {})
    except FileNotFoundError:
        return _File()  # as kubectl does
    except OSError as error:
        raise StrongroomError(f"cluster {place.cluster}: {path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError):
        # What is wrong with it is not shown: it may hold credentials.
        raise StrongroomError(
            f"cluster {place.cluster}: {path} is no kubeconfig; `kubectl config view --kubeconfig {path}` says what is "
            "wrong with it"
        ) from None
