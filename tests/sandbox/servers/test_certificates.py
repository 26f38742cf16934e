"""The sandbox's authority vouches for loopback, and for nothing else."""

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from strongroom_sandbox import certificates
from strongroom_sandbox.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "ca")
    made.prepare()
    return made


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_authority_is_constrained_to_loopback(authority: Authority) -> None:
    constraints = read(authority.certificate).extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
    ]


def test_a_server_certificate_names_loopback_and_serves_only(authority: Authority, tmp_path: Path) -> None:
    certificate = read(authority.issue(tmp_path).certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1")]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_keys_are_for_their_owner_only(authority: Authority, tmp_path: Path) -> None:
    issued = authority.issue(tmp_path)
    for key in (issued.key, authority.directory / "ca.key"):
        assert key.stat().st_mode & 0o777 == 0o600


def test_good_certificates_are_kept(authority: Authority, tmp_path: Path) -> None:
    issued = authority.issue(tmp_path)
    before = (authority.certificate.read_bytes(), issued.certificate.read_bytes(), issued.key.read_bytes())
    authority.prepare()
    authority.issue(tmp_path)
    assert (authority.certificate.read_bytes(), issued.certificate.read_bytes(), issued.key.read_bytes()) == before


def test_a_certificate_is_renewed_before_it_expires(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "SERVER_LIFETIME", certificates.RENEW_BEFORE - datetime.timedelta(days=1))
    before = authority.issue(tmp_path).certificate.read_bytes()
    monkeypatch.undo()
    assert authority.issue(tmp_path).certificate.read_bytes() != before


@pytest.mark.parametrize("lost", ["ca.pem", "ca.key"])
def test_a_half_made_authority_is_made_anew_and_with_it_every_certificate(
    authority: Authority, tmp_path: Path, lost: str
) -> None:
    before = authority.issue(tmp_path).certificate.read_bytes()
    (authority.directory / lost).unlink()
    authority.prepare()
    issued = authority.issue(tmp_path)
    assert issued.certificate.read_bytes() != before
    read(issued.certificate).verify_directly_issued_by(read(authority.certificate))
