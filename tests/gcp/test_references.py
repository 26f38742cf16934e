"""What is wrong with an environment in Google Cloud, before anything is deployed: place, reason, remedy."""

import pytest

from support.gcp import CATALOG, ENVIRONMENT
from support.projects import ProjectFolder

POD = "runs_as: {kubernetes: {namespace: payments, service_account: checkout}}"
REPORTS = "runs_as: {gcp_service_account: {email: reports@acme-prod.iam.gserviceaccount.com}}"


def _only(project: ProjectFolder, *parts: str) -> None:
    """There is one problem, and it says all of this."""
    (problem,) = project.problems()
    for text in parts:
        assert text in problem, problem


def test_the_example_has_no_problem(project: ProjectFolder) -> None:
    assert project.problems() == []


def test_a_store_without_its_section(project: ProjectFolder) -> None:
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    start, end = text.index("gcp:\n  project"), text.index("rotators:")
    project.write(ENVIRONMENT, text[:start] + text[end:])
    problems = project.problems()
    assert any("stores.sm.gcp_secret_manager: there is no `gcp` section; add one" in p for p in problems)
    assert any("rotators.rotate.gcp_topic: there is no `gcp` section; add one" in p for p in problems)


def test_a_key_that_is_not_declared(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "      key: secrets\n", "      key: secret\n")
    _only(project, "environments/prod.yaml:7:", "there is no key 'secret' in `gcp.keys`", "did you mean 'secrets'")


def test_a_version_of_a_secret_that_is_elsewhere(project: ProjectFolder) -> None:
    aliases = "      key: secrets\n      version_aliases: {payments/try-out: {live: 1}}\n"
    project.replace(ENVIRONMENT, "      key: secrets\n", aliases)
    _only(project, "there is no secret 'payments/try-out' in this store")


@pytest.mark.parametrize("alias", ["latest", "NEW", "1st"])
def test_an_alias_that_secret_manager_does_not_take(project: ProjectFolder, alias: str) -> None:
    aliases = f"      key: secrets\n      version_aliases: {{payments/stripe: {{{alias}: 1}}}}\n"
    project.replace(ENVIRONMENT, "      key: secrets\n", aliases)
    assert project.problems()


def test_a_workload_that_is_nobody_in_google_cloud(project: ProjectFolder) -> None:
    project.replace(CATALOG, REPORTS, "runs_as: {approle: {}}")
    _only(
        project,
        "catalog/payments.yaml:8:",
        "workloads.reports.runs_as: is granted secrets of GCP Secret Manager, where approle cannot log in",
        "kubernetes, github_actions, gcp_service_account",
    )


def test_a_platform_of_which_nothing_is_said(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, '    gke: {prod: {project: acme-gke, project_number: "210987654321"}}\n', "")
    _only(project, "prod does not say where kubernetes comes from; add `gcp: {identities: {gke: ...}}`")


def test_a_second_login_that_leads_nowhere_is_found_too(project: ProjectFolder) -> None:
    job = "{runs_as: {github_actions: {repository: acme/x, ref: refs/heads/main}}}"
    project.replace(CATALOG, POD, f"{POD}\n    also: [{job}]")
    assert project.problems() == []
    project.replace(ENVIRONMENT, "    github_actions: {}\n", "")
    assert [problem for problem in project.problems() if "workloads.checkout.also[0].runs_as" in problem]


def test_a_workload_may_have_further_logins_that_are_for_elsewhere(project: ProjectFolder) -> None:
    project.replace(CATALOG, POD, f"{POD}\n    also: [{{runs_as: {{approle: {{}}}}}}]")
    assert project.problems() == []


def test_a_job_whose_subject_is_longer_than_google_takes(project: ProjectFolder) -> None:
    project.replace(CATALOG, "acme/payments", f"acme/{'x' * 101}")
    _only(project, "its subject has 1", "Workload Identity Federation takes 127", "name it as `subject`")


@pytest.mark.parametrize("environment", ["Prod EU", "prod#1", "prod?", "größer"])
def test_a_job_whose_subject_no_principal_can_hold(project: ProjectFolder, environment: str) -> None:
    project.replace(CATALOG, "acme/payments, environment: prod", f"acme/payments, environment: '{environment}'")
    _only(project, "workloads.release.runs_as: its subject has characters that a principal of IAM", "cannot hold")


def test_a_service_account_of_a_project_that_may_be_another_environments(project: ProjectFolder) -> None:
    project.replace(CATALOG, "reports@acme-prod.iam", "reports@acme-dev1.iam")
    _only(
        project,
        "catalog/payments.yaml:8:",
        "workloads.reports.runs_as.gcp_service_account.email: it is an account of project acme-dev1",
        "write {{ environment }} where the environment belongs",
    )
    project.replace(
        ENVIRONMENT, "    github_actions: {}\n", "    service_account_projects: [acme-dev1]\n    github_actions: {}\n"
    )
    assert project.problems() == []


