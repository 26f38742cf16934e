"""A namespace as a component, and how all else comes to lie within it."""

import pulumi
import pulumi_vault as vault

from strongroom.vault.kv.component import VaultKvEngine
from strongroom.vault.namespace.component import VaultNamespace, within
from support.mocks import record


def test_a_namespace_is_made_within_its_parent_and_says_its_whole_path() -> None:
    made = record(lambda: VaultNamespace("n", {"name": "prod", "parent": "shop", "metadata": {"owner": "platform"}}))
    assert made.named("n-namespace").inputs == {
        "path": "prod",
        "namespace": "shop",
        "customMetadata": {"owner": "platform"},
    }
    assert made.outputs["n"] == {"path": "shop/prod"}


def test_it_is_protected_unless_told_otherwise_as_all_that_lies_in_it_goes_with_it() -> None:
    assert record(lambda: VaultNamespace("n", {"name": "prod"})).named("n-namespace").protect
    assert not record(lambda: VaultNamespace("n", {"name": "p", "protect_data": False})).named("n-namespace").protect


def test_every_vault_resource_lies_within_and_what_belongs_to_the_server_does_not() -> None:
    def program() -> None:
        within("shop/prod")
        VaultKvEngine("kv", {"mount": "kv"})
        VaultNamespace("n", {"name": "prod", "parent": "shop"})
        vault.QuotaRateLimit("q", path="shop/prod/kv", rate=1)
        vault.Audit("a", type="file", options={"file_path": "/a"})
        pulumi.ComponentResource("other:index:Thing", "thing")

    made = record(program)
    kv = [leaf for leaf in made.leaves if leaf.parent == "kv"]
    assert len(kv) > 1
    assert {leaf.inputs["namespace"] for leaf in kv} == {"shop/prod"}
    assert made.named("n-namespace").inputs["namespace"] == "shop"
    assert not [name for name in ("q", "a", "thing") if "namespace" in made.named(name).inputs]


def test_a_program_without_a_namespace_leaves_all_to_the_provider() -> None:
    made = record(lambda: VaultKvEngine("kv", {"mount": "kv"}))
    assert not [leaf.name for leaf in made.leaves if "namespace" in leaf.inputs]
