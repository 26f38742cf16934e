"""HashiCorp Vault: the second flavour, for the engines and auth methods that OpenBao lacks."""

from pathlib import Path
from typing import ClassVar, Final

import hvac

from strongroom.vault.profile import Flavour
from strongroom_sandbox.servers.built import obtain
from strongroom_sandbox.servers.server import Report
from strongroom_sandbox.servers.vault_server import VaultServer
from strongroom_sandbox.toolchain.gotools import VAULT

AUDIT_DEVICE: Final = "operator"
"""The sandbox's own device, beside those that a stack deploys."""


class HashiCorpVault(VaultServer):
    """A single node of HashiCorp Vault's community edition."""

    name: ClassVar[str] = "vault"
    flavour: ClassVar[Flavour] = "vault"
    title: ClassVar[str] = "HashiCorp Vault"

    def obtain(self, report: Report) -> Path:
        return obtain(VAULT, report)

    def settings(self) -> dict[str, object]:
        # Whoever may not lock memory could not start it; Vault wants the choice spelled out with integrated storage.
        return {"disable_mlock": True}

    def stack_settings(self) -> dict[str, str]:
        return super().stack_settings() | {"audit_log": str(self.home / "stack-audit.log")}

    def ensure_audited(self, root: hvac.Client) -> None:
        """By API, as Vault's configuration takes no devices; that way a stack's own devices are a second record."""
        if f"{AUDIT_DEVICE}/" not in root.sys.list_enabled_audit_devices()["data"]:
            root.sys.enable_audit_device(
                "file", path=AUDIT_DEVICE, options={"file_path": str(self.audit_log), "mode": "0600"}
            )
