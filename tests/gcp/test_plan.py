"""What of Google Cloud a plan says: names, who may use each secret, keys, topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.gcp.audit.plan import GcpAuditLogs
from strongroom.gcp.iam.members import POOL_ID_MAX, github_pool_id
from strongroom.gcp.iam.plan import CONDITION_MAX, GcpCustomRole, GcpGithubPool, GcpServiceAgent, condition
from strongroom.gcp.kms.plan import GcpCryptoKey
from strongroom.gcp.rotation.plan import GcpRotationTopic
from strongroom.gcp.secret_manager.plan import ID_MAX, GcpSecret, flaw, secret_id
from support.gcp import CATALOG, CHECKOUT, ENVIRONMENT, RELEASE, REPORTS, ROTATOR
from support.projects import ProjectFolder

READER = "roles/secretmanager.secretAccessor"
WRITER = "roles/secretmanager.secretVersionAdder"
MANAGER = "roles/secretmanager.secretVersionManager"
DISABLER = "projects/acme-prod/roles/strongroom.prod.disabler"
part = st.from_regex(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*", fullmatch=True)


def _secret(project: ProjectFolder, key: str = "payments/stripe") -> GcpSecret:
    return next(secret for secret in project.plan("prod").of(GcpSecret) if secret.key == key)


def _access(project: ProjectFolder, key: str = "payments/stripe") -> dict[str, tuple[str, ...]]:
    return {binding.role: binding.members for binding in _secret(project, key).access}


def test_an_id_names_environment_team_and_secret(project: ProjectFolder) -> None:
    assert [secret.path for secret in project.plan("prod").of(GcpSecret)] == [
        "prod--payments--session",
        "prod--payments--stripe",
        "trial--prod--payments--try-out",
    ]


@given(st.lists(part, min_size=1, max_size=4), st.lists(part, min_size=1, max_size=4))
def test_no_two_sound_names_have_one_id(one: list[str], other: list[str]) -> None:
    names = "/".join(one), "/".join(other)
    assert flaw(names[0], ()) is None or len(secret_id(names[0])) > ID_MAX
    assert (secret_id(names[0]) == secret_id(names[1])) == (one == other)


@pytest.mark.parametrize("name", ["prod/a--b", "prod/a-/b", "prod/a.b", "prod/_-", "prod/" + "x" * 251, "prod/é"])
def test_what_secret_manager_takes_for_no_id_or_for_another_has_a_flaw(name: str) -> None:
    assert flaw(name, ()) is not None


def test_the_longest_id_has_no_flaw() -> None:
    assert flaw("prod/" + "x" * (ID_MAX - len("prod--")), ()) is None


def test_who_may_use_a_secret_is_said_by_exact_principals_and_the_narrowest_roles(project: ProjectFolder) -> None:
    assert _access(project) == {
        READER: (CHECKOUT, REPORTS, ROTATOR),
        WRITER: (RELEASE, ROTATOR),
        DISABLER: (RELEASE,),
    }


def test_a_secret_that_nobody_is_granted_has_an_empty_policy(project: ProjectFolder) -> None:
    assert _access(project, "payments/session") == {}


def test_operators_read_and_manage_every_secret(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "  keys: {", '  operators: ["group:ops@acme.example"]\n  keys: {')
    assert _access(project, "payments/session") == {
        READER: ("group:ops@acme.example",),
        MANAGER: ("group:ops@acme.example",),
    }


def test_a_workload_that_no_platform_knows_is_who_the_environment_says(project: ProjectFolder) -> None:
    project.replace(CATALOG, "workloads:\n", "workloads:\n  batch: {runs_as: {approle: {}}}\n")
    project.append(CATALOG, "  - {workload: batch, secret: session, can: [read]}\n")
    named = "{payments/batch: batch-runner@acme-prod.iam.gserviceaccount.com}"
    project.replace(ENVIRONMENT, "  identities:\n", f"  identities:\n    principals: {named}\n")
    assert _access(project, "payments/session") == {
        READER: ("serviceAccount:batch-runner@acme-prod.iam.gserviceaccount.com",)
    }


def test_a_service_account_of_kubernetes_is_admitted_from_each_project_with_clusters(project: ProjectFolder) -> None:
    second = (
        '{prod: {project: acme-gke, project_number: "210987654321"}, dr: {project: acme-dr1, project_number: "333333"}}'
    )
    project.replace(ENVIRONMENT, '{prod: {project: acme-gke, project_number: "210987654321"}}', second)
    assert CHECKOUT in _access(project)[READER]
    dr = "projects/333333/locations/global/workloadIdentityPools/acme-dr1.svc.id.goog/subject/ns/payments/sa/checkout"
    assert f"principal://iam.googleapis.com/{dr}" in _access(project)[READER]


def test_a_pool_that_is_there_already_is_used_and_none_is_made(project: ProjectFolder) -> None:
    pool = "projects/555555/locations/global/workloadIdentityPools/github"
    project.replace(ENVIRONMENT, "github_actions: {}", f"github_actions: {{existing_pool: {pool}}}")
    job = f"principal://iam.googleapis.com/{pool}/subject/repo:acme/payments:environment:prod"
    assert _access(project)[DISABLER] == (job,)
    assert project.plan("prod").of(GcpGithubPool) == ()


def test_the_pool_admits_the_declared_repositories_only(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "github_actions: {}", 'github_actions: {owner_ids: ["77"]}')
    (pool,) = project.plan("prod").of(GcpGithubPool)
    assert pool.condition == "assertion.repository in ['acme/payments'] && assertion.repository_owner_id in ['77']"


def test_too_many_repositories_are_admitted_by_their_owners() -> None:
    many = [f"{owner}/repository-{number}" for owner in ("acme", "acme-labs") for number in range(200)]
    assert condition(many, ()) == "assertion.repository_owner in ['acme', 'acme-labs']"
    assert len(condition(many[:100], ())) <= CONDITION_MAX
    assert "assertion.repository in" in condition(many[:100], ())


@given(st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,8}){0,3}", fullmatch=True))
def test_the_id_of_a_pool_is_always_one_that_google_takes(environment: str) -> None:
    identity = github_pool_id(environment)
    assert 4 <= len(identity) <= POOL_ID_MAX
    assert not identity.startswith("gcp-")


def test_environments_with_long_names_have_different_pools() -> None:
    long = "a" * 38
    assert github_pool_id(f"{long}-1") != github_pool_id(f"{long}-2")


def test_a_role_is_made_only_where_versions_are_deleted(project: ProjectFolder) -> None:
    (role,) = project.plan("prod").of(GcpCustomRole)
    assert role.permissions == (
        "secretmanager.versions.disable",
        "secretmanager.versions.get",
        "secretmanager.versions.list",
    )
    project.replace(CATALOG, "can: [write, delete]", "can: [write]")
    assert project.plan("prod").of(GcpCustomRole) == ()


def test_there_is_a_key_in_each_location_where_a_store_needs_it(project: ProjectFolder) -> None:
    assert [key.full_name for key in project.plan("prod").of(GcpCryptoKey)] == [
        f"projects/acme-prod/locations/{place}/keyRings/strongroom-prod/cryptoKeys/secrets"
        for place in ("europe-west1", "europe-west3")
    ]
    assert [replica.key for replica in _secret(project).replicas] == [
        key.full_name for key in project.plan("prod").of(GcpCryptoKey)
    ]


def test_where_a_key_is_there_already_none_is_made(project: ProjectFolder) -> None:
    mine = "projects/acme-keys/locations/europe-west3/keyRings/r/cryptoKeys/k"
    project.replace(ENVIRONMENT, "keys: {secrets: {}}", f"keys: {{secrets: {{existing: {{europe-west3: {mine}}}}}}}")
    assert [key.location for key in project.plan("prod").of(GcpCryptoKey)] == ["europe-west1"]
    assert [replica.key for replica in _secret(project).replicas][1] == mine


def test_who_uses_keys_that_are_there_already_is_asked_for_too(project: ProjectFolder) -> None:
    keys = ", ".join(
        f"{place}: projects/acme-keys/locations/{place}/keyRings/r/cryptoKeys/k"
        for place in ("europe-west1", "europe-west3")
    )
    project.replace(ENVIRONMENT, "keys: {secrets: {}}", f"keys: {{secrets: {{existing: {{{keys}}}}}}}")
    project.replace(CATALOG, "    rotator: rotate\n", "")
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text[: text.index("rotators:")])
    plan = project.plan("prod")
    assert not plan.of(GcpCryptoKey)
    assert [agent.service for agent in plan.of(GcpServiceAgent)] == ["secretmanager.googleapis.com"]


def test_with_automatic_replication_the_key_lies_in_global(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "      locations: [europe-west1, europe-west3]\n", "")
    assert [key.location for key in project.plan("prod").of(GcpCryptoKey)] == ["global"]
    assert _secret(project).kms_key == "projects/acme-prod/locations/global/keyRings/strongroom-prod/cryptoKeys/secrets"
    assert _secret(project).replicas == ()


def test_the_order_of_locations_means_nothing(project: ProjectFolder) -> None:
    before = project.plan("prod").as_json()
    project.replace(ENVIRONMENT, "[europe-west1, europe-west3]", "[europe-west3, europe-west1]")
    assert project.plan("prod").as_json() == before


def test_a_secret_is_due_on_the_topic_of_its_rotator(project: ProjectFolder) -> None:
    (topic,) = project.plan("prod").of(GcpRotationTopic)
    due = _secret(project).rotation
    assert due is not None
    assert due.topic == f"projects/acme-prod/topics/{topic.name}" == "projects/acme-prod/topics/strongroom.prod.rotate"
    assert due.period_seconds == 90 * 86400
    assert _secret(project, "payments/session").rotation is None


def test_the_agents_of_services_are_asked_for_where_something_needs_them(project: ProjectFolder) -> None:
    agents = [agent.service for agent in project.plan("prod").of(GcpServiceAgent)]
    assert agents == ["pubsub.googleapis.com", "secretmanager.googleapis.com"]
    project.replace(CATALOG, "    rotator: rotate\n", "").replace(ENVIRONMENT, "      key: secrets\n", "")
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text[: text.index("rotators:")])
    assert project.plan("prod").of(GcpServiceAgent) == ()


def test_a_project_records_who_looks_unless_somebody_above_it_does(project: ProjectFolder) -> None:
    (logs,) = project.plan("prod").of(GcpAuditLogs)
    assert logs.log_types == ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
    project.replace(ENVIRONMENT, "  keys: {", "  audit_logs: false\n  keys: {")
    assert project.plan("prod").of(GcpAuditLogs) == ()


def test_a_project_in_which_nothing_lies_is_left_alone(project: ProjectFolder) -> None:
    project.write(CATALOG, "team: payments\n")
    project.replace(ENVIRONMENT, "      key: secrets\n", "")
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text[: text.index("rotators:")])
    assert project.plan("prod").records == ()


def test_labels_and_annotations_say_whose_a_secret_is(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "      key: secrets\n", "      key: secrets\n      labels: {cost-center: '77'}\n")
    assert dict(_secret(project).labels) == {
        "cost-center": "77",
        "strongroom-environment": "prod",
        "strongroom-secret": "stripe",
        "strongroom-team": "payments",
    }
    assert dict(_secret(project).annotations) == {"strongroom-description": "the account for cards"}


def test_versions_are_named_where_the_environment_says_so(project: ProjectFolder) -> None:
    project.replace(
        ENVIRONMENT, "      key: secrets\n", "      key: secrets\n      version_aliases: {payments/stripe: {live: 3}}\n"
    )
    assert _secret(project).version_aliases == (("live", 3),)
    assert _secret(project, "payments/session").version_aliases == ()


def test_a_slice_of_a_team_has_its_secrets_and_nothing_of_the_platform(project: ProjectFolder) -> None:
    project.write("Pulumi.pay.yaml", "config:\n  strongroom:environment: prod\n  strongroom:slice: payments\n")
    kinds = {record.kind for record in project.plan("pay").records}
    assert kinds == {"gcp.secret_manager.secret"}


def test_what_an_environment_of_aws_is_has_nothing_of_google(project: ProjectFolder) -> None:
    other = "environment: prod\ndefault_store: a\nstores: {a: {aws_secrets_manager: {}}}\n"
    project.write(ENVIRONMENT, other + 'aws: {account: "111122223333", region: eu-central-1}\n')
    project.write(CATALOG, "team: payments\nsecrets: {s: {fields: [x]}}\n")
    assert not [record for record in project.plan("prod").records if record.kind.startswith("gcp.")]
