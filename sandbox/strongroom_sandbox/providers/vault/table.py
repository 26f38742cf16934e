"""The table: every resource type that the stand-in serves."""

from typing import Any

from ..frame.row import Row
from . import (
    approle,
    audit,
    auth_mount,
    cert,
    database,
    generic,
    identity,
    jwt,
    kubernetes,
    kv,
    mount,
    pki,
    pki_certificates,
    policy,
    quota,
    ssh,
    transit,
)

ROWS: tuple[Row[Any], ...] = (
    *mount.ROWS,
    *audit.ROWS,
    *policy.ROWS,
    *auth_mount.ROWS,
    *approle.ROWS,
    *cert.ROWS,
    *jwt.ROWS,
    *kv.ROWS,
    *database.ROWS,
    *generic.ROWS,
    *identity.ROWS,
    *kubernetes.ROWS,
    *pki.ROWS,
    *pki_certificates.ROWS,
    *quota.ROWS,
    *ssh.ROWS,
    *transit.ROWS,
)
