"""What is written is read back as it was found, and the import file names what the program registers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from strongroom.adopt import write
from strongroom.adopt.found import Found
from strongroom.adopt.import_file import import_file
from strongroom.adopt.places import Places
from strongroom.adopt.registered import Registered, registered
from strongroom.adopt.take import take
from strongroom.plan.plan import Plan
from strongroom.spec.yaml_source import read
from strongroom.vault.profile import Flavour, Profile
from support.answers import VERSIONS, Answers, project_of

STACK = "legacy"


@pytest.fixture
def plan(answers: Answers, flavour: Flavour, tmp_path: Path) -> Plan:
    return project_of(take(answers, flavour), flavour, tmp_path).plan(STACK)


def test_what_was_found_is_a_sound_project(answers: Answers, flavour: Flavour, tmp_path: Path) -> None:
    project_of(take(answers, flavour), flavour, tmp_path).check()


def test_our_own_reader_reads_back_what_was_found(answers: Answers, flavour: Flavour, tmp_path: Path) -> None:
    found = take(answers, flavour)
    project_of(found, flavour, tmp_path)
    data = read(tmp_path / "stacks/environments/legacy.yaml", "legacy.yaml").data
    adopted = data["vault"]["adopted"]
    assert data["stores"] == found.stores
    for part in ("engines", "auth", "policies", "password_policies", "token_roles", "entities", "groups"):
        assert adopted[part] == getattr(found, part), part
    assert adopted["left"].keys() == {left.path for left in found.left}


@pytest.mark.parametrize(
    "text", ["1e3", ".5", "0o17", "yes", "null", "~", "a: b", "# a", " a ", "é", "-", "1_000", "=", "", "a  ", "\ta"]
)
def test_texts_that_look_like_something_else_stay_texts(text: str, tmp_path: Path) -> None:
    found = Found(policies={"a": text, "b": f"{text}\n{text}\n"})
    project_of(found, "openbao", tmp_path)
    data = read(tmp_path / "stacks/environments/legacy.yaml", "legacy.yaml").data
    assert data["vault"]["adopted"]["policies"] == found.policies


def test_policies_are_written_as_blocks_that_people_can_read(answers: Answers, flavour: Flavour) -> None:
    text = write.environment_text(STACK, Profile(flavour, VERSIONS[flavour]), take(answers, flavour))
    assert '      myapp: |\n        # the application itself\n        path "secret/data/myapp/*" {\n' in text


def test_a_vault_without_kv_needs_no_store(answers: Answers, flavour: Flavour, tmp_path: Path) -> None:
    for mount in ("secret/", "legacy/kv/"):
        del answers.reads["sys/mounts"][mount]
    found = take(answers, flavour)
    assert found.stores == {}
    project_of(found, flavour, tmp_path).check()


def test_the_import_file_has_everything_with_the_providers_ids(answers: Answers, plan: Plan, flavour: Flavour) -> None:
    entries = json.loads(import_file(registered(plan, Places(answers), "strongroom", STACK)))["resources"]
    ids = {entry["name"]: entry["id"] for entry in entries if not entry.get("component")}
    alice = answers.reads["identity/entity/name/alice"]
    expected = {
        "adopted-mount/database": "database",
        "adopted-database_connection/database/postgres": "database/config/postgres",
        "adopted-database_role/database/readonly": "database/roles/readonly",
        "adopted-auth_mount/auth/kubernetes": "kubernetes",
        "adopted-kubernetes_config/auth/kubernetes": "auth/kubernetes/config",
        "adopted-kubernetes_role/auth/kubernetes/myapp": "auth/kubernetes/role/myapp",
        "adopted-jwt_mount/auth/ci": "ci",
        "adopted-cert_role/auth/cert/web": "auth/cert/certs/web",
        "adopted-policy/myapp": "myapp",
        "adopted-transit_key/transit/orders_key": "transit/keys/orders_key",
        "adopted-pki_urls/pki": "pki/config/urls",
        "adopted-token_role/cron": "auth/token/roles/cron",
        "adopted-entity/alice": alice["id"],
        "adopted-entity_alias/auth/userpass/alice": alice["aliases"][0]["id"],
        "adopted-group/shop people": answers.reads["identity/group/name/shop people"]["id"],
        "secret-mount": "secret",
        "secret-settings": "secret/config",
        "legacy/kv-mount": "legacy/kv",
    }
    assert ids.items() >= expected.items()
    assert ("adopted-audit/file" in ids) == (flavour == "vault")
    assert {entry["version"] for entry in entries if not entry.get("component")}


def test_components_are_the_parents_that_the_program_will_have(answers: Answers, plan: Plan) -> None:
    entries = json.loads(import_file(registered(plan, Places(answers), "strongroom", STACK)))["resources"]
    components = {entry["name"]: entry["type"] for entry in entries if entry.get("component")}
    assert components == {"secret": "strongroom:index:VaultKvEngine", "legacy/kv": "strongroom:index:VaultKvV1Engine"}
    assert {entry["parent"] for entry in entries if "parent" in entry} == set(components)


def test_what_is_gone_by_now_is_not_imported(answers: Answers, plan: Plan) -> None:
    del answers.reads["sys/auth"]["ci/"]
    answers.reads["transit/keys/signing"] = None
    resources = registered(plan, Places(answers), "strongroom", STACK)
    missing = {resource.name for resource in resources if resource.custom and resource.id is None}
    assert missing == {"adopted-jwt_mount/auth/ci", "adopted-transit_key/transit/signing"}
    names = {entry["name"] for entry in json.loads(import_file(resources))["resources"]}
    assert not missing & names


def test_a_component_without_anything_to_import_is_not_listed() -> None:
    component = Registered("strongroom:index:A", "a", "", False, {}, None)
    inner = Registered("strongroom:index:B", "b", "a", False, {}, None)
    leaf = Registered("vault:index/mount:Mount", "m", "b", True, {"path": "m"}, "m")
    listed = json.loads(import_file([component, inner, leaf]))["resources"]
    assert [entry["name"] for entry in listed] == ["a", "b", "m"]
    assert json.loads(import_file([component, inner, replace(leaf, id=None)])) == {"resources": []}


def test_the_stacks_file_names_address_and_namespace() -> None:
    text = write.stack_text("legacy", "https://vault.example:8200", "teams/a")
    assert yaml.safe_load(text)["config"] == {
        "strongroom:environment": "legacy",
        "vault:address": "https://vault.example:8200",
        "vault:namespace": "teams/a",
    }
