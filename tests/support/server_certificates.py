"""TLS server certificates with a flaw: of another name, or of another time."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOUR = datetime.timedelta(hours=1)
LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def issue(
    folder: Path,
    name: x509.GeneralName = LOOPBACK,
    valid: tuple[datetime.timedelta, datetime.timedelta] = (-HOUR, HOUR),
) -> tuple[Path, Path, Path]:
    """Files of a certificate, its key, and the authority that vouches for it. `valid` counts from now."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("authority", "server"))
    now = datetime.datetime.now(datetime.UTC)

    def signed(builder: x509.CertificateBuilder, extension: x509.ExtensionType, critical: bool) -> x509.Certificate:
        return (
            builder.serial_number(x509.random_serial_number())
            .add_extension(extension, critical=critical)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), False)
            .sign(authority_key, hashes.SHA256())
        )

    authority = signed(
        x509.CertificateBuilder(authority_name, authority_name, authority_key.public_key())
        .not_valid_before(now - 100 * HOUR)
        .not_valid_after(now + 100 * HOUR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), False),
        x509.BasicConstraints(ca=True, path_length=0),
        True,
    )
    certificate = signed(
        x509.CertificateBuilder(authority_name, subject, key.public_key())
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1]),
        x509.SubjectAlternativeName([name]),
        False,
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "tls.pem", folder / "tls.key", folder / "ca.pem"
    files[1].touch(mode=0o600)
    pem = serialization.Encoding.PEM
    files[0].write_bytes(certificate.public_bytes(pem))
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    files[2].write_bytes(authority.public_bytes(pem))
    return files