def test_a_rotator_without_how_often(project: ProjectFolder) -> None:
    project.replace(CATALOG, "    rotate_every: 90d\n", "")
    _only(project, "secrets.stripe.rotator: says who rotates it and not how often", "set `rotate_every`, at least 1h")


def test_a_rotation_more_often_than_hourly(project: ProjectFolder) -> None:
    project.replace(CATALOG, "rotate_every: 90d", "rotate_every: 59m")
    _only(project, "at most once an hour")


def test_a_rotator_of_another_system(project: ProjectFolder) -> None:
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text[: text.index("rotators:")] + "rotators: {rotate: {aws_managed: {}}}\n")
    _only(project, "does not serve the store that the secret is kept in")


def test_a_path_that_is_no_part_of_an_id(project: ProjectFolder) -> None:
    project.replace(CATALOG, "  session:\n", "  session:\n    path: payments/a--b\n")
    _only(project, "secrets.session.path: 'a--b' cannot be a part of a secret's id", "in the `path`")


def test_a_name_without_its_environment(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "{prefix: trial/prod/, ", "{prefix: trial/, ")
    _only(project, "'trial/payments/try-out' does not say its environment")


def test_two_stores_that_would_have_one_secret(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "{prefix: trial/prod/, ", "{")
    project.replace(CATALOG, "    store: trial\n", "    store: trial\n    path: payments/session\n")
    _only(project, "secrets.try-out.path: 'prod/payments/session' in store trial is the name of payments/session")


def test_more_principals_than_a_policy_takes(project: ProjectFolder) -> None:
    names = [f"w{number}" for number in range(1500)]
    workloads = "".join(
        f"  {name}: {{runs_as: {{gcp_service_account: {{email: {name}-runner@acme-prod.iam.gserviceaccount.com}}}}}}\n"
        for name in names
    )
    grants = "".join(f"  - {{workload: {name}, secret: session, can: [read]}}\n" for name in names)
    project.replace(CATALOG, "workloads:\n", f"workloads:\n{workloads}")
    project.append(CATALOG, grants)
    assert project.problems() == []
    extra = "extra-runner@acme-prod.iam.gserviceaccount.com"
    one_more = f"  extra: {{runs_as: {{gcp_service_account: {{email: {extra}}}}}}}\n"
    project.replace(CATALOG, "workloads:\n", f"workloads:\n{one_more}")
    project.append(CATALOG, "  - {workload: extra, secret: session, can: [read]}\n")
    _only(project, "its policy names principals 1501 times, and IAM takes 1500")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('project_number: "123456789012"', "project_number: 123456789012", "a project number is text"),
        ("project: acme-prod\n", "project: Acme-Prod\n", "the project has 'A' at character 1"),
        ("project: acme-prod\n", "project: acme\n", "the project"),
        ("[europe-west1, europe-west3]", "[europe-west1, europe-west1]", "a location is named twice"),
        ("expire_after: 30d", "expire_after: 59s", "write at least 60s"),
        ("expire_after: 30d", "version_destroy_ttl: 23h", "write 1d to 1000d"),
        ("expire_after: 30d", "labels: {strongroom-team: x}", "is set by Strongroom itself"),
        ("expire_after: 30d", "labels: {Team: x}", "labels"),
        ("prefix: trial/prod/", "prefix: trial--prod/", "the prefix"),
        ("keys: {secrets: {}}", "keys: {secrets: {rotate_every: 23h}}", "write at least 1d"),
        ("keys: {secrets: {}}", "keys: {secrets: {destroy_scheduled_duration: 121d}}", "write 1d to 120d"),
        (
            "keys: {secrets: {}}",
            "keys: {secrets: {existing: {global: projects/acme-k1/locations/eu/keyRings/r/cryptoKeys/k}}}",
            "the key of global lies in eu",
        ),
        ('"2027-01-04T03:00:00Z"', '"2027-13-04T03:00:00Z"', "is no time in UTC"),
        ('"2027-01-04T03:00:00Z"', '"2027-01-04T03:00:00+01:00"', "is no time in UTC"),
        (
            "subscriber: rotator@acme-prod.iam.gserviceaccount.com",
            "subscriber: 123456789012-compute@developer.gserviceaccount.com",
            "that is a default service account",
        ),
        ("https://rotate.example/due", "http://rotate.example/due", "must begin with https://"),
        ("github_actions: {}", "github_actions: {existing_pool: github}", "the pool is not of the right form"),
    ],
)
def test_what_google_would_refuse_later_is_refused_now(project: ProjectFolder, old: str, new: str, said: str) -> None:
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text.replace(old, new, 1))
    assert any(said in problem for problem in project.problems()), project.problems()


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers", "domain:acme.example", "group:*@acme.example"])
def test_nobody_in_general_is_an_operator(project: ProjectFolder, member: str) -> None:
    project.replace(ENVIRONMENT, "  keys: {", f'  operators: ["{member}"]\n  keys: {{')
    assert any("gcp.operators[0]" in problem for problem in project.problems())


