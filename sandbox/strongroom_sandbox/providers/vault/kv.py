"""KV version 2: the engine's settings."""

import time
from dataclasses import dataclass

from pulumi_vault import kv

from ..frame.row import Written
from ..frame.values import Properties
from .api import ServerError, Vault
from .conversions import SECONDS_AS_DURATION
from .path_row import PathRow, words

_UPGRADE_SECONDS = 15
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class KvRow(PathRow):
    """A path on a KV version 2 mount, which a server refuses for a moment after it was mounted."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Write the path as soon as the mount is ready."""
        deadline = time.monotonic() + _UPGRADE_SECONDS
        while True:
            try:
                return super().create(server, inputs)
            except ServerError as error:
                if "pgrading from non-versioned" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)


ROWS: tuple[PathRow, ...] = (
    KvRow(
        resource=kv.SecretBackendV2,
        path="{mount}/config",
        replaces=words("mount namespace"),
        convert={"deleteVersionAfter": SECONDS_AS_DURATION},
        computed=words("casRequired deleteVersionAfter maxVersions"),
        deletable=False,
    ),
)
