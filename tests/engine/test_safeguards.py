"""What a change would lose is refused before the engine runs; the command that is shown, run as it is shown, keeps it.

One environment with something in every engine, changed by each test and put back in order by it.
"""

import base64
import copy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import pytest

from strongroom.review.comment import comment
from strongroom.review.preview import from_json
from strongroom.safeguards.guard import LossError
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.engine import Result
from strongroom_sandbox.preview import main as preview_main
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.sandbox import running, without_cluster
from support.toolchain import ROOT
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

NAME = "guarded"
CANARY = "safeguards-canary-of-a-password-6f0d"
DATABASE = "guarded-first-password"
"""The name of the reference to the database's first password."""


def _files(sandbox: Sandbox) -> tuple[dict[str, Any], dict[str, Any]]:
    """The environment and the catalog, as they are before anything changes."""
    postgresql = {
        "host": sandbox.postgres.host,
        "port": sandbox.postgres.port(),
        "database": sandbox.postgres.database,
        "username": sandbox.postgres.admin,
        "tls": "disable",
        "first_password": {"pulumi_config": DATABASE},
    }
    authority = {"root": {"common_name": "Guarded Root", "ttl": "3650d"}}
    authority |= {"intermediate": {"common_name": "Guarded Issuing", "ttl": "1825d"}}
    engines: dict[str, Any] = {
        "transit": {},
        "ssh": {},
        "pki": {**authority, "domains": {"shop": ["shop.example"]}},
        "database": {"connections": {"orders": {"postgresql": postgresql}}},
    }
    world = environment(sandbox, NAME, engines)
    world["protect"] = True
    world["stores"] = {"kv": {"vault_kv": {"max_versions": 5}}, "old": {"vault_kv": {"max_versions": 5}}}
    world["vault"]["auth"]["machines"] = {"approle": {}}
    catalog = {
        "team": "shop",
        "workloads": {"reader": runs_as("reader"), "job": {"runs_as": {"approle": {}}}},
        "secrets": {
            "smtp": {"fields": ["password"]},
            "archive": {"fields": ["password"], "store": "old"},
            "card": {"encryption_key": {}},
            "email": {"encryption_key": {}},
            "orders": {"database": {"connection": "orders", "access": "readonly"}},
            "web": {"certificate": {"allowed_domains": ["shop.example"], "ttl": "1h", "max_ttl": "2h"}},
        },
        "grants": [
            {"workload": "reader", "secret": "smtp", "can": ["read"]},
            {"workload": "reader", "secret": "archive", "can": ["read"]},
            {"workload": "reader", "secret": "card", "can": ["encrypt", "decrypt"]},
            {"workload": "reader", "secret": "orders", "can": ["read"]},
            {"workload": "reader", "secret": "web", "can": ["issue"]},
            {"workload": "job", "secret": "smtp", "can": ["read"]},
        ],
    }
    return world, catalog


