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
    kubernetes_engine,
    kv,
    mount,
    namespace,
    pki,
    pki_certificates,
    policy,
    quota,
    server_settings,
    ssh,
    transit,
)

ROWS: tuple[Row[Any], ...] = (
    *namespace.ROWS,
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
    *kubernetes_engine.ROWS,
    *pki.ROWS,
    *pki_certificates.ROWS,
    *quota.ROWS,
    *server_settings.ROWS,
    *ssh.ROWS,
    *transit.ROWS,
)
