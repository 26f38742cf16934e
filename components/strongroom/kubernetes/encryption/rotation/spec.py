"""What a rotation looks at: each API server by itself, and etcd. Paths are those of the machine that it runs on."""

from typing import Annotated

from pydantic import Field

from strongroom.kubernetes.encryption.rotation.reach import EtcdPlace
from strongroom.spec.model import Model
from strongroom.spec.names import HttpsUrl

FilePath = Annotated[str, Field(pattern=r"^/[^\x00-\x1f]{1,1000}$")]


class Etcd(Model):
    """How what lies in etcd can be looked at: its JSON gateway, with a client certificate. Only the first bytes of
    values are ever kept. Whoever has such a certificate can do anything in etcd: it stays on control-plane nodes."""

    endpoints: Annotated[tuple[HttpsUrl, ...], Field(min_length=1)]
    """Addresses of its members, tried in this order."""
    ca_file: FilePath
    """Who vouches for its members (PEM)."""
    certificate_file: FilePath
    """What the client shows (PEM)."""
    key_file: FilePath
    """The key to that certificate (PEM)."""
    prefix: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._/-]*[A-Za-z0-9._-]$")] = "/registry"
    """Under which the API servers keep everything: their `--etcd-prefix`."""

    @property
    def place(self) -> EtcdPlace:
        """As a plan says it."""
        return EtcdPlace(
            endpoints=self.endpoints,
            ca_file=self.ca_file,
            certificate_file=self.certificate_file,
            key_file=self.key_file,
            prefix=self.prefix,
        )
