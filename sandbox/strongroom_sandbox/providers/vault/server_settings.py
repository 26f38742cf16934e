"""What a server has one of: CORS and the headers of requests and answers. Only the root namespace has these paths."""

from dataclasses import dataclass
from typing import Any, Final

import pulumi_vault
from pulumi_vault.config.ui_header import UiHeader  # its package does not export it

from ..frame.row import words
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow

_OWN_HEADERS: Final = words(
    "Content-Type X-Requested-With X-Vault-AWS-IAM-Server-ID X-Vault-MFA X-Vault-No-Request-Forwarding "
    "X-Vault-Wrap-Format X-Vault-Wrap-TTL X-Vault-Policy-Override Authorization X-Vault-Token"
)
"""What a server adds to the headers that it was told to allow; the official provider leaves them out again."""


@dataclass(frozen=True, kw_only=True)
class CorsRow(PathRow):
    """Cross-origin requests. That they are not allowed means that there is no such thing."""

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read which origins and further headers are allowed."""
        data = server.read(identity) or {}
        if not data.get("enabled"):
            return None
        headers = [header for header in data.get("allowed_headers") or [] if header not in _OWN_HEADERS]
        return {**self.properties(data, known), "allowedHeaders": headers or None}


@dataclass(frozen=True, kw_only=True)
class AuditedHeaderRow(PathRow):
    """A header that is recorded. The server's answer has it by its name."""

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read whether its value is hashed."""
        data = server.read(self.location({"name": identity}), self.missing)
        if not data:
            return None
        told: dict[str, Any] = next(iter(data.values()))
        return {**self.properties(told, known), "name": identity}


@dataclass(frozen=True, kw_only=True)
class UiHeaderRow(PathRow):
    """A header of the web interface's answers."""

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Read all its values: the server tells only the first unless it is asked for more."""
        data = server.read(self.location({"name": identity}), query={"multivalue": "true"})
        return None if data is None else {**self.properties(data, known), "name": identity}


@dataclass(frozen=True, kw_only=True)
class QuotaConfigRow(PathRow):
    """What all rate limits have in common. It cannot be deleted: what was set is unset."""

    def delete(self, server: Vault, identity: str, state: Properties) -> None:  # noqa: ARG002
        """Write the server's own defaults."""
        zero = {self.key(name): wanted.shape.zero for name, wanted in self.inputs.items() if name != "namespace"}
        server.write(identity, zero)


ROWS = (
    CorsRow(
        resource=pulumi_vault.SysConfigCors,
        path="sys/config/cors",
        unordered=words("allowedOrigins allowedHeaders"),
    ),
    UiHeaderRow(
        resource=UiHeader,
        id="{name}",
        path="sys/config/ui/headers/{name}",
        autonamed=True,
        unordered=words("values"),
        replaces=words("name"),
    ),
    AuditedHeaderRow(
        resource=pulumi_vault.AuditRequestHeader,
        id="{name}",
        path="sys/config/auditing/request-headers/{name}",
        autonamed=True,
        replaces=words("name namespace"),
        missing="Could not find header in config",
    ),
    QuotaConfigRow(
        resource=pulumi_vault.QuotaConfig,
        path="sys/quotas/config",
        computed=words(
            "absoluteRateLimitExemptPaths rateLimitExemptPaths enableRateLimitAuditLogging "
            "enableRateLimitResponseHeaders"
        ),
        unordered=words("absoluteRateLimitExemptPaths rateLimitExemptPaths"),
    ),
)
