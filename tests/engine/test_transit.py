"""Encryption as a service, deployed by the real engine and used by workloads as they would use it."""

import base64
import json
from pathlib import Path
from typing import Any

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.transit.plan import VERBS, TransitKey
from strongroom.vault.transit.spec import TYPES
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support import canary
from support.deployed import Deployed, deploy, write_project
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

MOUNT = "transit-crypto"
CANARY = "4929-canary-of-a-card-number-1881"
SIGNED, OTHER = (base64.b64encode(text).decode() for text in (b"an order", b"another order"))


def _catalog() -> dict[str, Any]:
    types = {f"of-type-{name}": {"encryption_key": {"type": name}} for name in TYPES}
    return {
        "team": "shop",
        "workloads": {name: runs_as(name) for name in ("intake", "payout", "migration", "search", "everything")},
        "secrets": {
            "card": {"encryption_key": {"rotate_every": "30d"}},
            "email": {"encryption_key": {"derived": True, "convergent_encryption": True, "rotate_every": "never"}},
            **types,
        },
        "grants": [
            {"workload": "intake", "secret": "card", "can": ["encrypt"]},
            {"workload": "payout", "secret": "card", "can": ["decrypt"]},
            {"workload": "migration", "secret": "card", "can": ["rewrap"]},
            {"workload": "search", "secret": "email", "can": ["encrypt", "decrypt"]},
            *({"workload": "everything", "secret": f"of-type-{name}", "can": list(TYPES[name])} for name in TYPES),
        ],
    }


BANK = {
    "team": "bank",
    "workloads": {"teller": runs_as("teller")},
    "secrets": {"card": {"encryption_key": {}}},
    "grants": [{"workload": "teller", "secret": "card", "can": ["encrypt", "decrypt"]}],
}
"""Another team, whose key has the same name."""


class World:
    """What was deployed, and its users."""

    def __init__(self, sandbox: Sandbox, deployed: Deployed, folder: Path) -> None:
        self.sandbox, self.deployed, self.folder = sandbox, deployed, folder
        self.operator: hvac.Client = sandbox.vault.root_client()

    def workload(self, name: str) -> hvac.Client:
        """A client that logged in as a workload of this team."""
        return login(self.sandbox, self.deployed, f"shop/{name}")

    def catalog(self, catalog: dict[str, Any]) -> None:
        """Writes another catalog; JSON is YAML."""
        (self.folder / "stacks" / "catalog" / "shop.yaml").write_text(json.dumps(catalog), "utf-8")

    def key(self, name: str) -> dict[str, Any]:
        """What the server says of a key."""
        answer: dict[str, Any] = self.operator.read(f"{MOUNT}/keys/shop.{name}")["data"]
        return answer


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> World:
    folder = tmp_path_factory.mktemp("crypto")
    protected = {**environment(sandbox, "crypto", {"transit": {}}), "protect": True}
    return World(sandbox, deploy(sandbox, toolchain, folder, protected, [_catalog(), BANK]), folder)


