"""The stand-in provider, as a server that is started on request only."""

import socket
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox, SandboxError
from support.sandbox import running


def test_it_is_not_started_unless_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, "openbao") as sandbox:
        assert sandbox.provider.on_request
        assert sandbox.provider.state() == "stopped"
        with pytest.raises(SandboxError, match="has not written `vault:PORT`"):
            _ = sandbox.provider.debug_providers


def test_it_starts_with_the_server_it_depends_on_and_says_where_it_listens(tmp_path: Path) -> None:
    with running(tmp_path, "provider") as sandbox:
        assert sandbox.vault.state() == "healthy"
        assert sandbox.provider.state() == "healthy"
        name, _, port = sandbox.provider.debug_providers.partition(":")
        assert name == "vault"
        socket.create_connection(("127.0.0.1", int(port)), timeout=10).close()
        before = sandbox.provider.process
        sandbox.up(print, ["provider"])
        assert sandbox.provider.process == before
        sandbox.down()
        assert before is not None
        assert not before.alive


@pytest.mark.parametrize("stdout", ["", "vault:12", "aws:1234\n", "vault:\n", "listening on vault:1234\n"])
def test_anything_but_a_whole_first_line_is_no_address(tmp_path: Path, stdout: str) -> None:
    provider = Sandbox(tmp_path).provider
    provider.home.mkdir(parents=True)
    (provider.home / "stdout").write_text(stdout)
    with pytest.raises(SandboxError):
        _ = provider.debug_providers
    assert not provider.healthy()
