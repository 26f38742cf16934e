"""Audit devices, and which way each server takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope

BY_API: Final = "api"
BY_SERVER_CONFIGURATION: Final = "server configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDevice(Record):
    """Where every request is recorded."""

    kind: ClassVar[str] = "vault.audit.device"
    name: str
    type: str
    options: tuple[tuple[str, str], ...]
    declared_by: str
    """`api` (Vault), or `server configuration` (OpenBao, which refuses the API)."""
    protect: bool

    @property
    def key(self) -> str:
        return self.name


def plan(scope: Scope) -> Iterator[Record]:
    vault = scope.environment.vault
    for name, device in sorted(vault.audit.items() if vault else ()):
        options = {key: str(value) for key, value in device.value.model_dump().items()}
        if device.kind == "file":
            options["file_path"] = options.pop("path")
        yield AuditDevice(
            slice=PLATFORM,
            # Devices belong to the server, and environments may share one.
            name=naming.mount_of(name, scope.name),
            type=device.kind,
            options=tuple(sorted(options.items())),
            declared_by=BY_SERVER_CONFIGURATION if vault and vault.flavour == "openbao" else BY_API,
            protect=scope.environment.protect,
        )
