"""What a deployment waits for: that an object is as its annotation says, that a controller has filled it, that it is
gone."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.values import Properties
from . import objects
from .cluster import Cluster, NoSuchKindError
from .kinds import Kind

Condition = Callable[[Properties], bool]

DEFAULT_SECONDS: Final = 600
_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 1.0
_ON_NODES: Final = frozenset(
    {
        ("", "Pod"), ("", "ReplicationController"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim"),
        ("apps", "DaemonSet"), ("apps", "Deployment"), ("apps", "StatefulSet"), ("batch", "Job"),
        ("networking.k8s.io", "Ingress"),
    }
)  # fmt: skip
"""Kinds that the official provider waits for until nodes, a volume's driver or an ingress controller have acted."""
_SKIPPED_WHEN_DELETED: Final = frozenset(
    {
        ("", "Namespace"), ("", "Pod"), ("", "ReplicationController"), ("apps", "DaemonSet"), ("apps", "Deployment"),
        ("apps", "StatefulSet"), ("batch", "Job"),
    }
)  # fmt: skip
"""Kinds whose deletion `pulumi.com/skipAwait` lets pass too; that of others is always waited for."""
_POLICIES: Final = {"orphan": "Orphan", "background": "Background"}
_JSON_PATH: Final = re.compile(r"jsonpath=\{((?:\.[A-Za-z0-9_-]+|\[[0-9]+\])+)\}(?:=(.*))?", re.DOTALL)


class TimedOutError(StandInError):
    """What was waited for has not come."""


def impossible(kind: Kind, inputs: Properties) -> str | None:
    """Why nothing can be waited for, if the official provider would wait; None if it can."""
    waited = (kind.group, kind.name) in _ON_NODES or ((kind.group, kind.name) == ("", "Service") and _endpoints(inputs))
    chosen = objects.is_true(inputs, objects.SKIP_AWAIT) or objects.annotation(inputs, objects.WAIT_FOR)
    if not waited or chosen or kind.patch:
        return None
    return (
        f"the official provider waits until a {kind.name} is ready, which never happens in the sandbox, as it has no "
        f'nodes: annotate the object with `{objects.SKIP_AWAIT}: "true"`'
    )


def ready_condition(kind: Kind, inputs: Properties) -> Condition | None:
    """What is waited for after an object was made or changed; None: nothing.

    Raises:
        StandInError: the annotation cannot be understood.
    """
    if objects.is_true(inputs, objects.SKIP_AWAIT):
        return None
    if text := objects.annotation(inputs, objects.WAIT_FOR):
        conditions = [_condition(expression) for expression in _expressions(text)]
        return lambda live: all(condition(live) for condition in conditions)
    if (kind.group, kind.name) == ("", "Secret") and inputs.get("type") == "kubernetes.io/service-account-token":
        return lambda live: bool(live.get("data"))
    if (kind.group, kind.name) == ("", "ResourceQuota"):
        return lambda live: live.get("spec", {}).get("hard") == live.get("status", {}).get("hard")
    return None


def seconds(timeout: float, inputs: Properties) -> float:
    """How long is waited: by `customTimeouts`, by the annotation, or ten minutes."""
    annotated = objects.annotation(inputs, objects.TIMEOUT_SECONDS)
    return timeout or (float(annotated) if annotated.isdecimal() else 0) or DEFAULT_SECONDS


def deletion_policy(inputs: Properties) -> str:
    """What happens to objects that the deleted one owns: by its annotation, or they are deleted first."""
    return _POLICIES.get(objects.annotation(inputs, objects.DELETION_POLICY).lower(), "Foreground")


def skips_deletion(kind: Kind, inputs: Properties) -> bool:
    """Whether an object's end is not waited for."""
    return objects.is_true(inputs, objects.SKIP_AWAIT) and (kind.group, kind.name) in _SKIPPED_WHEN_DELETED


def until_ready(server: Cluster, kind: Kind, live: Properties, condition: Condition, limit: float) -> Properties:
    """Return the object once the condition holds.

    Raises:
        TimedOutError: it did not within `limit` seconds.
    """
    namespace, name = objects.namespace_of(live), objects.name_of(live)
    for _ in _attempts(limit):
        found = server.get(kind, namespace, name)
        if found is not None and condition(found):
            return found
    raise TimedOutError(
        f"timed out after {limit:g} s of waiting for {kind.name} {objects.identity_of(live)!r} to be ready"
    )


def until_gone(server: Cluster, kind: Kind, identity: str, limit: float) -> None:
    """Return once there is no such object, or an object of the same name that was made after it.

    Raises:
        TimedOutError: it was still there after `limit` seconds.
    """
    found: Properties | None = None
    for _ in _attempts(limit):
        try:
            found = server.get(kind, *objects.parsed_identity(identity))
        except NoSuchKindError:  # its definition is gone, and with it every object
            return
        if found is None or not objects.metadata(found).get("deletionTimestamp"):
            return
    held = ", ".join(objects.metadata(found or {}).get("finalizers") or [])
    by = f"; finalizers might be preventing deletion ({held})" if held else ""
    raise TimedOutError(f"timed out after {limit:g} s of waiting for deletion of {kind.name} {identity!r}{by}")


def _attempts(limit: float) -> Any:
    pause, end = _FIRST_PAUSE_SECONDS, time.monotonic() + limit
    while True:
        yield
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _endpoints(inputs: Properties) -> bool:
    spec = inputs.get("spec")
    return not isinstance(spec, Mapping) or (spec.get("type") != "ExternalName" and bool(spec.get("selector")))


def _expressions(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
        raise StandInError(f"{objects.WAIT_FOR} must be an expression, or a JSON list of at least one: correct it")
    return found


def _condition(expression: str) -> Condition:
    if expression.startswith("condition="):
        kind, _, status = expression.removeprefix("condition=").partition("=")
        wanted = (kind.lower(), (status or "True").lower())
        return lambda live: any(
            (str(found.get("type")).lower(), str(found.get("status")).lower()) == wanted
            for found in live.get("status", {}).get("conditions") or ()
        )
    if match := _JSON_PATH.fullmatch(expression):
        steps = re.findall(r"\.([A-Za-z0-9_-]+)|\[([0-9]+)\]", match[1])
        return lambda live: _reached(live, steps, match[2])
    raise StandInError(
        f"{objects.WAIT_FOR}: {expression!r} is not understood: write `condition=TYPE`, `condition=TYPE=STATUS`, or "
        "`jsonpath={.path.of[0].fields}=VALUE` (the stand-in knows no other JSONPath)"
    )


def _reached(live: Any, steps: list[tuple[str, str]], value: str | None) -> bool:
    for name, index in steps:
        if name:
            live = live.get(name) if isinstance(live, dict) else None
        else:
            live = live[int(index)] if isinstance(live, list) and int(index) < len(live) else None
    return live is not None if value is None else str(live) == value
