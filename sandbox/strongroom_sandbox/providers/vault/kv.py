"""KV version 2: the engine's settings, and secrets (for values that may pass through Pulumi)."""

import json
import time
from dataclasses import dataclass
from typing import Any

from pulumi_vault import kv

from ..frame.row import Row, Written, words
from ..frame.rules import json_object
from ..frame.values import Properties
from .api import ServerError, Vault
from .conversions import SECONDS_AS_DURATION, json_text, same_json, seconds, texts
from .path_row import PathRow

_UPGRADE_SECONDS = 15
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class SettingsRow(PathRow):
    """A KV version 2 mount's settings, which a server refuses for a moment after it was mounted."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the settings as soon as the mount is ready."""
        deadline = time.monotonic() + _UPGRADE_SECONDS
        while True:
            try:
                return super().create(server, inputs)
            except ServerError as error:
                if "pgrading from non-versioned" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)


@dataclass(frozen=True, kw_only=True)
class SecretRow(Row[Vault]):
    """A secret: its latest version, and what its metadata says."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write a version."""
        self._write(server, inputs, {})
        return Written(_at(inputs, "data"))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read the latest version and the metadata."""
        mount, _, name = identity.partition("/data/")
        placed = {"mount": mount, "name": name} | {key: known[key] for key in ("mount", "name") if known.get(key)}
        state: Properties = {
            **placed,
            "path": identity,
            "data": {},  # the official provider reports the values in dataJson only
            "dataJsonWo": None,
            **{name: bool(known.get(name)) for name in ("deleteAllVersions", "disableRead")},
            **{name: known.get(name) for name in ("cas", "options", "dataJsonWoVersion", "namespace")},
        }
        within = server.within(known.get("namespace"))
        latest = None if state["disableRead"] else within.read(identity)
        if latest is None and not state["disableRead"]:
            return None
        about = within.read(_at(placed, "metadata")) or {}
        hidden = known.get("dataJson") if state["disableRead"] else None
        return {
            **state,
            "dataJson": json_text(latest["data"]) if latest and known.get("dataJsonWoVersion") is None else hidden,
            "metadata": texts(latest["metadata"]) if latest else known.get("metadata"),
            "customMetadata": {
                "casRequired": about.get("cas_required", False),
                "data": about.get("custom_metadata") or {},
                "deleteVersionAfter": seconds(about.get("delete_version_after")),
                "maxVersions": about.get("max_versions", 0),
            },
        }

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Write another version if the values changed, and the metadata if that did."""
        self._write(server, inputs, state)

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Delete the latest version, or with `deleteAllVersions` everything."""
        place = _at(state, "metadata") if state.get("deleteAllVersions") else identity
        server.within(state.get("namespace")).delete(place)

    def _write(self, server: Vault, inputs: Properties, state: Properties) -> None:
        within = server.within(inputs.get("namespace"))
        body: dict[str, Any] = {}
        if "dataJson" in inputs and not (state and same_json(state.get("dataJson"), inputs["dataJson"])):
            body = {"data": json.loads(inputs["dataJson"])}
        version = inputs.get("dataJsonWoVersion")
        if "dataJsonWo" in inputs and not (state and version == state.get("dataJsonWoVersion")):
            body = {"data": json.loads(inputs["dataJsonWo"])}
        if body:
            cas = {"cas": inputs["cas"]} if "cas" in inputs else {}
            within.write(_at(inputs, "data"), body | {"options": cas | (inputs.get("options") or {})})
        about = inputs.get("customMetadata")
        if about and about != state.get("customMetadata"):
            renamed = {"data": "custom_metadata", "casRequired": "cas_required", "maxVersions": "max_versions"}
            sent = {key: about[name] for name, key in renamed.items() if name in about}
            if "deleteVersionAfter" in about:
                sent["delete_version_after"] = f"{about['deleteVersionAfter']}s"
            within.write(_at(inputs, "metadata"), sent)


def _at(properties: Properties, kind: str) -> str:
    return f"{properties['mount'].strip('/')}/{kind}/{properties['name'].strip('/')}"


ROWS: tuple[Row[Vault], ...] = (
    SettingsRow(
        resource=kv.SecretBackendV2,
        path="{mount}/config",
        replaces=words("mount namespace"),
        convert={"deleteVersionAfter": SECONDS_AS_DURATION},
        computed=words("casRequired deleteVersionAfter maxVersions"),
        deletable=False,
    ),
    SecretRow(
        resource=kv.SecretV2,
        autonamed=True,
        replaces=words("mount name namespace"),
        computed=words("customMetadata dataJson"),
        secret=words("data dataJson dataJsonWo"),
        ephemeral=words("dataJsonWo"),
        same={"dataJson": same_json},
        rules=(json_object("dataJson"), json_object("dataJsonWo")),
    ),
)
