"""The sandbox's own certificate authority: it vouches for servers on loopback, and can vouch for nothing else."""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from strongroom_sandbox.files import write, write_secret

AUTHORITY_LIFETIME = datetime.timedelta(days=3650)
SERVER_LIFETIME = datetime.timedelta(days=397)
"""The longest that common TLS clients accept (CA/Browser Forum, Baseline Requirements 6.3.2)."""
RENEW_BEFORE = datetime.timedelta(days=30)
_CLOCK_TOLERANCE = datetime.timedelta(hours=1)
_LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Files that a TLS server or client reads."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority kept in a folder: `ca.pem`, and its key in `ca.key` (0600)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.certificate = directory / "ca.pem"
        self._key = directory / "ca.key"

    def prepare(self) -> None:
        """Make the authority, unless it exists and is not about to expire."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self._key.exists() and self.certificate.exists() and not _expires_soon(_certificate(self.certificate)):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Strongroom sandbox CA")
        builder = (
            _builder(name, name, key.public_key(), AUTHORITY_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(sign_certificates=True), critical=True)
            # Whoever trusts this authority, trusts it for loopback only, even if its key is stolen.
            .add_extension(
                x509.NameConstraints([x509.DNSName("localhost"), x509.IPAddress(_LOOPBACK)], None), critical=True
            )
        )
        # The key first: a certificate without its key would be taken for a finished authority.
        self.certificate.unlink(missing_ok=True)
        _write_key(self._key, key)
        write(self.certificate, _pem(builder.sign(key, hashes.SHA256())))

    def issue(self, directory: Path, *, also_client: bool = False) -> CertificateFiles:
        """A certificate for `localhost` and 127.0.0.1 in `directory`; the one there is kept while it is good.

        Args:
            also_client: For a server that is its own client too, as etcd's gateway is.
        """
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if also_client else [])]
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return self._issue(directory / "tls", _name("localhost"), usages, names)

    def issue_to_client(self, directory: Path, user: str, group: str = "") -> CertificateFiles:
        """A client certificate in `directory`, named after the user; for Kubernetes, the group is the organisation
        ("Authenticating": X509 client certificates)."""
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
        subject += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
        return self._issue(directory / user.replace(":", "-"), x509.Name(subject), [ExtendedKeyUsageOID.CLIENT_AUTH])

    def _issue(
        self,
        stem: Path,
        subject: x509.Name,
        usages: Sequence[x509.ObjectIdentifier],
        names: Sequence[x509.GeneralName] = (),
    ) -> CertificateFiles:
        files = CertificateFiles(stem.with_name(f"{stem.name}.pem"), stem.with_name(f"{stem.name}.key"))
        authority = _certificate(self.certificate)
        if files.key.exists() and files.certificate.exists():
            present = _certificate(files.certificate)
            if _issued_by(present, authority) and not _expires_soon(present):
                return files
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(subject, authority.subject, key.public_key(), SERVER_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public_key(authority)), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        authority_key = serialization.load_pem_private_key(self._key.read_bytes(), password=None)
        assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
        files.certificate.unlink(missing_ok=True)
        _write_key(files.key, key)
        write(files.certificate, _pem(builder.sign(authority_key, hashes.SHA256())))
        return files


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_TOLERANCE)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _public_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError):
        return False
    return True


def _expires_soon(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc - RENEW_BEFORE < datetime.datetime.now(datetime.UTC)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_secret(path, encoded.decode())
