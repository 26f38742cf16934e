"""Where a rotation looks: part of the record of a cluster's encryption."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdPlace:
    """An etcd, as its API servers use it."""

    endpoints: tuple[str, ...]
    ca_file: str
    certificate_file: str
    key_file: str
    """A path; the key stays in that file."""
    prefix: str
    """Under which the API servers keep everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What there is to look at, and where the file is put for whom."""

    api_servers: tuple[str, ...]
    """Each API server's own address."""
    etcd: EtcdPlace | None
    """None: not to be looked into; then the API servers' metrics have to do."""
    files: tuple[str, ...]
    """Files of API servers on the machine that the rotation runs on."""
    request_timeout_seconds: int
    """After which API servers give up any write (`--request-timeout`)."""