class World:
    """What was deployed, and what a test changes of it."""

    def __init__(self, sandbox: Sandbox, toolchain: Toolchain, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.environment, self.catalog = _files(sandbox)
        secrets = {DATABASE: sandbox.postgres.first_password}
        self.deployed: Deployed = deploy(sandbox, toolchain, folder, self.environment, [self.catalog], secrets)
        self.operator: hvac.Client = sandbox.vault.root_client()

    def remove(self, secret: str) -> None:
        """Takes a secret and the grants on it out of the catalog."""
        del self.catalog["secrets"][secret]
        self.catalog["grants"] = [grant for grant in self.catalog["grants"] if grant["secret"] != secret]

    def write(self) -> None:
        write_project(self.folder, self.environment, [self.catalog])

    def up(self, *allow_loss: str) -> Result:
        return self.deployed.deployment.up(self.deployed.engine, allow_loss)

    def settled(self) -> None:
        """The next `up` has nothing to do."""
        result = self.up()
        assert result.changed == 0, result.console.read_text()

    def refused(self) -> str:
        """What `up` says when it refuses; neither state nor server has changed, and the engine has not run."""
        self.write()
        before, log = self._everything(), self.deployed.engine.work / "logs" / "up.log"
        ran = log.stat().st_mtime_ns
        with pytest.raises(LossError) as refusal:
            self.up()
        assert self._everything() == before
        assert log.stat().st_mtime_ns == ran
        return str(refusal.value)

    def shell(self, command: str) -> "subprocess.CompletedProcess[str]":
        """A line, as somebody types it where the stack is at hand."""
        with self.start(command) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def start(self, command: str) -> "subprocess.Popen[str]":
        variables = self.deployed.engine.environment() | {
            "VAULT_TOKEN": self.sandbox.vault.token_file.read_text(),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{self.deployed.engine.environment()['PATH']}",
        }
        return subprocess.Popen(
            ["sh", "-c", command],
            cwd=self.folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def run_what_is_shown(self, said: str) -> str:
        """Runs each command that a refusal shows, exactly as it is shown."""
        commands = shown_in(said)
        assert commands
        output = ""
        for command in commands:
            done = self.shell(command)
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            output += done.stdout
        return output

    def workload(self) -> hvac.Client:
        project = self.deployed.deployment.plan(self.deployed.engine)
        return login(self.sandbox, self.deployed._replace(plan=project), "shop/reader")

    def put(self, path: str, mount: str, value: str = CANARY) -> None:
        about = self.operator.read(f"{mount}/metadata/{path}")
        cas = about["data"]["current_version"] if about else 0
        body = {"options": {"cas": cas}, "data": {"password": value}}
        self.operator.write_data(f"{mount}/data/{path}", data=body)

    def encrypt(self, key: str, mount: str = f"transit-{NAME}") -> str:
        body = {"plaintext": base64.b64encode(CANARY.encode()).decode()}
        return str(self.operator.write_data(f"{mount}/encrypt/shop.{key}", data=body)["data"]["ciphertext"])

    def decrypt(self, key: str, ciphertext: str, mount: str = f"transit-{NAME}") -> str:
        answer = self.operator.write_data(f"{mount}/decrypt/shop.{key}", data={"ciphertext": ciphertext})
        return base64.b64decode(answer["data"]["plaintext"]).decode()

    def mounts(self) -> dict[str, str]:
        """Path and accessor of everything that is mounted."""
        engines = self.operator.sys.list_mounted_secrets_engines()["data"]
        methods = self.operator.sys.list_auth_methods()["data"]
        found = {path.strip("/"): info["accessor"] for path, info in engines.items()}
        return found | {f"auth/{path.strip('/')}": info["accessor"] for path, info in methods.items()}

    def _everything(self) -> tuple[str, dict[str, str], Any]:
        keys = self.operator.list(f"transit-{NAME}/keys")
        return json.dumps(self.deployed.engine.export()), self.mounts(), (keys or {}).get("data")


@pytest.fixture(scope="module")
def deployed_world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers"), *without_cluster(flavour), flavour=flavour) as sandbox:
        world = World(sandbox, toolchain, tmp_path_factory.mktemp("project"))
        world.put("shop/smtp", f"kv-{NAME}")
        world.put("shop/archive", f"old-{NAME}")
        yield world


@pytest.fixture
def world(deployed_world: World) -> Iterator[World]:
    """The world with its files as they were in the beginning, also for the test after this one."""
    before = copy.deepcopy((deployed_world.environment, deployed_world.catalog))
    yield deployed_world
    deployed_world.environment, deployed_world.catalog = before
    deployed_world.write()


def shown_in(said: str) -> list[str]:
    """The commands that a refusal shows."""
    marks = ("  safe:  ", "to lose exactly that: ")
    return [line.removeprefix(mark) for line in said.splitlines() for mark in marks if line.startswith(mark)]


Change = Callable[[World], None]


def _rename(section: str) -> Change:
    def change(world: World) -> None:
        world.environment["vault"]["engines"][section]["mount"] = f"{section}-renamed"

    return change


def _rename_store(world: World) -> None:
    world.environment["stores"]["kv"]["vault_kv"]["mount"] = "kv-renamed"


def _rename_method(world: World) -> None:
    world.environment["vault"]["auth"]["issuer"]["jwt"]["mount"] = "issuer-renamed"


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (_rename_store, f"kv-{NAME}", "kv-renamed"),
        (_rename("transit"), f"transit-{NAME}", "transit-renamed"),
        (_rename("database"), f"database-{NAME}", "database-renamed"),
        (_rename("ssh"), f"ssh-{NAME}", "ssh-renamed"),
        (_rename("pki"), f"pki-{NAME}", "pki-renamed"),
        (_rename_method, f"auth/issuer-{NAME}", "auth/issuer-renamed"),
    ],
)
def test_a_mount_at_another_path_is_moved_with_all_that_is_in_it(
    world: World, change: Change, old: str, new: str
) -> None:
    def at(path: str) -> str:
        return new if path == old else path

    accessor, ciphertext = world.mounts()[old], world.encrypt("card")
    authority = world.operator.list(f"pki-{NAME}/issuers")
    change(world)
    world.workload()
    said = world.refused()
    assert f"stacks/environments/{NAME}.yaml:" in said
    assert f"{old}: the {'auth method' if 'auth/' in old else 'mount'} is declared at another path: {new}" in said
    world.run_what_is_shown(said)
    assert world.mounts()[new] == accessor
    assert old not in world.mounts()
    result = world.up()
    assert not {"delete", "replace", "create-replacement", "delete-replaced"} & result.changes.keys(), result.changes
    world.settled()
    client = world.workload()
    assert client.read(f"{at(f'kv-{NAME}')}/data/shop/smtp")["data"]["data"] == {"password": CANARY}
    assert world.decrypt("card", ciphertext, at(f"transit-{NAME}")) == CANARY
    assert client.read(f"{at(f'database-{NAME}')}/creds/shop.orders")["data"]["username"]
    issued = client.write_data(f"{at(f'pki-{NAME}')}/issue/shop.web", data={"common_name": "shop.example"})
    assert issued["data"]["certificate"]
    assert world.operator.list(f"{at(f'pki-{NAME}')}/issuers")["data"]["keys"] == authority["data"]["keys"]
    # And back again.
    world.environment, world.catalog = _files(world.sandbox)
    world.run_what_is_shown(world.refused())
    world.up()
    world.settled()


