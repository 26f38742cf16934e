"""What a change would lose is refused before the engine runs; the command that is shown, run as it is shown, keeps it.

One environment with something in every engine, changed by each test and put back in order by it.
"""

import base64
import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import pytest

from strongroom.safeguards.guard import LossError
from strongroom.safeguards.rewrite import moved
from strongroom_sandbox import Sandbox
from strongroom_sandbox.engine import Result
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.sandbox import running
from support.workloads import environment, login, runs_as

# One worker, as all tests share what was deployed once.
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("safeguards")]

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
    world["stores"] = {"kv": {"vault_kv": {"max_versions": 5}}, "old": {"vault_kv": {}}}
    world["vault"]["auth"] |= {"machines": {"approle": {}}, "spare": {"approle": {"accepts": []}}}
    del world["vault"]["auth"]["spare"]
    catalog = {
        "team": "shop",
        "workloads": {"reader": runs_as("reader")},
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
        variables = self.deployed.engine.environment() | {
            "VAULT_TOKEN": self.sandbox.vault.token_file.read_text(),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{self.deployed.engine.environment()['PATH']}",
        }
        return subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )

    def run_what_is_shown(self, said: str) -> str:
        """Runs each command that a refusal shows, exactly as it is shown."""
        commands = [line.removeprefix("  safe:  ") for line in said.splitlines() if line.startswith("  safe:  ")]
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
def deployed_world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("servers")) as sandbox:
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
        (_rename_method, f"auth/issuer-{NAME}", "auth/issuer-renamed"),
    ],
)
def test_a_mount_at_another_path_is_moved_with_all_that_is_in_it(
    world: World, change: Change, old: str, new: str
) -> None:
    accessor, ciphertext = world.mounts()[old], world.encrypt("card")
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
    kv = "kv-renamed" if new == "kv-renamed" else f"kv-{NAME}"
    assert client.read(f"{kv}/data/shop/smtp")["data"]["data"] == {"password": CANARY}
    transit = "transit-renamed" if new == "transit-renamed" else f"transit-{NAME}"
    assert world.decrypt("card", ciphertext, transit) == CANARY
    database = "database-renamed" if new == "database-renamed" else f"database-{NAME}"
    assert client.read(f"{database}/creds/shop.orders")["data"]["username"]
    # And back again.
    world.environment, world.catalog = _files(world.sandbox)
    world.run_what_is_shown(world.refused())
    world.up()
    world.settled()
