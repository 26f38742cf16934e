"""Mounts of auth methods and their `tune` block, which every method's own resource shares."""

from dataclasses import dataclass
from typing import Any

import pulumi_vault

from ..frame.errors import UnansweredError
from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import ServerError, Vault
from .conversions import duration, fitted, seconds, snake
from .mount_point import MountPoint

_TTLS = ("defaultLeaseTtl", "maxLeaseTtl")
_UNTUNED = {"defaultLeaseTtl": "system", "maxLeaseTtl": "system", "tokenType": "default-service"}
"""What makes the server forget a setting where that is not the zero of its type."""
_SERVER_DECIDES = ("tokenType", "listingVisibility")


@dataclass(frozen=True, kw_only=True)
class AuthMountRow(Row[Vault]):
    """An auth method's mount. Its id is its path at creation; afterwards the state's `path` is what counts."""

    def identity_before(self, inputs: Properties) -> str:
        """Return the path, by default the type."""
        return str(inputs.get("path") or inputs["type"]).strip("/")

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Enable the method, then furnish it; if that is refused, nothing stays behind."""
        path = self.identity_before(inputs)
        body: Properties = {name: inputs[name] for name in ("type", "description", "local") if name in inputs}
        if "identityTokenKey" in inputs:
            body["config"] = {"identity_token_key": inputs["identityTokenKey"]}
        place = auth_place(server, path, inputs)
        place.enable(body)
        try:
            self.furnish(place, inputs)
        except ServerError as error:
            try:
                place.disable()
            except ServerError:  # such as one that was sealed in between: the method is there, and stays
                raise UnansweredError(str(error)) from error
            raise
        return Written(path)

    def furnish(self, place: MountPoint, inputs: Properties) -> None:
        """Give a method that was just enabled what enabling does not take."""
        place.tune(self._tuning(inputs, {}))

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read type, description, accessor and tuning."""
        path = known.get("path") or identity
        place = auth_place(server, path, known)
        info = place.info()
        if info is None:
            return None
        return {
            "path": path,
            "type": info["type"],
            "description": info["description"],
            "accessor": info["accessor"],
            "local": info["local"],
            "disableRemount": bool(known.get("disableRemount")),
            "identityTokenKey": info["config"].get("identity_token_key"),
            "tune": self._tune_block(place.tuning(), known.get("tune")),
            "namespace": known.get("namespace"),
        }

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Move the mount if its path changed, then tune it."""
        place = auth_place(server, state.get("path") or identity, inputs)
        path = (inputs.get("path") or place.path).strip("/")
        if path != place.path.strip("/"):
            place = place.move_to(path)
        settings = self._tuning(inputs, state)
        if inputs.get("description", "") != (state.get("description") or ""):
            settings["description"] = inputs.get("description", "")
        if "identityTokenKey" in inputs and inputs["identityTokenKey"] != state.get("identityTokenKey"):
            settings["identity_token_key"] = inputs["identityTokenKey"]
        place.tune(settings)

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Disable the method, with all its roles."""
        auth_place(server, state.get("path") or identity, state).disable()

    def _tuning(self, inputs: Properties, state: Properties) -> dict[str, Any]:
        """Return what the block changes; what it no longer holds goes back to what the server does by itself."""
        block, was = inputs.get("tune"), state.get("tune") or {}
        if block is None:
            return {}
        settings: dict[str, Any] = {}
        for name, wanted in self.inputs["tune"].shape.inputs.items():
            if name in block and block[name] != was.get(name):
                settings[snake(name)] = block[name]
            elif name not in block and was.get(name) not in (None, wanted.shape.zero):
                settings[snake(name)] = _UNTUNED.get(name, wanted.shape.zero)
        return settings

    def _tune_block(self, tuning: dict[str, Any], given: Properties | None) -> Properties:
        """Return the block as the official provider does.

        Where the user wrote a block, a setting that was left out stays empty although the server has a value for it,
        and a TTL keeps the user's spelling as long as it says the same.
        """
        shapes = {name: wanted.shape for name, wanted in self.inputs["tune"].shape.inputs.items()}
        block = {name: fitted(tuning.get(snake(name)), shape) for name, shape in shapes.items()}
        block |= {name: duration(tuning.get(snake(name), 0)) for name in _TTLS}
        block |= {name: tuning.get(snake(name), "") for name in _SERVER_DECIDES}
        if given:
            block |= {name: "" for name in (*_TTLS, *_SERVER_DECIDES) if not given.get(name)}
            for name in _TTLS:
                if given.get(name) and seconds(given[name]) == tuning.get(snake(name)):
                    block[name] = given[name]
        return block


def auth_place(server: Vault, path: str, properties: Properties) -> MountPoint:
    """Return the mount of an auth method, in the resource's namespace."""
    return MountPoint(server.within(properties.get("namespace")), "auth", path)


ROWS = (
    AuthMountRow(
        resource=pulumi_vault.AuthBackend,
        replaces=words("local namespace type"),
        replaces_if={"path": "disableRemount"},
        computed=words("path tune identityTokenKey"),
    ),
)
