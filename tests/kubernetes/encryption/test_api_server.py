"""Our rules and our file before the judge: the real API server.

It reads the file before it looks for etcd. Told of an audit policy that is not there, it ends with one complaint or the
other within half a second: of the file, or, if that is in order, of the audit policy.
"""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from kubernetes.client import ApiClient, CoreV1Api

from strongroom.kubernetes.encryption.document import Configuration, DocumentError
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.render import as_dict, render, sha256
from strongroom.kubernetes.encryption.ring import ring_of
from strongroom.kubernetes.encryption.rules import check, flaws
from strongroom_sandbox import Sandbox
from strongroom_sandbox.files import write_secret
from strongroom_sandbox.servers.built import obtain
from strongroom_sandbox.servers.kube_apiserver import ADMIN
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.toolchain.gotools import KUBE_APISERVER
from support import canary
from support.encryption_examples import BROKEN, SOUND, configuration, configurations, keys_of
from support.sandbox import running

pytestmark = pytest.mark.engine


def _quick(configuration: Configuration) -> Configuration:
    """The same with plugins that an API server does not wait for: it asks each how it is when it starts."""
    hasty = (replace(plugin, timeout_ms=min(plugin.timeout_ms, 50)) for plugin in configuration.plugins)
    return replace(configuration, plugins=tuple(hasty))


Judge = Callable[[bytes], str]
"""What an API server says against a file; empty if it takes it."""


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("judge")
    binary = obtain(KUBE_APISERVER, print)
    signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "accounts.key").write_bytes(signing.private_bytes(pem, form, serialization.NoEncryption()))
    file = folder / "encryption.yaml"
    options = {
        "etcd-servers": f"https://{HOST}:1",
        "cert-dir": folder,
        "bind-address": HOST,
        "service-account-issuer": f"https://{HOST}",
        "service-account-key-file": folder / "accounts.key",
        "service-account-signing-key-file": folder / "accounts.key",
        "encryption-provider-config": file,
        "encryption-provider-config-automatic-reload": "true",
        "audit-policy-file": folder / "absent",
        "audit-log-path": folder / "audit.log",
    }

    def judged(data: bytes) -> str:
        write_secret(file, data.decode())
        argv = [str(binary), *(f"--{name}={value}" for name, value in options.items())]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, cwd=folder)
        (said,) = (line for line in done.stderr.splitlines() if '"command failed"' in line)
        return "" if "loading audit policy file" in said else said.partition("err=")[2]

    return judged


@pytest.mark.parametrize("sound", SOUND, ids=lambda c: " + ".join(str(g.ring) for g in c.groups))
def test_what_we_take_an_api_server_takes(judge: Judge, sound: Any) -> None:
    assert judge(render(_quick(sound), keys_of(*(group.ring for group in sound.groups)))) == ""


def test_what_an_api_server_refuses_we_refuse(judge: Judge) -> None:
    stricter = []
    for broken, said in BROKEN:
        keys = keys_of(*(group.ring for group in broken.groups))
        try:
            document = as_dict(_quick(broken), keys)
        except DocumentError:  # there is no text of it at all
            continue
        with pytest.raises(DocumentError):
            check(broken, keys)
        if not judge(json.dumps(document).encode()):
            stricter.append(said)
    # What an API server takes, and what would then be lost, read by nobody, or in plain text without anybody's word.
    assert stricter == STRICTER


STRICTER: Final = [
    r"twice \(groups 1 and 2\)",
    "is no resource",
    "is no resource",
    "ends in a dot",
    "identity is first",
    "plain text is declared, and secretbox:a is first",
    "named 2 times",
    "aescbc has a name",
]


@given(configurations())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_of_any_configuration_we_take_none_that_an_api_server_refuses(judge: Judge, made: Any) -> None:
    found, keys = made
    said = judge(json.dumps(as_dict(_quick(found), keys)).encode())
    assert not said or list(flaws(found)), said


