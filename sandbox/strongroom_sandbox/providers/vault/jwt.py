"""JWT and OIDC: the auth method with its configuration, and its roles."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import jwt

from ..frame.row import words
from ..frame.values import Properties
from .api import Vault
from .auth_mount import AuthMountRow
from .conversions import fitted, snake
from .mount_point import MountPoint
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_DEFAULTS, TOKEN_SAME, TOKEN_UNORDERED

_CONFIGURED = words(
    "boundIssuer defaultRole jwksCaPem jwksPairs jwksUrl jwtSupportedAlgs jwtValidationPubkeys namespaceInState "
    "oidcClientId oidcClientSecret oidcDiscoveryCaPem oidcDiscoveryUrl oidcResponseMode oidcResponseTypes "
    "providerConfig"
)
_HIDDEN = ("oidcClientSecret",)


@dataclass(frozen=True, kw_only=True)
class JwtMountRow(AuthMountRow):
    """An auth method of type jwt or oidc whose mount and configuration are one resource."""

    def furnish(self, place: MountPoint, inputs: Properties) -> None:
        """Tune and configure the method."""
        super().furnish(place, inputs)
        self._configure(place.server, place.path, inputs, {})

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read mount and configuration."""
        state = super().read(server, identity, known)
        if state is None:
            return None
        config = server.within(known.get("namespace")).read(f"auth/{state['path']}/config") or {}
        state |= {name: fitted(config.get(snake(name)), self.inputs[name].shape) for name in _CONFIGURED}
        state |= {name: known.get(name) for name in (*_HIDDEN, "oidcClientSecretWoVersion")}
        return {**_without_token_key(state), "oidcClientSecretWo": None}

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Move or tune the mount, then write the configuration."""
        super().update(server, identity, state, inputs)
        self._configure(server, inputs.get("path") or identity, inputs, state)

    def _configure(self, server: Vault, path: str, inputs: Properties, state: Properties) -> None:
        config: dict[str, Any] = {}
        for name in _CONFIGURED:
            was = state.get(name)
            if name in _HIDDEN and state and inputs.get(name) == was:
                continue
            if name in inputs:
                config[snake(name)] = inputs[name]
            elif was is not None and was != self.inputs[name].shape.zero:
                config[snake(name)] = self.inputs[name].shape.zero
        version = inputs.get("oidcClientSecretWoVersion")
        if "oidcClientSecretWo" in inputs and (not state or version != state.get("oidcClientSecretWoVersion")):
            config["oidc_client_secret"] = inputs["oidcClientSecretWo"]
        if config.keys() - {"namespace_in_state"}:
            server.within(inputs.get("namespace")).write(f"auth/{path.strip('/')}/config", config)


def _without_token_key(state: Properties) -> Properties:
    return {name: value for name, value in state.items() if name != "identityTokenKey"}


@dataclass(frozen=True, kw_only=True)
class JwtRoleRow(PathRow):
    """A role whose bound claims are texts in Pulumi, where a comma separates several accepted values."""

    def body(self, inputs: Properties, state: Properties | None = None) -> dict[str, Any]:
        """Return what is sent, with claims of several values as lists."""
        sent = super().body(inputs, state)
        if "bound_claims" in sent and not inputs.get("disableBoundClaimsParsing"):
            claims = {name: text.split(",") for name, text in sent["bound_claims"].items()}
            sent["bound_claims"] = {name: texts if len(texts) > 1 else texts[0] for name, texts in claims.items()}
        return sent

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return what the server tells, with lists of accepted values as texts."""
        claims = {
            name: ",".join(map(str, value)) if isinstance(value, list) else value
            for name, value in (data.get("bound_claims") or {}).items()
        }
        parsing = {"disableBoundClaimsParsing": bool(known.get("disableBoundClaimsParsing"))}
        return super().properties({**data, "bound_claims": claims}, known) | parsing


ROWS = (
    JwtMountRow(
        resource=jwt.AuthBackend,
        defaults={"path": "jwt", "type": "jwt", "namespaceInState": True},
        replaces=words("local namespace type"),
        replaces_if={"path": "disableRemount"},
        computed=words("tune"),
        secret=words("oidcClientSecret oidcClientSecretWo"),
        ephemeral=words("oidcClientSecretWo"),
    ),
    JwtRoleRow(
        resource=jwt.AuthBackendRole,
        path="auth/{backend}/role/{roleName}",
        replaces=words("backend namespace roleName roleType"),
        defaults={"backend": "jwt", **TOKEN_DEFAULTS},
        computed=words("roleType boundClaimsType"),
        unordered=TOKEN_UNORDERED | words("allowedRedirectUris boundAudiences oidcScopes"),
        convert=TOKEN_CONVERT,
        same=TOKEN_SAME,
        flags=words("disableBoundClaimsParsing"),
        unsaid=words("allowedRedirectUris claimMappings"),
    ),
)
