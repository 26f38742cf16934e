"""What people write about a certificate auth method."""

from typing import ClassVar, Self

from pydantic import model_validator

from strongroom.spec.names import refuse
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.auth.spec import AuthMethodBase


class CertAuth(AuthMethodBase):
    """TLS client certificates of one authority: machines that have a certificate before they have anything else.

    The Vault server must see the TLS connection itself: a proxy that ends TLS before it ends these logins too.
    """

    accepts: ClassVar[tuple[str, ...]] = ("certificate",)

    ca_pem: Pem
    """The authority that signs the workloads' certificates, and nothing else: whatever it signs may try to log in."""

    @model_validator(mode="after")
    def _authority(self) -> Self:
        if not self.ca_pem.startswith("-----BEGIN CERTIFICATE-----"):
            raise refuse("ca_pem is no certificate", "it begins with -----BEGIN CERTIFICATE-----")
        return self
