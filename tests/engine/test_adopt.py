"""A server that was configured by hand, with the vendor's own command line, is taken over and changes nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hvac.exceptions
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain
from support import by_hand, canary
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
    with running(tmp_path_factory.mktemp("adopt"), "postgres", "issuer", flavour, flavour=flavour) as sandbox:
        project = tmp_path_factory.mktemp("project")
        (project / "stacks").mkdir()
        manifest = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
        manifest["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
        (project / "Pulumi.yaml").write_text(yaml.safe_dump(manifest), "utf-8")
        (project / "stacks" / "__main__.py").write_bytes((ROOT / "stacks" / "__main__.py").read_bytes())
        engine = Deployment(project, sandbox, STACK).engine(toolchain, print, also=["vault"])
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
    issuer = world.sandbox.issuer
    world.type(*by_hand.of_people(issuer.url, issuer.ca_pem))
    people, group = (json.loads(text)["data"] for text in world.type(*PEOPLE))
    world.type(*by_hand.of_their_group(people["accessor"], group["id"]))
    world.type(Typed(["policy", "write", "adopting", "-"], policy_of_the_docs()))
    (made,) = world.type(Typed(["token", "create", "-policy=adopting", "-format=json"]))
    world.token = json.loads(made)["auth"]["client_token"]


ALICE = (
    Typed(["read", "-format=json", "sys/auth/userpass"]),
    Typed(["read", "-format=json", "identity/entity/name/alice"]),
)


PEOPLE = (
    Typed(["read", "-format=json", "sys/auth/oidc"]),
    Typed(["read", "-format=json", "identity/group/name/staff"]),
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
    before = requests_with(world, world.token)
    done = world.strongroom("adopt", "--stack", STACK)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {operation for operation, _ in requests_with(world, world.token)[len(before) :]} <= {"read", "list"}
    print(done.stdout)
    world.engine.configure({}, world.project / "stacks" / f"Pulumi.{STACK}.yaml")
    world.engine.import_file(world.project / f"{STACK}.import.json")
    return world


def requests_with(world: World, token: str) -> list[tuple[str, str]]:
    """Operation and path of every request that the audit log has of a token, other than the question about itself."""
    (looked_up,) = world.type(Typed(["write", "-format=json", "auth/token/lookup", "token=-"], token))
    accessor = json.loads(looked_up)["data"]["accessor"]
    (hashed,) = world.type(
        Typed(["write", "-field=hash", f"sys/audit-hash/{audit_device(world)}", "input=-"], accessor)
    )
    lines = map(json.loads, world.sandbox.vault.audit_log.read_text().splitlines())
    return [
        (line["request"]["operation"], line["request"]["path"])
        for line in lines
        if line["type"] == "request" and line.get("auth", {}).get("accessor") == hashed.strip()
    ]


def audit_device(world: World) -> str:
    (listed,) = world.type(Typed(["audit", "list", "-format=json"]))
    return next(iter(json.loads(listed))).rstrip("/")


def drift(world: World) -> tuple[int, set[tuple[str, str]]]:
    """Exit code, and what was found."""
    done = look(world, "--json")
    found = json.loads(done.stdout)
    assert found["unchecked"] == []
    return done.returncode, {(item["change"], item["path"]) for item in found["drift"]}


def look(world: World, *flags: str) -> subprocess.CompletedProcess[str]:
    return world.strongroom("drift", "--stack", STACK, "--config-file", str(world.engine.config_file), *flags)


def test_the_first_up_changes_nothing(adopted: World) -> None:
    plain = adopted.engine.up()
    assert plain.changed == 0, plain.console.read_text()
    preview = adopted.engine.preview("--refresh", "--diff")
    assert preview.changed == 0, preview.console.read_text()
    up = adopted.engine.up("--refresh")
    assert up.changed == 0, up.console.read_text()
    assert up.changes["same"] > 30
    assert drift(adopted) == (0, set())


def test_what_the_overview_shows_still_works(adopted: World) -> None:
    (credentials,) = adopted.type(Typed(["read", "-format=json", "database/creds/readonly"]))
    assert json.loads(credentials)["lease_duration"] == 3600
    (value,) = adopted.type(Typed(["kv", "get", "-field=db_user", "secret/myapp/config"]))
    assert value == "admin"


def test_the_files_are_for_people_and_hold_no_value(adopted: World) -> None:
    environment = (adopted.project / f"stacks/environments/{STACK}.yaml").read_text("utf-8")
    parsed = yaml.safe_load(environment)["vault"]["adopted"]
    assert parsed["policies"]["myapp"] == by_hand.MYAPP
    assert parsed["engines"]["database"]["database"]["roles"]["readonly"]["default_ttl"] == "1h"
    assert parsed["left"]["auth/userpass"] == (
        "only the mount is declared: its users have passwords, which no declaration may hold"
    )
    catalog = yaml.safe_load((adopted.project / "stacks/catalog/myapp.yaml").read_text("utf-8"))
    assert catalog["secrets"]["config"]["fields"] == ["db_pass", "db_user"]
    for value in (adopted.sandbox.postgres.first_password, by_hand.REVIEWER, by_hand.CLIENT_SECRET, *by_hand.VALUES):
        assert canary.files_with(value, adopted.project) == []
        assert not canary.is_in(value, json.dumps(adopted.engine.export()))
        logs = adopted.engine.work / "logs"
        assert canary.files_with(value, logs) == []


def test_nothing_is_ever_overwritten(adopted: World) -> None:
    file = adopted.project / "stacks" / "catalog" / "myapp.yaml"
    kept = file.read_bytes()
    file.write_bytes(kept + b"# mine\n")
    before = {path: path.read_bytes() for path in adopted.project.rglob("*") if path.is_file()}
    done = adopted.strongroom("adopt", "--stack", STACK)
    assert {path: path.read_bytes() for path in adopted.project.rglob("*") if path.is_file()} == before
    file.write_bytes(kept)
    assert done.returncode == 2
    assert done.stderr.startswith("stacks/catalog/myapp.yaml is there already")
    assert "--into FOLDER" in done.stderr


def test_it_can_be_written_elsewhere(adopted: World, tmp_path: Path) -> None:
    done = adopted.strongroom("adopt", "--stack", STACK, "--into", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for file in (f"stacks/environments/{STACK}.yaml", "stacks/catalog/adopted.yaml", f"stacks/Pulumi.{STACK}.yaml"):
        assert (tmp_path / file).read_bytes() == (adopted.project / file).read_bytes()


def test_a_grant_on_what_was_adopted_is_all_that_a_new_workload_gets(adopted: World) -> None:
    """The way on: an auth method and a workload in the ordinary words, beside what is adopted."""
    stacks = adopted.project / "stacks"
    file = stacks / "environments" / f"{STACK}.yaml"
    kept = file.read_text("utf-8")
    file.write_text(kept.replace("\nvault:\n", "\nvault:\n  auth: {machines: {approle: {}}}\n"), "utf-8")
    catalog = stacks / "catalog" / "reports.yaml"
    workload = f"{{runs_as: {{approle: {{}}}}, environments: [{STACK}]}}"
    catalog.write_text(f"team: reports\nworkloads: {{weekly: {workload}}}\n", "utf-8")
    roles = stacks / "catalog" / "adopted.yaml"
    roles_kept = roles.read_text("utf-8")
    grant = "{workload: reports/weekly, secret: database-readonly, can: [read]}"
    roles.write_text(f"{roles_kept}grants: [{grant}]\n", "utf-8")
    adopted.engine.up("--refresh")
    try:
        root = adopted.sandbox.vault.root_client()
        role = f"auth/machines-{STACK}/role/reports.weekly"
        role_id = root.read(f"{role}/role-id")["data"]["role_id"]
        secret_id = root.write_data(f"{role}/secret-id", data={})["data"]["secret_id"]
        client = adopted.sandbox.vault.workload_client()
        client.auth.approle.login(role_id, secret_id, mount_point=f"machines-{STACK}")
        assert client.read("database/creds/readonly")["data"]["username"].startswith("v-")
        for path in ("secret/data/myapp/config", "database/roles/readonly", "database/config/postgres"):
            with pytest.raises(hvac.exceptions.Forbidden):
                client.read(path)
        assert drift(adopted) == (0, set())
    finally:
        for path, text in ((file, kept), (roles, roles_kept)):
            path.write_text(text, "utf-8")
        catalog.unlink()
        Deployment(adopted.project, adopted.sandbox, STACK).up(adopted.engine, [f"auth/machines-{STACK}"])


def test_changes_by_hand_are_found_and_undone(adopted: World) -> None:
    adopted.type(
        Typed(["policy", "write", "myapp", "-"], 'path "secret/*" { capabilities = ["read", "list"] }'),
        Typed(["write", "database/roles/readonly", "db_name=postgres", "max_ttl=720h", "creation_statements=-"], SUPER),
        Typed(["delete", "auth/cert/certs/web"]),
        Typed(["policy", "write", "backdoor", "-"], 'path "*" { capabilities = ["sudo"] }'),
        Typed(["write", "auth/kubernetes/role/other", *ANYBODY, "policies=backdoor"]),
        Typed(["secrets", "enable", "-path=mine", "kv"]),
        Typed(["auth", "enable", "-path=mine", "userpass"]),
    )
    added = {
        ("added", "sys/policies/acl/backdoor"),
        ("added", "auth/kubernetes/role/other"),
        ("added", "sys/mounts/mine"),
        ("added", "sys/auth/mine"),
    }
    code, found = drift(adopted)
    for_people = look(adopted)
    printed = for_people.stdout + look(adopted, "--json").stdout
    assert (code, for_people.returncode) == (1, 1)
    assert found == added | {
        ("changed", "sys/policies/acl/myapp"),
        ("changed", "database/roles/readonly"),
        ("gone", "auth/cert/certs/web"),
    }
    assert "SUPERUSER" not in printed
    assert "maxTtl" in printed
    assert "audit log" in printed
    paths = {path for _, path in requests_with(adopted, adopted.sandbox.vault.keys["root_token"])}
    assert {path for change, path in found if change == "changed"} <= paths

    adopted.engine.up("--refresh")
    assert drift(adopted) == (1, added)
    adopted.type(
        Typed(["policy", "delete", "backdoor"]),
        Typed(["delete", "auth/kubernetes/role/other"]),
        Typed(["secrets", "disable", "mine"]),
        Typed(["auth", "disable", "mine"]),
    )
    assert drift(adopted) == (0, set())
    (text,) = adopted.type(Typed(["policy", "read", "myapp"]))
    assert text.strip() == by_hand.MYAPP.strip()


SUPER = "CREATE ROLE \"{{name}}\" WITH SUPERUSER LOGIN PASSWORD '{{password}}'"
ANYBODY = ("bound_service_account_names=*", "bound_service_account_namespaces=*")
