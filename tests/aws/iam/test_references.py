"""What cannot work in AWS is refused with the place and the remedy, before anything is deployed."""

from pathlib import Path

import pytest

from support.aws_environment import BREAK_GLASS, LEGACY, OPERATOR, PARTNER, PROD, SHOP, project
from support.projects import ProjectFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return project(tmp_path)


def _only(folder: ProjectFolder) -> str:
    problems = folder.problems()
    assert len(problems) == 1, problems
    return problems[0]


def test_all_is_well(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_a_workload_that_aws_cannot_know(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "{aws_service: {service: ec2}}", "{approle: {}}")
    assert _only(folder).endswith(
        "workloads.node.runs_as: is granted shop/mail, which prod keeps in AWS, and approle is no identity there; say "
        "who it is in `aws.iam.principals`, let it run as one of kubernetes, github_actions, aws_service, aws_iam, or "
        "keep it elsewhere"
    )


def test_a_service_account_without_a_cluster(folder: ProjectFolder) -> None:
    text = (folder.root / "stacks" / PROD).read_text()
    start, end = text.index("    clusters:"), text.index("    github_actions")
    folder.write(PROD, text[:start] + text[end:])
    assert "workloads.web.runs_as: is granted shop/smtp" in _only(folder)
    assert "declare `aws.iam.clusters` in the environment file" in _only(folder)


def test_a_job_of_github_that_aws_does_not_know(folder: ProjectFolder) -> None:
    folder.replace(PROD, "    github_actions: {}\n", "")
    assert "workloads.release.runs_as" in _only(folder)
    assert "declare `aws.iam.github_actions`" in _only(folder)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (
            "eu-central-1:111122223333:cluster",
            "eu-central-1:999988887777:cluster",
            "clusters.eu.pod_identity.cluster_arn",
        ),
        ("iam::111122223333:oidc-provider", "iam::999988887777:oidc-provider", "clusters.old.irsa.oidc_provider_arn"),
    ],
)
def test_a_cluster_or_provider_of_another_account(folder: ProjectFolder, old: str, new: str, where: str) -> None:
    folder.replace(PROD, old, new)
    assert f"aws.iam.{where}: belongs to account 999988887777, and roles only trust" in _only(folder)


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        (
            OPERATOR,
            OPERATOR.replace("111122223333", "999988887777"),
            "operators[0]",
            "only roles and users of 111122223333 write values",
        ),
        (
            BREAK_GLASS,
            BREAK_GLASS.replace("1111", "9999", 1),
            "break_glass[0]",
            "only roles and users of 111122223333 read values",
        ),
        (OPERATOR, OPERATOR.replace("arn:aws:", "arn:aws-cn:"), "operators[0]", "is in aws-cn, and the account in aws"),
    ],
)
def test_people_are_of_this_account(folder: ProjectFolder, old: str, new: str, where: str, says: str) -> None:
    folder.replace(PROD, old, new)
    assert f"aws.iam.{where}: " in _only(folder)
    assert says in _only(folder)


@pytest.mark.parametrize(("account", "fits"), [("999988887777", False), ("111122223333", True), ("aws", True)])
def test_a_boundary_is_of_this_account_or_awss_own(folder: ProjectFolder, account: str, fits: bool) -> None:
    folder.append(PROD, f'    permissions_boundary_arn: "arn:aws:iam::{account}:policy/limits"\n')
    found = [p for p in folder.problems() if "aws.iam.permissions_boundary_arn: belongs to account 999988887777" in p]
    assert bool(found) is not fits


def test_two_environments_do_not_name_the_same_role_as_a_workload(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "{aws_service: {service: ec2}}", "{approle: {}}")
    folder.append(PROD, '    principals: {shop/node: "arn:aws:iam::111122223333:role/nightly-{{ environment }}"}\n')
    folder.write("environments/staging.yaml", _staging(folder))
    assert folder.problems() == []
    folder.replace(PROD, "nightly-{{ environment }}", "nightly")
    folder.write("environments/staging.yaml", _staging(folder))
    says = "aws.iam.principals.'shop/node': arn:aws:iam::111122223333:role/nightly is a workload of environment {} too"
    problems = zip(("staging", "prod"), folder.problems(), strict=True)
    assert all(says.format(other) in problem for other, problem in problems)


def _staging(folder: ProjectFolder) -> str:
    text = (folder.root / "stacks" / PROD).read_text()
    return text.replace("environment: prod", "environment: staging")


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        ("role/strongroom/staging/staging.shop.web", "is a role of environment staging"),
        ("role/strongroom/prod/prod.shop.web", "is a role that is made for a workload"),
    ],
)
def test_a_role_that_is_made_for_a_workload_is_no_other_workload(folder: ProjectFolder, arn: str, says: str) -> None:
    folder.write("environments/staging.yaml", _staging(folder))
    folder.replace(SHOP, LEGACY, LEGACY.replace("user/legacy", arn))
    assert any("workloads.legacy.runs_as" in problem and says in problem for problem in folder.problems())


def test_a_role_of_another_environment_is_nobody_who_reads_here(folder: ProjectFolder) -> None:
    folder.write("environments/staging.yaml", _staging(folder))
    folder.replace(PROD, "role/break-glass", "role/strongroom/staging/staging.shop.web")
    assert "aws.iam.break_glass[0]: is a role of environment staging" in _only(folder)


def test_an_arn_with_a_variable_is_nobody_in_particular(folder: ProjectFolder) -> None:
    folder.replace(PROD, "role/break-glass", "role/${aws:PrincipalTag/team}/reader")
    assert any(
        "has a variable of policies, which is somebody else for each" in problem for problem in folder.problems()
    )