def _drop_store(world: World) -> None:
    del world.environment["stores"]["old"]
    world.remove("archive")


def _downgrade_store(world: World) -> None:
    world.environment["stores"]["old"] = {"vault_kv_v1": {}}


def _drop_key(world: World) -> None:
    world.remove("email")


def _key(**changes: Any) -> Change:
    return lambda world: world.catalog["secrets"]["email"]["encryption_key"].update(changes)


def _drop_database(world: World) -> None:
    del world.environment["vault"]["engines"]["database"]
    world.remove("orders")


def _drop_method(world: World) -> None:
    del world.environment["vault"]["auth"]["machines"]
    del world.catalog["workloads"]["job"]
    world.catalog["grants"] = [grant for grant in world.catalog["grants"] if grant["workload"] != "job"]


def _other_root(world: World) -> None:
    world.environment["vault"]["engines"]["pki"]["root"]["common_name"] = "Another Root"


def _other_ssh_key(world: World) -> None:
    world.environment["vault"]["engines"]["ssh"] = {"key_type": "ecdsa-sha2-nistp256"}


def _fewer_versions(world: World) -> None:
    world.environment["stores"]["old"]["vault_kv"]["max_versions"] = 1


def _unprotected(world: World) -> None:
    world.environment["protect"] = False


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_drop_store, [f"old-{NAME}: the mount is not declared any more", "lost:  secrets: shop/"]),
        (_downgrade_store, [f"old-{NAME}: its type changes from kv to kv_v1"]),
        (_drop_key, [f"transit-{NAME}/keys/shop.email: it is not declared any more", "all that was ever encrypted"]),
        (_key(type="chacha20-poly1305"), ["type from 'aes256-gcm96' to 'chacha20-poly1305' changes"]),
        (_key(derived=True), ["derived from False to True changes"]),
        (_key(min_decryption_versions={NAME: 2}), ["min_decryption_version is raised from 1 to 2", "`rewrap`"]),
        (_drop_database, [f"database-{NAME}: the mount is not declared any more", "credentials in use: 1"]),
        (_drop_method, [f"auth/machines-{NAME}: the auth method is not declared any more", "who logged in"]),
        (_other_root, [f"pki-{NAME}-root/issuer/Guarded Root: it is not declared any more"]),
        (_other_ssh_key, [f"ssh-{NAME}: key_type from 'ssh-ed25519' to 'ecdsa-sha2-nistp256' changes"]),
        (_fewer_versions, ["max_versions is lowered from 5 to 1", "lost:  older versions of shop/archive"]),
        (_unprotected, [f"kv-{NAME}: its protection is taken away", f"transit-{NAME}/keys/shop.card: its protection"]),
    ],
)
def test_what_would_be_lost_is_refused_before_the_engine_runs(world: World, change: Change, said: list[str]) -> None:
    world.put("shop/archive", f"old-{NAME}", f"{CANARY}-of-a-newer-version")
    if change is _drop_database:
        world.workload().read(f"database-{NAME}/creds/shop.orders")
    if change is _drop_method:
        _login_as_job(world)
    change(world)
    refusal = world.refused()
    for text in said:
        assert text in refusal
    assert CANARY not in refusal


