"""An ACME client: certbot's own library, with dns-01 challenges answered by a DNS server of the tests."""

from pathlib import Path
from typing import NamedTuple

import josepy
from acme import challenges, client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from support.dns_server import Zone

__all__ = ["Acme", "Binding", "errors", "messages"]


class Binding(NamedTuple):
    """A key for external account binding, as the server gave it."""

    key_id: str
    key: str


class Acme:
    """A client of one directory with an account key of its own."""

    def __init__(self, directory: str, ca_file: Path) -> None:
        self._key = josepy.JWKRSA(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
        self._net = client.ClientNetwork(self._key, verify_ssl=str(ca_file), timeout=30)
        self.directory = client.ClientV2.get_directory(directory, self._net)
        self._client = client.ClientV2(self.directory, self._net)

    def register(self, binding: Binding | None = None) -> None:
        """Makes an account, bound to a key or not."""
        external = (
            messages.ExternalAccountBinding.from_data(
                account_public_key=self._key.public_key(),
                kid=binding.key_id,
                hmac_key=binding.key,
                directory=self.directory,
            )
            if binding
            else None
        )
        self._client.new_account(
            messages.NewRegistration.from_data(terms_of_service_agreed=True, external_account_binding=external)
        )

    def certificate(self, name: str, zone: Zone) -> list[x509.Certificate]:
        """Orders a certificate, proves the name in the zone, and returns it with its chain."""
        order = self._ordered(name, zone)
        return x509.load_pem_x509_certificates(self._client.poll_and_finalize(order).fullchain_pem.encode())

    def certificate_at_once(self, name: str) -> None:
        """Orders a certificate, says that the name is proved, which it is not, and wants what was ordered."""
        self._client.begin_finalization(self._ordered(name, Zone()))

    def _ordered(self, name: str, zone: Zone) -> messages.OrderResource:
        key = ec.generate_private_key(ec.SECP256R1())
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([]))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        order = self._client.new_order(request.public_bytes(Encoding.PEM))
        for authorization in order.authorizations:
            (challenge,) = (
                offered for offered in authorization.body.challenges if isinstance(offered.chall, challenges.DNS01)
            )
            response, proof = challenge.response_and_validation(self._key)
            zone.texts[challenge.chall.validation_domain_name(name)] = [proof]
            self._client.answer_challenge(challenge, response)
        return order
