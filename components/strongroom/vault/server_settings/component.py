"""The settings of a server as a whole, as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault
from pulumi_vault.config.ui_header import UiHeader  # its package does not export it

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.server_settings.plan import ServerSettings


class VaultRateLimitingArgs(TypedDict):
    """What all rate limits have in common."""

    audit: NotRequired[bool]
    """Whether refused requests are in the audit log. Default true."""
    response_headers: NotRequired[bool]
    """Whether answers say how much is left. Default true."""


class VaultServerSettingsArgs(TypedDict):
    """Settings of a server. It has one of each: another stack that sets them too undoes these."""

    cors_origins: NotRequired[list[str]]
    """Origins of the web pages that may talk to it, never `*`. Default: none."""
    cors_headers: NotRequired[list[str]]
    """Request headers that they may send beside those that the server allows anyway."""
    ui_headers: NotRequired[dict[str, list[str]]]
    """Headers of the answers of its web interface."""
    audited_headers: NotRequired[dict[str, bool]]
    """Request headers that audit devices record, and whether the value is hashed."""
    rate_limiting: NotRequired[VaultRateLimitingArgs]
    """What all rate limits have in common. Default: left as it is."""


class VaultServerSettings(pulumi.ComponentResource):
    """CORS, headers and what is audited of a request."""

    def __init__(self, name: str, args: VaultServerSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultServerSettings", name, None, opts)
        if origins := args.get("cors_origins"):
            if "*" in origins:
                raise ValueError(f"{name}: cors_origins has '*', which is every web page there is: list each origin")
            vault.SysConfigCors(
                f"{name}-cors",
                allowed_origins=origins,
                allowed_headers=args.get("cors_headers") or None,
                opts=leaf(self),
            )
        for header, values in args.get("ui_headers", {}).items():
            UiHeader(f"{name}-ui-{header}", name=header, values=values, opts=leaf(self))
        for header, hmac in args.get("audited_headers", {}).items():
            vault.AuditRequestHeader(f"{name}-audited-{header}", name=header, hmac=hmac, opts=leaf(self))
        if (limiting := args.get("rate_limiting")) is not None:
            vault.QuotaConfig(
                f"{name}-rate-limiting",
                enable_rate_limit_audit_logging=limiting.get("audit", True),
                enable_rate_limit_response_headers=limiting.get("response_headers", True),
                opts=leaf(self),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The settings of the server, if this plan has them."""
    for record in plan.of(ServerSettings):
        args: VaultServerSettingsArgs = {
            "cors_origins": list(record.cors_origins),
            "cors_headers": list(record.cors_headers),
            "ui_headers": {name: list(values) for name, values in record.ui_headers},
            "audited_headers": dict(record.audited_headers),
        }
        if record.rate_limiting:
            audit, response_headers = record.rate_limiting
            args["rate_limiting"] = {"audit": audit, "response_headers": response_headers}
        VaultServerSettings(f"server-{plan.environment}", args, component_options(stage))