def _login_as_job(world: World) -> None:
    role = f"auth/machines-{NAME}/role/shop.job"
    ids = {"role_id": world.operator.read(f"{role}/role-id")["data"]["role_id"]}
    ids["secret_id"] = world.operator.write_data(f"{role}/secret-id", data={})["data"]["secret_id"]
    assert world.operator.write_data(f"auth/machines-{NAME}/login", data=ids)["auth"]["client_token"]


def test_what_holds_nothing_may_go_without_a_question(world: World) -> None:
    world.environment["stores"]["spare"] = {"vault_kv": {"max_versions": 5}}
    world.environment["vault"]["auth"]["unused"] = {"userpass": {}}
    world.environment["protect"] = True
    world.write()
    world.up()
    world.environment["stores"]["spare"] = {"vault_kv": {"max_versions": 2}}
    world.write()
    assert world.up().changed == 1
    before = world.mounts()
    assert {f"spare-{NAME}", f"auth/unused-{NAME}"} <= before.keys()
    del world.environment["stores"]["spare"], world.environment["vault"]["auth"]["unused"]
    world.write()
    with pytest.raises(LossError, match="is protected") as refusal:
        world.up()
    world.run_what_is_shown(str(refusal.value))
    world.up()
    assert before.keys() - world.mounts().keys() == {f"spare-{NAME}", f"auth/unused-{NAME}"}
    world.settled()


