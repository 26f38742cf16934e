"""`strongroom encryption init` and `render` on a real OpenBao, with the documented rights and no more."""

import base64
import json
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.render import render, sha256
from strongroom.kubernetes.encryption.ring import Entry, ring_of
from strongroom_sandbox import Sandbox
from support import canary, command
from support.encryption_examples import CANARY, configuration
from support.values_bench import Bench

pytestmark = pytest.mark.engine

KEEPER = """
path "{mount}/data/platform/cluster-eu/encryption"     {{ capabilities = ["create", "update", "read"] }}
path "{mount}/metadata/platform/cluster-eu/encryption" {{ capabilities = ["read"] }}
"""
"""What whoever makes and rotates keys needs."""
NODE = KEEPER.replace('"create", "update", ', "")
"""What a control-plane node needs."""


class Cluster:
    """The project of the values channel with a cluster, and its commands."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.output = bench, bench.home / "encryption.yaml"
        environment = bench.project / "stacks" / "environments" / "test.yaml"
        clusters = "clusters: {eu: {context: eu, server: 'https://eu.example', encryption: {key_store: kv}}}\n"
        environment.write_text(environment.read_text() + clusters)

    def run(self, *arguments: str, policy: str = KEEPER) -> "subprocess.CompletedProcess[str]":
        token = self.bench.token(policy.format(mount=self.bench.mount))
        return command.strongroom(
            "encryption",
            *arguments,
            *("--stack", "test", "eu"),
            cwd=self.bench.project,
            environment=self.bench.environment | {"VAULT_TOKEN": token},
        )

    def render(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run("render", "--output", str(self.output), *arguments, policy=NODE)

    @property
    def kept(self) -> dict[str, str]:
        return self.bench.stored("platform/cluster-eu/encryption")

    def change(self, fields: dict[str, str]) -> None:
        path = f"{self.bench.mount}/data/platform/cluster-eu/encryption"
        version = self.bench.root.read(path)["data"]["metadata"]["version"]
        self.bench.root.write_data(path, data={"options": {"cas": version}, "data": fields})


@pytest.fixture
def cluster(sandbox: Sandbox, tmp_path: Path) -> Iterator[Cluster]:
    bench = Bench(tmp_path, sandbox)
    bench.mount_engine()
    yield Cluster(bench)
    bench.root.sys.disable_secrets_engine(bench.mount)


def _succeeded(done: "subprocess.CompletedProcess[str]") -> str:
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_first_key_of_a_running_cluster_is_second_until_all_its_servers_know_it(cluster: Cluster) -> None:
    said = _succeeded(cluster.run("init"))
    assert "ring identity, secretbox:key-1 made (kv, platform/cluster-eu/encryption, version 1)" in said
    assert set(cluster.kept) == {"ring", "resources", "secretbox.key-1"}
    assert len(base64.b64decode(cluster.kept["secretbox.key-1"])) == 32


def test_a_second_init_changes_nothing(cluster: Cluster) -> None:
    assert "ring secretbox:key-1 made" in _succeeded(cluster.run("init", "--new-cluster"))
    before = cluster.kept
    assert "is there already; nothing was changed" in _succeeded(cluster.run("init"))
    assert cluster.kept == before


def test_no_new_keys_are_made_where_some_were_deleted(cluster: Cluster) -> None:
    _succeeded(cluster.run("init"))
    cluster.bench.root.secrets.kv.v2.delete_latest_version_of_secret(
        "platform/cluster-eu/encryption", mount_point=cluster.bench.mount
    )
    for done in (cluster.run("init"), cluster.render()):
        assert done.returncode == 1
        assert "is deleted, and with it the keys to what is in etcd: restore it before anything else" in done.stderr
    assert not cluster.output.exists()


def test_every_node_gets_the_same_file_and_the_command_says_its_hash(cluster: Cluster) -> None:
    _succeeded(cluster.run("init", "--new-cluster"))
    said = _succeeded(cluster.render())
    data = cluster.output.read_bytes()
    assert f"eu: ring secretbox:key-1, {sha256(data)}: {cluster.output} is as it has to be\n" == said
    assert stat.S_IMODE(cluster.output.stat().st_mode) == 0o600
    found, keys = parse(data)
    assert str(found.groups[0].ring) == "secretbox:key-1"
    assert keys[Entry("secretbox", "key-1")].base64() == cluster.kept["secretbox.key-1"]
    inode = cluster.output.stat().st_ino
    _succeeded(cluster.render())
    assert cluster.output.stat().st_ino == inode  # what is right is not written again


def test_check_writes_nothing_and_says_what_differs(cluster: Cluster) -> None:
    assert cluster.render().stderr == "eu has no keys yet; make them with `strongroom encryption init`.\n"
    _succeeded(cluster.run("init", "--new-cluster"))
    done = cluster.render("--check")
    assert (done.returncode, cluster.output.exists()) == (1, False)
    assert done.stdout.endswith("encryption.yaml is not there\n")
    _succeeded(cluster.render())
    _succeeded(cluster.render("--check"))
    cluster.output.chmod(0o644)
    assert "may be read by others (mode 0644)" in cluster.render("--check").stdout
    assert "is as it has to be" in _succeeded(cluster.render())
    assert stat.S_IMODE(cluster.output.stat().st_mode) == 0o600


def test_a_file_that_encrypts_already_is_taken_over_with_its_keys(cluster: Cluster) -> None:
    ring = ring_of("secretbox:by-hand, aescbc:older, identity")
    keys = {entry: Key.new() for entry in ring.entries if entry.name}
    old = cluster.bench.home / "old.yaml"
    old.write_bytes(render(configuration(str(ring)), keys))
    assert f"ring {ring} made" in _succeeded(cluster.run("init", "--take-over", str(old)))
    _succeeded(cluster.render())
    assert cluster.output.read_bytes() == old.read_bytes()


def test_a_file_that_says_something_else_than_declared_is_not_taken_over(cluster: Cluster) -> None:
    old = cluster.bench.home / "old.yaml"
    old.write_bytes(render(configuration("secretbox:a", "secrets", "configmaps"), {Entry("secretbox", "a"): Key.new()}))
    done = cluster.run("init", "--take-over", str(old))
    assert done.returncode == 2
    assert "it has secrets, configmaps by secretbox:a, and declared is secrets by secretbox:a" in done.stderr
    assert cluster.bench.nothing_stored("platform/cluster-eu/encryption")


def test_no_key_is_in_any_output_argument_or_file_but_the_one(cluster: Cluster) -> None:
    """A canary instead of a key, through each command and each way to fail."""
    key = base64.b64encode(CANARY.encode()).decode()
    old = cluster.bench.home / "old.yaml"
    old.write_text(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n  - resources: [secrets]\n"
        f"    providers: [{{secretbox: {{keys: [{{name: a, secret: {key}}}]}}}}]\n"
    )
    shown = [cluster.run("init", "--take-over", str(old)), cluster.render("--check"), cluster.render()]
    assert [done.returncode for done in shown] == [0, 1, 0]
    assert canary.is_in(CANARY, cluster.output.read_bytes())
    cluster.output.rename(old)  # of all files only this one may have it
    # A node that may not write, a store whose keys are broken, a folder that is not there.
    shown.append(cluster.run("init", "--take-over", str(old), policy=NODE))
    shown.append(cluster.run("render", "--output", "/nonexistent/a.yaml", policy=NODE))
    for broken in (
        {"ring": f"secretbox:{key}"},
        {"ring": "identity", "secretbox.a": f"{key}!"},
        {"ring": "identity", key: key},
    ):
        cluster.change(broken)
        shown.append(cluster.render())
        assert shown[-1].returncode == 1
    assert not [done.args for done in shown if canary.is_in(CANARY, json.dumps(done.args))]
    assert not [done for done in shown if canary.is_in(CANARY, done.stdout + done.stderr)]
    assert canary.files_with(CANARY, cluster.bench.home, cluster.bench.project) == [old]
    assert [file.name for file in cluster.bench.home.glob(".encryption*")] == [".encryption.yaml.lock"]


def test_a_file_by_which_a_cluster_encrypts_already_is_not_overwritten(cluster: Cluster) -> None:
    """Somebody forgot `--take-over`: the only copy of a key would be gone, and every Secret with it."""
    by_hand = render(configuration("secretbox:key-1"), {Entry("secretbox", "key-1"): Key.new()})
    cluster.output.write_bytes(by_hand)
    cluster.output.chmod(0o600)
    _succeeded(cluster.run("init"))
    done = cluster.render()
    assert done.returncode == 2
    assert "has keys that the key store does not keep (secretbox:key-1)" in done.stderr
    assert cluster.output.read_bytes() == by_hand
