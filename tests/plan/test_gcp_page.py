"""The page about GCP Secret Manager: its example is what it says."""

from pathlib import Path

from strongroom.gcp.iam.plan import GcpGithubPool
from strongroom.gcp.kms.plan import GcpCryptoKey
from strongroom.gcp.secret_manager.plan import GcpSecret
from support.docs import example

PAGE = "gcp/secret-manager.md"


def test_the_example_has_no_problem_and_makes_what_the_page_names(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert [secret.path for secret in plan.of(GcpSecret)] == [
        "prod--identity--session",
        "trials--prod--payments--partner-sandbox",
        "prod--payments--stripe",
    ]
    assert [(key.location, key.protection_level) for key in plan.of(GcpCryptoKey)] == [
        ("europe-west1", "HSM"),
        ("europe-west3", "HSM"),
    ]
    (pool,) = plan.of(GcpGithubPool)
    assert pool.pool_id == "github-prod"


def test_the_roles_of_the_page_are_those_of_the_plan(tmp_path: Path) -> None:
    (stripe,) = [s for s in example(PAGE, tmp_path).plan("prod").of(GcpSecret) if s.name == "stripe"]
    assert {binding.role.rpartition("/")[2] for binding in stripe.access} == {
        "secretmanager.secretAccessor",
        "secretmanager.secretVersionAdder",
        "secretmanager.secretVersionManager",  # the operators'
        "strongroom.prod.disabler",
    }
