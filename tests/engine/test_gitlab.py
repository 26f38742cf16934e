"""GitLab CI, deployed and used: a job logs in with its ID token, pinned to a protected ref or an environment."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

NAME: Final = "gitlabjobs"
AUDIENCE: Final = f"https://vault.example/{NAME}"
PROJECT: Final = "acme/shop/payments"
BRANCH: Final = {"project_path": PROJECT, "ref": "main", "ref_type": "branch", "ref_protected": "true"}
DEPLOY: Final = {**BRANCH, "ref": "hotfix", "environment": "production"}
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "build": {"runs_as": {"gitlab_ci": {"project_path": PROJECT, "ref": "refs/heads/main"}}},
        "release": {
            "runs_as": {
                "gitlab_ci": {
                    "project_path": PROJECT,
                    "ref": "refs/tags/v1",
                    "subject": f"project_path:{PROJECT}:ref_type:tag:ref:v1",
                }
            }
        },
        "deploy": {"runs_as": {"gitlab_ci": {"project_path": PROJECT, "environment": "production"}}},
        "preview": {
            "runs_as": {"gitlab_ci": {"project_path": PROJECT, "environment": "preview", "ref_protected": False}}
        },
    },
    "secrets": {"stripe": {"fields": ["api_key"]}},
    "grants": [{"workload": "build", "secret": "stripe", "can": ["read"]}],
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def login(self, workload: str, claims: dict[str, str], subject: str = "", audience: str = AUDIENCE) -> hvac.Client:
        """A job's client, with a token as GitLab makes it."""
        default = f"project_path:{claims['project_path']}:ref_type:{claims['ref_type']}:ref:{claims['ref']}"
        client = self.sandbox.vault.workload_client()
        token = self.sandbox.issuer.token(subject or default, audience, claims)
        client.auth.jwt.jwt_login(role=f"payments.{workload}", jwt=token, path=f"gitlab-{NAME}")
        return client


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain, flavour: Flavour
) -> Iterator[World]:
    method = {
        "accepts": ["gitlab_ci"],
        "audiences": [AUDIENCE],
        "oidc_discovery_url": sandbox.issuer.url,
        "ca_pem": sandbox.issuer.ca_pem,
        "token_ttl": "15m",
        "token_max_ttl": "15m",
    }
    environment = {
        "environment": NAME,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {"flavour": flavour, "auth": {"gitlab": {"jwt": method}}},
    }
    deployed = deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [CATALOG])
    deployed.deployment.fill(deployed.plan, print)
    yield World(sandbox, deployed)
    deployed.engine.destroy()


def test_a_job_on_the_protected_branch_reads_what_was_granted(world: World) -> None:
    answer = world.login("build", BRANCH).secrets.kv.v2.read_secret_version(
        "payments/stripe", mount_point=f"kv-{NAME}", raise_on_deleted_version=False
    )
    assert answer["data"]["data"]


@pytest.mark.parametrize(
    ("workload", "claims"),
    [
        ("release", {**BRANCH, "ref": "v1", "ref_type": "tag"}),
        ("deploy", DEPLOY),
        ("preview", {**DEPLOY, "environment": "preview", "ref_protected": "false"}),
    ],
)
def test_a_job_that_is_pinned_otherwise_logs_in(world: World, workload: str, claims: dict[str, str]) -> None:
    policies = world.login(workload, claims).auth.token.lookup_self()["data"]["policies"]
    assert policies == [f"{NAME}.payments.{workload}"]


@pytest.mark.parametrize(
    ("workload", "claims"),
    [
        ("build", {**BRANCH, "project_path": "acme/shop/payments-fork"}),
        ("build", {**BRANCH, "ref": "feature"}),
        ("build", {**BRANCH, "ref_type": "tag"}),
        ("build", {**BRANCH, "ref_protected": "false"}),
        ("deploy", {**DEPLOY, "environment": "staging"}),
        ("deploy", BRANCH),
        ("deploy", {**DEPLOY, "ref_protected": "false"}),
        ("preview", {**DEPLOY, "project_path": "mallory/payments", "environment": "preview"}),
    ],
)
def test_a_job_with_another_claim_is_refused(world: World, workload: str, claims: dict[str, str]) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login(workload, claims)


def test_a_bound_subject_holds_beside_the_claims(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login("release", {**BRANCH, "ref": "v1", "ref_type": "tag"}, subject="project_path:mallory/x")


def test_a_token_for_another_server_is_refused(world: World) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login("build", BRANCH, audience="https://elsewhere.example")


def test_a_second_run_reports_no_changes(world: World) -> None:
    assert world.deployed.up().changed == 0
