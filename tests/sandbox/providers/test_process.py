"""The process: its first line, its silence, its end."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import provider_pb2_grpc

from support.stand_in import Engine, ProviderError, serving

from .conftest import NOBODY, DevServer

COMMAND = [sys.executable, "-m", "strongroom_sandbox.providers"]
POLICY = "vault:index/policy:Policy"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_answers_and_ends_silently_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    token_file = tmp_path / "token"
    token_file.write_text("hunter2")
    process = subprocess.Popen(
        [*COMMAND, "vault", "--token-file", str(token_file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"VAULT_ADDR": NOBODY},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        package, port = process.stdout.readline().rstrip("\n").split(":")
        assert package == "vault"
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.Attach(proto.PluginAttach(address="127.0.0.1:1")) == empty_pb2.Empty()
            assert stub.GetPluginInfo(empty_pb2.Empty()).version
            engine = Engine(channel)
            engine.configure({})
            with pytest.raises(ProviderError):
                engine.read(POLICY, "p")
    finally:
        process.send_signal(number)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "cannot read token file"), ("", "is empty"), (" \n", "is empty")]
)
def test_without_a_token_it_does_not_start_and_says_why(tmp_path: Path, content: str | None, reason: str) -> None:
    token_file = tmp_path / "token"
    if content is not None:
        token_file.write_text(content)
    done = subprocess.run(
        [*COMMAND, "vault", "--token-file", str(token_file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_package_that_nobody_stands_in_for_is_refused() -> None:
    done = subprocess.run(
        [*COMMAND, "oci", "--token-file", "x"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "invalid choice: 'oci'" in done.stderr


def test_a_token_that_was_renewed_is_read_again_by_the_next_run(dev_server: DevServer, tmp_path: Path) -> None:
    token_file = tmp_path / "renewed"
    token_file.write_text("outlived")
    with serving(token_file, os.environ | {"VAULT_ADDR": dev_server.address}) as engine:
        engine.configure({})
        with pytest.raises(ProviderError, match="does not know the token"):
            engine.made(POLICY, {"name": "p", "policy": 'path "x" {}'})
        token_file.write_text(dev_server.token_file.read_text())
        engine.configure({})
        engine.made(POLICY, {"name": "p", "policy": 'path "x" {}'})


def test_a_sealed_server_gives_one_clear_error(dev_server: DevServer) -> None:
    with serving(dev_server.token_file, os.environ | {"VAULT_ADDR": dev_server.address}) as engine:
        engine.configure({})
        dev_server.client().sys.seal()
        with pytest.raises(ProviderError, match="is sealed, or was never initialised; unseal it and try again"):
            engine.made(POLICY, {"name": "p", "policy": 'path "x" {}'})


def test_many_requests_at_once_do_not_mix(dev_server: DevServer) -> None:
    names = [f"p{number}" for number in range(100)]
    with serving(dev_server.token_file, os.environ | {"VAULT_ADDR": dev_server.address}) as engine:
        engine.configure({})
        with ThreadPoolExecutor(16) as pool:
            made = list(
                pool.map(lambda name: engine.made(POLICY, {"name": name, "policy": f'path "{name}" {{}}'}), names)
            )
    assert [(identity, state["policy"]) for identity, state, _ in made] == [
        (name, f'path "{name}" {{}}') for name in names
    ]