@pytest.mark.parametrize(
    ("change", "lost"), [(_drop_store, f"old-{NAME}"), (_drop_key, f"transit-{NAME}/keys/shop.email")]
)
def test_what_may_be_lost_is_lost_and_nothing_beside_it(world: World, change: Change, lost: str) -> None:
    ciphertext, before = world.encrypt("card"), world.mounts()
    change(world)
    said = world.refused()
    (command,) = shown_in(said)
    assert command.endswith(f"--allow-loss {lost} --unprotect")
    for pattern in (f"{lost[:-1]}*", "*", lost[:-1]):
        done = world.shell(command.replace(lost, f"'{pattern}'"))
        assert (done.returncode, "nothing of that exact path" in done.stderr) == (2, True)
    assert f"allowed to be lost: {lost}: " in world.run_what_is_shown(said)
    world.up(lost)
    assert before.keys() - world.mounts().keys() == {lost} & before.keys()
    assert world.operator.list(f"transit-{NAME}/keys")["data"]["keys"] == (
        ["shop.card"] if "keys" in lost else ["shop.card", "shop.email"]
    )
    assert world.decrypt("card", ciphertext) == CANARY
    assert world.workload().read(f"kv-{NAME}/data/shop/smtp")["data"]["data"] == {"password": CANARY}
    world.settled()
    # As it was, for the other tests.
    world.environment, world.catalog = _files(world.sandbox)
    world.write()
    world.up()
    world.put("shop/archive", f"old-{NAME}")


def test_values_follow_a_secret_to_its_new_name_and_path(world: World) -> None:
    world.catalog["secrets"]["mail"] = world.catalog["secrets"].pop("smtp") | {"path": "shop/services/mail"}
    for grant in world.catalog["grants"]:
        grant["secret"] = grant["secret"].replace("smtp", "mail")
    said = world.refused()
    assert "stacks/catalog/shop.yaml:" in said
    assert f"kv-{NAME}/shop/smtp: secret shop/smtp is not declared any more" in said
    output = world.run_what_is_shown(said)
    assert "shop/mail: version 1" in output
    assert CANARY not in output
    world.up()
    world.settled()
    assert world.workload().read(f"kv-{NAME}/data/shop/services/mail")["data"]["data"] == {"password": CANARY}
    assert world.operator.read(f"kv-{NAME}/data/shop/smtp")["data"]["data"] == {"password": CANARY}
    # What has values already is never overwritten.
    (command,) = shown_in(said)
    done = world.shell(command)
    assert (done.returncode, "has values already" in done.stderr) == (2, True)
    world.environment, world.catalog = _files(world.sandbox)
    world.write()
    world.up()


def test_a_move_that_was_cut_short_on_its_way_is_ended_by_the_same_command(world: World) -> None:
    """Killed after the server had moved the mount, and before the state knew."""
    old, new = f"transit-{NAME}", "transit-renamed"
    ciphertext = world.encrypt("card")
    _rename("transit")(world)
    (command,) = shown_in(world.refused())
    world.operator.write_data("sys/remount", data={"from": old, "to": new})
    while new not in world.mounts() or old in world.mounts():
        pass
    said = world.refused()
    assert f"{old}: the mount was moved to {new} on the server, and the state does not know" in said
    assert shown_in(said) == [command]
    assert "is there already" in world.run_what_is_shown(said)
    again = world.shell(command)
    assert (again.returncode, "nothing in it is at" in again.stdout) == (0, True)
    world.up()
    world.settled()
    assert world.decrypt("card", ciphertext, new) == CANARY
    world.environment, world.catalog = _files(world.sandbox)
    world.run_what_is_shown(world.refused())
    world.up()


def test_a_move_that_was_killed_is_ended_by_the_same_command(world: World) -> None:
    _rename("ssh")(world)
    key = world.operator.read(f"ssh-{NAME}/config/ca")["data"]["public_key"]
    (command,) = shown_in(world.refused())
    process = world.start(command)
    while "ssh-renamed" not in world.mounts() and process.poll() is None:
        pass
    os.killpg(process.pid, signal.SIGKILL)  # while, or before, the state is written
    process.communicate()
    done = world.shell(command)
    assert done.returncode == 0, done.stderr
    world.up()
    world.settled()
    assert world.operator.read("ssh-renamed/config/ca")["data"]["public_key"] == key
    world.environment, world.catalog = _files(world.sandbox)
    world.run_what_is_shown(world.refused())
    world.up()


