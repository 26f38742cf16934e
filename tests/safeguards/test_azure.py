"""Vaults and keys of Azure are holdings: plan and state speak of the same, and what would be lost is found."""

from pathlib import Path
from typing import Any

import pytest

from strongroom.program import deploy
from strongroom.safeguards.contents import Unasked
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.findings import Finding, find
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support.azure import ENVIRONMENT, FILES, reach
from support.mocks import record
from support.projects import ProjectFolder

VAULT = "azure/vault/acme-prod"
KEY = "azure/vault/acme-prod/key/wrap"
WRAP = "wrap: {rotate_every: 90d, expires_after: 120d, operations: [wrapKey, unwrapKey]}"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES)


@pytest.fixture
def state(project: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a stack that was deployed so."""
    reach(monkeypatch)
    made = record(lambda: deploy(project.plan("prod"), Stage(secret=lambda *_: None)))
    resources = [
        {"urn": leaf.urn, "type": leaf.type, "protect": leaf.protect, "inputs": leaf.inputs} for leaf in made.leaves
    ]
    return {"deployment": {"resources": resources}}


def _found(project: ProjectFolder, state: dict[str, Any]) -> dict[str, Finding]:
    unasked = Unasked("no server was asked")
    return {f.path: f for f in find(planned(project.plan("prod")), {}, deployed(state), unasked)}


def test_plan_and_state_speak_of_the_same(project: ProjectFolder, state: dict[str, Any]) -> None:
    wanted, now = planned(project.plan("prod")), deployed(state).holdings
    assert {VAULT, KEY} == wanted.keys() == now.keys()
    for path, holding in wanted.items():
        assert (holding.engine, holding.protected, holding.fixed) == (
            now[path].engine,
            now[path].protected,
            now[path].fixed,
        )


@pytest.mark.parametrize("type_", ["rsa-2048", "ec-p256"])
def test_keys_of_each_type_are_known_again(project: ProjectFolder, monkeypatch: pytest.MonkeyPatch, type_: str) -> None:
    project.replace(ENVIRONMENT, WRAP, f"wrap: {{type: {type_}, operations: [sign]}}")
    reach(monkeypatch)
    made = record(lambda: deploy(project.plan("prod"), Stage(secret=lambda *_: None)))
    resources = [{"urn": r.urn, "type": r.type, "protect": r.protect, "inputs": r.inputs} for r in made.leaves]
    now = deployed({"deployment": {"resources": resources}}).holdings[KEY]
    assert now.fixed == planned(project.plan("prod"))[KEY].fixed
    assert now.fixed["type"] == type_


def test_what_stays_as_it_is_loses_nothing(project: ProjectFolder, state: dict[str, Any]) -> None:
    assert _found(project, state) == {}


def test_a_vault_that_is_called_otherwise_is_another_one(project: ProjectFolder, state: dict[str, Any]) -> None:
    project.replace(ENVIRONMENT, "vault: acme-prod", "vault: acme-prod-2")
    finding = _found(project, state)[VAULT]
    assert finding.loses.startswith("all secrets and keys in it, when its soft-delete days have passed")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("location: westeurope", "location: northeurope", "location from 'westeurope' to 'northeurope'"),
        ("resource_group: secrets-prod", "resource_group: other", "resource_group from 'secrets-prod' to 'other'"),
        ("soft_delete_days: 30", "soft_delete_days: 60", "soft_delete_days from 30 to 60"),
    ],
)
def test_what_only_another_vault_can_have_is_found(
    project: ProjectFolder, state: dict[str, Any], old: str, new: str, says: str
) -> None:
    project.replace(ENVIRONMENT, old, new)
    assert says in _found(project, state)[VAULT].change


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("wrap: {type: rsa-4096, operations: [wrapKey, unwrapKey]}", "type from 'rsa-3072' to 'rsa-4096'"),
        (WRAP.replace("90d", "60d"), "rotate_every from '90d' to '60d'"),
    ],
)
def test_a_key_that_changes_would_be_another_key(
    project: ProjectFolder, state: dict[str, Any], new: str, says: str
) -> None:
    project.replace(ENVIRONMENT, WRAP, new)
    assert says in _found(project, state)[KEY].change


def test_a_key_that_is_not_declared_any_more_takes_all_that_it_encrypted(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    project.replace(ENVIRONMENT, f"      keys:\n        {WRAP}\n", "")
    assert "nobody can ever read that" in _found(project, state)[KEY].loses
