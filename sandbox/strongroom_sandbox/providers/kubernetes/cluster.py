"""One API server, as one provider of a program sees it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from kubernetes.client import ApiClient
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient, Resource
from urllib3.exceptions import HTTPError

from ..frame.errors import StandInError
from ..frame.file_store import FileStore
from ..frame.values import Properties
from .kinds import Kind

_TIMEOUTS: Final = (5, 60)
"""Seconds: to connect, to answer."""
_NOT_FOUND: Final = 404


class ClusterError(StandInError):
    """What the API server refused. `reason` is its own word: `AlreadyExists`, `Conflict`, `Forbidden`, `Invalid`."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class UnreachableError(StandInError):
    """The API server does not answer."""


class NoSuchKindError(StandInError):
    """The API server has no such kind; a CustomResourceDefinition may be missing."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(
            f"the API server has no kind {kind.name!r} in {kind.api_version!r}: create its CustomResourceDefinition "
            "first (`depends_on`), or correct the type"
        )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the provider's configuration says about objects."""

    namespace: str = "default"
    """Of objects that name none."""
    mutable_secrets: bool = False
    mutable_config_maps: bool = False
    force: bool = False
    upsert: bool = False
    """Whether creating an object that exists changes it, where it is an error otherwise."""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False


class Cluster:
    """Speaks to one API server. Nothing is asked before the first operation."""

    def __init__(self, client: ApiClient, settings: Settings, releases: FileStore) -> None:
        self.settings = settings
        self.releases = releases
        self._dynamic = DynamicClient(client, discoverer=lambda _client, _file: None)
        self._found: dict[str, Mapping[str, Resource]] = {}
        self._lock = Lock()

    def resource(self, kind: Kind) -> Resource:
        """Where objects of a kind are.

        Raises:
            NoSuchKindError: the API server has no such kind.
        """
        if kind.name not in self._found.get(kind.api_version, {}):
            with self._lock:  # what was missing may be there by now: a definition was created meanwhile
                self._found[kind.api_version] = self._discovered(kind)
        try:
            return self._found[kind.api_version][kind.name]
        except KeyError:
            raise NoSuchKindError(kind) from None

    def namespaced(self, kind: Kind) -> bool:
        """Whether objects of a kind are in namespaces; one that is not known (yet) is taken for such."""
        try:
            return bool(self.resource(kind).namespaced)
        except (NoSuchKindError, UnreachableError):
            return True

    def get(self, kind: Kind, namespace: str, name: str) -> Properties | None:
        """Read an object, None if there is none."""
        path = self.resource(kind).path(name=name, namespace=namespace or None)
        try:
            return self._ask("get", path)
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def create(self, kind: Kind, body: Properties, manager: str, *, dry_run: bool = False) -> Properties:
        """Create an object; one that exists is an error."""
        path = self.resource(kind).path(namespace=_namespace(body))
        return self._ask("post", path, body, _strictly(manager, dry_run))

    def apply(
        self, kind: Kind, body: Properties, manager: str, *, force: bool = False, dry_run: bool = False
    ) -> Properties:
        """Apply fields of an object, which is created if there is none."""
        query = [*_strictly(manager, dry_run), ("force", str(force).lower())]
        return self._ask("patch", self._path(kind, body), body, query, "application/apply-patch+yaml")

    def replace(self, kind: Kind, body: Properties, manager: str, *, dry_run: bool = False) -> Properties:
        """Put an object in place of the one whose resource version the body has."""
        return self._ask("put", self._path(kind, body), body, _strictly(manager, dry_run))

    def set_managed_fields(self, kind: Kind, live: Properties, entries: list[Properties]) -> Properties:
        """Write who owns which field, unless the object has changed since it was read."""
        version = live["metadata"]["resourceVersion"]
        patch = [
            {"op": "replace", "path": "/metadata/managedFields", "value": entries},
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
        ]
        return self._ask("patch", self._path(kind, live), patch, (), "application/json-patch+json")

    def delete(self, kind: Kind, namespace: str, name: str, policy: str) -> None:
        """Ask for an object's deletion; what depends on it is dealt with by `policy` (`Foreground`, …)."""
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy}
        self._ask("delete", self.resource(kind).path(name=name, namespace=namespace or None), options)

    def _path(self, kind: Kind, body: Properties) -> str:
        return str(self.resource(kind).path(name=body["metadata"]["name"], namespace=_namespace(body)))

    def _discovered(self, kind: Kind) -> Mapping[str, Resource]:
        prefix = "apis" if kind.group else "api"
        try:
            found = self._ask("get", f"/{prefix}/{kind.api_version}")
        except ClusterError as error:
            if error.status != _NOT_FOUND:
                raise
            return {}
        return {
            entry["kind"]: Resource(
                prefix=prefix, group=kind.group, api_version=kind.version, kind=entry["kind"], name=entry["name"],
                namespaced=entry["namespaced"], verbs=entry["verbs"], client=self._dynamic,
            )
            for entry in found["resources"]
            if "/" not in entry["name"]  # a part of another one, such as its status
        }  # fmt: skip

    def _ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Any = (),
        content_type: str = "application/json",
    ) -> Properties:
        answer: Callable[..., Properties] = self._dynamic.request
        try:
            return answer(
                method, path, body=body, query_params=list(query), content_type=content_type,
                serializer=lambda _client, document: document, _request_timeout=_TIMEOUTS,
            )  # fmt: skip
        except ApiException as error:
            raise _refusal(error) from None  # its own text has the whole answer
        except (HTTPError, OSError) as error:
            raise UnreachableError(f"the Kubernetes API server does not answer: {type(error).__name__}") from None


def _namespace(body: Properties) -> str | None:
    return body["metadata"].get("namespace") or None


def _strictly(manager: str, dry_run: bool) -> list[tuple[str, str]]:
    return [("fieldManager", manager), ("fieldValidation", "Strict"), *([("dryRun", "All")] if dry_run else [])]


def _refusal(error: ApiException) -> ClusterError:
    code = int(error.status or 0)
    try:
        status = json.loads(error.body)
        return ClusterError(code, str(status["reason"]), str(status["message"]))
    except (TypeError, ValueError, KeyError):  # no answer of the API: nothing is served at the address (any more)
        return ClusterError(code, "NotFound" if code == _NOT_FOUND else str(error.reason), f"{code} {error.reason}")
