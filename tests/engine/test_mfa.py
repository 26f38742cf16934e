"""Login MFA, deployed and used: a password alone is not enough, and the app's key reaches its owner past everything."""

import base64
import hmac
import json
import re
import secrets
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import command
from support.canary import files_with, is_in
from support.deployed import Deployed, deploy
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

NAME: Final = "secondfactor"
MOUNT: Final = f"bootstrap-{NAME}"
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        name: {"runs_as": {"userpass": {"username": name}}, "auth": "bootstrap"} for name in ("ada", "bob", "cyd")
    }
    | {"open": {"runs_as": {"userpass": {"username": "dan"}}, "auth": "open"}},
    "secrets": {"stripe": {"fields": ["api_key"]}},
    "grants": [{"workload": "ada", "secret": "stripe", "can": ["read"]}],
}
PINGID: Final = "\n".join(
    ("use_base64_key=c2VjcmV0", "use_signature=true", "token=canary", "idp_url=https://idp.example", "org_alias=o")
)
VALUES: Final = {
    "duo-key": f"canary-{secrets.token_hex(8)}",
    "duo-secret": f"canary-{secrets.token_hex(8)}",
    "okta-token": f"canary-{secrets.token_hex(8)}",
    "pingid-settings": base64.b64encode(PINGID.encode()).decode(),
}
MFA: Final[dict[str, Any]] = {
    "methods": {
        "app": {"totp": {"issuer": "Acme Vault", "max_validation_attempts": 3}},
        "duo": {
            "duo": {
                "api_hostname": "api.duo.example",
                "integration_key": {"pulumi_config": "duo-key"},
                "secret_key": {"pulumi_config": "duo-secret"},
                "push_info": "from=vault",
                "username_format": "{{identity.entity.aliases.${auth/bootstrap/@accessor}.name}}",
            }
        },
        "okta": {"okta": {"org_name": "acme", "api_token": {"pulumi_config": "okta-token"}}},
        "pingid": {"pingid": {"settings_file_base64": {"pulumi_config": "pingid-settings"}}},
    },
    "enforcements": {"people": {"methods": ["app"], "auth": ["bootstrap"]}},
}


