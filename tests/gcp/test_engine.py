"""An environment in Google Cloud under the real engine, on the stand-in: no Google Cloud, and as strict as its API."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox.providers.frame.file_store import FileStore
from strongroom_sandbox.providers.gcp.cloud import POLICY, add_project
from strongroom_sandbox.toolchain import Toolchain
from support.cloud_engine import Deployed, deploying
from support.gcp import AGENT, CATALOG, CHECKOUT, ENVIRONMENT, FILES, NUMBER, RELEASE, REPORTS, ROTATOR

pytestmark = pytest.mark.engine

SECRET = "projects/acme-prod/secrets/prod--payments--stripe"


@pytest.fixture
def deployed(toolchain: Toolchain, tmp_path: Path) -> Iterator[Deployed]:
    with deploying(toolchain, tmp_path, FILES, "gcp", dict(os.environ)) as deployed:
        add_project(deployed.file, "acme-prod", NUMBER)
        yield deployed


def test_an_environment_is_previewed_deployed_and_settles(deployed: Deployed) -> None:
    before = deployed.resources
    assert set(deployed.pulumi.preview().changes) == {"create"}
    assert deployed.resources == before
    assert set(deployed.pulumi.up().changes) == {"create"}
    assert deployed.pulumi.up().changed == 0
    assert deployed.pulumi.refresh().changed == 0
    assert deployed.pulumi.up("--refresh").changed == 0
    made = deployed.resources
    assert made[SECRET]["replication"]["userManaged"]["replicas"][0]["location"] == "europe-west1"
    policy = {b["role"]: b["members"] for b in made[f"{SECRET}{POLICY}"]["bindings"]}
    assert policy == {
        "roles/secretmanager.secretAccessor": [CHECKOUT, REPORTS, ROTATOR],
        "roles/secretmanager.secretVersionAdder": [RELEASE, ROTATOR],
        "projects/acme-prod/roles/strongroom.prod.disabler": [RELEASE],
    }
    topic = made[f"projects/acme-prod/topics/strongroom.prod.rotate{POLICY}"]["bindings"]
    assert topic == [{"role": "roles/pubsub.publisher", "members": [AGENT]}]
    logged = made[f"projects/acme-prod{POLICY}"]["auditConfigs"]
    assert [log["logType"] for log in logged[0]["auditLogConfigs"]] == ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    assert not [name for name in made if "/versions/" in name]
    assert stat.S_IMODE(deployed.file.stat().st_mode) == 0o600


def test_who_was_let_in_by_hand_is_out_with_the_next_deployment(deployed: Deployed) -> None:
    deployed.pulumi.up()
    with FileStore(deployed.file).changing() as resources:
        resources[f"{SECRET}{POLICY}"]["bindings"] += [{"role": "roles/secretmanager.admin", "members": ["user:a@b.c"]}]
    assert deployed.pulumi.up("--refresh").changes["update"] == 1
    assert "user:a@b.c" not in json.dumps(deployed.resources)


def test_a_project_of_another_number_is_refused_before_anything_is_made(deployed: Deployed) -> None:
    deployed.project.replace(ENVIRONMENT, 'project_number: "123456789012"', 'project_number: "999999999999"')
    before = deployed.resources
    said = deployed.refused()
    assert "project acme-prod has the number 123456789012, and the environment file says 999999999999" in said
    assert deployed.resources == before


def test_a_project_that_cannot_be_seen_is_refused_with_the_remedy(deployed: Deployed) -> None:
    for file, text in FILES.items():
        deployed.project.write(file, text.replace("acme-prod", "acme-other"))
    said = deployed.refused()
    assert "project acme-other cannot be seen with these credentials, and nothing was made there" in said
    assert "gcloud auth application-default login" in said


def test_a_secret_that_is_there_already_is_not_taken_over(deployed: Deployed) -> None:
    with FileStore(deployed.file).changing() as resources:
        resources[SECRET] = {"name": SECRET, "replication": {"automatic": {}}}
    said = deployed.refused()
    assert "ALREADY_EXISTS" in said
    assert "this is no Google Cloud" in said


def test_a_location_more_would_make_another_secret_and_is_refused_by_its_protection(deployed: Deployed) -> None:
    deployed.pulumi.up()
    deployed.project.replace(ENVIRONMENT, "[europe-west1, europe-west3]", "[europe-west1, europe-west3, europe-west4]")
    assert "protect" in deployed.refused()
    places = deployed.resources[SECRET]["replication"]["userManaged"]["replicas"]
    assert [place["location"] for place in places] == ["europe-west1", "europe-west3"]


def test_an_unprotected_environment_can_be_destroyed(deployed: Deployed) -> None:
    deployed.project.replace(ENVIRONMENT, "environment: prod\n", "environment: prod\nprotect: false\n")
    deployed.pulumi.up()
    deployed.pulumi.destroy()
    assert not [name for name in deployed.resources if "/secrets/" in name or "/topics/" in name]
    # Keys and their rings stay at Google for good.
    assert [name for name in deployed.resources if "/keyRings/" in name]


def test_a_description_changes_and_nothing_else(deployed: Deployed) -> None:
    deployed.pulumi.up()
    deployed.project.replace(CATALOG, "the account for cards", "the account for all payments")
    assert deployed.pulumi.up().changes["update"] == 1
    assert deployed.resources[SECRET]["annotations"] == {"strongroom-description": "the account for all payments"}
