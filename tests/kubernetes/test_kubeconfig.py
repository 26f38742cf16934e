"""Where a context leads: to the declared API server, or nothing is touched."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client import VersionApi

from strongroom.errors import StrongroomError
from strongroom.kubernetes import kubeconfig
from strongroom.kubernetes.place import ClusterPlace
from support.control_plane import ControlPlane

PLACE = ClusterPlace(cluster="prod-eu", context="prod", server="https://10.0.0.1:6443")


def config(contexts: dict[str, str], clusters: dict[str, str]) -> dict[str, Any]:
    """A kubeconfig: which cluster each context is of, and where each cluster's API server is."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": [{"name": name, "context": {"cluster": of, "user": "me"}} for name, of in contexts.items()],
        "clusters": [{"name": name, "cluster": {"server": server}} for name, server in clusters.items()],
        "users": [{"name": "me", "user": {"token": "not-a-real-token"}}],
    }


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets KUBECONFIG to files with these contents."""

    def use(*contents: dict[str, Any] | str) -> None:
        files = [tmp_path / f"{number}.yaml" for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_text(content if isinstance(content, str) else json.dumps(content))
        monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files)))

    return use


@pytest.mark.parametrize(
    ("server", "declared"),
    [
        ("https://10.0.0.1:6443", "https://10.0.0.1:6443"),
        ("https://10.0.0.1:6443/", "https://10.0.0.1:6443"),
        ("https://ABC.eks.example", "https://abc.eks.example"),
        ("https://abc.eks.example:443", "https://abc.eks.example"),
    ],
)
def test_a_context_that_leads_to_the_declared_server_is_accepted(use: Any, server: str, declared: str) -> None:
    use(config({"prod": "p"}, {"p": server}))
    kubeconfig.check(replace(PLACE, server=declared))


@pytest.mark.parametrize("server", ["https://[broken", "", "https://abc.eks.example/K8s"])
def test_one_that_does_not_is_refused_readable_or_not(use: Any, server: str) -> None:
    use(config({"prod": "p"}, {"p": server}))
    with pytest.raises(StrongroomError, match="nothing was touched"):
        kubeconfig.check(replace(PLACE, server="https://abc.eks.example/k8s"))


def test_a_context_that_does_not_check_who_answers_is_refused(use: Any) -> None:
    content = config({"prod": "p"}, {"p": PLACE.server})
    content["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    use(content)
    with pytest.raises(StrongroomError, match=r"insecure-skip-tls-verify.*nothing was touched.*certificate-authority"):
        kubeconfig.check(PLACE)


def test_a_context_and_its_cluster_may_stand_in_several_files(use: Any) -> None:
    use(config({"prod": "p"}, {}), config({}, {"p": PLACE.server}))
    kubeconfig.check(PLACE)


def test_a_context_that_leads_to_another_cluster_is_refused_with_both_addresses(use: Any) -> None:
    use(config({"prod": "d"}, {"d": "https://10.9.9.9:6443", "p": PLACE.server}))
    with pytest.raises(StrongroomError) as refused:
        kubeconfig.check(PLACE)
    assert str(refused.value).startswith(
        "cluster prod-eu: context 'prod' leads to https://10.9.9.9:6443, and the environment file says "
        "https://10.0.0.1:6443; nothing was touched. Correct the context in "
    )


def test_a_missing_context_is_named_with_those_there_are(use: Any) -> None:
    use(config({"staging": "s", "dev": "d"}, {}))
    with pytest.raises(StrongroomError, match=r"has no context 'prod' \(there are: dev, staging\); add it"):
        kubeconfig.check(PLACE)


def test_without_any_file_there_is_no_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    with pytest.raises(StrongroomError, match=r"absent has no context 'prod' \(there are: none\)"):
        kubeconfig.check(PLACE)


def test_a_context_of_a_cluster_that_is_not_there_leads_nowhere(use: Any) -> None:
    use(config({"prod": "gone"}, {}))
    with pytest.raises(StrongroomError, match="leads to nowhere"):
        kubeconfig.check(PLACE)


@pytest.mark.parametrize("text", ["{", "contexts: 3", "- a\n- b\n", "apiVersion: v1\ncontexts: [{name: prod}]\n"])
def test_a_broken_file_is_named_and_none_of_its_contents_are_shown(use: Any, text: str) -> None:
    use(f"{text}\n# canary-8d02c4")
    with pytest.raises(StrongroomError) as refused:
        kubeconfig.check(PLACE)
    assert "0.yaml" in str(refused.value)
    assert "canary-8d02c4" not in str(refused.value)


@pytest.mark.engine
def test_a_client_is_made_only_for_the_declared_server(cluster: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    place = ClusterPlace(cluster="it", context=cluster.context, server=cluster.server)
    with kubeconfig.client_of(place) as client:
        assert VersionApi(client).get_code().major == "1"
    with pytest.raises(StrongroomError, match="leads to"):
        kubeconfig.client_of(ClusterPlace(cluster="it", context=cluster.context, server="https://127.0.0.1:1"))
