"""From a catalog to roles: judged as AWS would, with all policies of the plan in force."""

from pathlib import Path

import pytest

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Policy, parse
from strongroom.aws.iam.limits import Documents
from strongroom.aws.iam.names import ROLE_NAME_MAX, role_name, rotation_role_name
from strongroom.aws.iam.plan import AwsPrincipalPolicy, AwsSecretPolicy, AwsWorkloadRole
from strongroom.aws.kms.plan import KmsKey
from strongroom.plan.plan import Plan
from support.aws_environment import BREAK_GLASS, DEPLOYER, LEGACY, OPERATOR, PARTNER, PROD, ROLES, SHOP, project
from support.iam import ACCOUNT, KEY, READ, REGION, answer, parameter, parsed, secret
from support.projects import ProjectFolder

STRIPE, MAIL = secret("prod/shop/stripe"), secret("prod/shop/mail")
STORE = f"secretsmanager.{REGION}.amazonaws.com"
HOLDERS = [f"{ROLES}prod.shop.{name}" for name in ("web", "release", "batch", "node", "resize")]


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return project(tmp_path)


def _roles(plan: Plan) -> dict[str, AwsWorkloadRole]:
    return {role.workload: role for role in plan.of(AwsWorkloadRole)}


def _identity(plan: Plan, arn: str) -> tuple[Policy, ...]:
    """The policies of a role or user, as the plan has them."""
    found = [r for r in plan.of(AwsWorkloadRole) if arn == f"{ROLES}{r.name}"]
    records = [*found, *(p for p in plan.of(AwsPrincipalPolicy) if p.principal_arn == arn)]
    return tuple(
        policy for r in records for policy in parsed(Documents(inline=r.inline_policy, managed=r.managed_policies))
    )


EVERYTHING = parse("all", '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')


def _asked(plan: Plan, arn: str, action: str, resource: str, *, administrator: bool = False, **context: str) -> str:
    """What AWS answers with the policies of the caller and of the secret or key. An administrator may all by IAM."""
    of_secrets = {secret(f"prod/{p.secret}"): p.policy for p in plan.of(AwsSecretPolicy)}
    on = plan.of(KmsKey)[0].policy if resource == KEY else of_secrets.get(resource)
    identity = (EVERYTHING,) if administrator or arn == PARTNER else _identity(plan, arn)
    policies = Policies(identity=identity, resource=parse("resource's", on) if on else None)
    return answer(policies, action, resource, arn, **context)


