"""Entities, groups and accessors as components: who is made from what, in which order, asked of whom."""

from typing import Any

import pulumi

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.auth.approle.component import VaultAppRoles
from strongroom.vault.auth.jwt.component import deploy_methods
from strongroom.vault.auth.jwt.plan import JwtMethod
from strongroom.vault.identity.component import VaultEntities, VaultExternalGroups, VaultGroups, deploy
from strongroom.vault.identity.plan import Alias, Entity, ExternalGroupRecord, InternalGroup
from strongroom.vault.policy.component import deploy as deploy_policies
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule
from support.mocks import Recording, record

METADATA = (("environment", "prod"), ("team", "payments"), ("workload", "checkout"))
METHOD = JwtMethod(
    slice="platform", mount="ci-prod", oidc_discovery_url="https://ci.example", jwks_url=None, public_keys=(),
    ca_pem="", issuer="https://ci.example", protect=True,
)  # fmt: skip
ENTITY = Entity(
    slice="payments", name="prod.payments.checkout", workload="payments/checkout", metadata=METADATA,
    aliases=(Alias(mount="ci-prod", name="acme/payments", role="payments.checkout"),),
)  # fmt: skip
BATCH = Entity(
    slice="payments", name="prod.payments.batch", workload="payments/batch", metadata=METADATA,
    aliases=(Alias(mount="machines-prod", name=None, role="payments.batch"),),
)  # fmt: skip
GROUP = InternalGroup(
    slice="payments", name="prod.payments.readers", members=("prod.payments.checkout",),
    policies=("prod.platform.inventory",), metadata=METADATA[:2],
)  # fmt: skip
EXTERNAL = ExternalGroupRecord(
    slice="platform", name="prod.ci.ours", mount="ci-prod", group="ours", policies=("prod.platform.inventory",)
)
POLICY = Policy(
    slice="platform", name="prod.platform.inventory", derived=False, heading="by hand",
    rules=(PathRule("kv/{{identity.entity.aliases.${auth/ci-prod/@accessor}.name}}", ("read",)),),
)  # fmt: skip


def _deployed(*records: Any, methods: bool = True) -> Recording:
    def program() -> None:
        stage, plan = Stage(secret=lambda *_: None), Plan("prod", "all", (METHOD, *records))
        if methods:
            deploy_methods(plan, stage)
        deploy_policies(plan, stage)
        stage.role_ids["machines-prod"] = pulumi.Output.from_input({"payments.batch": "drawn-by-the-server"})
        deploy(plan, stage)

    return record(program)


def test_an_entity_has_metadata_one_alias_for_each_login_and_no_policies() -> None:
    made = _deployed(ENTITY)
    entity = made.named("entities-prod.payments.checkout")
    assert entity.type == "vault:identity/entity:Entity"
    assert entity.inputs == {"name": "prod.payments.checkout", "metadata": dict(METADATA)}
    alias = made.named("entities-prod.payments.checkout-ci-prod")
    assert alias.type == "vault:identity/entityAlias:EntityAlias"
    assert alias.inputs == {
        "name": "acme/payments", "mountAccessor": "auth_jwt_1", "canonicalId": f"{entity.name}-id",
    }  # fmt: skip
    assert alias.deleted_with == entity.name


def test_an_approle_workload_is_known_by_the_id_that_the_server_drew() -> None:
    made = _deployed(BATCH, methods=False)
    assert made.named("entities-prod.payments.batch-machines-prod").inputs["name"] == "drawn-by-the-server"


def test_approle_roles_tell_their_ids() -> None:
    role: Any = {"policies": [], "token_ttl_seconds": 1, "token_max_ttl_seconds": 1}
    ids: list[object] = []

    def program() -> None:
        VaultAppRoles("r", {"mount": "m", "roles": {"a": role, "b": role}}).role_ids.apply(
            lambda known: ids.append(sorted(known))
        )

    record(program)
    assert ids == [["a", "b"]]


def test_a_group_has_exactly_its_members_and_waits_for_the_policies() -> None:
    made = _deployed(ENTITY, GROUP, POLICY)
    group = made.named("groups-prod.payments.readers")
    assert group.inputs == {
        "name": "prod.payments.readers",
        "type": "internal",
        "policies": ["prod.platform.inventory"],
        "memberEntityIds": ["entities-prod.payments.checkout-id"],
        "metadata": dict(METADATA[:2]),
    }
    assert "policies" in made.waits_for("groups-prod.payments.readers")


def test_an_external_group_is_known_by_the_providers_name_at_its_method_and_keeps_no_members() -> None:
    made = _deployed(EXTERNAL)
    group = made.named("external-groups-prod.ci.ours")
    assert (group.inputs["type"], group.inputs["externalMemberEntityIds"]) == ("external", True)
    alias = made.named("external-groups-prod.ci.ours-alias")
    assert alias.inputs == {"name": "ours", "mountAccessor": "auth_jwt_1", "canonicalId": f"{group.name}-id"}


def test_a_policys_reference_becomes_the_accessor_and_the_policy_waits_for_the_method() -> None:
    made = _deployed(POLICY)
    policy = made.named("policies-prod.platform.inventory")
    assert 'path "kv/{{identity.entity.aliases.auth_jwt_1.name}}"' in policy.inputs["policy"]
    assert "auth-ci-prod-method" in policy.depends_on


def test_components_take_plain_arguments_from_any_language() -> None:
    def program() -> None:
        VaultEntities("e", {"entities": {"a": {"aliases": {"ci": {"accessor": "x", "name": "n"}}}}})
        VaultGroups("g", {"groups": {"b": {"policies": ["p"], "member_entity_ids": ["i"]}}})
        VaultExternalGroups("x", {"groups": {"c": {"accessor": "x", "group": "g", "policies": ["p"]}}})

    made = record(program)
    assert made.outputs["e"] == {"entity_ids": {"a": "e-a-id"}}
    assert made.outputs["x"] == {"group_ids": {"c": "x-c-id"}}
    assert made.outputs["g"] == {}
