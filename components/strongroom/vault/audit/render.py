"""The stanza that declares an audit device in OpenBao's server configuration."""

from collections.abc import Mapping

from strongroom.templating import render


def audit_stanza(name: str, device_type: str, options: Mapping[str, str]) -> str:
    """HCL for the server's configuration file: OpenBao, "Server configuration", `audit` stanza."""
    return render(
        "strongroom.vault.audit",
        "audit.hcl",
        name=name,
        type=device_type,
        options=dict(sorted(options.items())),
    )
