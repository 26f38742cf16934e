"""The stand-in providers, as servers that are started on request only."""

import socket
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox, SandboxError
from strongroom_sandbox.providers.packages import PACKAGES
from support.sandbox import running


def test_there_is_one_for_each_package() -> None:
    assert Sandbox(Path("nowhere")).providers.keys() == PACKAGES.keys()


def test_none_is_started_unless_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, "openbao") as sandbox:
        for provider in sandbox.providers.values():
            assert provider.on_request
            assert provider.state() == "stopped"
            with pytest.raises(SandboxError, match=f"has not written `{provider.package}:PORT`"):
                _ = provider.debug_providers


@pytest.mark.parametrize(
    ("package", "server"),
    [
        ("vault", "provider"),
        ("aws", "provider-aws"),
        ("azure-native", "provider-azure-native"),
        ("gcp", "provider-gcp"),
        ("kubernetes", "provider-kubernetes"),
    ],
)
def test_it_starts_with_the_server_it_depends_on_and_says_where_it_listens(
    tmp_path: Path, package: str, server: str
) -> None:
    with running(tmp_path, server) as sandbox:
        provider = sandbox.providers[package]
        assert {status.name for status in sandbox.status() if status.state == "healthy"} == _needed(sandbox, server)
        name, _, port = provider.debug_providers.partition(":")
        assert name == package
        assert provider.listens_at == int(port)
        socket.create_connection(("127.0.0.1", int(port)), timeout=10).close()
        before = provider.process
        sandbox.up(print, [server])
        assert provider.process == before
        sandbox.down()
        assert before is not None
        assert not before.alive


def test_no_key_stands_in_the_arguments_or_the_environment_of_the_one_for_aws(tmp_path: Path) -> None:
    with running(tmp_path, "provider-aws") as sandbox:
        provider = sandbox.providers["aws"]
        process = provider.process
        assert process is not None
        seen = b"".join(Path(f"/proc/{process.pid}/{part}").read_bytes() for part in ("cmdline", "environ"))
        assert sandbox.moto.operator.secret_key.encode() not in seen
        assert sandbox.moto.credentials_file.stat().st_mode & 0o777 == 0o600
        assert sandbox.moto.operator.secret_key in sandbox.moto.credentials_file.read_text()


@pytest.mark.parametrize("package", ["vault", "aws"])
@pytest.mark.parametrize("stdout", ["", "{}:12", "gcp:1234\n", "{}:\n", "listening on {}:1234\n"])
def test_anything_but_a_whole_first_line_is_no_address(tmp_path: Path, package: str, stdout: str) -> None:
    provider = Sandbox(tmp_path).providers[package]
    provider.home.mkdir(parents=True)
    (provider.home / "stdout").write_text(stdout.format(package))
    with pytest.raises(SandboxError):
        _ = provider.debug_providers
    assert not provider.healthy()


def _needed(sandbox: Sandbox, server: str) -> set[str]:
    """A server, what it depends on, and what that does."""
    return {server}.union(*(_needed(sandbox, name) for name in sandbox.servers[server].depends_on))
