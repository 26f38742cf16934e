"""A server that was configured by hand, with the vendor's own command line, is taken over and changes nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support import by_hand
from support.by_hand import Typed, typed
from support.client_certificates import ClientAuthority
from support.sandbox import running
from support.toolchain import ROOT

# One worker, as the tests tell one story: taken over, changed by hand, found, undone.
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("adopt")]

STACK = "legacy"


@dataclass
class World:
    """A server with a past, and the project that took it over."""

    sandbox: Sandbox
    engine: Engine
    project: Path
    token: str
    """May read, as docs/adopt.md says."""

    def variables(self, token: str) -> dict[str, str]:
        vault = self.sandbox.vault
        return {
            name: value
            for prefix in ("VAULT", "BAO")
            for name, value in {
                f"{prefix}_ADDR": vault.address,
                f"{prefix}_CACERT": str(vault.ca_file),
                f"{prefix}_TOKEN": token,
            }.items()
        }

    def type(self, *commands: Typed) -> list[str]:
        """Runs the vendor's own command line, as root."""
        token = self.sandbox.vault.keys["root_token"]
        return typed(self.sandbox.vault.obtain(print), self.variables(token), commands)

    def strongroom(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `strongroom` with the token that may only read."""
        return subprocess.run(
            [str(Path(sys.executable).with_name("strongroom")), *arguments],
            cwd=self.project,
            env={**self.engine.environment(), **self.variables(self.token)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, flavour: Flavour) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("adopt"), "postgres", flavour, flavour=flavour) as sandbox:
        project = tmp_path_factory.mktemp("project")
        (project / "stacks").mkdir()
        manifest = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
        manifest["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
        (project / "Pulumi.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
        (project / "stacks" / "__main__.py").write_bytes((ROOT / "stacks" / "__main__.py").read_bytes())
        engine = Deployment(project, sandbox, STACK).engine(toolchain, print)
        world = World(sandbox, engine, project, "")
        configure_by_hand(world)
        yield world


def configure_by_hand(world: World) -> None:
    postgres = world.sandbox.postgres
    url = f"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{postgres.port()}/orders?sslmode=disable"
    certificate = ClientAuthority().pem
    world.type(*by_hand.of_the_overview(url, "vault_admin", postgres.first_password, certificate))
    world.type(*by_hand.of_a_grown_server(certificate, public_key()))
    method, entity = (json.loads(text)["data"] for text in world.type(*ALICE))
    world.type(*by_hand.of_identity(method["accessor"], entity["id"]))
    world.type(Typed(["policy", "write", "adopting", "-"], policy_of_the_docs()))
    (made,) = world.type(Typed(["token", "create", "-policy=adopting", "-format=json"]))
    world.token = json.loads(made)["auth"]["client_token"]


ALICE = (
    Typed(["read", "-format=json", "sys/auth/userpass"]),
    Typed(["read", "-format=json", "identity/entity/name/alice"]),
)


def public_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def policy_of_the_docs() -> str:
    found = re.search(r"```hcl\n(.*?)```", (ROOT / "docs" / "adopt.md").read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def adopted(world: World) -> World:
    """As docs/adopt.md says: write down, import."""
    done = world.strongroom("adopt", "--stack", STACK)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    world.engine.configure({}, world.project / "stacks" / f"Pulumi.{STACK}.yaml")
    world.engine.import_file(world.project / f"{STACK}.import.json")
    return world


def test_the_first_up_changes_nothing(adopted: World) -> None:
    preview = adopted.engine.preview("--refresh", "--diff")
    assert preview.changed == 0, preview.console.read_text()
    up = adopted.engine.up("--refresh")
    assert up.changed == 0, up.console.read_text()
