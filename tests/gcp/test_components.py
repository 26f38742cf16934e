"""What the components of Google Cloud register: documents, protection, order, and no value."""

import json
from datetime import UTC, datetime

import pulumi
import pytest

from strongroom.gcp.kms.component import GcpKeys
from strongroom.gcp.secret_manager import component as secret_manager
from strongroom.gcp.secret_manager.component import GcpSecrets, policy
from strongroom.program import deploy
from strongroom.stage import Stage
from support import mocks
from support.gcp import AGENT, CATALOG, CHECKOUT, ENVIRONMENT, NUMBER, RELEASE, REPORTS, ROTATOR
from support.mocks import Recording, record
from support.projects import ProjectFolder

SECRET = "gcp:secretmanager/secret:Secret"
POLICY = "gcp:secretmanager/secretIamPolicy:SecretIamPolicy"


class _Later(datetime):
    """A clock that stands still after the first rotation."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        del tz
        return datetime(2027, 2, 1, tzinfo=UTC)


def _deployed(project: ProjectFolder, *, preview: bool = False) -> Recording:
    plan = project.plan("prod")
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)), preview=preview)


def test_every_resource_uses_the_provider_of_its_project_which_holds_no_credentials(project: ProjectFolder) -> None:
    made = _deployed(project)
    assert made.named("gcp-acme-prod").inputs == {"project": "acme-prod", "addPulumiAttributionLabel": "false"}
    assert {leaf.provider for leaf in made.leaves if leaf.name != "gcp-acme-prod"} == {"gcp-acme-prod"}


def test_no_version_of_a_secret_is_a_resource(project: ProjectFolder) -> None:
    assert not [leaf for leaf in _deployed(project).leaves if "ersion" in leaf.type]


def test_each_secret_has_one_policy_that_names_all_who_may_use_it(project: ProjectFolder) -> None:
    made = _deployed(project)
    assert len(made.of(POLICY)) == len(made.of(SECRET)) == 3
    stripe = made.named("prod-sm-payments.stripe-access").inputs
    assert stripe["secretId"] == "prod--payments--stripe"
    assert json.loads(stripe["policyData"]) == {
        "bindings": [
            {"role": "projects/acme-prod/roles/strongroom.prod.disabler", "members": [RELEASE]},
            {"role": "roles/secretmanager.secretAccessor", "members": [CHECKOUT, REPORTS, ROTATOR]},
            {"role": "roles/secretmanager.secretVersionAdder", "members": [RELEASE, ROTATOR]},
        ]
    }


def test_a_secret_that_nobody_is_granted_gets_an_empty_policy_and_not_none(project: ProjectFolder) -> None:
    assert _deployed(project).named("prod-sm-payments.session-access").inputs["policyData"] == '{"bindings":[]}'


def test_the_same_access_is_the_same_text() -> None:
    assert policy({"b": ["y", "x"], "a": ["z"]}) == policy({"a": ["z"], "b": ["x", "y"]})


def test_what_holds_something_is_protected_and_nothing_else(project: ProjectFolder) -> None:
    kinds = {leaf.type for leaf in _deployed(project).leaves if leaf.protect}
    assert kinds == {SECRET, "gcp:kms/keyRing:KeyRing", "gcp:kms/cryptoKey:CryptoKey"}
    project.replace(ENVIRONMENT, "environment: prod\n", "environment: prod\nprotect: false\n")
    assert not [leaf for leaf in _deployed(project).leaves if leaf.protect]


def test_a_secret_waits_for_all_that_it_needs(project: ProjectFolder) -> None:
    waits_for = _deployed(project).waits_for("prod-sm-payments.stripe-access")
    assert {
        "prod-audit-secretmanager",  # so that nothing happens unrecorded
        "prod-agents-secretmanager",
        "prod-keys-europe-west1-secrets-users",
        "prod-rotate-publisher",
        "prod-roles-disabler",
        "prod-github-provider",
        "prod-sm-payments.stripe",
    } <= waits_for


def test_topics_and_keys_wait_for_the_agents_that_are_to_use_them(project: ProjectFolder) -> None:
    made = _deployed(project)
    for name in ("prod-rotate-publisher", "prod-keys-europe-west3-secrets-users"):
        assert "prod-agents-secretmanager" in made.waits_for(name)


def test_only_secret_manager_may_publish_that_something_is_due(project: ProjectFolder) -> None:
    inputs = _deployed(project).named("prod-rotate-publisher").inputs
    assert (inputs["topic"], inputs["role"], inputs["members"]) == (
        "strongroom.prod.rotate",
        "roles/pubsub.publisher",
        [AGENT],
    )


def test_notifications_are_pushed_with_a_token_and_put_aside_if_they_fail(project: ProjectFolder) -> None:
    made = _deployed(project)
    inputs = made.named("prod-rotate-subscription").inputs
    assert inputs["pushConfig"] == {
        "pushEndpoint": "https://rotate.example/due",
        "oidcToken": {
            "serviceAccountEmail": "notifier@acme-prod.iam.gserviceaccount.com",
            "audience": "https://rotate.example/due",
        },
    }
    assert inputs["deadLetterPolicy"]["maxDeliveryAttempts"] == 10
    assert inputs["expirationPolicy"] == {"ttl": ""}
    assert made.named("prod-rotate-subscribers").inputs["members"] == [
        f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
    ]
    assert "prod-rotate-dead-publisher" in made.waits_for("prod-rotate-subscription")


def test_where_they_are_pulled_the_subscriber_may_pull(project: ProjectFolder) -> None:
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, "".join(line for line in text.splitlines(keepends=True) if "push:" not in line))
    made = _deployed(project)
    assert "pushConfig" not in made.named("prod-rotate-subscription").inputs
    assert ROTATOR in made.named("prod-rotate-subscribers").inputs["members"]


def test_the_next_rotation_is_the_one_that_the_service_has_by_then(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_manager, "datetime", _Later)
    inputs = _deployed(project).named("prod-sm-payments.stripe").inputs
    assert inputs["rotation"] == {"rotationPeriod": "7776000s", "nextRotationTime": "2027-04-04T03:00:00Z"}
    assert inputs["topics"] == [{"name": "projects/acme-prod/topics/strongroom.prod.rotate"}]


def test_each_copy_is_encrypted_by_the_key_of_its_location(project: ProjectFolder) -> None:
    replicas = _deployed(project).named("prod-sm-payments.stripe").inputs["replication"]["userManaged"]["replicas"]
    assert [(r["location"], r["customerManagedEncryption"]["kmsKeyName"].split("/")[3]) for r in replicas] == [
        ("europe-west1", "europe-west1"),
        ("europe-west3", "europe-west3"),
    ]


def test_a_store_without_locations_or_key_leaves_both_to_google(project: ProjectFolder) -> None:
    inputs = _deployed(project).named("prod-trial-payments.try-out").inputs
    assert inputs["replication"] == {"auto": {}}
    assert inputs["ttl"] == "2592000s"
    assert "rotation" not in inputs


def test_without_a_time_to_restore_them_versions_are_destroyed_at_once(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "      key: secrets\n", "      key: secrets\n      version_destroy_ttl: null\n")
    assert "versionDestroyTtl" not in _deployed(project).named("prod-sm-payments.stripe").inputs


def test_nobody_but_the_agent_may_use_a_key(project: ProjectFolder) -> None:
    inputs = _deployed(project).named("prod-keys-europe-west1-secrets-users").inputs
    assert (inputs["role"], inputs["members"]) == ("roles/cloudkms.cryptoKeyEncrypterDecrypter", [AGENT])


def test_a_key_has_safe_settings_where_nothing_is_said() -> None:
    made = record(
        lambda: GcpKeys(
            "it",
            {"project": "acme-prod", "location": "global", "key_ring": "r", "keys": {"k": {}}, "users": ["user:a@b.c"]},
        )
    )
    inputs = made.named("it-k").inputs
    assert inputs["rotationPeriod"] == "7776000s"
    assert inputs["destroyScheduledDuration"] == "2592000s"
    assert made.named("it-k").protect
    assert made.named("it-ring").protect


def test_everything_that_a_project_records_is_of_everybody(project: ProjectFolder) -> None:
    inputs = _deployed(project).named("prod-audit-secretmanager").inputs
    assert inputs["auditLogConfigs"] == [{"logType": kind} for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")]


@pytest.mark.parametrize("preview", [False, True])
def test_a_project_of_another_number_is_refused_before_anything_is_registered(
    project: ProjectFolder, monkeypatch: pytest.MonkeyPatch, preview: bool
) -> None:
    monkeypatch.setitem(mocks.LOOKED_UP, "gcp:organizations/getProject:getProject", {"number": "999999999999"})
    with pytest.raises(pulumi.RunError, match=r"has the number 999999999999, .* says 123456789012.*nothing was made"):
        _deployed(project, preview=preview)


def test_outputs_are_full_names_and_no_values() -> None:
    made = record(
        lambda: GcpSecrets("it", {"project": "acme-prod", "secrets": {"s": {"secret_id": "i", "access": {}}}})
    )
    assert made.outputs["it"] == {"ids": {"s": "it-s-id"}}
    assert made.named("it-s").protect


def test_a_slice_of_a_team_registers_its_secrets_only(project: ProjectFolder) -> None:
    project.write("Pulumi.pay.yaml", "config:\n  strongroom:environment: prod\n  strongroom:slice: payments\n")
    plan = project.plan("pay")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    assert {leaf.type for leaf in made.leaves} == {"pulumi:providers:gcp", SECRET, POLICY}


def test_a_catalog_with_nothing_for_google_needs_no_login_there(project: ProjectFolder) -> None:
    project.write(CATALOG, "team: payments\n").replace(ENVIRONMENT, "      key: secrets\n", "")
    text = (project.root / "stacks" / ENVIRONMENT).read_text()
    project.write(ENVIRONMENT, text[: text.index("rotators:")])
    assert _deployed(project).leaves == []
