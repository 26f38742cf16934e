"""A control plane of its own for tests that rotate its keys and kill its parts: etcd, API servers, and OpenBao as the
key store."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml
from kubernetes.client import ApiClient, CoreV1Api

from strongroom.kubernetes.encryption.rotation.etcd import Etcd as EtcdReader
from strongroom.kubernetes.encryption.rotation.prefixes import entry_of
from strongroom.kubernetes.encryption.rotation.reach import EtcdPlace
from strongroom_sandbox import Sandbox
from strongroom_sandbox.files import write_secret
from strongroom_sandbox.servers import KubeApiServer
from strongroom_sandbox.servers.server import Server
from support import command
from support.sandbox import running
from support.values_bench import Bench

KEEPER: Final = """
path "{mount}/data/platform/cluster-eu/encryption"     {{ capabilities = ["create", "update", "read"] }}
path "{mount}/metadata/platform/cluster-eu/encryption" {{ capabilities = ["read"] }}
"""
"""What whoever rotates keys needs in the key store."""


class EncryptedCluster:
    """One cluster, the project that declares it, and its operator."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.bench = Bench(folder, sandbox)
        self.bench.mount_engine()
        self.second = KubeApiServer(sandbox.directory, sandbox.etcd, folder="kube-apiserver-2")
        self._token = self.bench.token(KEEPER.format(mount=self.bench.mount))
        self._environment_file = self.bench.project / "stacks" / "environments" / "test.yaml"
        self._first_text = self._environment_file.read_text()

    # What is declared, and the commands

    def declare(self, *servers: KubeApiServer, own_files: bool = True, etcd: bool = True, **more: Any) -> None:
        """Writes the environment file. With `own_files`, the rotation writes the files of all servers itself."""
        files = self.sandbox.etcd.client_files
        encryption: dict[str, Any] = {
            "key_store": "kv",
            "api_servers": [server.server for server in servers],
            "request_timeout": "1s",
            **more,
        }
        if own_files:
            encryption["files"] = [str(server.encryption_file) for server in servers]
        if etcd:
            encryption["etcd"] = {
                "endpoints": [self.sandbox.etcd.address],
                "ca_file": str(self.sandbox.etcd.authority.certificate),
                "certificate_file": str(files.certificate),
                "key_file": str(files.key),
            }
        kube = self.sandbox.kube
        cluster = {"context": kube.context, "server": kube.server, "encryption": encryption}
        self._environment_file.write_text(self._first_text + yaml.safe_dump({"clusters": {"eu": cluster}}))

    @property
    def argv(self) -> tuple[str, ...]:
        return (*("--stack", "test"), "eu")

    @property
    def environment(self) -> dict[str, str]:
        kubeconfig = str(self.sandbox.kube.kubeconfig)
        return self.bench.environment | {"VAULT_TOKEN": self._token, "KUBECONFIG": kubeconfig}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`strongroom encryption ...` to its end."""
        argv = [command.STRONGROOM, "encryption", *arguments, *self.argv]
        return subprocess.run(
            argv,
            cwd=self.bench.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """The same, to watch its output while it runs; killed at the end of the block if it runs still."""
        argv = [command.STRONGROOM, "encryption", *arguments, *self.argv]
        environment = self.environment | {"PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            argv,
            cwd=self.bench.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def ring(self) -> str:
        """What the key store says."""
        return self.bench.stored("platform/cluster-eu/encryption")["ring"]

    # What is in the cluster

    def fill(self, namespace: str, count: int, value: str, threads: int = 8) -> None:
        """Makes so many Secrets that hold a value."""
        with self.client() as client:
            core = CoreV1Api(client)
            if namespace not in {found.metadata.name for found in core.list_namespace().items}:
                core.create_namespace({"metadata": {"name": namespace}})

            def make(number: int) -> None:
                body = {"metadata": {"name": f"secret-{number:05}"}, "stringData": {"key": f"{value}-{number}"}}
                core.create_namespaced_secret(namespace, body)

            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(make, range(count)))

    def values(self, namespace: str, server: KubeApiServer | None = None) -> dict[str, str]:
        """All Secrets of a namespace, as an API server reads them from etcd."""
        with self.client(server) as client:
            # A list with a limit and no version comes from etcd, or from a cache that is as new.
            found = CoreV1Api(client).list_namespaced_secret(namespace).items
        return {secret.metadata.name: secret.data["key"] for secret in found}

    def client(self, server: KubeApiServer | None = None) -> ApiClient:
        made: ApiClient = (server or self.sandbox.kube).client()
        return made

    def written_by(self) -> dict[str, int]:
        """How many Secrets are written by each entry, in etcd."""
        counts: dict[str, int] = {}
        for _, head in self.heads():
            counts[str(entry_of(head))] = counts.get(str(entry_of(head)), 0) + 1
        return counts

    def heads(self, folder: str = "secrets") -> list[tuple[str, bytes]]:
        """The name of each object of a folder of etcd, and how its value begins there."""
        etcd = self.sandbox.etcd
        reader = EtcdReader(
            EtcdPlace(
                endpoints=(etcd.address,),
                ca_file=str(etcd.authority.certificate),
                certificate_file=str(etcd.client_files.certificate),
                key_file=str(etcd.client_files.key),
                prefix="/registry" if folder else "",
            )
        )
        try:
            return list(reader.heads(folder or "registry"))
        finally:
            reader.close()


def killed(server: Server) -> None:
    """Ends a server as a loss of power would, and starts it again."""
    running = server.process
    assert running is not None
    running.send(signal.SIGKILL)
    # Until the last of its threads has ended, and so its port is free. Whoever started it still reaps it.
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)
    assert server.process is None
    server.start()


def until(process: "subprocess.Popen[str]", line: str) -> list[str]:
    """What a command says up to a line that begins so."""
    said = []
    assert process.stdout is not None
    for text in process.stdout:
        said.append(text.rstrip())
        if text.startswith(line):
            return said
    raise AssertionError(f"it never said {line!r}, but: {said}")


@contextmanager
def encrypted_cluster(folder: Path, first_file: bytes | None = None) -> Iterator[EncryptedCluster]:
    """A control plane whose key store has no ring yet, and whose API server encrypts by its first file."""
    sandbox_folder = folder / "sandbox"
    if first_file is not None:
        kube = Sandbox(sandbox_folder).kube
        kube.home.mkdir(parents=True)
        write_secret(kube.encryption_file, first_file.decode())
    with running(sandbox_folder, "openbao", "kube-apiserver") as sandbox:
        made = EncryptedCluster(folder, sandbox)
        try:
            yield made
        finally:
            made.second.stop()
