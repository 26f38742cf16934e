"""What a killed Pulumi leaves behind, read from its state: stale locks and interrupted creations. No Pulumi here."""

from __future__ import annotations

import copy
import datetime
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

#: Resource types whose creation fails if the thing already exists on the server, and the inputs that make up
#: their id (recorded from the official provider: the id is the path, by default the type). All other types
#: are written with an idempotent request, so that they can simply be created again.
_ID_INPUTS: Mapping[str, tuple[str, ...]] = {
    "vault:index/mount:Mount": ("path",),
    "vault:index/authBackend:AuthBackend": ("path", "type"),
    "vault:jwt/authBackend:AuthBackend": ("path", "type"),
    "vault:index/audit:Audit": ("path", "type"),
}


class PendingCreate(NamedTuple):
    """A creation that was asked for but whose end Pulumi did not see."""

    urn: str
    type: str
    #: The id that the resource has if it was created; None if creating it again does no harm, or if it was to
    #: replace a resource that is still there (then the next `up` asks for the replacement again).
    id: str | None


def pending_creates(checkpoint: Mapping[str, Any]) -> list[PendingCreate]:
    """The interrupted creations in what `pulumi stack export` prints."""
    present = {resource["urn"] for resource in checkpoint.get("deployment", {}).get("resources") or []}
    return [
        PendingCreate(resource["urn"], resource["type"], None if resource["urn"] in present else _id(resource))
        for kind, resource in _operations(checkpoint)
        if kind == "creating"
    ]


def adopt(checkpoint: Mapping[str, Any], creates: Sequence[PendingCreate]) -> dict[str, Any]:
    """A copy of the checkpoint in which `creates` (with ids) are resources of the stack instead of interrupted ones.

    To be followed by a refresh, which reads them from their servers and drops those that were not made after all.
    """
    adopted = {create.urn: create.id for create in creates}
    result = copy.deepcopy(dict(checkpoint))
    deployment = result["deployment"]
    kept = []
    for operation in deployment["pending_operations"]:
        resource = operation["resource"]
        if operation["type"] == "creating" and resource["urn"] in adopted:
            inputs = copy.deepcopy(resource.get("inputs") or {})
            # Behind everything that it can depend on.
            deployment.setdefault("resources", []).append(
                resource | {"id": adopted[resource["urn"]], "outputs": inputs}
            )
        else:
            kept.append(operation)
    deployment["pending_operations"] = kept
    return result


def pending_others(checkpoint: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The other interrupted operations: URN and what was under way (`updating`, `deleting`, `reading`)."""
    return [(resource["urn"], kind) for kind, resource in _operations(checkpoint) if kind != "creating"]


def _operations(checkpoint: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found = checkpoint.get("deployment", {}).get("pending_operations") or []
    return [(operation["type"], operation["resource"]) for operation in found]


def _id(resource: Mapping[str, Any]) -> str | None:
    inputs = resource.get("inputs") or {}
    for name in _ID_INPUTS.get(resource["type"], ()):
        value = inputs.get(name)
        if isinstance(value, str) and value:
            return value.strip("/")
    return None


@dataclass(frozen=True)
class Lock:
    """One lock file of Pulumi's file backend."""

    path: Path
    pid: int
    host: str
    created: datetime.datetime

    @classmethod
    def read(cls, path: Path) -> Lock:
        """Read a lock file. Raises ValueError if it is not one."""
        try:
            content = json.loads(path.read_text())
            created = datetime.datetime.fromisoformat(content["timestamp"])
            return cls(path, int(content["pid"]), str(content["hostname"]), created)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not a Pulumi lock: {error}") from error

    def is_stale(self) -> bool:
        """True if its holder ran on this host and is dead. A lock of another host counts as live: nobody can know."""
        if self.host != socket.gethostname():
            return False
        try:
            started: float = psutil.Process(self.pid).create_time()
        except psutil.NoSuchProcess:
            return True
        # Another process may have got the number since; it then started after the lock was written.
        return started > self.created.timestamp() + 1

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.created:%Y-%m-%d %H:%M:%S} ({self.path})"


def locks(backend: Path, project: str, stack: str) -> list[Lock]:
    """The locks on a stack in the file backend at the folder `backend`."""
    folder = backend / ".pulumi" / "locks" / "organization" / project / stack
    return [Lock.read(path) for path in sorted(folder.glob("*.json"))]
