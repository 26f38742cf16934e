"""Roles as resources: documents with the ids of keys, parents, order, and nothing that a plan does not say."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from strongroom.aws.iam.component import AwsWorkloadRoleArgs, AwsWorkloadRoles
from strongroom.aws.iam.plan import AwsWorkloadRole
from strongroom.aws.iam.policies import AwsPrincipalPolicies, AwsSecretPolicies
from strongroom.aws.kms.key_ids import keys_in
from strongroom.plan.plan import Plan
from strongroom.program import deploy
from strongroom.stage import Stage
from support.aws_environment import BREAK_GLASS, LEGACY, OPERATOR, PARTNER, ROLES, SHOP, project
from support.mocks import Recording, record

TRUST = '{"Version":"2012-10-17","Statement":[]}'
POD = {"cluster": "prod-eu", "region": "eu-central-1", "namespace": "shop", "service_account": "web"}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return project(tmp_path).plan("prod")


def _made(**changes: Any) -> Recording:
    args: Any = {"name": "prod.shop.web", "trust_policy": TRUST, **changes}
    return record(lambda: AwsWorkloadRoles("it", {"roles": {"shop.web": args}}))


def _deployed(plan: Plan, preview: bool = False) -> Recording:
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)), preview=preview)


def test_a_role_without_settings_has_sessions_of_an_hour_and_no_rights() -> None:
    made = _made()
    role = made.named("it-shop.web-role")
    assert (role.type, role.parent) == ("aws:iam/role:Role", "it")
    assert role.inputs == {
        "name": "prod.shop.web",
        "path": "/",
        "assumeRolePolicy": TRUST,
        "maxSessionDuration": 3600,
    }
    assert [leaf.name for leaf in made.leaves] == ["it-shop.web-role"]


def test_a_role_has_its_policy_inline_under_its_own_name() -> None:
    policy = _made(inline_policy="{}").named("it-shop.web-policy")
    assert policy.type == "aws:iam/rolePolicy:RolePolicy"
    assert policy.inputs == {"name": "prod.shop.web", "policy": "{}", "role": "prod.shop.web"}
    assert policy.depends_on == {"it-shop.web-role"}


def test_longer_rights_are_managed_policies_below_the_roles_path() -> None:
    made = _made(managed_policies=["{}", "[]"], path="/strongroom/prod/")
    assert [
        (leaf.inputs["name"], leaf.inputs["path"], leaf.inputs["policy"]) for leaf in made.of("aws:iam/policy:Policy")
    ] == [("prod.shop.web-1", "/strongroom/prod/", "{}"), ("prod.shop.web-2", "/strongroom/prod/", "[]")]
    assert [leaf.depends_on for leaf in made.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")] == [
        {"it-shop.web-role", "it-shop.web-policy-1"},
        {"it-shop.web-role", "it-shop.web-policy-2"},
    ]


def test_nobody_gets_the_role_before_it_may_do_what_it_is_for() -> None:
    made = _made(inline_policy="{}", managed_policies=["{}"], instance_profile=True, pod_identities=[POD])
    association = made.named("it-shop.web-eu-central-1-prod-eu-shop-web")
    assert association.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation"
    profile = made.named("it-shop.web-profile")
    for leaf in (association, profile):
        assert leaf.depends_on >= {"it-shop.web-policy", "it-shop.web-attachment-1", "it-shop.web-role"}
    assert (association.inputs["clusterName"], association.inputs["region"]) == ("prod-eu", "eu-central-1")
    assert (profile.inputs["name"], profile.inputs["role"]) == ("prod.shop.web", "prod.shop.web")


def test_a_boundary_is_passed_on_and_none_is_none() -> None:
    boundary = "arn:aws:iam::111122223333:policy/boundary"
    assert _made(permissions_boundary_arn=boundary).named("it-shop.web-role").inputs["permissionsBoundary"] == boundary
    assert "permissionsBoundary" not in _made().named("it-shop.web-role").inputs


@pytest.mark.parametrize(
    ("arn", "types"),
    [
        (
            "arn:aws:iam::1:role/team/app",
            {"aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"},
        ),
        (
            "arn:aws:iam::1:user/app",
            {"aws:iam/userPolicy:UserPolicy", "aws:iam/userPolicyAttachment:UserPolicyAttachment"},
        ),
    ],
)
def test_who_was_there_before_keeps_all_it_has_and_gets_policies(arn: str, types: set[str]) -> None:
    args: Any = {"principal_arn": arn, "name": "prod.shop.app", "inline_policy": "{}", "managed_policies": ["{}"]}
    made = record(lambda: AwsPrincipalPolicies("it", {"policies": {"shop.app": args}}))
    assert {leaf.type for leaf in made.leaves} == types | {"aws:iam/policy:Policy"}
    assert {leaf.inputs.get("role") or leaf.inputs.get("user") for leaf in made.leaves} == {"app", None}


def test_the_policy_of_a_secret_never_makes_it_public() -> None:
    args: Any = {"policies": {"shop.stripe": {"secret_arn": "arn", "policy": "{}"}}}
    leaf = record(lambda: AwsSecretPolicies("it", args)).named("it-shop.stripe")
    assert leaf.inputs == {"secretArn": "arn", "policy": "{}", "blockPublicPolicy": True}


def test_documents_get_the_ids_of_this_stacks_keys(plan: Plan) -> None:
    made = _deployed(plan)
    policy = made.named("prod-workloads-shop.web-policy")
    assert "prod-main-key" in made.waits_for(policy.name)
    document = policy.inputs["policy"]
    assert not keys_in(document)
    resources = [statement["Resource"] for statement in json.loads(document)["Statement"]]
    assert "arn:aws:kms:eu-central-1:111122223333:key/KEY-ID" in resources


def test_a_teams_own_stack_looks_the_ids_of_keys_up_once(plan: Plan) -> None:
    made = _deployed(plan.cut("shop"))
    assert not made.of("aws:kms/key:Key")
    assert "arn:aws:kms:eu-central-1:111122223333:key/KEY-ID" in str(
        made.named("prod-workloads-shop.web-policy").inputs
    )


def test_keys_come_before_secrets_and_roles_and_a_secret_before_its_policy(plan: Plan) -> None:
    made = _deployed(plan)
    assert "prod-main-alias" in made.waits_for("prod-aws-shop.stripe")
    assert "prod-aws-shop.stripe" in made.waits_for("prod-secrets-shop.stripe")
    # What was there before and another account are admitted by condition and by name.
    policy = made.named("prod-secrets-shop.stripe").inputs["policy"]
    assert all(arn in policy for arn in (OPERATOR, BREAK_GLASS, PARTNER, f"{ROLES}prod.shop.web"))


def test_all_of_it_is_in_the_account_of_the_environment(plan: Plan) -> None:
    made = _deployed(plan)
    of_aws = [leaf for leaf in made.leaves if leaf.type.startswith("aws:")]
    assert {leaf.provider for leaf in of_aws} == {"aws-111122223333-eu-central-1"}


def test_roles_say_whose_they_are(plan: Plan) -> None:
    assert _deployed(plan).named("prod-workloads-shop.web-role").inputs["tags"] == {
        "strongroom:environment": "prod",
        "strongroom:team": "shop",
        "strongroom:item": "web",
    }


def test_a_stack_tells_the_roles_of_its_workloads(plan: Plan) -> None:
    outputs = _deployed(plan).outputs["strongroom-test"]
    assert outputs["aws_roles"]["shop/web"] == f"{ROLES}prod.shop.web"
    assert sorted(outputs["aws_roles"]) == sorted(role.workload for role in plan.of(AwsWorkloadRole))


@pytest.mark.parametrize("preview", [False, True])
def test_a_preview_registers_the_same_resources(plan: Plan, preview: bool) -> None:
    made = _deployed(plan, preview)
    assert len(made.of("aws:iam/role:Role")) == 5


def test_outputs_of_other_resources_are_taken_as_they_are() -> None:
    def program() -> None:
        args: AwsWorkloadRoleArgs = {"name": "r", "trust_policy": pulumi.Output.from_input(TRUST)}
        AwsWorkloadRoles("it", {"roles": {"r": args}})

    assert record(program).named("it-r-role").inputs["assumeRolePolicy"] == TRUST


def test_a_role_and_a_user_of_the_same_name_have_a_policy_each(tmp_path: Path) -> None:
    folder = project(tmp_path)
    arn = LEGACY.replace(":user/", ":role/")
    legacy = f'runs_as: {{aws_iam: {{principal_arn: "{LEGACY}"}}}}'
    folder.replace(SHOP, legacy, f'{legacy}, also: [{{runs_as: {{aws_iam: {{principal_arn: "{arn}"}}}}}}]')
    found = [leaf for leaf in _deployed(folder.plan("prod")).leaves if "prod-principals-shop.legacy" in leaf.name]
    assert sorted(leaf.type for leaf in found) == ["aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy"]
