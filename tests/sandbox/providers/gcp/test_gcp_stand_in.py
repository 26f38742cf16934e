"""The stand-in for `gcp`: what Google's descriptions and pages refuse, it refuses; what they take, it keeps."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pulumi_gcp as gcp
import pytest

from strongroom_sandbox.providers.frame.file_store import FileStore
from strongroom_sandbox.providers.gcp.cloud import POLICY, add_project
from support.stand_in import Engine, ProviderError, serving

NUMBER = "123456789012"
SECRET = "gcp:secretmanager/secret:Secret"
ACCESS = "gcp:secretmanager/secretIamPolicy:SecretIamPolicy"
TOPIC = "gcp:pubsub/topic:Topic"
PUBLISHERS = "gcp:pubsub/topicIAMBinding:TopicIAMBinding"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
RING = "gcp:kms/keyRing:KeyRing"
KEY = "gcp:kms/cryptoKey:CryptoKey"
USERS = "gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding"
POOL = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
AUDIT = "gcp:projects/iAMAuditConfig:IAMAuditConfig"
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-secretmanager.iam.gserviceaccount.com"
AUTO: dict[str, Any] = {"replication": {"auto": {}}}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    file = tmp_path_factory.mktemp("gcp") / "resources.json"
    with serving(file, dict(os.environ), "gcp") as engine:
        engine.configure({"project": "acme-prod"})
        yield engine, file


@pytest.fixture
def file(served: tuple[Engine, Path]) -> Path:
    """The file, with one project and nothing in it."""
    with FileStore(served[1]).changing() as resources:
        resources.clear()
    add_project(served[1], "acme-prod", NUMBER)
    return served[1]


@pytest.fixture
def engine(served: tuple[Engine, Path], file: Path) -> Engine:
    del file
    return served[0]


def _secret(**more: Any) -> dict[str, Any]:
    return {"secretId": "prod--payments--stripe", **AUTO, **more}


def _in(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _topic(engine: Engine) -> str:
    topic, _, _ = engine.made(TOPIC, {"name": "due"})
    engine.made(PUBLISHERS, {"topic": "due", "role": "roles/pubsub.publisher", "members": [AGENT]})
    return topic


def _key(engine: Engine, location: str) -> str:
    ring, _, _ = engine.made(RING, {"name": "ring", "location": location})
    key, _, _ = engine.made(KEY, {"name": "k", "keyRing": ring})
    return key


def test_a_secret_is_what_the_official_provider_makes_of_it(engine: Engine, file: Path) -> None:
    identity, state, inputs = engine.made(SECRET, _secret(labels={"team": "payments"}, annotations={"a": "b"}))
    assert identity == "projects/acme-prod/secrets/prod--payments--stripe"
    assert state["name"] == f"projects/{NUMBER}/secrets/prod--payments--stripe"
    assert state["effectiveLabels"] == state["pulumiLabels"] == {"team": "payments"}
    assert inputs["project"] == "acme-prod"
    assert engine.diff(SECRET, identity, state, inputs).get("changes") in (None, "DIFF_NONE")
    assert engine.read(SECRET, identity)["properties"]["replication"] == {"auto": {}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine.delete(SECRET, identity, state)
    assert engine.read(SECRET, identity, state, inputs)["id"] == ""


def test_what_cannot_change_makes_another_secret(engine: Engine) -> None:
    identity, state, inputs = engine.made(SECRET, _secret())
    other = {**inputs, "replication": {"userManaged": {"replicas": [{"location": "europe-west3"}]}}}
    assert engine.diff(SECRET, identity, state, other)["replaces"] == ["replication"]
    labelled = {**inputs, "labels": {"a": "b"}}
    assert "replaces" not in engine.diff(SECRET, identity, state, labelled)
    assert engine.update(SECRET, identity, state, labelled)["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"secretId": "prod/stripe"}, "secretId has a slash"),
        ({"secretId": "prod.stripe"}, "does not match [A-Za-z0-9_-]{1,255}"),
        ({"secretId": "x" * 256}, "does not match"),
        ({"replication": {}}, "either automatic or userManaged"),
        ({"replication": {"userManaged": {"replicas": []}}}, "needs a replica"),
        ({"replication": {"userManaged": {"replicas": [{"location": "a"}, {"location": "a"}]}}}, "named twice"),
        ({"labels": {"Team": "x"}}, "the label Team is not of the right form"),
        ({"labels": {f"l{n}": "" for n in range(65)}}, "more than 64 labels"),
        ({"annotations": {"-": "x"}}, "the annotation - is not of the right form"),
        ({"annotations": {"a": "x" * 16384}}, "annotations of 16 KiB or more"),
        ({"ttl": "59s"}, "60 seconds to 100 years"),
        ({"ttl": "1h"}, "ttl is not seconds such as 3600s"),
        ({"ttl": "3600s", "expireTime": "2030-01-01T00:00:00Z"}, "either ttl or expireTime"),
        ({"expireTime": "2030-01-01"}, "expireTime is not a time in UTC"),
        ({"versionDestroyTtl": "3600s"}, "24 hours at the earliest"),
        ({"versionAliases": {"latest": "1"}}, "the alias latest is not of the right form"),
        ({"versionAliases": {"live": "one"}}, "versionAliases.live is not a whole number as text"),
        ({"versionAliases": {"live": "1"}}, "there is no version 1"),
        ({"secretType": "PASSWORD"}, "secretType is none of SECRET_TYPE_UNSPECIFIED"),
        ({"topics": [{"name": "projects/acme-prod/topics/none"}]}, "topics/none was not found"),
        (
            {"rotation": {"rotationPeriod": "3600s", "nextRotationTime": "2030-01-01T00:00:00Z"}},
            "rotation needs topics",
        ),
        ({"project": "acme-other"}, "there is no such project, or the caller does not have permission"),
    ],
)
def test_what_google_refuses_of_a_secret_is_refused_and_nothing_is_kept(
    engine: Engine, file: Path, inputs: dict[str, Any], said: str
) -> None:
    before = FileStore(file).all()
    with pytest.raises(ProviderError) as refused:
        engine.made(SECRET, _secret() | inputs)
    assert said in str(refused.value)
    assert "this is no Google Cloud" in str(refused.value)
    assert FileStore(file).all() == before


@pytest.mark.parametrize(
    ("rotation", "said"),
    [
        ({"rotationPeriod": "3600s"}, "next rotation time must be set"),
        ({"rotationPeriod": "3599s", "nextRotationTime": _in(86400)}, "between 1 hour and 100 years"),
        ({"rotationPeriod": "3600s", "nextRotationTime": _in(200)}, "at least 5 minutes"),
        ({"rotationPeriod": "3600s", "nextRotationTime": _in(-10)}, "at least 5 minutes"),
    ],
)
def test_a_rotation_that_google_refuses(engine: Engine, rotation: dict[str, str], said: str) -> None:
    topic = _topic(engine)
    with pytest.raises(ProviderError, match=said):
        engine.made(SECRET, _secret(topics=[{"name": topic}], rotation=rotation))


def test_the_next_time_moves_on_by_itself(engine: Engine, file: Path) -> None:
    rotation = {"rotationPeriod": "3600s", "nextRotationTime": _in(86400)}
    identity, state, inputs = engine.made(SECRET, _secret(topics=[{"name": _topic(engine)}], rotation=rotation))
    assert state["rotation"] == rotation
    passed = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5400)
    with FileStore(file).changing() as resources:
        resources[identity]["rotation"]["nextRotationTime"] = passed.strftime("%Y-%m-%dT%H:%M:%SZ")
    now = engine.read(SECRET, identity, state, inputs)["properties"]["rotation"]["nextRotationTime"]
    assert now == (passed + timedelta(seconds=7200)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_topic_on_which_secret_manager_may_not_publish_is_refused(engine: Engine) -> None:
    topic, _, _ = engine.made(TOPIC, {"name": "due"})
    with pytest.raises(ProviderError, match=f"{AGENT} may not publish"):
        engine.made(SECRET, _secret(topics=[{"name": topic}]))


def test_a_key_that_secret_manager_may_not_use_or_of_another_place_is_refused(engine: Engine) -> None:
    key = _key(engine, "global")
    encrypted = _secret(replication={"auto": {"customerManagedEncryption": {"kmsKeyName": key}}})
    with pytest.raises(ProviderError, match="may not use"):
        engine.made(SECRET, encrypted)
    role = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    engine.made(USERS, {"cryptoKeyId": key, "role": role, "members": [AGENT]})
    engine.made(SECRET, encrypted)
    replicas = [{"location": "europe-west3", "customerManagedEncryption": {"kmsKeyName": key}}]
    with pytest.raises(ProviderError, match="the key of europe-west3 has to lie in europe-west3"):
        engine.made(SECRET, _secret(secretId="other", replication={"userManaged": {"replicas": replicas}}))


def test_a_secret_that_has_expired_is_gone(engine: Engine, file: Path) -> None:
    identity, state, inputs = engine.made(SECRET, _secret(ttl="3600s"))
    assert state["ttl"] == "3600s"
    assert engine.diff(SECRET, identity, state, inputs).get("changes") in (None, "DIFF_NONE")
    with FileStore(file).changing() as resources:
        resources[identity]["expireTime"] = _in(-1)
    assert engine.read(SECRET, identity, state, inputs)["id"] == ""


def test_an_id_is_taken_once(engine: Engine) -> None:
    engine.made(SECRET, _secret())
    with pytest.raises(ProviderError, match=r"\[ALREADY_EXISTS\]"):
        engine.made(SECRET, _secret())


def test_a_whole_policy_replaces_what_was_there_in_whatever_order_it_is_written(engine: Engine, file: Path) -> None:
    secret, _, _ = engine.made(SECRET, _secret())
    members = ["user:b@acme.example", "user:a@acme.example"]
    role = "roles/secretmanager.secretAccessor"
    written = {
        "secretId": "prod--payments--stripe",
        "policyData": json.dumps({"bindings": [{"role": role, "members": members}]}),
    }
    identity, state, inputs = engine.made(ACCESS, written)
    assert identity == secret
    reordered = {**inputs, "policyData": json.dumps({"bindings": [{"members": sorted(members), "role": role}]})}
    assert engine.diff(ACCESS, identity, state, reordered).get("changes") in (None, "DIFF_NONE")
    with FileStore(file).changing() as resources:
        resources[f"{secret}{POLICY}"]["bindings"].append({"role": "roles/owner", "members": ["user:c@acme.example"]})
    found = engine.read(ACCESS, identity, state, inputs)["properties"]
    assert "roles/owner" in found["policyData"]
    engine.update(ACCESS, identity, found, inputs)
    assert "roles/owner" not in file.read_text()
    engine.delete(ACCESS, identity, state)
    assert FileStore(file).all()[f"{secret}{POLICY}"]["bindings"] == []


@pytest.mark.parametrize(
    "member", ["allUsers", "allAuthenticatedUsers", "domain:acme.example", "somebody", "user:a b@c.d"]
)
def test_everybody_and_nobody_are_no_members(engine: Engine, member: str) -> None:
    engine.made(SECRET, _secret())
    policy = {"bindings": [{"role": "roles/secretmanager.secretAccessor", "members": [member]}]}
    with pytest.raises(ProviderError, match="is no principal"):
        engine.made(ACCESS, {"secretId": "prod--payments--stripe", "policyData": json.dumps(policy)})


def test_a_policy_has_a_limit_and_names_roles_that_are_there(engine: Engine) -> None:
    engine.made(SECRET, _secret())
    many = [f"user:u{number}@acme.example" for number in range(1501)]
    for role, members, said in (
        ("roles/secretmanager.secretAccessor", many, "1501 principals"),
        ("projects/acme-prod/roles/none", many[:1], "roles/none was not found"),
        ("secretAccessor", many[:1], "is no role"),
    ):
        data = json.dumps({"bindings": [{"role": role, "members": members}]})
        with pytest.raises(ProviderError, match=said):
            engine.made(ACCESS, {"secretId": "prod--payments--stripe", "policyData": data})


def test_a_binding_is_of_one_role_and_leaves_others_alone(engine: Engine, file: Path) -> None:
    topic = _topic(engine)
    viewers = {"topic": "due", "role": "roles/pubsub.viewer", "members": ["user:a@acme.example"]}
    identity, state, _ = engine.made(PUBLISHERS, viewers)
    engine.delete(PUBLISHERS, identity, state)
    roles = [binding["role"] for binding in FileStore(file).all()[f"{topic}{POLICY}"]["bindings"]]
    assert roles == ["roles/pubsub.publisher"]


def test_a_subscription_without_end_stays_without_end(engine: Engine) -> None:
    topic = _topic(engine)
    endless = {"name": "told", "topic": topic, "expirationPolicy": {"ttl": ""}, "messageRetentionDuration": "2678400s"}
    identity, state, inputs = engine.made(SUBSCRIPTION, endless)
    assert state["expirationPolicy"] == {"ttl": ""}
    assert engine.diff(SUBSCRIPTION, identity, state, inputs).get("changes") in (None, "DIFF_NONE")


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        (TOPIC, {"name": "goog-due"}, "does not match"),
        (TOPIC, {"name": "1due"}, "does not match"),
        (SUBSCRIPTION, {"name": "s00", "topic": "projects/acme-prod/topics/none"}, "topics/none was not found"),
        (KEY, {"name": "k", "keyRing": "projects/acme-prod/locations/global/keyRings/none"}, "keyRings/none was not"),
        (POOL, {"workloadIdentityPoolId": "gcp-pool"}, "does not match"),
        (POOL, {"workloadIdentityPoolId": "abc"}, "does not match"),
        (POOL, {"workloadIdentityPoolId": "pool", "displayName": "x" * 33}, "more than 32 characters"),
        (ROLE, {"roleId": "a-b", "title": "t", "permissions": ["a.b.c"]}, "does not match"),
        (ROLE, {"roleId": "abc", "title": "t", "permissions": ["everything"]}, "'everything' is no permission"),
        (
            PROVIDER,
            {
                "workloadIdentityPoolId": "none",
                "workloadIdentityPoolProviderId": "prov",
                "oidc": {"issuerUri": "https://i"},
            },
            "workloadIdentityPools/none was not found",
        ),
        (
            AUDIT,
            {
                "project": "acme-prod",
                "service": "secretmanager.googleapis.com",
                "auditLogConfigs": [{"logType": "ALL"}],
            },
            "logType is none of",
        ),
    ],
)
def test_what_google_refuses_of_other_resources(engine: Engine, token: str, inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(ProviderError) as refused:
        engine.made(token, inputs)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"attributeMapping": {"google.subject": "assertion.sub"}}, "needs an attributeCondition"),
        ({"attributeCondition": "true"}, "attributeMapping needs google.subject"),
        ({"attributeCondition": "x" * 4097}, "more than 4096 characters"),
    ],
)
def test_a_provider_that_would_admit_everybody_is_refused(engine: Engine, more: dict[str, Any], said: str) -> None:
    engine.made(POOL, {"workloadIdentityPoolId": "pool"})
    inputs = {
        "workloadIdentityPoolId": "pool",
        "workloadIdentityPoolProviderId": "github-actions",
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    }
    with pytest.raises(ProviderError, match=said):
        engine.made(PROVIDER, inputs | more)


def test_a_key_ring_is_never_deleted(engine: Engine) -> None:
    inputs = {"name": "ring", "location": "global"}
    identity, state, _ = engine.made(RING, inputs)
    engine.delete(RING, identity, state)
    with pytest.raises(ProviderError, match="ALREADY_EXISTS"):
        engine.made(RING, inputs)


def test_a_project_tells_its_number_to_who_may_see_it(engine: Engine) -> None:
    token = "gcp:organizations/getProject:getProject"
    assert engine.invoke(token, {"projectId": "acme-prod"})["number"] == NUMBER
    with pytest.raises(ProviderError, match="there is no such project"):
        engine.invoke(token, {"projectId": "acme-other"})


@pytest.mark.parametrize("name", ["credentials", "accessToken"])
def test_credentials_have_no_place_in_the_configuration(engine: Engine, name: str) -> None:
    said = engine.check_config({"project": "acme-prod", name: "canary-of-configuration"})
    assert "would be kept in the state" in said[name]
    assert "canary" not in str(said)


def test_versions_of_secrets_are_not_served(engine: Engine) -> None:
    token = str(getattr(gcp.secretmanager.SecretVersion, "pulumi_type"))  # noqa: B009
    with pytest.raises(ProviderError, match="does not serve"):
        engine.check(token, {"secret": "s", "secretData": "canary"})
