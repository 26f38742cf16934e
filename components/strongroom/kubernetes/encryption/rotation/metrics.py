"""What an API server says of itself at `/metrics`, as far as its encryption goes.

Kubernetes, "Kubernetes Metrics Reference": the hash of the loaded file is there since version 1.34.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_CONTROLLER: Final = "apiserver_encryption_config_controller"
_INFO: Final = f"{_CONTROLLER}_last_config_info"
_RELOADED: Final = f"{_CONTROLLER}_automatic_reload_last_timestamp_seconds"
_RELOADS: Final = f"{_CONTROLLER}_automatic_reloads_total"
_STARTED: Final = "process_start_time_seconds"
_TRANSFORMED: Final = "apiserver_storage_transformation_operations_total"
_SAMPLE: Final = re.compile(r"(?P<name>[a-z_]+)(\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one API server says."""

    identity: str
    """The hash of its name among the leases of API servers; empty if it says none."""
    loaded: str
    """The hash of the file that it encrypts by; empty if it has none, or does not say."""
    since_seconds: float
    """When it loaded that at the latest, by its own clock, in seconds since 1970."""
    started_seconds: float
    """When it was started. What it counts begins then."""
    failures: int
    """How often it could not load a file since it was started."""
    read: Mapping[tuple[str, str], int]
    """How many values it has read of each resource, by the prefix of each transformer."""


def told(lines: Iterable[str]) -> Told:
    """What the text says; lines of other metrics are passed over as they come."""
    identity, hashes, reloaded, started, failures = "", set[str](), 0.0, 0.0, 0
    read: Counter[tuple[str, str]] = Counter()
    for name, labels, value in _samples(lines):
        if name == _INFO and value:
            identity = labels["apiserver_id_hash"]
            hashes.add(labels["hash"])
        elif name == _RELOADED and labels["status"] == "success":
            reloaded = value
        elif name == _RELOADS and labels["status"] == "failure":
            failures = int(value)
        elif name == _STARTED:
            started = value
        elif name == _TRANSFORMED and (labels["transformation_type"], labels["status"]) == ("from_storage", "OK"):
            read[labels["resource"], labels["transformer_prefix"]] += int(value)
    return Told(
        identity=identity,
        loaded=hashes.pop() if len(hashes) == 1 else "",
        since_seconds=max(reloaded, started),
        started_seconds=started,
        failures=failures,
        read=read,
    )


def _samples(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, str], float]]:
    wanted = (_INFO, _RELOADED, _RELOADS, _STARTED, _TRANSFORMED)
    for line in lines:
        if line.startswith(wanted) and (found := _SAMPLE.match(line)):
            yield found["name"], dict(_LABEL.findall(found["labels"] or "")), float(found["value"])
