"""The configuration of the provider `kubernetes`, as far as a stand-in honours it."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi_kubernetes
import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import ConfigException
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, ConfigNode, KubeConfigLoader, KubeConfigMerger
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import configuration_failures
from ..frame.errors import StandInError, redact
from ..frame.file_store import FileStore
from ..frame.inputs import inputs_of
from ..frame.loopback import require_loopback
from ..frame.provider import Connector
from ..frame.values import Properties
from .cluster import Cluster, Settings

_HONOURED: Final = frozenset(
    {
        "cluster", "context", "deleteUnreachable", "enableConfigMapMutable", "enablePatchForce", "enableSecretMutable",
        "enableServerSideApply", "kubeconfig", "namespace", "skipUpdateUnreachable", "upsertExistingObjects",
    }
)  # fmt: skip
_HARMLESS: Final = frozenset(
    {
        "clusterIdentifier",
        "helmReleaseSettings",
        "kubeClientSettings",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
    }
)
"""About warnings, rates, and Helm, which does not run here."""
_CONNECTIONS: Final = 32
"""As many as the process has threads for requests."""
_CREDENTIALS: Final = ("token", "password", "client-key-data")
_PROGRAMS: Final = ("exec", "auth-provider")


class KubernetesConnector(Connector[Cluster]):
    """Connects as the kubeconfig says, the caller's own (KUBECONFIG) unless the configuration has one."""

    package = "kubernetes"

    def __init__(self, releases: Path) -> None:
        self._releases = FileStore(releases)
        self._secrets: set[str] = set()

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield a failure for all that is unknown, wrongly typed, or that only the official provider honours."""
        asked = {name: _parsed(name, value) for name, value in configuration.items()}
        every = inputs_of(pulumi_kubernetes.ProviderArgs)
        for name in sorted(asked.keys() & every.keys() - _HONOURED - _HARMLESS):
            yield CheckFailure(name, f"the stand-in does not honour {name!r}: remove it, or use the official provider")
        yield from configuration_failures(asked, pulumi_kubernetes.ProviderArgs, _HONOURED, self.package)
        if asked.get("enableServerSideApply") is False:
            yield CheckFailure(
                "enableServerSideApply", "the stand-in applies on the server only: remove enableServerSideApply: false"
            )

    def connect(self, configuration: Properties) -> Cluster:
        """Return a connection; nothing is asked yet, as a preview needs no cluster that answers."""
        asked = {name: _parsed(name, value) for name, value in configuration.items()}
        merged, source = _kubeconfig(asked.get("kubeconfig"))
        context = str(asked.get("context") or merged.value.get("current-context") or "")
        entry = _entry(merged, "context", context, source)
        if asked.get("cluster"):
            entry["cluster"] = asked["cluster"]
        _refuse_others(_entry(merged, "cluster", str(entry.get("cluster")), source))
        user = _entry(merged, "user", str(entry.get("user")), source)
        self._secrets |= {str(user[name]) for name in _CREDENTIALS if user.get(name)}
        if program := next((name for name in _PROGRAMS if name in user), None):
            raise StandInError(
                f"the user of context {context!r} in {source} has credentials by {program!r}, and the stand-in runs no "
                "programs: use a client certificate or a token"
            )
        settings = Settings(
            namespace=str(asked.get("namespace") or entry.get("namespace") or "default"),
            mutable_secrets=bool(asked.get("enableSecretMutable")),
            mutable_config_maps=bool(asked.get("enableConfigMapMutable")),
            force=bool(asked.get("enablePatchForce")),
            upsert=bool(asked.get("upsertExistingObjects")),
            delete_unreachable=bool(asked.get("deleteUnreachable")),
            skip_update_unreachable=bool(asked.get("skipUpdateUnreachable")),
        )
        try:
            return Cluster(_client(merged, context), settings, self._releases)
        except (ConfigException, OSError, ValueError) as error:
            told = redact(str(error), self._secrets)
            raise StandInError(f"context {context!r} in {source} cannot be used: {told}") from None

    def secrets(self) -> Iterable[str]:
        """Return the credentials that kubeconfigs held themselves."""
        return tuple(self._secrets)


def _client(merged: ConfigNode, context: str) -> ApiClient:
    configuration = Configuration()
    KubeConfigLoader(config_dict=merged, active_context=context).load_and_set(configuration)
    configuration.proxy = None  # whatever the environment says: it is on this machine
    configuration.connection_pool_maxsize = _CONNECTIONS
    configuration.retries = False
    return ApiClient(configuration)


def _kubeconfig(given: Any) -> tuple[ConfigNode, str]:
    """A kubeconfig as it was given, contents or path, or the caller's own; and what errors call it."""
    text = str(given or "")
    try:
        if "\n" in text or text.lstrip().startswith("{"):
            return ConfigNode("kubeconfig", yaml.safe_load(text)), "the kubeconfig of the provider"
        files = text or os.environ.get("KUBECONFIG") or KUBE_CONFIG_DEFAULT_LOCATION
        merged = KubeConfigMerger(files).config
    except yaml.YAMLError:  # its text holds lines of the file
        raise StandInError("the provider's kubeconfig is no YAML: correct it") from None
    except (ConfigException, OSError) as error:
        raise StandInError(f"the kubeconfig cannot be read: {error}; correct KUBECONFIG") from None
    if merged is None:
        raise StandInError(f"there is no kubeconfig at {files}: set KUBECONFIG, or `kubeconfig` of the provider")
    return merged, files


def _entry(merged: ConfigNode, kind: str, name: str, source: str) -> dict[str, Any]:
    entries = [entry for entry in merged.value.get(f"{kind}s") or () if entry["name"] == name]
    if not entries:
        known = ", ".join(sorted(entry["name"] for entry in merged.value.get(f"{kind}s") or ())) or "none"
        raise StandInError(f"{source} has no {kind} {name!r} (there are: {known}): correct it")
    found = entries[0][kind]
    entry: dict[str, Any] = found.value if isinstance(found, ConfigNode) else found
    return entry


def _refuse_others(cluster: Mapping[str, Any]) -> None:
    require_loopback(str(cluster.get("server")))
    if cluster.get("proxy-url"):
        raise StandInError("the cluster has a proxy-url, and the stand-in talks to this machine only: remove it")


def _parsed(name: str, value: Any) -> Any:
    """The SDK hands everything of a configuration that is no string on as JSON text."""
    if isinstance(value, str) and name not in ("kubeconfig", "context", "cluster", "namespace"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
