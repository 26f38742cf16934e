"""What an operator sees when the store cannot be had: one clear line, exit code 1, and nothing written."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from strongroom_sandbox.certificates import Authority
from support.sandbox import running
from support.values_bench import Bench

VALUE = "canary-for-failures"
COMMANDS = [
    ("put", "payments/stripe/api_key"),
    ("generate", "payments/stripe"),
    ("generate", "--missing"),
    ("status",),
    ("rm", "payments/stripe", "--yes"),
]
EACH_COMMAND = pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)


def _fails(bench: Bench, *arguments: str, code: int = 1, **environment: str) -> str:
    """Runs it and returns the one line that it says."""
    done = bench.run(*arguments, stdin=VALUE.encode(), environment=environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert VALUE not in done.stderr
    return done.stderr


@EACH_COMMAND
def test_before_the_platform_is_deployed_there_is_no_engine(unmounted: Bench, arguments: tuple[str, ...]) -> None:
    # A token that may do all, so that the server says more than `permission denied`.
    error = _fails(unmounted, *arguments, VAULT_TOKEN=unmounted.sandbox.vault.token_file.read_text())
    assert f"there is no KV version 2 engine {unmounted.mount} on {unmounted.sandbox.vault.address}" in error
    assert "deploy the" in error


@EACH_COMMAND
def test_a_token_without_the_rights_is_told_what_it_may_not_do(bench: Bench, arguments: tuple[str, ...]) -> None:
    error = _fails(bench, *arguments, VAULT_TOKEN=bench.token_for_nothing())
    assert "the token's policies do not give `" in error
    assert bench.mount in error
    assert "or log in as somebody who has it" in error
    assert bench.nothing_stored()


def test_a_token_that_is_no_longer_valid_is_told_so(bench: Bench) -> None:
    token = bench.token_for_nothing()
    bench.root.auth.token.revoke(token)
    assert "does not know the token: it has expired, was revoked" in _fails(bench, "status", VAULT_TOKEN=token)


def test_a_token_that_may_look_and_not_write_writes_nothing(bench: Bench) -> None:
    token = bench.token(f'path "{bench.mount}/metadata/*" {{ capabilities = ["read"] }}')
    error = _fails(bench, "put", "payments/stripe/api_key", VAULT_TOKEN=token)
    assert f"do not give `create` or `update` on {bench.mount}/data/payments/stripe" in error
    assert bench.nothing_stored()


def test_without_a_token_it_says_how_to_get_one(bench: Bench) -> None:
    assert "no Vault token: log in" in _fails(bench, "status", VAULT_TOKEN="")


@EACH_COMMAND
def test_another_address_than_the_stacks_is_refused_before_anything_is_sent(
    bench: Bench, arguments: tuple[str, ...]
) -> None:
    error = _fails(bench, *arguments, code=2, VAULT_ADDR="https://vault.prod.example:8200")
    assert "VAULT_ADDR is https://vault.prod.example:8200, but the stack's vault:address is" in error
    assert bench.requests() == []


def _point_at(bench: Bench, address: str) -> None:
    file = bench.project / "stacks/Pulumi.test.yaml"
    file.write_text(file.read_text().replace(bench.sandbox.vault.address, address))
    bench.environment |= {"VAULT_ADDR": address}


@pytest.fixture
def unreachable() -> Iterator[str]:
    """An address of this machine that refuses connections for as long as the test lasts: bound, not listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"https://127.0.0.1:{taken.getsockname()[1]}"


@EACH_COMMAND
def test_a_server_that_does_not_answer_is_named(unmounted: Bench, unreachable: str, arguments: tuple[str, ...]) -> None:
    _point_at(unmounted, unreachable)
    error = _fails(unmounted, *arguments)
    assert error == f"{unreachable} cannot be reached (ConnectionError); check the address and the network.\n"


def _another_authority(tmp_path: Path) -> str:
    authority = Authority(tmp_path / "another-authority")
    authority.prepare()
    return str(authority.certificate)


def _system_authorities(_tmp_path: Path) -> str:
    return ""


@pytest.mark.parametrize("authority", [_another_authority, _system_authorities])
def test_a_server_whose_certificate_is_not_trusted_gets_nothing(
    bench: Bench, tmp_path: Path, authority: Callable[[Path], str]
) -> None:
    error = _fails(bench, "put", "payments/stripe/api_key", VAULT_CACERT=authority(tmp_path))
    assert f"the certificate of {bench.sandbox.vault.address} is not trusted (" in error
    assert "name its authority in VAULT_CACERT" in error
    assert bench.requests() == []


def test_a_file_that_is_no_certificate_is_no_trust(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    error = _fails(bench, "status", VAULT_CACERT=str(tmp_path / "ca.pem"))
    assert "holds no certificate" in error


def test_a_certificate_authority_that_is_not_there_is_named(bench: Bench) -> None:
    error = _fails(bench, "status", code=2, VAULT_CACERT="/nowhere/ca.pem")
    assert "there is no CA certificate /nowhere/ca.pem" in error


def test_a_sealed_server_says_that_it_is_sealed(tmp_path: Path) -> None:
    with running(tmp_path / "sandbox", "openbao") as own:
        bench = Bench(tmp_path, own)
        bench.mount_engine()
        bench.root.sys.seal()
        for arguments in COMMANDS:
            error = _fails(bench, *arguments)
            assert own.vault.address in error
            assert "sealed" in error
            assert "unseal it and try again" in error
