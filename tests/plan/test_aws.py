"""AWS credentials: what people may write, what is planned from it, and what is refused with its place and remedy."""

from pathlib import Path

import pytest

from strongroom.vault.aws.plan import AwsCredentialRole, AwsMount, AwsStaticRole
from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder

ENGINE = """\
    aws:
      region: eu-central-1
      credentials: {first_key: {access_key: {pulumi_config: aws-id}, secret_key: {pulumi_config: aws-secret}}}
      teams:
        payments:
          roles:
            reports: {role_arns: ["arn:aws:iam::111122223333:role/reports"], external_id: acme-1}
          permissions_boundary_arn: arn:aws:iam::111122223333:policy/boundary
          policies: {queues: "arn:aws:iam::111122223333:policy/queues"}
          iam_groups: [payments]
          iam_users: {backup: legacy-backup}
        identity: {iam_users: {theirs: legacy-backup}}
"""
DOCUMENT = '{Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::uploads/*"}]}'
USER = f"{{iam_user: {{policy_document: {DOCUMENT}, policies: [queues], iam_groups: [payments], iam_tags: {{a: b}}}}}}"
SECRETS = f"""\
  reports: {{aws: {{assumed_role: {{role: reports, session_tags: {{team: payments}}}}}}}}
  uploader: {{aws: {USER}}}
  backup: {{aws: {{static_role: {{iam_user: backup}}}}}}
  mailer: {{aws: {{federation_token: {{policies: [queues], max_sts_ttl: 2h}}}}}}
"""
TEXT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],'
    '"Resource":["arn:aws:s3:::uploads/*"]}]}'
)


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with an AWS engine, credentials of each kind, and grants of all."""
    folder.replace(COMMON, "  policies:\n", f"{ENGINE}  policies:\n")
    folder.replace(PAYMENTS, "grants:\n", f"{SECRETS}grants:\n")
    for secret in ("reports", "uploader", "mailer", "backup"):
        folder.append(PAYMENTS, f"  - {{workload: checkout, secret: {secret}, can: [read]}}\n")
    return folder


def test_the_project_is_sound(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_an_engine_is_planned_whose_first_key_is_a_reference(folder: ProjectFolder) -> None:
    assert folder.plan("prod").of(AwsMount) == (
        AwsMount(
            slice="platform",
            mount="aws-prod",
            region="eu-central-1",
            iam_endpoint=None,
            sts_endpoint=None,
            sts_region=None,
            username_template=None,
            first_key_from=(("pulumi_config", "aws-id"), ("pulumi_config", "aws-secret")),
            role_arn=None,
            identity_token_audience=None,
            identity_token_ttl_seconds=None,
            default_lease_ttl_seconds=3600,
            max_lease_ttl_seconds=86400,
            protect=True,
        ),
    )


def test_a_role_is_planned_for_each_secret_from_what_its_team_was_given(folder: ProjectFolder) -> None:
    mailer, reports, uploader = folder.plan("prod").of(AwsCredentialRole)
    common = {"slice": "payments", "mount": "aws-prod"}
    assert mailer == AwsCredentialRole(
        **common,  # type: ignore[arg-type]
        name="payments.mailer",
        credential_type="federation_token",
        policy_arns=("arn:aws:iam::111122223333:policy/queues",),
        default_sts_ttl_seconds=900,
        max_sts_ttl_seconds=7200,
    )
    assert reports == AwsCredentialRole(
        **common,  # type: ignore[arg-type]
        name="payments.reports",
        credential_type="assumed_role",
        role_arns=("arn:aws:iam::111122223333:role/reports",),
        external_id="acme-1",
        session_tags=(("team", "payments"),),
        default_sts_ttl_seconds=900,
        max_sts_ttl_seconds=3600,
    )
    assert uploader == AwsCredentialRole(
        **common,  # type: ignore[arg-type]
        name="payments.uploader",
        credential_type="iam_user",
        policy_document=TEXT,
        policy_arns=("arn:aws:iam::111122223333:policy/queues",),
        iam_groups=("payments",),
        iam_tags=(("a", "b"),),
        permissions_boundary_arn="arn:aws:iam::111122223333:policy/boundary",
        user_path="/vault/prod/",
    )


def test_a_user_that_stays_has_a_static_role(folder: ProjectFolder) -> None:
    assert folder.plan("prod").of(AwsStaticRole) == (
        AwsStaticRole(
            slice="payments",
            mount="aws-prod",
            name="payments.backup",
            username="legacy-backup",
            rotation_period_seconds=30 * 86400,
        ),
    )


def test_a_user_that_stays_has_one_secret(folder: ProjectFolder) -> None:
    secret = "  theirs: {aws: {static_role: {iam_user: theirs}}}\n"
    said = folder.replace(IDENTITY, "grants:\n", f"{secret}grants:\n").problems()
    assert len(said) == 2  # once in dev, once in prod, and not of the first one
    assert said[0].startswith(f"{PAYMENTS}:15:")
    assert "IAM user 'backup' of team payments is that of identity/theirs too in dev; each would change" in said[0]


def test_a_grant_gives_the_path_of_its_own_role_and_nothing_more(folder: ProjectFolder) -> None:
    (policy,) = (policy for policy in folder.plan("prod").of(Policy) if policy.name == "prod.payments.checkout")
    assert {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("aws")} == {
        "aws-prod/creds/payments.uploader": ("read",),
        "aws-prod/static-creds/payments.backup": ("read",),
        "aws-prod/sts/payments.mailer": ("read",),
        "aws-prod/sts/payments.reports": ("read",),
    }


def test_who_holds_a_lease_may_renew_it(folder: ProjectFolder) -> None:
    (policy,) = (policy for policy in folder.plan("prod").of(Policy) if policy.name == "prod.payments.checkout")
    assert "sys/leases/renew" in {rule.path for rule in policy.rules}


def test_a_server_without_a_key_is_planned_without_one(folder: ProjectFolder) -> None:
    first_key = "{first_key: {access_key: {pulumi_config: aws-id}, secret_key: {pulumi_config: aws-secret}}}"
    folder.replace(COMMON, first_key, "{instance_role: {}}").replace(
        PAYMENTS, "mailer: {aws: {federation_token: {policies: [queues], max_sts_ttl: 2h}}}",
        "mailer: {aws: {assumed_role: {role: reports}}}",
    )  # fmt: skip
    (mount,) = folder.plan("prod").of(AwsMount)
    assert (mount.first_key_from, mount.role_arn) == (None, None)


def test_openbao_is_refused_with_the_server_that_has_it(folder: ProjectFolder) -> None:
    problems = folder.replace(COMMON, "vault:\n", "vault:\n  flavour: openbao\n").problems()
    said = [line for line in problems if ": vault.engines.aws: " in line]
    assert len(said) == 1
    assert said[0].startswith(f"{COMMON}:23:5: vault.engines.aws: OpenBao 2.7.2 has no AWS secrets engine; ")
    assert all("; in HashiCorp Vault since " in line for line in problems)


@pytest.mark.parametrize(
    ("version", "lacking"),
    [
        ("1.13.4", {"static roles in the AWS engine", "session tags and external IDs in the AWS engine"}),
        ("1.14", {"session tags and external IDs in the AWS engine"}),
        ("1.17.1", {"session tags and external IDs in the AWS engine"}),
        ("1.17.2", set()),
    ],
)
def test_what_an_older_vault_cannot_do_is_refused_with_the_version_that_can(
    folder: ProjectFolder, version: str, lacking: set[str]
) -> None:
    folder.replace(COMMON, "vault:\n", f'vault:\n  version: "{version}"\n')
    problems = [line for line in folder.problems() if " in the AWS engine; in HashiCorp Vault since " in line]
    assert {line.partition(" has no ")[2].partition(";")[0] for line in problems} == lacking
    places = ("roles.reports.external_id", "assumed_role.session_tags", "static_role")
    assert all(any(f"{place}: " in line for place in places) for line in problems)


def test_plugin_identity_is_refused_where_the_server_is_no_enterprise(folder: ProjectFolder) -> None:
    first_key = "{first_key: {access_key: {pulumi_config: aws-id}, secret_key: {pulumi_config: aws-secret}}}"
    identity = "{plugin_identity: {role_arn: 'arn:aws:iam::111122223333:role/vault', identity_token_audience: aws}}"
    folder.replace(COMMON, first_key, identity)
    assert any("has no plugin identity tokens for the AWS engine" in line for line in folder.problems())
    folder.replace(COMMON, "vault:\n", "vault:\n  edition: enterprise\n")
    folder.replace(PAYMENTS, "max_sts_ttl: 2h", "max_sts_ttl: 1h")
    assert {line.partition("federation_token: ")[2].partition(",")[0] for line in folder.problems()} == {
        "AWS makes federation tokens for the key of an IAM user only"
    }


ROLE = "{role: reports, session_tags: {team: payments}}"


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        (ROLE, "{role: report}", "assumed_role.role", "has no role 'report' in dev; did you mean 'reports'?"),
        (ROLE, "{role: admin}", "assumed_role.role", "vault.engines.aws.teams.payments of the environment file gives"),
        (ROLE, "{role: reports, policies: [all]}", "assumed_role.policies[0]", "has no managed policy 'all' in dev"),
        (
            "iam_groups: [payments]",
            "iam_groups: [admins]",
            "iam_user.iam_groups[0]",
            "has no IAM group 'admins'",
        ),
        ("iam_user: backup", "iam_user: bakup", "static_role.iam_user", "has no IAM user 'bakup' in dev; did you mean"),
        (
            ROLE,
            "{role: reports, max_sts_ttl: 2h}",
            "assumed_role.max_sts_ttl",
            "sessions of role 'reports' live 1h at most, as the role says, in dev; write 1h or less",
        ),
    ],
)
def test_what_the_environment_does_not_give_the_team_is_refused(
    folder: ProjectFolder, old: str, new: str, place: str, problem: str
) -> None:
    said = folder.replace(PAYMENTS, old, new).problems()
    assert len(said) == 2  # once in dev, once in prod
    assert problem in said[0]
    assert f".aws.{place}: " in said[0]
    assert said[0].startswith(f"{PAYMENTS}:1")


def test_users_without_a_permissions_boundary_are_refused(folder: ProjectFolder) -> None:
    said = folder.replace(
        COMMON, "          permissions_boundary_arn: arn:aws:iam::111122223333:policy/boundary\n", ""
    ).problems()
    assert "IAM users of team payments have no permissions boundary in dev; set permissions_boundary_arn in" in said[0]


def test_a_team_that_has_nothing_in_aws_and_an_environment_without_an_engine_are_named(folder: ProjectFolder) -> None:
    said = folder.replace(COMMON, "        payments:\n          roles", "        others:\n          roles").problems()
    assert "team payments has nothing in AWS in dev; list what it may have under `vault.engines.aws.teams`" in said[0]
    assert len(said) == 8
    said = folder.replace(COMMON, ENGINE.replace("        payments:", "        others:"), "").problems()
    assert "there is no AWS engine in dev; declare `vault.engines.aws` in the environment file" in said[0]


def test_names_too_long_for_federated_sessions_are_refused(folder: ProjectFolder) -> None:
    template = "      username_template: '{{.PolicyName | truncate 20}}-{{random 20}}'\n"
    said = folder.replace(COMMON, "      teams:\n", f"{template}      teams:\n").problems()
    assert "have 32 characters at most, and the engine's username_template makes up to 41 in dev" in said[0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (ROLE, "{role: reports, default_sts_ttl: 5m}", "default_sts_ttl 5m is less than AWS makes; write 15m or more"),
        (ROLE, "{role: reports, default_sts_ttl: 2h}", "default_sts_ttl 2h is longer than max_sts_ttl 1h"),
        (ROLE, "{role: reports, max_sts_ttl: 13h}", "max_sts_ttl 13h is more than AWS makes; write 12h or less"),
        (ROLE, "{role: reports, session_tags: {'aws:x': y}}", "tags that begin with 'aws:' are AWS's own"),
        ("{policies: [queues], max_sts_ttl: 2h}", "{}", "neither policy_document nor policies limits it"),
        (
            "{static_role: {iam_user: backup}}",
            "{static_role: {iam_user: backup, rotation_period: 5m}}",
            "rotation_period 5m leaves no time to read the new key; write 1h or more",
        ),
        (USER, "{iam_user: {}}", "it may do nothing; give policy_document, policies or iam_groups"),
        (USER, "{}", "name exactly one of: assumed_role, federation_token, iam_user, static_role"),
        (USER, "{session_token: {}}", "session_token"),
        ('"s3:GetObject"', '"iam:*"', "the action 'iam:*' allows all of it; list the actions that are needed"),
    ],
)
def test_what_would_give_too_much_or_nothing_is_refused_where_it_is_written(
    folder: ProjectFolder, old: str, new: str, problem: str
) -> None:
    (said,) = folder.replace(PAYMENTS, old, new).problems()
    assert problem in said
    assert said.startswith(f"{PAYMENTS}:1")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("role/reports", "role/*", "is a pattern, which others match too; name one exactly"),
        ("policy/boundary", "role/boundary", "is not the right ARN; write it as arn:aws:iam::111122223333:policy/"),
        ("external_id: acme-1", "external_id: ' '", "external_id"),
        ("external_id: acme-1", "max_session_duration: 30m", "write what the role says in AWS, 1h to 12h"),
        ("region: eu-central-1", "region: Frankfurt", "the region has 'F' at character 1"),
        (
            "region: eu-central-1",
            "region: eu-central-1\n      sts_region: eu-west-1",
            "sts_region has no meaning without sts_endpoint",
        ),
        (
            "region: eu-central-1",
            "region: eu-central-1\n      iam_endpoint: http://aws.example",
            "the URL must begin with https://",
        ),
        (
            "region: eu-central-1",
            "region: eu-central-1\n      default_lease_ttl: 48h",
            "default_lease_ttl 2d is longer than max_lease_ttl 1d; lower default_lease_ttl or raise max_lease_ttl",
        ),
        ("region: eu-central-1", "region: eu-central-1\n      user_path: users", "the path of IAM users"),
    ],
)
def test_mistakes_of_the_platform_are_refused_where_they_are_written(
    folder: ProjectFolder, old: str, new: str, problem: str
) -> None:
    said = folder.replace(COMMON, old, new).problems()
    assert any(problem in line and line.startswith(f"{COMMON}:") for line in said), said


def test_a_stand_in_for_aws_on_this_machine_needs_no_tls(folder: ProjectFolder) -> None:
    endpoints = "iam_endpoint: http://127.0.0.1:5000\n      sts_endpoint: http://localhost:5000"
    folder.replace(COMMON, "region: eu-central-1", f"region: eu-central-1\n      {endpoints}")
    assert folder.problems() == []


def test_two_engines_cannot_share_a_mount(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    aws:\n", '    aws:\n      mount: "database-{{ environment }}"\n')
    assert any("is mounted at 'database-dev', as is vault.engines.database" in line for line in folder.problems())


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/aws.md", tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert [mount.mount for mount in plan.of(AwsMount)] == ["aws-prod"]
    assert len(plan.of(AwsCredentialRole)) == 3
    (policy,) = (policy for policy in plan.of(Policy) if policy.name == "prod.payments.checkout")
    assert {rule.path for rule in policy.rules if rule.path.startswith("aws")} == {
        "aws-prod/sts/payments.notifier",
        "aws-prod/sts/payments.reports-bucket",
        "aws-prod/creds/payments.legacy-uploader",
        "aws-prod/static-creds/payments.backup",
    }
