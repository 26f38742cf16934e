"""The values of the chart and what stands beside it: hardened, by names that the chart knows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strongroom.external_secrets.operator.documents import network_policies
from strongroom.external_secrets.operator.settings import OperatorSettings
from strongroom.external_secrets.operator.values import SWITCHES, values

PLAIN = OperatorSettings(chart_version="2.9.0")

KNOWN = (Path(__file__).parent / "chart-values.txt").read_text("utf-8").splitlines()


def names(of: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in of.items():
        found |= names(value, f"{prefix}{key}.") if isinstance(value, dict) and value else {f"{prefix}{key}"}
    return found


VARIANTS = {
    "plain": PLAIN,
    "one namespace": replace(PLAIN, watch="payments"),
    "all that it can": replace(
        PLAIN,
        processes=tuple(SWITCHES),
        image="registry.acme.example/eso",
        image_digest="sha256:" + "a" * 64,
        metrics_from="monitoring",
        webhook_issuer="ClusterIssuer/internal",
        priority_class="system-cluster-critical",
        node_selector=(("pool", "system"),),
        openshift=True,
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_value_is_one_that_the_chart_knows(variant: str) -> None:
    exact = {name for name in KNOWN if not name.endswith("*")}
    prefixes = tuple(name.removesuffix("*") for name in KNOWN if name.endswith("*"))
    unknown = [
        name
        for name in names(values(VARIANTS[variant]))
        if name not in exact and not f"{name}.".startswith(prefixes)
    ]  # fmt: skip
    assert unknown == []


@pytest.mark.parametrize("kind", SWITCHES)
def test_only_what_the_plan_has_is_looked_after(kind: str) -> None:
    made = values(replace(PLAIN, processes=(kind,)))
    assert {switch for switch in SWITCHES.values() if made[switch]} == {SWITCHES[kind]}
    assert not any(values(PLAIN)[switch] for switch in SWITCHES.values())
    assert not made["processClusterPushSecret"]
    assert not made["processClusterGenerator"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_definitions_stay_whatever_the_plan_has_and_when_the_release_goes(variant: str) -> None:
    crds = values(VARIANTS[variant])["crds"]
    assert all(created for name, created in crds.items() if name.startswith("create"))
    assert crds["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert crds["conversion"] == {"enabled": False}


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_three_pods_run_without_privileges(variant: str) -> None:
    made = values(VARIANTS[variant])
    for pod in (made, made["webhook"], made["certController"]):
        security = pod["securityContext"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["readOnlyRootFilesystem"] is True
        assert security["allowPrivilegeEscalation"] is False
        assert security["runAsNonRoot"] is True
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        # OpenShift refuses a pod that names its user.
        assert ("runAsUser" in security) is not VARIANTS[variant].openshift
        assert "memory" in pod["resources"]["limits"]


def test_no_right_to_tokens_of_all_accounts_and_none_to_make_stores_for_whoever_may_edit() -> None:
    rbac = values(PLAIN)["rbac"]
    assert rbac["serviceAccountTokenCreate"] is False
    assert rbac["aggregateToEdit"] is False
    assert values(PLAIN)["certController"]["rbac"] == {"create": False}


def test_one_namespace_is_all_that_a_scoped_operator_has_rights_in() -> None:
    made = values(replace(PLAIN, watch="payments"))
    assert (made["scopedNamespace"], made["scopedRBAC"]) == ("payments", True)
    assert (values(PLAIN)["scopedNamespace"], values(PLAIN)["scopedRBAC"]) == ("", False)


def test_several_replicas_elect_one_that_works_and_one_is_always_there() -> None:
    several, one = values(PLAIN), values(replace(PLAIN, replicas=1))
    assert (several["leaderElect"], several["podDisruptionBudget"]["enabled"]) == (True, True)
    assert (one["leaderElect"], one["podDisruptionBudget"]["enabled"]) == (False, False)
    assert several["certController"]["replicaCount"] == 1


def test_an_image_can_be_named_by_its_digest_so_that_no_other_comes_under_its_tag() -> None:
    digest = "sha256:" + "0" * 64
    made = values(replace(PLAIN, image="registry.acme.example/eso", image_digest=digest))
    for pod in (made, made["webhook"], made["certController"]):
        assert pod["image"]["tag"] == f"v2.9.0@{digest}"
    assert "image" not in values(PLAIN)
    assert "tag" not in values(replace(PLAIN, image="registry.acme.example/eso"))["image"]


def test_an_issuer_of_ones_own_takes_the_place_of_the_controller_that_certifies() -> None:
    made = values(replace(PLAIN, webhook_issuer="ClusterIssuer/internal"))
    assert made["certController"]["create"] is False
    reference = made["webhook"]["certManager"]["cert"]["issuerRef"]
    assert (reference["kind"], reference["name"]) == ("ClusterIssuer", "internal")
    assert [p["metadata"]["name"] for p in network_policies(replace(PLAIN, webhook_issuer="Issuer/x"))] == [
        "external-secrets",
        "external-secrets-webhook",
    ]


def test_only_the_webhook_is_asked_by_anybody_unless_metrics_are_read() -> None:
    closed = {p["metadata"]["name"]: p["spec"]["ingress"] for p in network_policies(PLAIN)}
    assert closed == {
        "external-secrets": [],
        "external-secrets-webhook": [{"ports": [{"port": 10250, "protocol": "TCP"}]}],
        "external-secrets-cert-controller": [],
    }
    (metrics,) = network_policies(replace(PLAIN, metrics_from="monitoring"))[0]["spec"]["ingress"]
    assert metrics["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]  # fmt: skip


def test_pods_reach_names_and_the_declared_ports_in_the_declared_networks() -> None:
    settings = replace(PLAIN, egress_ports=(443, 8200), egress_networks=("10.0.0.0/8", "192.0.2.0/24"))
    for policy in network_policies(settings):
        dns, stores = policy["spec"]["egress"]
        assert {(port["port"], port["protocol"]) for port in dns["ports"]} == {(53, "TCP"), (53, "UDP")}
        assert stores["ports"] == [{"port": 443, "protocol": "TCP"}, {"port": 8200, "protocol": "TCP"}]
        assert stores["to"] == [{"ipBlock": {"cidr": "10.0.0.0/8"}}, {"ipBlock": {"cidr": "192.0.2.0/24"}}]
    assert all("to" not in policy["spec"]["egress"][1] for policy in network_policies(PLAIN))