def _call(client: hvac.Client, verb: str, key: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.write_data(f"{MOUNT}/{verb}/shop.{key}", data=body)["data"]
    return answer


def _encrypted(client: hvac.Client, key: str, text: str, **body: Any) -> str:
    found = _call(client, "encrypt", key, plaintext=base64.b64encode(text.encode()).decode(), **body)
    return str(found["ciphertext"])


def _decrypted(client: hvac.Client, key: str, ciphertext: str, **body: Any) -> str:
    return base64.b64decode(_call(client, "decrypt", key, ciphertext=ciphertext, **body)["plaintext"]).decode()


def test_what_was_encrypted_is_rewrapped_after_a_rotation_and_decrypted_each_by_who_may(world: World) -> None:
    intake, migration, payout = (world.workload(name) for name in ("intake", "migration", "payout"))
    old = _encrypted(intake, "card", CANARY)
    world.operator.write_data(f"{MOUNT}/keys/shop.card/rotate", data={})
    newest = world.key("card")["latest_version"]
    new = _call(migration, "rewrap", "card", ciphertext=old)["ciphertext"]
    assert new.startswith(f"vault:v{newest}:")
    assert not old.startswith(f"vault:v{newest}:")
    assert CANARY not in old + new
    assert [_decrypted(payout, "card", ciphertext) for ciphertext in (old, new)] == [CANARY, CANARY]


@pytest.mark.parametrize(
    ("workload", "granted"), [("intake", "encrypt"), ("payout", "decrypt"), ("migration", "rewrap"), ("search", "")]
)
def test_a_workload_can_do_what_it_was_granted_with_a_key_and_nothing_else(
    world: World, workload: str, granted: str
) -> None:
    client = world.workload(workload)
    paths = [f"{part}/shop.card" for verb, parts in VERBS.items() if verb != granted for part in parts]
    paths += ["keys/shop.card", "keys/shop.card/rotate", "keys/shop.card/config", "keys/shop.card/trim"]
    paths += ["encrypt/shop.made-by-a-workload", "encrypt/shop.of-type-rsa-3072"]
    for path in paths:
        with pytest.raises(hvac.exceptions.Forbidden):
            client.write_data(f"{MOUNT}/{path}", data={"plaintext": SIGNED, "input": SIGNED})
    for path in ("export/encryption-key/shop.card", "backup/shop.card", "keys/shop.card", "keys?list=true"):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.read(f"{MOUNT}/{path}")
    with pytest.raises(hvac.exceptions.Forbidden):
        client.delete(f"{MOUNT}/keys/shop.card")


def test_a_team_reaches_no_key_of_another_team(world: World) -> None:
    teller = login(world.sandbox, world.deployed, "bank/teller")
    ciphertext = _encrypted(world.workload("intake"), "card", "text")
    own = teller.write_data(f"{MOUNT}/encrypt/bank.card", data={"plaintext": SIGNED})["data"]["ciphertext"]
    assert teller.write_data(f"{MOUNT}/decrypt/bank.card", data={"ciphertext": own})["data"]["plaintext"] == SIGNED
    for client, path in (
        (teller, "decrypt/shop.card"),
        (teller, "encrypt/shop.card"),
        (world.workload("intake"), "encrypt/bank.card"),
        (world.workload("payout"), "decrypt/bank.card"),
    ):
        with pytest.raises(hvac.exceptions.Forbidden):
            client.write_data(f"{MOUNT}/{path}", data={"plaintext": SIGNED, "ciphertext": ciphertext})
    # Nor is one team's ciphertext any good with the other's key.
    with pytest.raises(hvac.exceptions.InvalidRequest):
        teller.write_data(f"{MOUNT}/decrypt/bank.card", data={"ciphertext": ciphertext})


def test_a_derived_key_needs_the_context_that_was_encrypted_with(world: World) -> None:
    search = world.workload("search")
    one, other = (base64.b64encode(text).decode() for text in (b"tenant 1", b"tenant 2"))
    ciphertext = _encrypted(search, "email", "a@shop.example", context=one)
    assert _decrypted(search, "email", ciphertext, context=one) == "a@shop.example"
    with pytest.raises(hvac.exceptions.InvalidRequest, match="missing 'context'"):
        _encrypted(search, "email", "a@shop.example")
    with pytest.raises(hvac.exceptions.InvalidRequest):
        _decrypted(search, "email", ciphertext, context=other)


def test_convergent_encryption_gives_equal_ciphertexts_for_equal_plaintexts_of_one_context(world: World) -> None:
    search = world.workload("search")
    one, other = (base64.b64encode(text).decode() for text in (b"tenant 1", b"tenant 2"))
    found = [_encrypted(search, "email", "b@shop.example", context=context) for context in (one, one, other)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("key_type", TYPES)
def test_a_key_does_all_that_its_type_is_said_to_do(world: World, key_type: str) -> None:
    client, key = world.workload("everything"), f"of-type-{key_type}"
    done = set()
    if "encrypt" in TYPES[key_type]:
        ciphertext = _encrypted(client, key, "text")
        assert _decrypted(client, key, _call(client, "rewrap", key, ciphertext=ciphertext)["ciphertext"]) == "text"
        datakey = _call(client, "datakey/plaintext", key)
        wrapped = _call(client, "datakey/wrapped", key)
        assert "plaintext" not in wrapped
        assert _call(client, "decrypt", key, ciphertext=datakey["ciphertext"])["plaintext"] == datakey["plaintext"]
        done |= {"encrypt", "decrypt", "rewrap", "datakey"}
    if "sign" in TYPES[key_type]:
        signature = _call(client, "sign", key, input=SIGNED)["signature"]
        assert _call(client, "verify", key, input=SIGNED, signature=signature)["valid"] is True
        assert _call(client, "verify", key, input=OTHER, signature=signature)["valid"] is False
        done |= {"sign"}
    hmac = _call(client, "hmac", key, input=SIGNED)["hmac"]
    assert _call(client, "verify", key, input=SIGNED, hmac=hmac)["valid"] is True
    assert done | {"hmac", "verify"} == set(TYPES[key_type])


@pytest.mark.parametrize(
    ("key_type", "verb"), [(name, verb) for name, verbs in TYPES.items() for verb in VERBS if verb not in verbs]
)
def test_a_verb_that_the_plan_refuses_for_a_type_is_one_that_the_server_does_not_do(
    world: World, key_type: str, verb: str
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest, match="support"):
        _call(world.operator, VERBS[verb][0], f"of-type-{key_type}", plaintext=SIGNED, ciphertext="vault:v1:AAAA",
              input=SIGNED)  # fmt: skip


def test_not_even_an_operator_gets_a_key_out_or_deletes_it(world: World) -> None:
    for key in world.deployed.plan.of(TransitKey):
        told = world.operator.read(f"{MOUNT}/keys/{key.name}")["data"]
        assert not [name for name in ("exportable", "allow_plaintext_backup", "deletion_allowed") if told[name]]
    for kind in ("encryption-key", "hmac-key", "signing-key"):
        with pytest.raises(hvac.exceptions.VaultError, match="not exportable"):
            world.operator.read(f"{MOUNT}/export/{kind}/shop.of-type-rsa-2048")
    with pytest.raises(hvac.exceptions.VaultError, match="exporting is disallowed"):
        world.operator.read(f"{MOUNT}/backup/shop.card")
    with pytest.raises(hvac.exceptions.VaultError, match="deletion is not allowed"):
        world.operator.delete(f"{MOUNT}/keys/shop.card")


def test_the_server_has_the_settings_that_were_written(world: World) -> None:
    card, email, hmac = world.key("card"), world.key("email"), world.key("of-type-hmac")
    assert (card["auto_rotate_period"], email["auto_rotate_period"]) == (30 * 86400, 0)
    assert (card["derived"], email["derived"], email["convergent_encryption"]) == (False, True, True)
    assert (card["type"], hmac["type"], hmac["key_size"]) == ("aes256-gcm96", "hmac", 32)


def test_another_up_changes_nothing_also_after_a_rotation(world: World) -> None:
    world.operator.write_data(f"{MOUNT}/keys/shop.email/rotate", data={})
    result = world.deployed.up()
    assert result.changed == 0, result.console.read_text()


def test_an_old_version_is_forbidden_where_its_environment_says_so(world: World) -> None:
    client = world.workload("everything")
    old = _encrypted(client, "of-type-chacha20-poly1305", "text")
    world.operator.write_data(f"{MOUNT}/keys/shop.of-type-chacha20-poly1305/rotate", data={})
    catalog = _catalog()
    key = catalog["secrets"]["of-type-chacha20-poly1305"]["encryption_key"]
    key["min_decryption_versions"] = {"crypto": 2}
    world.catalog(catalog)
    assert world.deployed.up(f"{MOUNT}/keys/shop.of-type-chacha20-poly1305").changed == 1
    with pytest.raises(hvac.exceptions.InvalidRequest, match="disallowed by policy"):
        _decrypted(client, "of-type-chacha20-poly1305", old)
    world.catalog(_catalog())
    assert world.deployed.up().changed == 1
    assert _decrypted(client, "of-type-chacha20-poly1305", old) == "text"


def test_what_somebody_changed_by_hand_is_put_back(world: World) -> None:
    config = f"{MOUNT}/keys/shop.of-type-ed25519/config"
    world.operator.write_data(config, data={"deletion_allowed": True, "auto_rotate_period": "1h"})
    assert world.deployed.up().changed == 1
    told = world.key("of-type-ed25519")
    assert (told["deletion_allowed"], told["auto_rotate_period"]) == (False, 90 * 86400)


@pytest.mark.parametrize("change", ["another type", "derived", "removed"])
def test_a_change_that_would_lose_a_key_is_refused_and_the_key_still_works(world: World, change: str) -> None:
    ciphertext = _encrypted(world.workload("intake"), "card", "text")
    catalog = _catalog()
    if change == "another type":
        catalog["secrets"]["card"]["encryption_key"]["type"] = "chacha20-poly1305"
    elif change == "derived":
        catalog["secrets"]["card"]["encryption_key"]["derived"] = True
    else:
        del catalog["secrets"]["card"]
        catalog["grants"] = [grant for grant in catalog["grants"] if grant["secret"] != "card"]
    world.catalog(catalog)
    result = world.deployed.engine.up("--suppress-outputs", check=False)
    said = result.console.read_text()
    assert result.exit_code != 0
    assert "shop.card" in said
    assert "protect" in said
    world.catalog(_catalog())
    world.deployed.up()
    assert _decrypted(world.workload("payout"), "card", ciphertext) == "text"


def test_a_key_is_removed_once_its_loss_is_allowed(world: World) -> None:
    catalog = _catalog()
    catalog["secrets"]["retired"] = {"encryption_key": {}}
    world.catalog(catalog)
    assert world.deployed.up().changed == 1
    world.catalog(_catalog())
    assert world.deployed.up(f"{MOUNT}/keys/shop.retired").changed == 1
    assert world.operator.read(f"{MOUNT}/keys/shop.retired") is None


def test_where_nothing_is_protected_a_key_of_another_type_takes_the_place_of_the_old_one(
    sandbox: Sandbox, toolchain: Toolchain, tmp_path: Path
) -> None:
    def catalog(key_type: str) -> dict[str, Any]:
        return {"team": "shop", "secrets": {"card": {"encryption_key": {"type": key_type}}}}

    operator = sandbox.vault.root_client()
    loose = environment(sandbox, "loose-crypto", {"transit": {}})
    deployed = deploy(sandbox, toolchain, tmp_path, loose, [catalog("aes256-gcm96")])
    write_project(tmp_path, loose, [catalog("ed25519")])
    deployed.up("transit-loose-crypto/keys/shop.card")
    assert operator.read("transit-loose-crypto/keys/shop.card")["data"]["type"] == "ed25519"
    assert deployed.up().changed == 0
    deployed.engine.destroy()
    assert "transit-loose-crypto/" not in operator.sys.list_mounted_secrets_engines()["data"]


def test_no_plaintext_and_no_data_key_is_in_state_plan_or_logs(world: World) -> None:
    _encrypted(world.workload("intake"), "card", CANARY)
    datakey = _call(world.workload("everything"), "datakey/plaintext", "of-type-aes256-gcm96")["plaintext"]
    world.deployed.up()
    for value in (CANARY, base64.b64decode(datakey).hex(), datakey):
        assert canary.files_with(value, world.sandbox.directory, world.folder) == []
        assert not canary.is_in(value, world.deployed.plan.as_json())
        assert not canary.is_in(value, json.dumps(world.deployed.engine.export()))
