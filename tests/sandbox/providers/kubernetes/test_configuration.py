"""What the stand-in honours of a configuration, and what it refuses: other machines above all."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from support.stand_in import Engine, Json, ProviderError, serving

NAMESPACE = "kubernetes:core/v1:Namespace"
CANARY = "hunter2-in-a-kubeconfig"


def kubeconfig(server: str = "https://127.0.0.1:1", **user: Any) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me", "namespace": "team"}}],
        "clusters": [
            {"name": "here", "cluster": {"server": server}},
            {"name": "elsewhere", "cluster": {"server": "https://k8s.example.com"}},
            {"name": "proxied", "cluster": {"server": server, "proxy-url": "https://proxy.example.com"}},
        ],
        "users": [{"name": "me", "user": user or {"token": CANARY}}],
    }


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A stand-in whose kubeconfig leads to an address where nothing listens."""
    folder = tmp_path_factory.mktemp("offline")
    file = folder / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(json.dumps(kubeconfig()))
    with serving(folder / "releases.json", os.environ | {"KUBECONFIG": str(file)}, "kubernetes") as engine:
        yield engine


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ({"context": "nowhere"}, "has no context 'nowhere' .there are: here.: correct it"),
        ({"cluster": "elsewhere"}, "https://k8s.example.com' is not on loopback"),
        ({"cluster": "proxied"}, "has a proxy-url"),
        ({"kubeconfig": json.dumps(kubeconfig("https://10.0.0.1"))}, "'https://10.0.0.1' is not on loopback"),
        ({"kubeconfig": json.dumps(kubeconfig(exec={"command": "aws"}))}, "runs no programs"),
        ({"kubeconfig": "{: no\nyaml"}, "is no YAML"),
        ({"kubeconfig": "/nowhere/at/all"}, "there is no kubeconfig at /nowhere/at/all"),
    ],
)
def test_what_leads_elsewhere_or_nowhere_is_refused(engine: Engine, configuration: Json, says: str) -> None:
    with pytest.raises(ProviderError, match=says):
        engine.configure(configuration)


def test_what_only_the_official_provider_honours_is_refused(engine: Engine) -> None:
    failures = engine.check_config({"renderYamlToDirectory": "x", "enableServerSideApply": "false", "contxt": "here"})
    assert failures.keys() == {"renderYamlToDirectory", "enableServerSideApply", "contxt"}
    assert "did you mean 'context'?" in failures["contxt"]
    assert not engine.check_config({"enableServerSideApply": "true", "kubeClientSettings": '{"qps": 5}'})


def test_a_cluster_that_does_not_answer_is_no_reason_to_fail_a_preview(engine: Engine) -> None:
    engine.configure({})
    checked, failures = engine.check(NAMESPACE, {"metadata": {"name": "team"}})
    assert not failures
    assert engine.create(NAMESPACE, checked, preview=True)[1]["metadata"]["name"] == "team"
    with pytest.raises(ProviderError, match="API server does not answer"):
        engine.create(NAMESPACE, checked)


def test_what_is_in_an_unreachable_cluster_is_forgotten_only_if_the_provider_says_so(engine: Engine) -> None:
    state = {"metadata": {"name": "team"}}
    engine.configure({})
    for operation in (lambda: engine.read(NAMESPACE, "team", state), lambda: engine.delete(NAMESPACE, "team", state)):
        with pytest.raises(ProviderError, match="does not answer"):
            operation()
    engine.configure({"skipUpdateUnreachable": "true"})
    assert engine.read(NAMESPACE, "team", state, state)["properties"] == state
    engine.configure({"deleteUnreachable": "true"})
    assert engine.read(NAMESPACE, "team", state)["id"] == ""
    engine.delete(NAMESPACE, "team", state)


def test_a_default_namespace_comes_from_the_configuration_or_the_context(engine: Engine) -> None:
    secret = "kubernetes:core/v1:Secret"
    engine.configure({})
    assert engine.check(secret, {})[0]["metadata"]["namespace"] == "team"
    engine.configure({"namespace": "other"})
    assert engine.check(secret, {})[0]["metadata"]["namespace"] == "other"
    assert engine.check(secret, {"metadata": {"namespace": "own"}})[0]["metadata"]["namespace"] == "own"


def test_credentials_of_a_kubeconfig_are_in_no_error(engine: Engine) -> None:
    given = kubeconfig()
    given["users"][0]["user"] = {"token": CANARY, "client-certificate": f"/nowhere/{CANARY}"}
    with pytest.raises(ProviderError) as refused:
        engine.configure({"kubeconfig": json.dumps(given)})
    assert CANARY not in str(refused.value)


class TestReleases:
    RELEASE = "kubernetes:helm.sh/v3:Release"
    INPUTS: ClassVar[Json] = {
        "chart": "external-secrets",
        "version": "2.9.0",
        "repositoryOpts": {"repo": "https://charts.example.com"},
        "values": {"replicaCount": 2, "password": CANARY},
    }

    def test_a_release_is_a_record_that_follows_the_rules_of_releases(self, engine: Engine) -> None:
        engine.configure({})
        checked, failures = engine.check(self.RELEASE, self.INPUTS, name="eso")
        assert not failures
        assert checked["name"].startswith("eso-")
        identity, state = engine.create(self.RELEASE, checked)
        assert identity == f"team/{checked['name']}"
        assert state["status"]["status"] == "unknown"
        assert engine.diff(self.RELEASE, identity, state, checked)["changes"] == "DIFF_NONE"
        assert engine.read(self.RELEASE, identity, state, checked)["inputs"]["values"] == self.INPUTS["values"]
        other = {**checked, "version": "2.9.1"}
        assert not engine.diff(self.RELEASE, identity, state, other).get("replaces")
        assert engine.update(self.RELEASE, identity, state, other)["status"]["revision"] == 2
        moved = {**checked, "namespace": "other"}
        assert engine.diff(self.RELEASE, identity, state, moved)["replaces"] == ["namespace"]
        engine.delete(self.RELEASE, identity, state)
        assert engine.read(self.RELEASE, identity, state, checked)["id"] == ""

    def test_its_inputs_are_checked_and_its_name_is_taken_once(self, engine: Engine) -> None:
        engine.configure({})
        _, failures = engine.check(self.RELEASE, {**self.INPUTS, "vrsion": "1"})
        assert failures.keys() == {"vrsion"}
        _, failures = engine.check(self.RELEASE, {"version": "1"})
        assert failures.keys() == {"chart"}
        identity, state, checked = engine.made(self.RELEASE, {**self.INPUTS, "name": "eso"})
        with pytest.raises(ProviderError, match="still in use"):
            engine.create(self.RELEASE, checked)
        engine.delete(self.RELEASE, identity, state)


def test_the_file_of_releases_is_for_its_owner_and_holds_no_value(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.touch(mode=0o600)
    file.write_text(json.dumps(kubeconfig()))
    releases = tmp_path / "releases.json"
    with serving(releases, os.environ | {"KUBECONFIG": str(file)}, "kubernetes") as engine:
        engine.configure({})
        engine.made(TestReleases.RELEASE, TestReleases.INPUTS)
    text = releases.read_text()
    assert "no release of Helm" in text
    assert CANARY not in text
    assert releases.stat().st_mode & 0o777 == 0o600
