"""The table: every resource type that the stand-in serves."""

from typing import Any

from ..frame.row import Row
from . import approle, audit, auth_mount, database, generic, jwt, kv, mount, policy

ROWS: tuple[Row[Any], ...] = (
    *mount.ROWS,
    *audit.ROWS,
    *policy.ROWS,
    *auth_mount.ROWS,
    *approle.ROWS,
    *jwt.ROWS,
    *kv.ROWS,
    *database.ROWS,
    *generic.ROWS,
)
