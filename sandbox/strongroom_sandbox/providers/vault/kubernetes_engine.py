"""The Kubernetes secrets engine: its mount, which is its configuration too, and roles."""

from dataclasses import dataclass
from typing import Any

from pulumi_vault import kubernetes

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .conversions import snake
from .mount import COMPUTED, MountRow
from .path_row import PathRow

_READ = ("kubernetesHost", "kubernetesCaCert", "disableLocalCaJwt")


@dataclass(frozen=True, kw_only=True)
class EngineRow(MountRow):
    """A mount with a configuration. The token is sent when it changed, and never told."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Enable the engine and write its configuration."""
        written = super().create(server, {**inputs, "type": "kubernetes"})
        self._configure(server, inputs, {})
        return written

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read mount and configuration."""
        mount = super().read(server, identity, known)
        if mount is None:
            return None
        found = server.within(known.get("namespace")).read(f"{mount['path']}/config") or {}
        told = {name: found.get(snake(name)) or self.inputs[name].shape.zero for name in _READ}
        hidden = {
            "serviceAccountJwt": known.get("serviceAccountJwt"),
            "serviceAccountJwtWo": None,
            "serviceAccountJwtWoVersion": known.get("serviceAccountJwtWoVersion"),
        }
        return {name: value for name, value in mount.items() if name != "type"} | told | hidden

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Move and tune the mount, then write what changed of the configuration."""
        super().update(server, identity, state, {**inputs, "type": "kubernetes"})
        self._configure(server, inputs, state)

    def _configure(self, server: Vault, inputs: Properties, state: Properties) -> None:
        # The server wants its host with every write, and keeps a token that is not sent.
        sent: dict[str, Any] = {snake(name): inputs.get(name, self.inputs[name].shape.zero) for name in _READ}
        if inputs.get("serviceAccountJwt") != state.get("serviceAccountJwt"):
            sent["service_account_jwt"] = inputs.get("serviceAccountJwt", "")
        written_once = inputs.get("serviceAccountJwtWo")
        if written_once and inputs.get("serviceAccountJwtWoVersion") != state.get("serviceAccountJwtWoVersion"):
            sent["service_account_jwt"] = written_once
        server.within(inputs.get("namespace")).write(f"{inputs['path'].strip('/')}/config", sent)


ROWS = (
    EngineRow(
        resource=kubernetes.SecretBackend,
        replaces=words("externalEntropyAccess local namespace sealWrap"),
        computed=COMPUTED,
        defaults={"disableLocalCaJwt": False},
        secret=words("serviceAccountJwt serviceAccountJwtWo"),
        ephemeral=words("serviceAccountJwtWo"),
    ),
    PathRow(
        resource=kubernetes.SecretBackendRole,
        path="{backend}/roles/{name}",
        autonamed=True,
        replaces=words("backend name namespace"),
        defaults={"kubernetesRoleType": "Role", "tokenDefaultTtl": 0, "tokenMaxTtl": 0},
        unsaid=words("extraAnnotations extraLabels tokenDefaultAudiences"),
    ),
)