def _beside(project: ProjectFolder, *changes: tuple[str, str]) -> ProjectFolder:
    """The same with a second environment in the same project, but for some changes."""
    text = (project.root / "stacks" / ENVIRONMENT).read_text().replace("trial/prod/", "trial/dev/")
    for old, new in (("environment: prod", "environment: dev"), *changes):
        assert old in text, old
        text = text.replace(old, new)
    project.write("environments/dev.yaml", text)
    project.write("Pulumi.dev.yaml", "config:\n  strongroom:environment: dev\n")
    return project


APART = (
    ('gke: {prod: {project: acme-gke, project_number: "210', 'gke: {dev: {project: acme-gke-dev, project_number: "310'),
)
REPORTS_OF_EACH = '"reports-{{ environment }}@acme-prod.iam.gserviceaccount.com"'
ROTATOR_OF_DEV = ("subscriber: rotator@", "subscriber: rotator-dev@")


def test_environments_of_one_project_are_apart_by_who_is_in_them(project: ProjectFolder) -> None:
    project.replace(CATALOG, "reports@acme-prod.iam.gserviceaccount.com", REPORTS_OF_EACH)
    assert _beside(project, *APART, ROTATOR_OF_DEV).problems() == []


def test_a_service_account_that_is_a_workload_of_two_environments(project: ProjectFolder) -> None:
    account = "serviceAccount:reports@acme-prod.iam.gserviceaccount.com"
    found = _beside(project, *APART, ROTATOR_OF_DEV).problems()
    assert len(found) == 2, found
    for other, problem in zip(("prod", "dev"), sorted(found, key=lambda p: "environment dev" in p), strict=True):
        assert "catalog/payments.yaml:7:" in problem
        assert f"is {account} in Google Cloud, which is payments/reports in environment {other}" in problem


def test_a_service_account_that_environments_name_for_a_workload(project: ProjectFolder) -> None:
    project.replace(CATALOG, REPORTS, "runs_as: {approle: {}}")
    named = "    principals: {payments/reports: reports@acme-prod.iam.gserviceaccount.com}\n    github_actions: {}\n"
    project.replace(ENVIRONMENT, "    github_actions: {}\n", named)
    assert len(_beside(project, *APART, ROTATOR_OF_DEV).problems()) == 2


def test_clusters_of_two_environments_that_share_a_pool_of_identities(project: ProjectFolder) -> None:
    project.replace(CATALOG, "reports@acme-prod.iam.gserviceaccount.com", REPORTS_OF_EACH)
    found = _beside(project, ROTATOR_OF_DEV).problems()
    assert len(found) == 2, found
    assert all("/subject/ns/payments/sa/checkout in Google Cloud, which is payments/checkout in" in p for p in found)
    project.replace(CATALOG, "namespace: payments,", 'namespace: "payments-{{ environment }}",')
    assert project.problems() == []


def test_a_pool_that_admits_one_job_for_two_environments(project: ProjectFolder) -> None:
    project.replace(CATALOG, "reports@acme-prod.iam.gserviceaccount.com", REPORTS_OF_EACH)
    pool = "{existing_pool: projects/123456789012/locations/global/workloadIdentityPools/github}"
    project.replace(ENVIRONMENT, "github_actions: {}", f"github_actions: {pool}")
    found = _beside(project, *APART, ROTATOR_OF_DEV).problems()
    assert len(found) == 2, found
    assert all("which is payments/release in environment" in problem for problem in found)


def test_a_rotator_that_has_the_secrets_of_two_environments(project: ProjectFolder) -> None:
    project.replace(CATALOG, "reports@acme-prod.iam.gserviceaccount.com", REPORTS_OF_EACH)
    found = _beside(project, *APART).problems()
    assert len(found) == 2, found
    for name in ("prod", "dev"):
        assert any(
            f"environments/{name}.yaml" in problem
            and "rotators.rotate.gcp_topic.subscriber: is serviceAccount:rotator@acme-prod" in problem
            and "which is rotator rotate in environment" in problem
            for problem in found
        ), found
