"""Values in Kubernetes Secrets: the values channel on a real API server, and what is there afterwards."""

import base64
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from kubernetes.client.exceptions import ApiException

from strongroom.errors import StrongroomError, WrongInputError
from strongroom.kubernetes.labels import labels
from strongroom.kubernetes.place import ClusterPlace
from strongroom.kubernetes.refusals import KubernetesError
from strongroom.kubernetes.secrets.objects import LAST_APPLIED
from strongroom.kubernetes.secrets.plan import KubernetesSecret
from strongroom.kubernetes.secrets.types import FORMS
from strongroom.values.channel import Target, fill, put, remove, status
from strongroom.values.kubernetes_secrets import KubernetesSecretValues
from strongroom.values.store import NOTHING, ValuesError
from support import canary
from support.control_plane import ControlPlane

pytestmark = pytest.mark.engine

VALUE = "canary-of-kubernetes-secrets"
PEM = "-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n"


@pytest.fixture(scope="module")
def namespace(cluster: ControlPlane) -> str:
    return cluster.namespace("values")


@pytest.fixture
def secret(
    cluster: ControlPlane, namespace: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> KubernetesSecret:
    """One that no other test has."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    name = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")[:60].strip("-")
    return KubernetesSecret(
        slice="payments",
        team="payments",
        name="stripe",
        store="eu",
        path=f"{namespace}/{name}",
        fields=("api_key", "webhook_secret"),
        rotate_every_seconds=90 * 86400,
        description="",
        place=ClusterPlace(cluster="eu", context=cluster.context, server=cluster.server),
        type="Opaque",
        immutable=False,
        service_account=None,
        labels=tuple(labels("prod", "payments", secret="stripe").items()),
    )


@pytest.fixture
def store() -> KubernetesSecretValues:
    return KubernetesSecretValues()


def _there(cluster: ControlPlane, secret: KubernetesSecret) -> dict[str, Any]:
    """The Secret as the API server has it."""
    found = cluster.core.read_namespaced_secret(secret.object_name, secret.namespace)
    return dict(cluster.admin.sanitize_for_serialization(found))


def _values(cluster: ControlPlane, secret: KubernetesSecret) -> dict[str, str]:
    data = _there(cluster, secret).get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def _core_api(cluster: ControlPlane, token: str) -> int:
    """What the API server answers to who shows a token."""
    headers = {"Authorization": f"Bearer {token}"}
    authority = str(cluster.kube.authority.certificate)
    return requests.get(f"{cluster.server}/api", headers=headers, verify=authority, timeout=10).status_code


def test_what_is_put_is_what_the_cluster_has_and_says_whose_it_is(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    assert store.stored(secret) == NOTHING
    version = put(store, Target(secret, None), {"api_key": VALUE, "webhook_secret": "ü ✓\n"}, NOTHING)
    assert _values(cluster, secret) == {"api_key": VALUE, "webhook_secret": "ü ✓\n"}
    now = store.stored(secret)
    assert (now.version, now.fields) == (version, {"api_key", "webhook_secret"})
    assert now.created is not None
    assert abs(datetime.now(UTC) - now.created) < timedelta(hours=1)
    made = _there(cluster, secret)
    assert made["type"] == "Opaque"
    assert made["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "strongroom",
        "strongroom/environment": "prod",
        "strongroom/secret": "stripe",
        "strongroom/team": "payments",
    }


def test_one_field_is_written_and_the_others_and_what_others_noted_there_stay(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    put(store, Target(secret, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    noted = {"metadata": {"annotations": {"reloader": "on"}, "labels": {"cost-centre": "12"}}}
    cluster.core.patch_namespaced_secret(secret.object_name, secret.namespace, noted)
    put(store, Target(secret, "api_key"), {"api_key": "three"}, store.stored(secret))
    assert _values(cluster, secret) == {"api_key": "three", "webhook_secret": "two"}
    about = _there(cluster, secret)["metadata"]
    assert about["annotations"] == {"reloader": "on"}
    assert about["labels"]["cost-centre"] == "12"


def test_a_concurrent_write_is_refused_by_the_server_and_not_overwritten(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = Target(secret, "api_key")
    put(store, field, {"api_key": "one"}, NOTHING)
    seen = store.stored(secret)
    put(store, field, {"api_key": "somebody else's"}, seen)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, field, {"api_key": VALUE}, seen)
    # Also when it happens after our own look, and right before the write.
    now = store.stored(secret)
    looked = store._unchanged

    def meanwhile(*args: Any) -> Any:
        found = looked(*args)
        body = {"stringData": {"api_key": "still somebody else's"}}
        cluster.core.patch_namespaced_secret(secret.object_name, secret.namespace, body)
        return found

    monkeypatch.setattr(store, "_unchanged", meanwhile)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, field, {"api_key": VALUE}, now)
    assert _values(cluster, secret) == {"api_key": "still somebody else's"}


def test_two_who_make_it_at_once_are_one_who_makes_it_and_one_who_is_told(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_unchanged", lambda *_: None)  # both looked before either wrote
    put(store, Target(secret, "api_key"), {"api_key": "first"}, NOTHING)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    assert _values(cluster, secret) == {"api_key": "first"}


def test_missing_fields_are_generated_and_a_field_can_be_taken_out(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    _, made = fill(store, Target(secret, None), lambda: "generated", replace=False)
    assert made == ("webhook_secret",)
    assert status([secret], lambda _: store)[0].missing == ()
    remove(store, Target(secret, "api_key"), destroy=False)
    assert _values(cluster, secret) == {"webhook_secret": "generated"}


def test_what_is_deleted_is_gone_so_that_has_to_be_said(
    store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    put(store, Target(secret, "api_key"), {"api_key": "one"}, NOTHING)
    with pytest.raises(ValuesError, match=r"keeps nothing of a Secret.*--destroy"):
        remove(store, Target(secret, None), destroy=False)
    remove(store, Target(secret, None), destroy=True)
    assert store.stored(secret) == NOTHING
    remove(store, Target(secret, None), destroy=True)  # once more: nothing is there, and nothing is wrong with that


def test_what_somebody_holds_back_is_not_said_to_be_destroyed(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    put(store, Target(secret, "api_key"), {"api_key": VALUE}, NOTHING)
    held = {"metadata": {"finalizers": ["acme.example/backup"]}}
    cluster.core.patch_namespaced_secret(secret.object_name, secret.namespace, held)
    try:
        with pytest.raises(ValuesError, match=r"has its values still: it is held by acme\.example/backup"):
            remove(store, Target(secret, None), destroy=True)
        with pytest.raises(ValuesError, match=r"is being deleted; nothing was written"):
            put(store, Target(secret, "api_key"), {"api_key": "new"}, store.stored(secret))
    finally:
        cluster.core.patch_namespaced_secret(secret.object_name, secret.namespace, {"metadata": {"finalizers": None}})
    assert store.stored(secret) == NOTHING


def test_a_secret_that_is_somebody_elses_is_neither_read_nor_changed_nor_deleted(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    body = {"metadata": {"name": secret.object_name}, "stringData": {"api_key": VALUE}}
    cluster.core.create_namespaced_secret(secret.namespace, body)
    said = (
        r"not payments/stripe's \(managed by somebody else\).*kubectl label --overwrite -n values-\w+ secret a-secret"
    )
    for attempt in (
        lambda: put(store, Target(secret, "api_key"), {"api_key": "mine"}, NOTHING),
        lambda: remove(store, Target(secret, None), destroy=True),
        lambda: status([secret], lambda _: store),
    ):
        with pytest.raises(ValuesError, match=said) as caught:
            attempt()
        assert not canary.is_in(VALUE, str(caught.value))
    assert _values(cluster, secret) == {"api_key": VALUE}


def test_one_that_was_taken_over_loses_the_copy_that_kubectl_apply_left_in_an_annotation(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    left = {LAST_APPLIED: json.dumps({"stringData": {"api_key": VALUE}})}
    about = {"name": secret.object_name, "labels": dict(secret.labels), "annotations": left}
    cluster.core.create_namespaced_secret(secret.namespace, {"metadata": about, "stringData": {"api_key": VALUE}})
    put(store, Target(secret, "api_key"), {"api_key": "new"}, store.stored(secret))
    assert not canary.is_in(VALUE, json.dumps(_there(cluster, secret)))


def test_an_immutable_secret_is_made_whole_and_never_changed(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    fixed = replace(secret, immutable=True)
    with pytest.raises(ValuesError, match=r"would be without webhook_secret for ever.*all fields at once"):
        put(store, Target(fixed, "api_key"), {"api_key": "one"}, NOTHING)
    put(store, Target(fixed, None), {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    seen = store.stored(fixed)
    for declared in (fixed, secret):  # the cluster decides, whatever is declared by now
        with pytest.raises(ValuesError, match=r"is immutable.*give the secret another `path`.*rm --destroy"):
            put(store, Target(declared, "api_key"), {"api_key": VALUE}, seen)
    with pytest.raises(ApiException):
        cluster.core.patch_namespaced_secret(secret.object_name, secret.namespace, {"stringData": {"api_key": VALUE}})
    remove(store, Target(fixed, None), destroy=True)
    put(store, Target(fixed, None), {"api_key": "three", "webhook_secret": "four"}, NOTHING)
    assert _values(cluster, secret) == {"api_key": "three", "webhook_secret": "four"}


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("kubernetes.io/tls", {"tls.crt": PEM.format("CERTIFICATE"), "tls.key": PEM.format("PRIVATE KEY")}),
        ("kubernetes.io/dockerconfigjson", {".dockerconfigjson": '{"auths": {}}'}),
        ("kubernetes.io/ssh-auth", {"ssh-privatekey": PEM.format("OPENSSH PRIVATE KEY")}),
        ("kubernetes.io/basic-auth", {"username": "app", "password": VALUE}),
    ],
)
def test_secrets_of_each_type_are_taken_by_the_api_server(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret, type_: str, values: dict[str, str]
) -> None:
    short = type_.partition("/")[2]
    typed = replace(secret, type=type_, fields=tuple(values), path=f"{secret.namespace}/{short}")
    put(store, Target(typed, None), values, NOTHING)
    assert _there(cluster, typed)["type"] == type_
    assert _values(cluster, typed) == values


def test_a_type_has_its_keys_from_the_first_write_on_and_keeps_them(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    tls = replace(secret, type="kubernetes.io/tls", fields=("tls.crt", "tls.key"))
    with pytest.raises(ValuesError, match=r"has no tls.key; nothing was changed.*bring them together"):
        put(store, Target(tls, "tls.crt"), {"tls.crt": "C"}, NOTHING)
    put(store, Target(tls, None), {"tls.crt": "C", "tls.key": "K"}, NOTHING)
    put(store, Target(tls, "tls.crt"), {"tls.crt": "D"}, store.stored(tls))
    with pytest.raises(ValuesError, match=r"has no tls\.key"):
        remove(store, Target(tls, "tls.key"), destroy=False)
    assert _values(cluster, tls) == {"tls.crt": "D", "tls.key": "K"}
    with pytest.raises(ValuesError, match=r"of type kubernetes.io/tls, and is declared as Opaque.*never changes"):
        put(store, Target(secret, "api_key"), {"api_key": VALUE}, store.stored(secret))


def test_no_made_up_text_becomes_a_certificate(store: KubernetesSecretValues, secret: KubernetesSecret) -> None:
    forms = tuple(FORMS["kubernetes.io/tls"].items())
    tls = replace(secret, type="kubernetes.io/tls", fields=("tls.crt", "tls.key"), patterns=forms)
    with pytest.raises(WrongInputError, match=r"tls\.crt of payments/stripe has a form of its own"):
        fill(store, Target(tls, None), lambda: "made-up", replace=False)
    assert store.stored(tls) == NOTHING


def test_a_token_of_a_service_account_is_made_by_the_cluster_and_void_when_its_secret_is_destroyed(
    cluster: ControlPlane, store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    account = replace(
        secret, type="kubernetes.io/service-account-token", service_account="robot", fields=("token", "ca.crt")
    )
    target = Target(account, None)
    cluster.service_account(secret.namespace, "robot")
    with pytest.raises(WrongInputError, match=r"nobody can bring them; `strongroom values generate payments/stripe`"):
        put(store, target, {"token": VALUE, "ca.crt": "C"}, NOTHING)
    version, made = fill(store, target, lambda: "unused", replace=False)
    assert made == ("token", "ca.crt")
    now = store.stored(account)
    assert (now.version, now.fields) == (version, {"token", "ca.crt"})
    first = _values(cluster, account)["token"]
    assert fill(store, target, lambda: "unused", replace=False) == (version, ())
    with pytest.raises(ValuesError, match=r"for the same account and the same name.* the same token again.*`path`"):
        fill(store, target, lambda: "unused", replace=True)
    remove(store, target, destroy=True)
    # It was never shown before: the API server remembers for ten seconds which tokens were good.
    assert _core_api(cluster, first) == 401
    # Which is why it is not offered as a rotation: what comes is what was there.
    fill(store, target, lambda: "unused", replace=False)
    assert _values(cluster, account)["token"] == first
    assert _core_api(cluster, first) == 200


def test_a_token_of_an_account_that_is_not_there_is_an_error_that_says_so(
    store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    account = replace(secret, type="kubernetes.io/service-account-token", service_account="nobody", fields=("token",))
    quick = KubernetesSecretValues(sleep=lambda _: None)
    with pytest.raises(ValuesError, match=r"is there a service account 'nobody' in namespace values-\w+\? Deploy it"):
        fill(quick, Target(account, None), lambda: "unused", replace=False)


def test_more_than_a_secret_has_room_for_is_refused_before_it_is_sent(
    store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    with pytest.raises(ValuesError, match="come to 1,048,577 bytes, and a Secret has room for 1,048,576"):
        put(store, Target(secret, "api_key"), {"api_key": "x" * 1_048_577}, NOTHING)
    assert store.stored(secret) == NOTHING


def test_a_namespace_that_is_not_there_is_told_by_the_server(
    store: KubernetesSecretValues, secret: KubernetesSecret
) -> None:
    lost = replace(secret, path="nowhere-at-all/stripe")
    with pytest.raises(
        KubernetesError, match=r'make Secret nowhere-at-all/stripe \(cluster eu\): .*"nowhere-at-all"'
    ) as e:
        put(store, Target(lost, "api_key"), {"api_key": VALUE}, NOTHING)
    assert not canary.is_in(VALUE, str(e.value))


def test_a_context_that_leads_elsewhere_is_not_asked(secret: KubernetesSecret, store: KubernetesSecretValues) -> None:
    elsewhere = replace(secret, place=replace(secret.place, server="https://prod.example:6443"))
    with pytest.raises(StrongroomError, match=r"leads to https://127.0.0.1.*nothing was touched"):
        put(store, Target(elsewhere, "api_key"), {"api_key": VALUE}, NOTHING)


def test_a_server_that_cannot_be_reached_is_one_clear_sentence(
    cluster: ControlPlane,
    store: KubernetesSecretValues,
    secret: KubernetesSecret,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = json.loads(cluster.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "config").write_text(json.dumps(config))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    gone = replace(secret, place=replace(secret.place, server="https://127.0.0.1:9"))
    with pytest.raises(
        KubernetesError, match=r"https://127.0.0.1:9 cannot be reached safely \(MaxRetryError\)"
    ) as caught:
        put(store, Target(gone, "api_key"), {"api_key": VALUE}, NOTHING)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")
    return caplog


def test_a_value_is_in_the_secret_and_in_nothing_else_that_is_written(
    cluster: ControlPlane,
    store: KubernetesSecretValues,
    secret: KubernetesSecret,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    put(store, Target(secret, None), {"api_key": VALUE, "webhook_secret": "two"}, NOTHING)
    put(store, Target(secret, "webhook_secret"), {"webhook_secret": "three"}, store.stored(secret))
    status([secret], lambda _: store)
    made = _there(cluster, secret)
    assert canary.is_in(VALUE, json.dumps(made.pop("data")))
    assert made["metadata"]["managedFields"]
    assert "annotations" not in made["metadata"]
    assert not canary.is_in(VALUE, json.dumps(made))
    assert not canary.is_in(VALUE, everything_logged.text)
    assert not canary.is_in(VALUE, "".join(capfd.readouterr()))
    # Logs, audit events, and etcd, where it lies encrypted.
    assert canary.files_with(VALUE, cluster.sandbox.directory) == []