def _provider(kind: str, **settings: Any) -> dict[str, Any]:
    group = {"resources": ["secrets"], "providers": [{kind: settings}]}
    return {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [group]}


def _key(data: bytes, **more: Any) -> dict[str, Any]:
    return {"name": "a", "secret": base64.b64encode(data).decode(), **more}


def _files() -> Iterator[dict[str, Any]]:
    yield _provider("rot13", keys=[_key(b"0" * 32)])
    yield _provider("secretbox", keys=[])
    yield _provider("secretbox", keys=[_key(b"0" * 16)])
    yield _provider("secretbox", keys=[_key(b"0" * 32, extra=1)])
    yield _provider("secretbox", keys=[{"name": "a", "secret": "%%%"}])
    yield _provider("secretbox", keys=[{"name": "", "secret": _key(b"0" * 32)["secret"]}])
    yield _provider("aescbc", keys=[_key(b"0" * 20)])
    yield _provider("aesgcm", keys=[_key(b"")])
    yield _provider("kms", name="a", endpoint="unix:///a.sock")  # version 1
    yield _provider("kms", apiVersion="v3", name="a", endpoint="unix:///a.sock")
    yield _provider("kms", apiVersion="v2", name="a:b", endpoint="unix:///a.sock")
    yield _provider("kms", apiVersion="v2", name="a", endpoint="tcp://a")
    yield _provider("kms", apiVersion="v2", name="a", endpoint="unix:///a.sock", cachesize=10)
    yield _provider("kms", apiVersion="v2", name="a", endpoint="unix:///a.sock", timeout="0s")
    yield {**_provider("identity"), "kind": "Configuration"}
    yield {**_provider("identity"), "more": 1}


@pytest.mark.parametrize("file", list(_files()), ids=lambda file: str(file["resources"][0]["providers"])[:60])
def test_a_file_that_an_api_server_refuses_cannot_be_taken_over(judge: Judge, file: dict[str, Any]) -> None:
    data = json.dumps(file).encode()
    assert judge(data)
    with pytest.raises(DocumentError):
        parse(data)


@pytest.fixture(scope="module")
def encrypting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, bytes]]:
    """A cluster whose API server starts with our file."""
    ring = ring_of("secretbox:key-2, aescbc:key-1, identity")
    data = render(configuration(str(ring)), {entry: Key.new() for entry in ring.entries if entry.name})
    folder = tmp_path_factory.mktemp("cluster")
    sandbox = Sandbox(folder)
    sandbox.kube.home.mkdir(parents=True)
    write_secret(sandbox.kube.encryption_file, data.decode())
    with running(folder, sandbox.kube.name) as started:
        yield started, data


def test_a_secret_is_in_etcd_under_our_key_and_its_value_in_none_of_etcds_files(
    encrypting: tuple[Sandbox, bytes],
) -> None:
    sandbox, data = encrypting
    value = "canary-of-a-kubernetes-secret"
    client: ApiClient = sandbox.kube.client()
    with client:
        CoreV1Api(client).create_namespaced_secret(
            "default", {"metadata": {"name": "stripe"}, "stringData": {"key": value}}
        )
    kube = sandbox.kube
    shown = (str(kube.home / f"{ADMIN}.pem"), str(kube.home / f"{ADMIN}.key"))
    with requests.Session() as session:
        session.trust_env = False
        metrics = session.get(f"{kube.server}/metrics", verify=str(kube.authority.certificate), cert=shown, timeout=30)
    files = [path.read_bytes() for path in sandbox.etcd.data.rglob("*") if path.is_file()]
    assert any(b"/registry/secrets/default/stripe" in file for file in files)
    assert any(ring_of("secretbox:key-2").writes.prefix in file for file in files)
    assert not canary.files_with(value, sandbox.etcd.data)
    # By this a rotation knows which file each API server reads.
    assert f'hash="{sha256(data)}"' in metrics.text
