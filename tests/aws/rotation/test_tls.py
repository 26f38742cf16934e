"""TLS between the function and PostgreSQL. The sandbox's PostgreSQL has none, so something before it speaks it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from strongroom.aws.rotation.function.configuration import Configuration
from strongroom.aws.rotation.function.databases.documentdb import Documentdb
from strongroom.aws.rotation.function.errors import RotationError
from strongroom.aws.rotation.function.tls import context_for, verifying
from strongroom_sandbox import Sandbox
from support.rotation import Bench
from support.server_certificates import HOUR, issue

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@contextmanager
def tls_before_postgresql(port: int, context: ssl.SSLContext | None) -> Iterator[int]:
    """Answers SSLRequest as PostgreSQL does, with TLS or (no context) with a refusal, and passes on what comes."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    accepting = threading.Thread(target=_accept, args=(listener, port, context, threads))
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join(timeout=10)


def _accept(
    listener: socket.socket, port: int, context: ssl.SSLContext | None, threads: list[threading.Thread]
) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threads.append(threading.Thread(target=_serve, args=(client, port, context)))
        threads[-1].start()


def _serve(client: socket.socket, port: int, context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError), client:
        if client.recv(8) != SSL_REQUEST:
            return
        client.sendall(b"S" if context else b"N")
        if context is None:
            return
        with (
            context.wrap_socket(client, server_side=True) as inside,
            socket.create_connection(("127.0.0.1", port)) as to,
        ):
            back = threading.Thread(target=_copy, args=(to, inside))
            back.start()
            _copy(inside, to)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def served(files: tuple[Path, Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[0], files[1])
    return context


def behind(servers: Sandbox, port: int, **environment: str) -> tuple[Bench, str, dict[str, Any]]:
    """A bench that asks for TLS, and a secret whose database is behind a port."""
    bench = Bench(servers, PLAINTEXT_ON_LOOPBACK="false", **environment)
    user = bench.user()
    return bench, bench.secret(user | {"port": port}), user


def refused(bench: Bench, secret: str) -> str:
    """Why setSecret fails."""
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    with pytest.raises(RotationError) as error:
        bench.step("setSecret", secret, token)
    return str(error.value)


@pytest.mark.engine
def test_a_database_with_a_certificate_of_a_trusted_authority_is_rotated(servers: Sandbox, tmp_path: Path) -> None:
    files = issue(tmp_path)
    with tls_before_postgresql(servers.postgres.port(), served(files)) as port:
        bench, secret, user = behind(servers, port, CA_FILE=str(files[2]))
        bench.rotate(secret)
        new = bench.fields(secret) | {"port": user["port"]}
    assert bench.logs_in(new)
    assert not bench.logs_in(user)


@pytest.mark.engine
def test_a_certificate_of_another_authority_is_refused(servers: Sandbox, tmp_path: Path) -> None:
    other = issue(tmp_path / "other")[2]
    with tls_before_postgresql(servers.postgres.port(), served(issue(tmp_path))) as port:
        bench, secret, user = behind(servers, port, CA_FILE=str(other))
        assert "cannot be connected to: SSLCertVerificationError" in refused(bench, secret)
    assert bench.logs_in(user)


@pytest.mark.engine
def test_a_certificate_of_an_authority_that_the_system_does_not_know_is_refused(
    servers: Sandbox, tmp_path: Path
) -> None:
    with tls_before_postgresql(servers.postgres.port(), served(issue(tmp_path))) as port:
        bench, secret, _ = behind(servers, port)
        assert "SSLCertVerificationError" in refused(bench, secret)


@pytest.mark.engine
def test_a_certificate_for_another_name_is_refused(servers: Sandbox, tmp_path: Path) -> None:
    files = issue(tmp_path, x509.DNSName("db.example.com"))
    with tls_before_postgresql(servers.postgres.port(), served(files)) as port:
        bench, secret, _ = behind(servers, port, CA_FILE=str(files[2]))
        assert "SSLCertVerificationError" in refused(bench, secret)


@pytest.mark.engine
def test_a_certificate_that_has_expired_is_refused(servers: Sandbox, tmp_path: Path) -> None:
    files = issue(tmp_path, valid=(-2 * HOUR, -HOUR))
    with tls_before_postgresql(servers.postgres.port(), served(files)) as port:
        bench, secret, _ = behind(servers, port, CA_FILE=str(files[2]))
        assert "SSLCertVerificationError" in refused(bench, secret)


@pytest.mark.engine
def test_a_server_that_refuses_tls_gets_no_login(servers: Sandbox) -> None:
    with tls_before_postgresql(servers.postgres.port(), None) as port:
        bench, secret, _ = behind(servers, port)
        assert "cannot be connected to: InterfaceError" in refused(bench, secret)


@pytest.mark.parametrize(
    ("host", "asked_for", "plaintext"),
    [
        ("127.0.0.1", True, True),
        ("localhost", True, True),
        ("::1", True, True),
        ("127.0.0.1", False, False),
        ("db.example.com", True, False),
        ("localhost.example.com", True, False),
        ("127.0.0.2", True, False),
    ],
)
def test_plaintext_is_for_loopback_only_and_only_when_asked_for(host: str, asked_for: bool, plaintext: bool) -> None:
    configuration = Configuration(strategy="postgresql-single-user", plaintext_on_loopback=asked_for)
    assert (context_for(host, configuration) is None) is plaintext
    assert Documentdb(configuration)._tls(host)["tls"] is not plaintext


def test_names_and_certificates_are_checked_and_old_protocols_are_not_spoken() -> None:
    context = verifying(None)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
