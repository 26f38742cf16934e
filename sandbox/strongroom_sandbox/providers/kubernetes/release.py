"""`kubernetes:helm.sh/v3:Release`: a record in a file, which says what was asked for. No chart is downloaded or
installed, as no Helm runs here; its status says so in Helm's own word, `unknown`."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pulumi_kubernetes.helm import v3 as helm

from ..frame.errors import StandInError
from ..frame.row import Row, Written, words
from ..frame.values import Properties, filled_in
from .cluster import Cluster

_NOTICE: Final = "this is no release of Helm, but a stand-in's record of what was asked for"
_HELD: Final = words("values manifest")
"""What may hold secrets: the record has a digest of it."""


class ReleaseRow(Row[Cluster]):
    """A release."""

    def completed(self, inputs: Properties, server: Cluster | None) -> Properties:
        """Add the provider's namespace."""
        if "namespace" not in inputs and server is not None:
            return filled_in(inputs, namespace=server.settings.namespace)
        return inputs

    def create(self, server: Cluster, inputs: Properties) -> Written:
        """Keep it, unless there is one of the name."""
        identity = f"{inputs['namespace']}/{inputs['name']}"
        with server.releases.changing() as kept:
            if identity in kept and not inputs.get("replace"):
                raise StandInError(f"Helm release {identity!r}: cannot re-use a name that is still in use: import it")
            kept[identity] = _record(inputs)
        return Written(identity)

    def read(self, server: Cluster, identity: str, known: Properties) -> Properties | None:
        """Return what is kept; what it has only a digest of is what was known before, if that still fits."""
        record = server.releases.read(identity)
        if record is None:
            return None
        digests: Mapping[str, str] = record["digests"]
        held = {name: known.get(name) if _digest(known.get(name)) == digests.get(name) else None for name in _HELD}
        namespace, _, name = identity.partition("/")
        told = {**record["inputs"], **held, "name": name, "namespace": namespace}
        status = {
            "appVersion": "", "chart": told.get("chart"), "name": name, "namespace": namespace,
            "revision": record["revision"], "status": "unknown", "version": told.get("version") or "",
        }  # fmt: skip
        return {**{output: told.get(output) for output in self.outputs | self.inputs.keys()}, "status": status}

    def update(self, server: Cluster, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Keep it anew."""
        with server.releases.changing() as kept:
            if identity not in kept:
                raise StandInError(f"Helm release {identity!r} is not there any more: run `pulumi refresh`")
            kept[identity] = _record(inputs, int(kept[identity]["revision"]) + 1)

    def delete(self, server: Cluster, identity: str, state: Properties) -> None:  # noqa: ARG002  the id says it all
        """Forget it."""
        with server.releases.changing() as kept:
            kept.pop(identity, None)


def _record(inputs: Properties, revision: int = 1) -> dict[str, Any]:
    return {
        "notice": _NOTICE,
        "revision": revision,
        "inputs": {name: inputs[name] for name in sorted(inputs) if name not in _HELD and not name.startswith("__")},
        "digests": {name: _digest(inputs[name]) for name in sorted(_HELD & inputs.keys())},
    }


def _digest(value: Any) -> str | None:
    return None if value is None else hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


RELEASE: Final = ReleaseRow(
    resource=helm.Release,
    autonamed=True,
    replaces=words("name namespace"),
    # What the official provider computes from the chart, or leaves at the flag's default.
    computed=words("checksum resourceNames valueYamlFiles status"),
)
