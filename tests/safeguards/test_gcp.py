"""Secrets and keys of Google Cloud are holdings: plan and state speak of the same, and what would be lost is found."""

from pathlib import Path
from typing import Any

import pytest

from strongroom.program import deploy
from strongroom.safeguards.contents import Unasked
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.findings import Finding, find
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support.gcp import CATALOG, ENVIRONMENT, FILES
from support.mocks import record
from support.projects import ProjectFolder

STRIPE = "gcp/acme-prod/secret/prod--payments--stripe"
KEY = "gcp/acme-prod/key/europe-west1/strongroom-prod/secrets"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path, FILES)


def _state(project: ProjectFolder) -> dict[str, Any]:
    """The state of a stack that was deployed so: Google adds nothing to what the guard looks at, but names of rings."""
    made = record(lambda: deploy(project.plan("prod"), Stage(secret=lambda *_: None)))
    rings = {
        f"{r.name}-id": f"projects/acme-prod/locations/{r.inputs['location']}/keyRings/{r.inputs['name']}"
        for r in made.of("gcp:kms/keyRing:KeyRing")
    }
    resources = []
    for leaf in made.leaves:
        inputs = {**leaf.inputs}
        if "keyRing" in inputs:
            inputs["keyRing"] = rings[inputs["keyRing"]]
        resources.append({"urn": leaf.urn, "type": leaf.type, "protect": leaf.protect, "inputs": inputs})
    return {"deployment": {"resources": resources}}


def _found(project: ProjectFolder, state: dict[str, Any]) -> dict[str, Finding]:
    unasked = Unasked("no server was asked")
    return {f.path: f for f in find(planned(project.plan("prod")), {}, deployed(state), unasked)}


def test_plan_and_state_speak_of_the_same(project: ProjectFolder) -> None:
    wanted, now = planned(project.plan("prod")), deployed(_state(project)).holdings
    assert {STRIPE, KEY} <= wanted.keys() == now.keys()
    for path, holding in wanted.items():
        assert (holding.engine, holding.protected, holding.fixed) == (
            now[path].engine,
            now[path].protected,
            now[path].fixed,
        )


def test_what_stays_as_it_is_loses_nothing(project: ProjectFolder) -> None:
    assert _found(project, _state(project)) == {}


def test_a_secret_that_is_not_declared_any_more_is_lost_at_once(project: ProjectFolder) -> None:
    state = _state(project)
    project.replace(CATALOG, "  session:\n    fields: [key]\n", "")
    finding = _found(project, state)["gcp/acme-prod/secret/prod--payments--session"]
    assert finding.loses == "all its values, at once and for good, and the access of all who use it"


@pytest.mark.parametrize("locations", ["[europe-west1, europe-west3, europe-west4]", "[europe-west3, europe-west4]"])
def test_other_locations_make_another_secret(project: ProjectFolder, locations: str) -> None:
    state = _state(project)
    project.replace(ENVIRONMENT, "[europe-west1, europe-west3]", locations)
    assert "replication from 'europe-west1, europe-west3'" in _found(project, state)[STRIPE].change


def test_the_order_of_locations_means_nothing(project: ProjectFolder) -> None:
    state = _state(project)
    project.replace(ENVIRONMENT, "[europe-west1, europe-west3]", "[europe-west3, europe-west1]")
    assert STRIPE not in _found(project, state)


def test_a_key_that_no_store_names_any_more_takes_all_that_it_encrypted(project: ProjectFolder) -> None:
    state = _state(project)
    project.replace(ENVIRONMENT, "      key: secrets\n", "")
    assert "nobody can ever read that" in _found(project, state)[KEY].loses