def test_a_role_of_another_partition(folder: ProjectFolder) -> None:
    folder.replace(SHOP, LEGACY, LEGACY.replace("arn:aws:", "arn:aws-us-gov:"))
    assert "workloads.legacy.runs_as: is arn:aws-us-gov:iam::111122223333:user/legacy, which is in aws-us-gov" in _only(
        folder
    )


def test_a_service_account_of_pod_identity_has_one_role(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "service_account: idle", "service_account: web")
    assert folder.problems() == [], "it has no role"
    folder.replace(SHOP, "grants:\n", "grants:\n  - {workload: idle, secret: mail, can: [read]}\n")
    assert "workloads.web.runs_as: is service account shop/web of cluster prod-eu, as is shop/idle" in _only(folder)


def test_another_account_reads_and_does_nothing_else(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "partner, secret: stripe, can: [read]", "partner, secret: stripe, can: [read, write]")
    assert "is in account 444455556666, and shop/stripe may be read from there, and no more" in _only(folder)


def test_another_account_cannot_use_awss_own_key(folder: ProjectFolder) -> None:
    folder.replace(PROD, "aws_secrets_manager: {kms_key: main, replicas: [eu-west-1]}", "aws_secrets_manager: {}")
    assert "shop/stripe is encrypted with AWS's own key, which no other account can use" in _only(folder)


def test_another_account_is_not_served_by_parameter_store(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "partner, secret: stripe", "partner, secret: smtp")
    assert "shop/smtp is kept in Parameter Store, which serves its own account; keep it in Secrets" in _only(folder)


def test_an_environment_that_is_called_as_awss_own_keys_are(folder: ProjectFolder) -> None:
    text = (folder.root / "stacks" / PROD).read_text().replace("environment: prod", "environment: aws")
    folder.write("environments/aws.yaml", text)
    assert any("aws.keys.main: would have an alias below `alias/aws/`" in problem for problem in folder.problems())


def test_more_secrets_than_policies_hold(folder: ProjectFolder) -> None:
    names = [f"secret-with-a-certain-length-{number:03}" for number in range(700)]
    secrets = "".join(f"  {name}: {{fields: [a]}}\n" for name in names)
    grants = "".join(f"  - {{workload: web, secret: {name}, can: [read]}}\n" for name in names)
    folder.replace(SHOP, "grants:\n", f"{secrets}grants:\n{grants}")
    problem = _only(folder)
    assert "workloads.web: 702 secrets need" in problem
    assert "managed policies, and IAM attaches 10 at most; give some of them to a workload of its own" in problem


def test_a_key_that_is_not_declared(folder: ProjectFolder) -> None:
    folder.replace(
        PROD, "parameters: {aws_parameter_store: {kms_key: main}}", "parameters: {aws_parameter_store: {kms_key: mian}}"
    )
    assert "stores.parameters.aws_parameter_store.kms_key: there is no key 'mian'; did you mean 'main'" in _only(folder)


def test_copies_where_the_key_is_not(folder: ProjectFolder) -> None:
    folder.replace(PROD, "main: {replicas: [eu-west-1], ", "main: {")
    assert _only(folder).endswith(
        "copies in eu-west-1 would have another key: 'main' is not there; add the region to `aws.keys.main.replicas`"
    )


def test_a_key_is_no_copy_of_itself(folder: ProjectFolder) -> None:
    folder.replace(PROD, "main: {replicas: [eu-west-1], ", "main: {replicas: [eu-west-1, eu-central-1], ")
    assert "aws.keys.main.replicas: names the environment's own region; leave it out" in _only(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cluster/prod-eu", "cluster/*", "the cluster's ARN has '*' at character"),
        ("oidc-provider/oidc.example/id/ABC", "oidc-provider/*", "the provider's ARN has '*'"),
        ("    github_actions: {}\n", "    github_actions: {}\n    max_session_duration: 13h\n", "write 1h to 12h"),
        ("main: {replicas", "main: {rotation_period: 30d, replicas", "write 90d to 2560d, in whole days"),
        ("main: {replicas", "main: {deletion_window: 6d, replicas", "write 7d to 30d, in whole days"),
        ("main: {replicas", "main: {deletion_window: 36h, replicas", "write 7d to 30d, in whole days"),
        ("replicas: [eu-west-1], users", "replicas: [eu-west-1, eu-west-1], users", "one of replicas is named twice"),
        ("    operators", "    # operators", "break_glass opens what nothing has closed"),
    ],
)
def test_what_aws_does_not_take_or_would_be_wide_is_refused(
    folder: ProjectFolder, old: str, new: str, said: str
) -> None:
    folder.replace(PROD, old, new)
    assert any(said in problem for problem in folder.problems()), folder.problems()


def test_two_ways_into_aws_are_one_role(folder: ProjectFolder) -> None:
    folder.replace(
        SHOP,
        "web: {runs_as: {kubernetes: {namespace: shop, service_account: web}}}",
        "web: {runs_as: {kubernetes: {namespace: shop, service_account: web}},"
        " also: [{runs_as: {github_actions: {repository: acme/shop, ref: refs/heads/main}}},"
        " {runs_as: {aws_service: {service: lambda}}}]}",
    )
    assert folder.problems() == []
    plan = folder.plan("prod").as_json()
    assert '\\"repo:acme/shop:ref:refs/heads/main\\"' in plan
    assert LEGACY in plan
    assert PARTNER in plan


@pytest.mark.parametrize("path", ["aws-reserved/sso.amazonaws.com", "aws-service-role/rds.amazonaws.com"])
def test_a_role_that_aws_keeps_itself_can_be_given_nothing(folder: ProjectFolder, path: str) -> None:
    folder.replace(SHOP, LEGACY, f"arn:aws:iam::111122223333:role/{path}/x")
    assert "which AWS keeps itself and lets nobody change; let it be a role of yours" in _only(folder)
