"""The settings of a server as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings(Record):
    """What a server has one of."""

    kind: ClassVar[str] = "vault.server_settings"
    cors_origins: tuple[str, ...]
    """Empty: no web page may talk to the server."""
    cors_headers: tuple[str, ...]
    ui_headers: tuple[tuple[str, tuple[str, ...]], ...]
    audited_headers: tuple[tuple[str, bool], ...]
    """`(header, whether its value is hashed)`."""
    rate_limiting: tuple[bool, bool] | None
    """`(audit, response headers)`; None: as the server has it."""

    @property
    def key(self) -> str:
        return ""


def plan(scope: Scope) -> Iterator[Record]:
    settings = scope.environment.vault.server if scope.environment.vault else None
    if settings is None:
        return
    limiting = settings.rate_limiting
    yield ServerSettings(
        slice=PLATFORM,
        cors_origins=tuple(sorted(settings.cors.origins)) if settings.cors else (),
        cors_headers=tuple(sorted(settings.cors.headers)) if settings.cors else (),
        ui_headers=tuple(sorted((name, values) for name, values in settings.ui_headers.items())),
        audited_headers=tuple(sorted((name, header.hmac) for name, header in settings.audited_headers.items())),
        rate_limiting=(limiting.audit, limiting.response_headers) if limiting else None,
    )