def code_at(url: str, moment: float) -> str:
    """What an authenticator app shows: RFC 6238, and RFC 4226 section 5.3."""
    asked = parse_qs(urlsplit(url).query)
    key, digits = base64.b32decode(asked["secret"][0] + "=" * (-len(asked["secret"][0]) % 8)), int(asked["digits"][0])
    counter = struct.pack(">Q", int(moment) // int(asked["period"][0]))
    digest = hmac.digest(key, counter, asked["algorithm"][0].lower())
    offset = digest[-1] & 15
    return str((struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**digits).zfill(digits)


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed
    project: Path
    home: Path
    password: str
    operator: str
    """The token of somebody who may do what the page on MFA says, and nothing else."""

    def run(self, *arguments: str, stdin: str = "", token: bool = True) -> "subprocess.CompletedProcess[str]":
        server = self.sandbox.vault
        variables = {"VAULT_ADDR": server.address, "VAULT_CACERT": str(server.ca_file)}
        variables |= {"VAULT_TOKEN": self.operator} if token else {}
        return command.strongroom(
            "login", *arguments, "--stack", NAME,
            cwd=self.project, environment=command.environment(self.home, **variables), stdin=stdin.encode(),
        )  # fmt: skip

    def enrolled(self, person: str, folder: Path) -> str:
        """The address that a person's app is given."""
        made = self.run("totp", MOUNT, person, "--yes")
        assert made.returncode == 0, made.stderr
        out = folder / f"{person}-{secrets.token_hex(4)}.json"
        where = "identity/mfa/method/totp/admin-generate"
        done = self.run("unwrap", where, "--out", str(out), stdin=made.stdout, token=False)
        assert done.returncode == 0, done.stderr
        return str(json.loads(out.read_text())["url"])

    def asked(self, person: str) -> dict[str, Any]:
        """What the server demands of a person with the right password."""
        client = self.sandbox.vault.workload_client()
        answer = client.auth.userpass.login(person, self.password, mount_point=MOUNT, use_token=False)
        assert not answer["auth"]["client_token"]
        demanded: dict[str, Any] = answer["auth"]["mfa_requirement"]
        return demanded

    def login(self, person: str, code: str) -> hvac.Client:
        demanded = self.asked(person)
        ((method,),) = (each["any"] for each in demanded["mfa_constraints"].values())
        assert (method["type"], method["uses_passcode"]) == ("totp", True)
        client = self.sandbox.vault.workload_client()
        body = {"mfa_request_id": demanded["mfa_request_id"], "mfa_payload": {method["id"]: [code]}}
        client.token = client.adapter.post("/v1/sys/mfa/validate", json=body)["auth"]["client_token"]
        return client


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("project")
    environment = {
        "environment": NAME,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {"flavour": flavour, "auth": {"bootstrap": {"userpass": {}}, "open": {"userpass": {}}}, "mfa": MFA},
    }
    deployed = deploy(sandbox, toolchain, folder, environment, [CATALOG], VALUES)
    deployed.deployment.fill(deployed.plan, print)
    root = sandbox.vault.root_client()
    (policy,) = re.findall(r"```hcl\n(.*?)```", (ROOT / "docs" / "vault" / "mfa.md").read_text("utf-8"), re.DOTALL)
    root.sys.create_or_update_policy(f"{NAME}-operator", policy)
    operator = root.auth.token.create(policies=[f"{NAME}-operator"])["auth"]["client_token"]
    made = World(sandbox, deployed, folder, tmp_path_factory.mktemp("home"), secrets.token_urlsafe(24), operator)
    userpass = root.auth.userpass
    for mount, names in ((MOUNT, ("ada", "bob", "cyd", "eve")), (f"open-{NAME}", ("dan",))):
        for name in names:
            userpass.create_or_update_user(name, made.password, mount_point=mount)
    yield made
    root.auth.token.revoke(operator)
    root.sys.delete_policy(f"{NAME}-operator")
    deployed.engine.destroy()


def test_a_code_of_the_app_after_the_password_logs_in_with_what_was_granted(world: World, tmp_path: Path) -> None:
    url = world.enrolled("ada", tmp_path)
    assert urlsplit(url).scheme == "otpauth"
    assert parse_qs(urlsplit(url).query)["issuer"] == ["Acme Vault"]
    client = world.login("ada", code_at(url, time.time()))
    answer = client.secrets.kv.v2.read_secret_version(
        "payments/stripe", mount_point=f"kv-{NAME}", raise_on_deleted_version=False
    )
    assert answer["data"]["data"]


def test_a_code_is_good_once(world: World, tmp_path: Path) -> None:
    code = code_at(world.enrolled("ada", tmp_path), time.time())
    world.login("ada", code)
    with pytest.raises(hvac.exceptions.VaultError):
        world.login("ada", code)


def test_the_password_alone_a_wrong_code_and_another_persons_code_are_refused(world: World, tmp_path: Path) -> None:
    bob, cyd = world.enrolled("bob", tmp_path), world.enrolled("cyd", tmp_path)
    for code in (str(10**6 - 1 - int(code_at(bob, time.time()))).zfill(6), code_at(cyd, time.time())):
        with pytest.raises(hvac.exceptions.VaultError):
            world.login("bob", code)


def test_the_operator_who_hands_a_key_over_cannot_have_it_unwrapped(world: World) -> None:
    root, operator = world.sandbox.vault.root_client(), world.sandbox.vault.workload_client()
    operator.token = world.operator
    (method,) = root.list("identity/mfa/method/totp")["data"]["keys"]
    entity = root.secrets.identity.read_entity_by_name(f"{NAME}.bootstrap.bob")["data"]["id"]
    with pytest.raises(hvac.exceptions.VaultError):
        operator.write_data("identity/mfa/method/totp/admin-generate", data={"method_id": method, "entity_id": entity})


def test_another_auth_method_demands_nothing(world: World) -> None:
    client = world.sandbox.vault.workload_client()
    client.auth.userpass.login("dan", world.password, mount_point=f"open-{NAME}")
    assert client.auth.token.lookup_self()["data"]["identity_policies"] == [f"{NAME}.payments.open"]


def test_a_new_key_ends_the_old_one_and_is_not_made_by_mistake(world: World, tmp_path: Path) -> None:
    old = world.enrolled("cyd", tmp_path)
    doubted = world.run("totp", MOUNT, "cyd", stdin="n\n")
    assert (doubted.returncode, doubted.stdout.strip()) == (1, "")
    assert world.login("cyd", code_at(old, time.time())).token
    new = world.enrolled("cyd", tmp_path)
    with pytest.raises(hvac.exceptions.VaultError):
        world.login("cyd", code_at(old, time.time() + 30))  # one that was not spent, within the clocks' difference
    assert world.login("cyd", code_at(new, time.time())).token


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        ((f"open-{NAME}", "dan"), 2, f"demands no second factor at auth method open-{NAME}; did you mean '{MOUNT}'?"),
        ((MOUNT, "nobody"), 1, "knows nobody by the name 'nobody' yet"),
    ],
)
def test_a_key_for_nobody_is_refused_with_the_reason(
    world: World, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    done = world.run("totp", *arguments, "--yes")
    assert (done.returncode, done.stdout) == (code, "")
    assert problem in done.stderr


def test_the_methods_of_vendors_are_on_the_server_as_declared(world: World) -> None:
    root = world.sandbox.vault.root_client()
    accessor = root.sys.list_auth_methods()["data"][f"{MOUNT}/"]["accessor"]
    found = {}
    for kind in ("duo", "okta", "pingid"):
        (key,) = root.list(f"identity/mfa/method/{kind}")["data"]["keys"]
        found[kind] = root.read(f"identity/mfa/method/{kind}/{key}")["data"]
    assert found["duo"]["api_hostname"] == "api.duo.example"
    assert found["duo"]["username_format"] == f"{{{{identity.entity.aliases.{accessor}.name}}}}"
    assert (found["okta"]["org_name"], found["okta"]["base_url"]) == ("acme", "okta.com")
    assert found["pingid"]["idp_url"] == "https://idp.example"


def test_a_second_run_reports_no_changes_and_a_weakened_enforcement_is_restored(world: World) -> None:
    again = world.deployed.up()
    assert again.changed == 0, again.console.read_text()
    root, path = world.sandbox.vault.root_client(), f"identity/mfa/login-enforcement/{NAME}.people"
    before = root.read(path)["data"]
    root.delete(path)
    assert world.deployed.up().changed == 1
    assert root.read(path)["data"]["auth_method_accessors"] == before["auth_method_accessors"]


def test_keys_of_apps_and_secrets_of_vendors_are_in_no_plan_state_or_log(world: World, tmp_path: Path) -> None:
    url = world.enrolled("ada", tmp_path)
    world.deployed.up()
    written = world.deployed.plan.as_json() + str(world.deployed.engine.export())
    for secret in (parse_qs(urlsplit(url).query)["secret"][0], *VALUES.values()):
        assert not is_in(secret, written)
        assert files_with(secret, world.project, world.sandbox.directory, world.home) == []
