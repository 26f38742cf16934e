"""What is looked at in a cluster: everything that a ring encrypts, whatever it is called, in whatever version."""

from typing import Any

import pytest

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError
from strongroom.kubernetes.encryption.rotation.resources import Resource, resolved

VERBS = ["get", "list", "patch"]


class Discovery(Api):
    """An API server of which only the discovery is asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def described(self, path: str) -> Any:
        if path not in self._answers:
            raise ApiError(f"{path}: not found [404]", 404)
        return self._answers[path]


def _of(*names: str, verbs: list[str] = VERBS) -> dict[str, Any]:
    return {"resources": [{"name": name, "namespaced": True, "verbs": verbs} for name in names]}


@pytest.fixture
def api() -> Discovery:
    """A group of which one kind is still in an older version than the preferred one; and one of another server."""
    versions = [{"version": "v1"}, {"version": "v1alpha1"}]
    group = {"name": "acme.io", "preferredVersion": {"version": "v1"}, "versions": versions}
    services = [{"spec": {"group": "metrics.k8s.io", "service": {"name": "metrics"}}}]
    return Discovery(
        {
            "/apis": {"groups": [group, {"name": "metrics.k8s.io"}]},
            "/apis/apiregistration.k8s.io/v1/apiservices": {"items": services},
            "/api/v1": {
                "resources": [
                    *_of("secrets", "secrets/status")["resources"],
                    *_of("bindings", verbs=["create"])["resources"],
                ]
            },
            "/apis/acme.io": group,
            "/apis/acme.io/v1": _of("widgets"),
            "/apis/acme.io/v1alpha1": _of("widgets", "keys"),
        }
    )


@pytest.mark.parametrize("resource", ["*.acme.io", "*.*"])
def test_a_wildcard_has_the_kinds_that_are_not_served_in_the_preferred_version_too(
    api: Discovery, resource: str
) -> None:
    found = {(each.label, each.version) for each in resolved(api, (resource,), ())}
    assert found - {("secrets", "v1")} == {("widgets.acme.io", "v1"), ("keys.acme.io", "v1alpha1")}


def test_one_that_is_named_is_found_in_whatever_version(api: Discovery) -> None:
    assert [each.list for each in resolved(api, ("keys.acme.io",), ())] == ["/apis/acme.io/v1alpha1/keys"]


def test_what_is_exempt_of_a_wildcard_is_left_out(api: Discovery) -> None:
    assert [each.label for each in resolved(api, ("*.*",), ("*.acme.io",))] == ["secrets"]
    assert [each.label for each in resolved(api, ("*.acme.io",), ("widgets.acme.io",))] == ["keys.acme.io"]


@pytest.mark.parametrize("resource", ["gone.acme.io", "widgets.gone.io"])
def test_one_that_is_named_and_not_there_is_said(api: Discovery, resource: str) -> None:
    with pytest.raises(StrongroomError, match=f"the cluster has no resource {resource}"):
        resolved(api, (resource,), ())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("system:node", "/apis/g/v1/namespaces/shop/roles/system%3Anode"),
        ("what?", "/apis/g/v1/namespaces/shop/roles/what%3F"),
        ("a#b", "/apis/g/v1/namespaces/shop/roles/a%23b"),
        ("grün", "/apis/g/v1/namespaces/shop/roles/gr%C3%BCn"),
    ],
)
def test_a_name_cannot_lead_to_another_object(name: str, path: str) -> None:
    assert Resource(group="g", version="v1", plural="roles", namespaced=True).path(name, "shop") == path