def test_every_way_to_run_in_aws_has_its_role(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    roles = _roles(folder.plan("prod"))
    assert sorted(roles) == ["shop/batch", "shop/node", "shop/release", "shop/resize", "shop/web"]
    assert {(role.path, role.slice, role.max_session_duration_seconds) for role in roles.values()} == {
        ("/strongroom/prod/", "shop", 3600)
    }
    assert [name for name, role in roles.items() if role.instance_profile] == ["shop/node"]
    assert [pod.cluster for pod in roles["shop/web"].pod_identities] == ["prod-eu"]
    assert "sts:AssumeRoleWithWebIdentity" in roles["shop/web"].trust_policy, "the older cluster"
    assert '"repo:acme/shop:environment:prod"' in roles["shop/release"].trust_policy


def test_who_is_granted_nothing_in_aws_has_no_role(folder: ProjectFolder) -> None:
    assert "shop/idle" not in _roles(folder.plan("prod"))


def test_who_was_there_before_gets_a_policy_and_no_role(folder: ProjectFolder) -> None:
    policies = folder.plan("prod").of(AwsPrincipalPolicy)
    assert [(policy.principal_arn, policy.name) for policy in policies] == [(LEGACY, "prod.shop.legacy")]


@pytest.mark.parametrize(
    ("arn", "allowed"),
    [
        (f"{ROLES}prod.shop.web", {READ: {STRIPE}, "ssm:GetParameter": {parameter("/prod/shop/smtp/password")}}),
        (f"{ROLES}prod.shop.release", {"secretsmanager:PutSecretValue": {STRIPE}}),
        (
            f"{ROLES}prod.shop.batch",
            {
                "ssm:GetParameter": {parameter("/prod/shop/smtp/password")},
                "ssm:PutParameter": {parameter("/prod/shop/smtp/password")},
            },
        ),
        (f"{ROLES}prod.shop.node", {READ: {MAIL}}),
        (f"{ROLES}prod.shop.resize", {READ: {MAIL}, "secretsmanager:DeleteSecret": {MAIL}}),
        (LEGACY, {READ: {STRIPE}}),
        (PARTNER, {READ: {STRIPE}}),
    ],
)
def test_each_reaches_what_it_is_granted_and_no_more(
    folder: ProjectFolder, arn: str, allowed: dict[str, set[str]]
) -> None:
    plan = folder.plan("prod")
    for action in (READ, "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"):
        for resource in (STRIPE, MAIL, secret("staging/shop/stripe"), secret("prod/shop/stripe-prod")):
            if arn != PARTNER or action == READ:  # what else its own account allows it is no matter of ours
                expected = "allowed" if resource in allowed.get(action, ()) else "denied"
                assert _asked(plan, arn, action, resource) == expected, (action, resource)
    for action in ("ssm:GetParameter", "ssm:PutParameter", "ssm:DeleteParameter"):
        if arn != PARTNER:
            resource = parameter("/prod/shop/smtp/password")
            expected = "allowed" if resource in allowed.get(action, ()) else "denied"
            assert _asked(plan, arn, action, resource) == expected, action


def test_an_administrator_of_the_account_reads_no_secret_and_an_operator_does(folder: ProjectFolder) -> None:
    plan = folder.plan("prod")
    administrator = f"arn:aws:iam::{ACCOUNT}:role/admin"
    assert _asked(plan, administrator, READ, STRIPE, administrator=True) == "denied"
    assert _asked(plan, administrator, "secretsmanager:PutSecretValue", STRIPE, administrator=True) == "denied"
    for arn in (OPERATOR, BREAK_GLASS):
        assert _asked(plan, arn, READ, STRIPE, administrator=True) == "allowed"
    assert _asked(plan, OPERATOR, "secretsmanager:UpdateSecretVersionStage", STRIPE, administrator=True) == "allowed"
    assert _asked(plan, BREAK_GLASS, "secretsmanager:PutSecretValue", STRIPE, administrator=True) == "denied"


def test_a_secret_is_decrypted_by_its_readers_through_the_store(folder: ProjectFolder) -> None:
    plan = folder.plan("prod")
    said = {"kms__ViaService": STORE, "kms__EncryptionContext:SecretARN": STRIPE}
    for arn, expected in [
        (f"{ROLES}prod.shop.web", "allowed"),
        (LEGACY, "allowed"),
        (PARTNER, "allowed"),
        (f"{ROLES}prod.shop.node", "denied"),
        (f"{ROLES}prod.shop.batch", "denied"),
    ]:
        assert _asked(plan, arn, "kms:Decrypt", KEY, **said) == expected, arn
        assert _asked(plan, arn, "kms:Decrypt", KEY, **{**said, "kms__ViaService": ()}) == "denied"  # type: ignore[arg-type]
    of_mail = said | {"kms__EncryptionContext:SecretARN": MAIL}
    assert _asked(plan, PARTNER, "kms:Decrypt", KEY, **of_mail) == "denied"
    assert _asked(plan, DEPLOYER, "kms:Decrypt", KEY, administrator=True, **of_mail) == "allowed"
    stranger = f"arn:aws:iam::{ACCOUNT}:role/admin"
    assert _asked(plan, stranger, "kms:Decrypt", KEY, administrator=True, **of_mail) == "denied"


def test_without_operators_secrets_have_a_policy_only_for_other_accounts(folder: ProjectFolder) -> None:
    folder.replace(PROD, f'    operators: ["{OPERATOR}"]\n    break_glass: ["{BREAK_GLASS}"]\n', "")
    plan = folder.plan("prod")
    assert [policy.secret for policy in plan.of(AwsSecretPolicy)] == ["shop/stripe"]
    assert "Deny" not in plan.of(AwsSecretPolicy)[0].policy
    assert _asked(plan, PARTNER, READ, STRIPE) == "allowed"


def test_a_boundary_and_the_length_of_sessions_are_those_of_the_environment(folder: ProjectFolder) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    folder.append(PROD, f'    permissions_boundary_arn: "{boundary}"\n    max_session_duration: 4h\n')
    role = _roles(folder.plan("prod"))["shop/web"]
    assert (role.permissions_boundary_arn, role.max_session_duration_seconds) == (boundary, 14400)


def test_many_secrets_of_one_workload_are_several_managed_policies(folder: ProjectFolder) -> None:
    names = [f"s{number:03}" for number in range(150)]
    secrets = "".join(f"  {name}: {{fields: [a]}}\n" for name in names)
    grants = "".join(f"  - {{workload: web, secret: {name}, can: [read]}}\n" for name in names)
    folder.replace(SHOP, "grants:\n", f"{secrets}grants:\n{grants}")
    assert folder.problems() == []
    plan = folder.plan("prod")
    role = _roles(plan)["shop/web"]
    assert role.inline_policy is None
    assert len(role.managed_policies) > 1
    web = f"{ROLES}prod.shop.web"
    assert {_asked(plan, web, READ, secret(f"prod/shop/{name}")) for name in names} == {"allowed"}


def test_a_workload_of_another_team_has_its_role_in_its_own_slice(folder: ProjectFolder) -> None:
    folder.write(
        "catalog/billing.yaml",
        "team: billing\nworkloads:\n  app: {runs_as: {kubernetes: {namespace: billing, service_account: app}}}\n",
    )
    folder.append(SHOP, "  - {workload: billing/app, secret: mail, can: [read]}\n")
    role = _roles(folder.plan("prod"))["billing/app"]
    assert (role.slice, role.name) == ("billing", "prod.billing.app")
    assert (
        f"{ROLES}prod.billing.app" in {p.secret: p.policy for p in folder.plan("prod").of(AwsSecretPolicy)}["shop/mail"]
    )


def test_a_plan_is_the_same_each_time(folder: ProjectFolder) -> None:
    assert folder.plan("prod").as_json() == folder.plan("prod").as_json()


def test_names_of_roles_that_are_too_long_are_cut_and_stay_apart() -> None:
    long = "a" * 40
    names = {role_name("prod", long, workload) for workload in (long, long[:-1] + "b", long[:-2])}
    assert len(names) == 3
    assert all(len(name) <= ROLE_NAME_MAX and name.startswith("prod.aaaa") for name in names)
    assert role_name("prod", "shop", "web") == "prod.shop.web"
    fits = role_name("prod", "a" * 29, "b" * 29)
    assert len(fits) == ROLE_NAME_MAX
    assert fits.count(".") == 2


def _rotated(folder: ProjectFolder, rotator: str) -> Plan:
    folder.append(PROD, f"rotators:\n  it: {rotator}\n")
    fields = "{fields: [engine, host, username, password], rotator: it, rotate_every: 30d}"
    folder.replace(SHOP, "release, secret: stripe, can: [write]", "release, secret: stripe, can: [read]")
    folder.replace(SHOP, "stripe: {fields: [api_key, webhook_secret]}", f"stripe: {fields}")
    assert folder.problems() == []
    return folder.plan("prod")


@pytest.mark.parametrize(
    ("rotator", "arn"),
    [
        (
            "{aws_managed: {}}",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS",
        ),
        ("{aws_rotation: {strategy: postgresql-single-user}}", f"{ROLES}prod.platform.it"),
        (
            f'{{aws_function: {{function_arn: "arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotate",'
            f' role_arn: "arn:aws:iam::{ACCOUNT}:role/rotate"}}}}',
            f"arn:aws:iam::{ACCOUNT}:role/rotate",
        ),
    ],
)
def test_what_rotates_a_secret_gets_at_it_and_at_no_other(folder: ProjectFolder, rotator: str, arn: str) -> None:
    plan = _rotated(folder, rotator)
    for action in (READ, "secretsmanager:PutSecretValue"):
        assert _asked(plan, arn, action, STRIPE, administrator=True) == "allowed"
        assert _asked(plan, arn, action, MAIL, administrator=True) == "denied"
    said = {"kms__ViaService": STORE, "kms__EncryptionContext:SecretARN": STRIPE}
    assert _asked(plan, arn, "kms:Decrypt", KEY, administrator=True, **said) == "allowed"


def test_the_role_of_a_rotation_function_is_no_workloads() -> None:
    assert rotation_role_name("prod", "postgresql") == "prod.platform.postgresql"


def test_workloads_that_are_the_same_role_share_its_room(folder: ProjectFolder) -> None:
    names = [f"s{number:02}" for number in range(30)]
    secrets = "".join(f"  {name}: {{fields: [a]}}\n" for name in names)
    same = "".join(
        f'  {name}: {{runs_as: {{aws_iam: {{principal_arn: "arn:aws:iam::{ACCOUNT}:role/old"}}}}}}\n'
        for name in ("one", "two")
    )
    grants = "".join(f"  - {{workload: {w}, secret: {name}, can: [read]}}\n" for w in ("one", "two") for name in names)
    folder.replace(SHOP, "secrets:\n", f"{same}secrets:\n").replace(SHOP, "grants:\n", f"{secrets}grants:\n{grants}")
    found = [p for p in folder.plan("prod").of(AwsPrincipalPolicy) if p.principal_arn.endswith("/old")]
    assert [(policy.inline_policy, bool(policy.managed_policies)) for policy in found] == [(None, True)] * 2


def test_managed_policies_of_a_workload_that_is_several_roles_have_names_of_their_own(folder: ProjectFolder) -> None:
    """Names of managed policies are global to an account, whoever they are attached to, and whatever their path."""
    names = [f"s{number:03d}-{'x' * 20}" for number in range(60)]
    secrets = "".join(f"  {name}: {{fields: [token]}}\n" for name in names)
    grants = "".join(f"  - {{workload: web, secret: {name}, can: [read]}}\n" for name in names)
    arns = (f"arn:aws:iam::{ACCOUNT}:role/old", f"arn:aws:iam::{ACCOUNT}:user/old")
    also = ", ".join(f'{{runs_as: {{aws_iam: {{principal_arn: "{arn}"}}}}}}' for arn in arns)
    web = "web: {runs_as: {kubernetes: {namespace: shop, service_account: web}}"
    folder.replace(SHOP, web, f"{web}, also: [{also}]").replace(SHOP, "secrets:\n", f"secrets:\n{secrets}")
    plan = folder.replace(SHOP, "grants:\n", f"grants:\n{grants}").plan("prod")
    of_principals = [p for p in plan.of(AwsPrincipalPolicy) if p.workload == "shop/web"]
    assert len(of_principals) == 2
    assert all(record.managed_policies for record in (_roles(plan)["shop/web"], *of_principals))
    assert len({_roles(plan)["shop/web"].name, *(record.name for record in of_principals)}) == 3


def test_two_environments_of_one_account_never_reach_each_other(folder: ProjectFolder) -> None:
    text = (folder.root / "stacks" / PROD).read_text()
    folder.write("environments/staging.yaml", text.replace("environment: prod", "environment: staging"))
    folder.write("Pulumi.staging.yaml", "config:\n  strongroom:environment: staging\n")
    assert folder.problems() == []
    plans = {name: folder.plan(name) for name in ("prod", "staging")}
    for own, other in (("prod", "staging"), ("staging", "prod")):
        assert len(plans[own].of(AwsWorkloadRole)) == 5
        for role in plans[own].of(AwsWorkloadRole):
            policies = Policies(identity=parsed(Documents(inline=role.inline_policy, managed=role.managed_policies)))
            for name in ("stripe", "mail"):
                for action in (READ, "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"):
                    assert answer(policies, action, secret(f"{other}/shop/{name}")) == "denied"
        # Nor would a role of the other environment get in that may all by IAM.
        stranger = f"arn:aws:iam::{ACCOUNT}:role/strongroom/{other}/{other}.shop.web"
        on_stripe = {p.secret: p.policy for p in plans[own].of(AwsSecretPolicy)}["shop/stripe"]
        both = Policies(identity=(EVERYTHING,), resource=parse("secret's", on_stripe))
        assert answer(both, READ, secret(f"{own}/shop/stripe"), stranger) == "denied"


def test_whom_no_platform_knows_is_told_by_the_environment(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "{aws_service: {service: ec2}}", "{approle: {}}")
    folder.append(PROD, f'    principals: {{shop/node: "arn:aws:iam::{ACCOUNT}:role/nightly"}}\n')
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert "shop/node" not in _roles(plan)
    assert _asked(plan, f"arn:aws:iam::{ACCOUNT}:role/nightly", READ, MAIL) == "allowed"
    assert _asked(plan, f"arn:aws:iam::{ACCOUNT}:role/nightly", READ, STRIPE) == "denied"
