"""Objects are made, changed and removed on the server, by the official provider's rules. Documents are the API's."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..frame.errors import StandInError
from ..frame.values import Properties
from . import objects, ownership, waiting
from .cluster import Cluster, ClusterError, NoSuchKindError
from .kinds import Kind

_PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Between attempts, when a namespace or a definition that the same program makes is not there yet."""
_GUIDE: Final = "Managing Resources with Server-Side Apply"
"""Pulumi's page about conflicts and what to do about them."""
_IMMUTABLE: Final = "field is immutable"
_UNPROCESSABLE: Final = 422


class UnreadyError(StandInError):
    """The server has made or changed an object, and what was waited for has not come."""

    def __init__(self, error: StandInError, live: Properties) -> None:
        super().__init__(str(error))
        self.live = live


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a program wants of an object."""

    kind: Kind
    inputs: Properties
    manager: str
    """The field manager of the resource."""
    timeout: float = 0
    """Seconds, of `customTimeouts`; 0 if it has none."""
    preview: bool = False
    """Whether it is a dry run."""


def create(server: Cluster, change: Change) -> Properties:
    """Make the object; answer with it as it then is.

    Raises:
        ClusterError: the server refused it.
        NoSuchKindError: the server has no such kind.
        UnreadyError: it is there, and not ready in time.
    """
    condition = waiting.ready_condition(change.kind, change.inputs)
    live = _when_possible(lambda: _made(server, change), change.preview)
    return live if change.preview else _ready(server, change, live, condition)


def update(server: Cluster, change: Change, ignore: Sequence[str], former: str) -> Properties:
    """Change the object; answer with it as it then is.

    Args:
        ignore: Paths of `ignoreChanges`.
        former: The field manager that the resource had before; it gives up its fields if it is another.

    Raises:
        ClusterError: the server refused it, or there is no such object.
        UnreadyError: it is changed, and not ready in time.
    """
    kind, condition = change.kind, waiting.ready_condition(change.kind, change.inputs)
    before = server.get(kind, objects.namespace_of(change.inputs), str(objects.name_of(change.inputs)))
    if before is None:
        gone = f"{kind.name} {objects.identity_of(change.inputs)!r} is not there any more: run `pulumi refresh`"
        raise ClusterError(404, "NotFound", gone)
    live = _changed(server, change, before, ignore)
    if change.preview:
        return live
    live = _ready(server, change, live, condition)
    if former != change.manager:
        _relinquish(server, kind, objects.identity_of(live), former)
        live = server.get(kind, objects.namespace_of(live), objects.name_of(live)) or live
    return live


def delete(server: Cluster, change: Change, identity: str) -> None:
    """Remove the object, and wait until it is gone; a Patch resource gives up its fields instead.

    Raises:
        ClusterError: the server refused that.
        TimedOutError: it is still there, held by a finalizer for instance.
    """
    kind = change.kind
    try:
        if kind.patch:
            _relinquish(server, kind, identity, change.manager)
            return
        server.delete(kind, *objects.parsed_identity(identity), waiting.deletion_policy(change.inputs))
    except NoSuchKindError:  # its definition is gone, and with it every object
        return
    except ClusterError as error:
        if error.reason == "NotFound":
            return
        if kind.patch and error.status == _UNPROCESSABLE:
            raise ClusterError(
                error.status, error.reason,
                "this Patch resource is currently managing a required field, so it can't be deleted directly. Either "
                f"set the `retainOnDelete` resource option, or transfer ownership of the field first: {error}",
            ) from None  # fmt: skip
        raise
    if not waiting.skips_deletion(kind, change.inputs):
        waiting.until_gone(server, kind, identity, waiting.seconds(change.timeout, change.inputs))


def _made(server: Cluster, change: Change) -> Properties:
    body = _within(server, change.kind, change.inputs)
    if not change.kind.patch and not server.settings.upsert:
        return server.create(change.kind, body, ownership.CREATOR, dry_run=change.preview)
    force = ownership.forced(body, always=server.settings.force, live=None, preview=change.preview)
    try:
        return _applied(server, change, body, force)
    except ClusterError as error:
        if not (change.preview and error.status == _UNPROCESSABLE and _IMMUTABLE in str(error)):
            raise
        # What is there will be deleted first, of which a dry run knows nothing.
        return _applied(server, change, objects.with_metadata(body, name=f"{objects.name_of(body)}-preview"), force)


def _changed(server: Cluster, change: Change, before: Properties, ignore: Sequence[str]) -> Properties:
    kind, body = change.kind, _within(server, change.kind, change.inputs)
    if objects.is_definition(body):
        # Put in place of the old one, as an apply would keep versions and columns that are no longer wanted.
        body = objects.with_metadata(body, resourceVersion=before["metadata"]["resourceVersion"])
        return server.replace(kind, body, change.manager, dry_run=change.preview)
    if not kind.patch and not change.preview and (entries := ownership.taken_over(before, change.manager)):
        before = server.set_managed_fields(kind, before, entries)
    body = ownership.without_ignored(body, before, change.manager, ignore)
    force = ownership.forced(body, always=server.settings.force, live=before, preview=change.preview)
    return _applied(server, change, body, force)


def _applied(server: Cluster, change: Change, body: Properties, force: bool) -> Properties:
    try:
        return server.apply(change.kind, body, change.manager, force=force, dry_run=change.preview)
    except ClusterError as error:
        if error.reason != "Conflict":
            raise
        raise ClusterError(
            error.status, error.reason,
            f'Server-Side Apply field conflict detected. See "{_GUIDE}" for troubleshooting help.\n'
            f"The resource managed by field manager {change.manager!r} had an apply conflict: {error}",
        ) from None  # fmt: skip


def _ready(server: Cluster, change: Change, live: Properties, condition: waiting.Condition | None) -> Properties:
    if condition is None or condition(live):
        return live
    try:
        limit = waiting.seconds(change.timeout, change.inputs)
        return waiting.until_ready(server, change.kind, live, condition, limit)
    except StandInError as error:
        raise UnreadyError(error, live) from error


def _relinquish(server: Cluster, kind: Kind, identity: str, manager: str) -> None:
    """Apply nothing, which gives up every field; an object that is gone is not made again."""
    namespace, name = objects.parsed_identity(identity)
    live = server.get(kind, namespace, name)
    owned = objects.metadata(live or {}).get("managedFields") or ()
    if not any((entry.get("manager"), entry.get("operation")) == (manager, "Apply") for entry in owned):
        return
    place = {"name": name, **({"namespace": namespace} if namespace else {})}
    server.apply(kind, {"apiVersion": kind.api_version, "kind": kind.name, "metadata": place}, manager)


def _within(server: Cluster, kind: Kind, inputs: Properties) -> Properties:
    """The inputs, without a namespace if the kind turns out to be in none."""
    return inputs if server.resource(kind).namespaced else objects.without_namespace(inputs)


def _when_possible(attempt: Callable[[], Properties], preview: bool) -> Properties:
    for pause in () if preview else _PAUSES_SECONDS:
        try:
            return attempt()
        except NoSuchKindError:
            time.sleep(pause)
        except ClusterError as error:
            if error.reason != "NotFound":
                raise
            time.sleep(pause)
    return attempt()
