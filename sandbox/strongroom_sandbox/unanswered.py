"""Creations that the engine gave up because their provider was killed: it takes them for failed, and forgets them.

The thing may be on the server all the same, and then cannot be made a second time. What the engine forgets, its event
log still has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_NO_ANSWER: Final = re.compile(r"error reading from server|connection error|transport is closing|Cancelling all calls")
"""gRPC's words for a provider that went away or was stopped; one that answers has words of its own."""


def with_unanswered(checkpoint: Mapping[str, Any], events: Iterable[str]) -> dict[str, Any]:
    """The checkpoint with a pending operation more for each creation of the last run that nobody answered.

    Args:
        checkpoint: What `pulumi stack export` prints.
        events: The lines of that run's event log; the last may be cut short.
    """
    deployment = dict(checkpoint.get("deployment") or {})
    known = {resource["urn"] for resource in deployment.get("resources") or []}
    pending = list(deployment.get("pending_operations") or [])
    known |= {operation["resource"]["urn"] for operation in pending}
    failed, unanswered = _failed(events)
    for urn in sorted(unanswered & failed.keys() - known):
        pending.append({"type": "creating", "resource": failed[urn]})
    return {**checkpoint, "deployment": {**deployment, "pending_operations": pending}}


def _failed(events: Iterable[str]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """The creations that failed, as the checkpoint would have them, and whatever was not answered, by URN."""
    failed: dict[str, dict[str, Any]] = {}
    unanswered: set[str] = set()
    for line in events:
        if '"resOpFailedEvent"' not in line and '"severity":"error"' not in line:
            continue
        try:
            event = json.loads(line)
        except ValueError:
            continue  # pulumi was killed while it wrote this
        operation = (event.get("resOpFailedEvent") or {}).get("metadata") or {}
        if operation.get("op") == "create":
            failed[operation["urn"]] = operation["new"]
        said = event.get("diagnosticEvent") or {}
        if "urn" in said and _NO_ANSWER.search(said.get("message", "")):
            unanswered.add(said["urn"])
    return failed, unanswered
