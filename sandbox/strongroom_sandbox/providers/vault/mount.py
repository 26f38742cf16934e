"""Mounts of secret engines. A changed path moves the mount with all its data; a changed type replaces it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi_vault

from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import Vault
from .conversions import fitted, snake
from .mount_point import MountPoint

_TUNED: Mapping[str, str] = {
    "defaultLeaseTtlSeconds": "default_lease_ttl",
    "maxLeaseTtlSeconds": "max_lease_ttl",
    "auditNonHmacRequestKeys": "audit_non_hmac_request_keys",
    "auditNonHmacResponseKeys": "audit_non_hmac_response_keys",
    "allowedManagedKeys": "allowed_managed_keys",
    "allowedResponseHeaders": "allowed_response_headers",
    "delegatedAuthAccessors": "delegated_auth_accessors",
    "identityTokenKey": "identity_token_key",
    "listingVisibility": "listing_visibility",
    "passthroughRequestHeaders": "passthrough_request_headers",
}
"""Settings that can change, and their names in the server's `config`."""
_FIXED = words("local sealWrap externalEntropyAccess")


@dataclass(frozen=True, kw_only=True)
class MountRow(Row[Vault]):
    """A secret engine's mount. Its id is its path at creation; afterwards the state's `path` is what counts."""

    def identity_before(self, inputs: Properties) -> str:
        """Return the path."""
        return str(inputs["path"]).strip("/")

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Enable the engine."""
        path = self.identity_before(inputs)
        config = self._settings(inputs, {})
        if "forceNoCache" in inputs:
            config["force_no_cache"] = inputs["forceNoCache"]
        if "pluginVersion" in inputs:
            config["plugin_version"] = inputs["pluginVersion"]
        body = {"type": inputs["type"], "description": inputs.get("description", ""), "config": config}
        body |= {snake(name): inputs[name] for name in _FIXED & inputs.keys()}
        _place(server, path, inputs).enable(body | ({"options": inputs["options"]} if "options" in inputs else {}))
        return Written(path)

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read type, description and settings."""
        path = known.get("path") or identity
        info = _place(server, path, known).info()
        if info is None:
            return None
        config = info["config"]
        state = {name: fitted(config.get(key), self.inputs[name].shape) for name, key in _TUNED.items()}
        state |= {name: info.get(snake(name)) for name in _FIXED | {"type", "description", "accessor"}}
        return {
            **state,
            "path": path,
            "options": info.get("options") or {},
            "forceNoCache": config.get("force_no_cache", False),
            "identityTokenKey": config.get("identity_token_key", ""),
            "listingVisibility": config.get("listing_visibility", ""),
            "pluginVersion": known.get("pluginVersion"),
            "namespace": known.get("namespace"),
        }

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Move the mount if its path changed, then tune it."""
        place = _place(server, state.get("path") or identity, inputs)
        if inputs["path"].strip("/") != place.path.strip("/"):
            place = place.move_to(inputs["path"].strip("/"))
        settings = self._settings(inputs, state)
        if inputs.get("description") != state.get("description"):
            settings["description"] = inputs.get("description", "")
        if "options" in inputs and inputs["options"] != state.get("options"):
            settings["options"] = inputs["options"]
        if inputs.get("pluginVersion", state.get("pluginVersion")) != state.get("pluginVersion"):
            settings["plugin_version"] = inputs["pluginVersion"]
        place.tune(settings)

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Unmount the engine, with all its data."""
        _place(server, state.get("path") or identity, state).disable()

    def _settings(self, inputs: Properties, state: Properties) -> dict[str, Any]:
        settings: dict[str, Any] = {}
        for name, key in _TUNED.items():
            zero = self.inputs[name].shape.zero
            was = zero if state.get(name) is None else state[name]
            value = inputs.get(name, was if name in self.computed else zero)
            if value != was:
                settings[key] = f"{value}s" if name.endswith("Seconds") else value
        return settings


def _place(server: Vault, path: str, properties: Properties) -> MountPoint:
    return MountPoint(server.within(properties.get("namespace")), "mounts", path)


COMPUTED = words(
    "auditNonHmacRequestKeys auditNonHmacResponseKeys defaultLeaseTtlSeconds maxLeaseTtlSeconds forceNoCache "
    "sealWrap identityTokenKey listingVisibility"
)
"""What the server decides when it is left out; the official provider never undoes it."""

ROWS = (
    MountRow(
        resource=pulumi_vault.Mount,
        replaces=words("externalEntropyAccess local namespace sealWrap type"),
        computed=COMPUTED,
    ),
)
