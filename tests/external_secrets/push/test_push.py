"""Pushes: which keys of a Kubernetes Secret are written where, as whom, and what the operator may do there."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import hvac
import pytest

from strongroom.external_secrets.document import secret_store
from strongroom.external_secrets.operator.plan import AccountTokens, ExternalSecretsOperator
from strongroom.external_secrets.push.component import ExternalSecretPushes
from strongroom.external_secrets.push.document import push_secret
from strongroom.external_secrets.push.records import PushSecret
from strongroom.external_secrets.records import SecretStore
from strongroom.program import deploy
from strongroom.stage import Stage
from strongroom.vault.policy.plan import Policy
from strongroom_sandbox import Sandbox
from support.external_secrets_operator import ENVIRONMENT, FILES, PAYMENTS
from support.mocks import record
from support.projects import ProjectFolder

PUSHES = """\
pushes:
  - {workload: refunds, secret: signing, kubernetes_secret: made-here, clusters: [eu], fields: {public: pub, private: key}}
"""  # noqa: E501


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return (
        ProjectFolder(tmp_path, FILES)
        # The operator names no version that it replaces, as writers by default have to.
        .replace(ENVIRONMENT, "stores:\n", "stores:\n  made: {vault_kv: {cas_required: false}}\n")
        .replace(PAYMENTS, "secrets:\n", "secrets:\n  signing: {fields: [public, private], store: made}\n")
        .replace(
            PAYMENTS, "grants:\n", "grants:\n  - {workload: refunds, secret: signing, can: [read, write]}\n"
        )
        .append(PAYMENTS, PUSHES)
    )  # fmt: skip


def test_only_named_keys_are_written_and_nothing_is_ever_deleted(project: ProjectFolder) -> None:
    (push,) = project.plan("prod").of(PushSecret)
    assert push_secret(push) == {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": "made-here", "namespace": "payments"},
        "spec": {
            "updatePolicy": "Replace",
            "deletionPolicy": "None",
            "refreshInterval": "1h",
            "secretStoreRefs": [{"name": "refunds-made.push", "kind": "SecretStore"}],
            "selector": {"secret": {"name": "made-here"}},
            "data": [
                {"match": {"secretKey": key, "remoteRef": {"remoteKey": "payments/signing", "property": field}}}
                for field, key in (("public", "pub"), ("private", "key"))
            ],
        },
    }


def test_it_is_written_as_the_workload_by_a_store_of_its_own(project: ProjectFolder) -> None:
    plan = project.plan("prod")
    (store,) = [s for s in plan.of(SecretStore) if s.name == "refunds-made.push"]
    auth = secret_store(store)["spec"]["provider"]["vault"]["auth"]["jwt"]
    assert auth["role"] == "payments.refunds"
    assert auth["kubernetesServiceAccountToken"]["serviceAccountRef"] == {"name": "refunds"}
    assert {t.service_account for t in plan.of(AccountTokens)} == {"checkout", "refunds"}
    (operator,) = plan.of(ExternalSecretsOperator)
    assert operator.settings.processes == ("PushSecret",)


REFUSED = {
    "no right to write": ("can: [read, write]", "can: [read]", "may not write payments/signing"),
    "no right at all": (
        "  - {workload: refunds, secret: signing, can: [read, write]}\n",
        "",
        "may not read nor write payments/signing",
    ),
    "an unknown workload": ("workload: refunds, secret: signing, k", "workload: fund, secret: signing, k", "'fund'"),
    "an unknown secret": ("refunds, secret: signing, k", "refunds, secret: signings, k", "did you mean 'signing'?"),
    "an unknown field": ("public: pub", "publick: pub", "did you mean 'public'?"),
    "a namespace of others": (
        "refunds:\n    runs_as: {kubernetes: {namespace: payments,",
        "refunds:\n    runs_as: {kubernetes: {namespace: search,",
        "namespace 'search' is none whose Secrets team payments may have, which are: payments",
    ),
    "the cluster's own namespace": (
        "refunds:\n    runs_as: {kubernetes: {namespace: payments,",
        "refunds:\n    runs_as: {kubernetes: {namespace: kube-system,",
        "namespace 'kube-system' is none whose Secrets",
    ),
    "an unknown store": ("store: made}", "store: mad}", "did you mean 'made'?"),
    "an unknown cluster": ("clusters: [eu]", "clusters: [us]", "there is no cluster 'us'"),
    "two clusters": ("clusters: [eu]", "clusters: [eu, us]", "clusters"),
    "what a delivery brings": ("kubernetes_secret: made-here", "kubernetes_secret: stripe", "is brought there by"),
    "a secret that is made on demand": (
        "secret: signing, kubernetes_secret",
        "secret: orders-db, kubernetes_secret",
        "is in no store of the kind vault_kv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_written_or_must_not_be_is_refused(project: ProjectFolder, case: str) -> None:
    old, new, said = REFUSED[case]
    project.replace(PAYMENTS, old, new)
    assert any(said in problem for problem in project.problems()), project.problems()


def test_only_the_environment_file_says_that_a_team_may_have_secrets_of_another_namespace(
    project: ProjectFolder,
) -> None:
    project.replace(
        PAYMENTS,
        "refunds:\n    runs_as: {kubernetes: {namespace: payments,",
        "refunds:\n    runs_as: {kubernetes: {namespace: pay-eu,",
    )
    assert any("namespace 'pay-eu' is none" in problem for problem in project.problems())
    project.append(ENVIRONMENT, "      pushes_from: {payments: [payments, pay-eu]}\n")
    assert project.problems() == []
    project.replace(ENVIRONMENT, "pushes_from: {payments: [payments, pay-eu]}", "pushes_from: {payment: [pay-eu]}")
    assert any("there is no team 'payment'; did you mean 'payments'?" in problem for problem in project.problems())
    project.replace(ENVIRONMENT, "[pay-eu]", "[kube-system]")
    assert any("pushes_from" in problem and "kube-system" in problem for problem in project.problems())


def test_two_pushes_never_write_the_same(project: ProjectFolder) -> None:
    project.append(PAYMENTS, PUSHES.removeprefix("pushes:\n").replace("made-here", "made-there"))
    assert any("pushes[0] of team payments too" in problem for problem in project.problems()), project.problems()


def test_a_mount_that_asks_for_the_version_before_takes_no_push(project: ProjectFolder) -> None:
    project.replace(ENVIRONMENT, "cas_required: false", "cas_required: true")
    assert any("with `cas_required`" in problem for problem in project.problems())


def test_pushes_come_after_their_store(project: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strongroom.kubernetes.kubeconfig.check", lambda _: None)
    plan = project.plan("prod")
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    (push,) = made.of("kubernetes:external-secrets.io/v1alpha1:PushSecret")
    stores = {s.name for s in made.of("kubernetes:external-secrets.io/v1:SecretStore")}
    assert stores <= made.waits_for(push.name)
    assert len(stores) == 2


@pytest.mark.parametrize("change", [{"data": []}, {"dataTo": [{}]}, {"deletionPolicy": "Delete"}])
def test_the_component_by_itself_takes_none_that_names_no_keys_or_deletes(change: dict[str, object]) -> None:
    manifest = {
        "apiVersion": "external-secrets.io/v1alpha1",
        "kind": "PushSecret",
        "metadata": {"name": "a", "namespace": "b"},
        "spec": {"data": [{}], **change},
    }
    with pytest.raises(ValueError, match="PushSecret b/a names no keys, or would delete"):
        record(lambda: ExternalSecretPushes("pushes", {"manifests": [manifest]}) and None)


class Pusher:
    """What the operator does in Vault: `pkg/provider/vault/client_push.go` of External Secrets, request by request."""

    def __init__(self, client: hvac.Client, mount: str) -> None:
        self.kv = client.secrets.kv.v2
        self.client, self.mount = client, mount

    def push(self, path: str, field: str, value: str) -> None:
        try:
            there = self.kv.read_secret_version(path, mount_point=self.mount, raise_on_deleted_version=False)
        except hvac.exceptions.InvalidPath:
            before: dict[str, str] = {}
        else:
            marked = self.kv.read_secret_metadata(path, mount_point=self.mount)["data"]["custom_metadata"] or {}
            assert marked.get("managed-by") == "external-secrets", "secret not managed by external-secrets"
            before = there["data"]["data"]
        mark = {"custom_metadata": {"managed-by": "external-secrets"}}
        self.client.write_data(f"{self.mount}/metadata/{path}", data=mark)
        self.client.write_data(f"{self.mount}/data/{path}", data={"data": {**before, field: value}})


@pytest.fixture
def pusher(project: ProjectFolder, sandbox: Sandbox) -> Iterator[tuple[Pusher, hvac.Client]]:
    """One with the derived policy of the workload, on a mount of its own; and root."""
    root, mount = sandbox.vault.root_client(), f"kv-{uuid4().hex[:8]}"
    (policy,) = [p for p in project.plan("prod").of(Policy) if p.name == "prod.payments.refunds"]
    root.sys.enable_secrets_engine("kv", path=mount, options={"version": "2"})
    root.sys.create_or_update_policy(mount, policy.text.replace("made-prod/", f"{mount}/"))
    client = sandbox.vault.workload_client()
    client.token = root.auth.token.create(policies=[mount], no_default_policy=True, ttl="5m")["auth"]["client_token"]
    yield Pusher(client, mount), root
    root.sys.disable_secrets_engine(mount)
    root.sys.delete_policy(mount)


@pytest.mark.engine
def test_the_derived_policy_is_enough_to_push_and_to_push_again(pusher: tuple[Pusher, hvac.Client]) -> None:
    operator, root = pusher
    operator.push("payments/signing", "public", "one")
    operator.push("payments/signing", "private", "two")
    operator.push("payments/signing", "public", "three")
    found = root.secrets.kv.v2.read_secret_version(
        "payments/signing", mount_point=operator.mount, raise_on_deleted_version=True
    )["data"]
    assert found["data"] == {"public": "three", "private": "two"}
    assert found["metadata"]["version"] == 3


@pytest.mark.engine
def test_it_allows_the_mark_and_nothing_else_of_a_secret_nor_another_secret(
    pusher: tuple[Pusher, hvac.Client],
) -> None:
    operator, root = pusher
    operator.push("payments/signing", "public", "one")
    metadata = f"{operator.mount}/metadata/payments/signing"
    for change in ({"max_versions": 1}, {"delete_version_after": "1s"}, {"cas_required": False, "custom_metadata": {}}):
        with pytest.raises(hvac.exceptions.Forbidden):
            operator.client.write_data(metadata, data=change)
    with pytest.raises(hvac.exceptions.Forbidden):
        operator.client.delete(metadata)
    with pytest.raises(hvac.exceptions.Forbidden):
        operator.push("payments/stripe-of-others", "public", "one")
    root.secrets.kv.v2.create_or_update_secret("payments/stripe", {"api_key": "x"}, mount_point=operator.mount)
    with pytest.raises(hvac.exceptions.Forbidden):
        operator.push("payments/stripe", "api_key", "mine")