def test_a_move_to_where_the_plan_has_nothing_is_refused(world: World) -> None:
    options = f"--stack {NAME} --config-file {world.deployed.engine.config_file}"
    for arguments, said in (
        (f"kv-{NAME} kv-elsewhere", "the plan has no mount kv-elsewhere"),
        (f"kv-{NAME} old-{NAME}", "has a mount at old-guarded already"),
        (f"kv-{NAME} ssh-{NAME}", "moving changes no type"),
        (f"kv-{NAME} auth/issuer-{NAME}", "are not of a kind"),
        ("kv-nowhere kv-elsewhere", "has no mount kv-nowhere"),
    ):
        before = world.mounts()
        done = world.shell(f"strongroom remount {options} {arguments}")
        assert done.returncode == 2, done.stdout
        assert said in done.stderr
        assert world.mounts() == before


def test_without_a_server_whatever_may_hold_something_counts_as_if_it_did(world: World) -> None:
    options = f"--stack {NAME} --config-file {world.deployed.engine.config_file}"
    done = world.shell(f"strongroom guard {options} --offline")
    assert (done.returncode, done.stdout) == (0, f"{NAME}: nothing would be lost\n")
    _drop_method(world)
    world.write()
    done = world.shell(f"strongroom guard {options} --offline")
    assert done.returncode == 1
    assert "lost:  whoever logs in through it (no server was asked)" in done.stdout
    done = world.shell(f"VAULT_ADDR=https://127.0.0.1:9 strongroom guard {options}")
    assert done.returncode == 1
    assert "counts as if it did" in done.stderr


def test_a_preview_tells_the_pull_request_what_would_be_lost_and_what_keeps_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("policies", "tools"):
        if not (world.folder / name).exists():
            (world.folder / name).symlink_to(ROOT / name)
    for variable, value in world.deployed.engine.environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("VAULT_TOKEN", world.sandbox.vault.token_file.read_text())
    _rename_store(world)
    _drop_method(world)
    world.write()
    tracked = world.folder / "stacks" / f"Pulumi.{NAME}.yaml"
    tracked.write_bytes(world.deployed.engine.config_file.read_bytes())
    assert preview_main([NAME, str(tmp_path)], world.folder) == 1
    preview = from_json((tmp_path / NAME / "preview.json").read_text(), "preview.json")
    assert [loss.partition(": ")[2] for loss in preview.losses] == [
        f"auth/machines-{NAME}: the auth method is not declared any more; --allow-loss auth/machines-{NAME}",
        f"kv-{NAME}: the mount is declared at another path: kv-renamed; "
        f"strongroom remount --stack {NAME} kv-{NAME} kv-renamed",
    ]
    text = comment([preview])
    assert ":x: 2 losses refused" in text
    assert f"strongroom remount --stack {NAME} kv-{NAME} kv-renamed" in text
    assert "lost:  secrets: shop/" in capsys.readouterr().out
    allowed = ["--allow-loss", f"kv-{NAME}", "--allow-loss", f"auth/machines-{NAME}"]
    preview_main([*allowed, NAME, str(tmp_path)], world.folder)
    assert from_json((tmp_path / NAME / "preview.json").read_text(), "preview.json").losses == ()


def test_a_preview_against_another_server_than_the_declared_is_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable, value in world.deployed.engine.environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    world.environment["vault"]["version"] = "99.0"
    world.write()
    tracked = world.folder / "stacks" / f"Pulumi.{NAME}.yaml"
    tracked.write_bytes(world.deployed.engine.config_file.read_bytes())
    assert preview_main([NAME, str(tmp_path)], world.folder) == 1
    assert "and this is an older one" in capsys.readouterr().err
    assert not (tmp_path / NAME / "events.jsonl").exists()


def test_no_value_is_in_state_output_or_logs(world: World) -> None:
    world.up()
    assert canary.files_with(CANARY, world.sandbox.directory, world.folder) == []
    assert not canary.is_in(CANARY, json.dumps(world.deployed.engine.export()))
