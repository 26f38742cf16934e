"""Secrets kept in AWS: their names, and what AWS's rules refuse at plan time."""

from pathlib import Path

import pytest

from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.place import AwsPlace
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.plan.qualified_names import misplaced
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.policy.plan import Policy
from support.projects import COMMON, IDENTITY, PAYMENTS, ProjectFolder

AWS = """\
aws:
  account: "111122223333"
  region: eu-central-1
  iam:
    clusters:
      prod: {pod_identity: {cluster_arn: "arn:aws:eks:eu-central-1:111122223333:cluster/prod"}}
"""
PLACE = AwsPlace(account="111122223333", region="eu-central-1", partition="aws")


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """The project of the tests, with all stored values in Secrets Manager."""
    project = ProjectFolder(tmp_path)
    project.replace(
        COMMON, "default_store: kv\nstores:\n", "default_store: aws\nstores:\n  aws: {aws_secrets_manager: {}}\n"
    )
    project.replace(COMMON, "vault:\n  auth:", f"{AWS}vault:\n  auth:")
    return project


def test_one_line_moves_a_catalog_from_vault_to_aws(folder: ProjectFolder) -> None:
    before = {secret.key: secret for secret in folder.plan("prod").of(AwsSecret)}
    folder.replace(COMMON, "default_store: aws", "default_store: kv")
    after = {secret.key: secret for secret in folder.plan("prod").of(KvSecret)}
    assert before.keys() == after.keys() == {"payments/stripe", "identity/session"}
    assert before["payments/stripe"].fields == after["payments/stripe"].fields
    assert not folder.plan("prod").of(AwsSecret)


def test_a_secret_has_its_environment_in_its_name(folder: ProjectFolder) -> None:
    secret = next(s for s in folder.plan("prod").of(AwsSecret) if s.name == "stripe")
    assert (secret.path, secret.place, secret.slice) == ("prod/payments/stripe", PLACE, "payments")
    assert (secret.recovery_window_days, secret.replicas, secret.kms_key, secret.protect) == (30, (), None, True)


def test_the_policies_of_vault_say_nothing_of_what_aws_keeps(folder: ProjectFolder) -> None:
    rules = [rule.path for policy in folder.plan("prod").of(Policy) if policy.derived for rule in policy.rules]
    assert "database-prod/creds/payments.orders-db" in rules
    assert not [path for path in rules if "stripe" in path or "session" in path]


def test_a_prefix_and_a_path_can_say_the_environment_elsewhere(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "aws_secrets_manager: {}", 'aws_secrets_manager: {prefix: "", recovery_window: 7d}')
    for file, name in ((PAYMENTS, "one"), (IDENTITY, "two")):
        folder.replace(file, "    fields: [", f'    path: "myapp/{{{{ environment }}}}/{name}"\n    fields: [')
    assert {secret.path for secret in folder.plan("prod").of(AwsSecret)} == {"myapp/prod/one", "myapp/prod/two"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("payments/stripe", "does not say its environment"),
        ("prod/payments/prod", "says its environment twice"),
        ("prod/dev/stripe", "has 'dev' as one of its parts"),
        ("dev/payments/stripe", "has 'dev' as one of its parts"),
        ("production/payments/stripe", "does not say its environment"),
    ],
)
def test_a_name_says_its_own_environment_once_and_no_other(name: str, says: str) -> None:
    found = misplaced(name, "prod", {"dev", "prod"})
    assert found is not None
    assert says in found[0]


def test_a_name_without_its_environment_is_refused_where_it_stands(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "aws_secrets_manager: {}", "aws_secrets_manager: {prefix: acme/}")
    found = [problem for problem in folder.problems() if "stripe" in problem]
    assert found[0] == (
        "catalog/payments.yaml:8:3: secrets.stripe: 'acme/payments/stripe' does not say its environment, so that "
        "another one could have the same name; leave the store's `prefix` at its default, or write "
        "{{ environment }} as a part of the path"
    )


@pytest.mark.parametrize(
    ("prefix", "path"), [("{{ environment }}/", "payments/stripe"), ("{{ environment }}/payments/", "stripe")]
)
def test_a_name_is_taken_whichever_store_it_is_of(folder: ProjectFolder, prefix: str, path: str) -> None:
    other = f'  other: {{aws_secrets_manager: {{prefix: "{prefix}"}}}}\n'
    folder.replace(COMMON, "stores:\n", f"stores:\n{other}")
    secret = f"  copy: {{fields: [api_key], store: other, path: {path}}}\n"
    folder.replace(PAYMENTS, "secrets:\n", f"secrets:\n{secret}")
    assert [problem.partition(": ")[2] for problem in folder.problems()][-1] == (
        "secrets.stripe: 'prod/payments/stripe' in store aws is the name of payments/copy in store other too; one "
        "secret has one owner: give it another path, or ask that team for a grant"
    )


def test_a_name_that_looks_like_the_end_of_an_arn_is_refused(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "  stripe:\n    fields", "  stripe:\n    path: payments/stripe-Ab12Cd\n    fields")
    assert "'prod/payments/stripe-Ab12Cd' ends in a hyphen and six characters, as ARNs of secrets do" in "\n".join(
        folder.problems()
    )


def test_a_store_in_aws_needs_the_section_that_says_where(folder: ProjectFolder) -> None:
    folder.replace(COMMON, AWS, "")
    assert "stores.aws.aws_secrets_manager: there is no `aws` section" in "\n".join(folder.problems())


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            "account: 111122223333",
            'an account is text: as a number it would lose a leading zero; write it as "111122223333"',
        ),
        ('account: "1111"', "account"),
        ("region: Frankfurt", "the region has 'F' at character 1"),
    ],
)
def test_accounts_and_regions_are_of_awss_form(folder: ProjectFolder, written: str, says: str) -> None:
    folder.replace(
        COMMON, AWS, AWS.replace({"a": 'account: "111122223333"', "r": "region: eu-central-1"}[written[0]], written)
    )
    assert any(says in refusal for refusal in folder.problems())


@pytest.mark.parametrize(
    ("region", "partition", "says"),
    [
        ("cn-north-1", "aws", "cn-north-1 is a region of aws-cn, and `partition` is aws; write `partition: aws-cn`"),
        ("us-gov-west-1", "aws-cn", "us-gov-west-1 is a region of aws-us-gov, and `partition` is aws-cn"),
        ("eu-central-1", "aws-us-gov", "eu-central-1 is a region of aws, and `partition` is aws-us-gov"),
    ],
)
def test_a_region_is_of_its_partition(folder: ProjectFolder, region: str, partition: str, says: str) -> None:
    folder.replace(COMMON, "  region: eu-central-1\n", f"  region: {region}\n  partition: {partition}\n")
    assert says in "\n".join(folder.problems())


@pytest.mark.parametrize(
    ("region", "says"),
    [
        ("eu-central-1", "names the environment's own region; leave it out"),
        ("cn-north-1", "cn-north-1 is a region of aws-cn, and this account is in aws; name regions of aws"),
    ],
)
def test_copies_are_in_other_regions_of_the_partition(folder: ProjectFolder, region: str, says: str) -> None:
    folder.replace(COMMON, "aws_secrets_manager: {}", f"aws_secrets_manager: {{replicas: [{region}]}}")
    assert f"stores.aws.aws_secrets_manager.replicas: {says}" in "\n".join(folder.problems())


@pytest.mark.parametrize("window", ["6d", "31d", "36h"])
def test_a_recovery_window_is_seven_to_thirty_days(folder: ProjectFolder, window: str) -> None:
    folder.replace(COMMON, "aws_secrets_manager: {}", f"aws_secrets_manager: {{recovery_window: {window}}}")
    assert any("write 7d to 30d, in whole days" in refusal for refusal in folder.problems())


def _in_parameter_store(folder: ProjectFolder, settings: str = "{}") -> None:
    folder.replace(COMMON, "{aws_secrets_manager: {}}", f"{{aws_parameter_store: {settings}}}")


def test_parameters_form_a_hierarchy_by_environment_team_secret_and_field(folder: ProjectFolder) -> None:
    _in_parameter_store(folder)
    secret = next(s for s in folder.plan("prod").of(AwsParameters) if s.name == "stripe")
    assert [secret.parameter(field) for field in secret.fields] == [
        "/prod/payments/stripe/api_key",
        "/prod/payments/stripe/webhook_secret",
    ]


def test_a_hierarchy_deeper_than_fifteen_levels_is_refused(folder: ProjectFolder) -> None:
    _in_parameter_store(folder)
    deep = "/".join("abcdefghijklmno")
    folder.replace(PAYMENTS, "  stripe:\n    fields", f"  stripe:\n    path: {deep}\n    fields")
    assert "has 17 levels" in "\n".join(folder.problems())


def test_a_prefix_that_only_secrets_manager_takes(folder: ProjectFolder) -> None:
    _in_parameter_store(folder, '{prefix: "a+b/{{ environment }}/"}')
    assert "'/a+b/prod/payments/stripe' has '+', and names in Parameter Store have letters" in "\n".join(
        folder.problems()
    )


@pytest.mark.parametrize("prefix", ["aws/prod/", "SSM-acme/prod/"])
def test_a_hierarchy_does_not_begin_with_awss_own_words(folder: ProjectFolder, prefix: str) -> None:
    _in_parameter_store(folder, f"{{prefix: {prefix}}}")
    assert "begins with a word that is AWS's own" in "\n".join(folder.problems())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("{expire_after: 90d}", "write `tier: advanced`"),
        ("{notify_overdue: true}", "write `tier: advanced`"),
        ("{tier: advanced, notify_before_expiry: 5d}", "set expire_after too"),
        ("{tier: advanced, expire_after: 5d, notify_before_expiry: 5d}", "is not shorter than expire_after"),
    ],
)
def test_policies_that_aws_does_not_have_are_refused(folder: ProjectFolder, settings: str, says: str) -> None:
    _in_parameter_store(folder, settings)
    assert any(says in refusal for refusal in folder.problems())


def test_an_overdue_notice_comes_when_the_secret_has_to_be_rotated(folder: ProjectFolder) -> None:
    _in_parameter_store(folder, "{tier: advanced, expire_after: 180d, notify_overdue: true}")
    secrets = {s.name: s for s in folder.plan("prod").of(AwsParameters)}
    assert secrets["stripe"].notify_unchanged_after_seconds == 90 * 86400
    assert secrets["session"].notify_unchanged_after_seconds is None
    assert secrets["session"].expire_after_seconds == 180 * 86400


def test_a_workload_without_a_login_at_vault_is_no_problem_if_all_it_reads_is_elsewhere(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "accepts: [kubernetes]", "accepts: [gitlab_ci]")
    refused = "\n".join(folder.problems())
    assert "no auth method of prod accepts kubernetes" not in refused
    folder.replace(PAYMENTS, "workload: settlement, secret: orders-db", "workload: checkout, secret: orders-db")
    assert "no auth method of prod accepts kubernetes" in "\n".join(folder.problems())


def test_a_rotator_has_to_be_there_and_serve_the_store(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "rotate_every: 90d", "rotate_every: 90d\n    rotator: acme")
    assert "there is no rotator 'acme' in prod" in "\n".join(folder.problems())
    folder.replace(COMMON, "vault:\n  auth:", "rotators: {acme: {aws_managed: {}}}\nvault:\n  auth:")
    assert "rotator" not in "\n".join(folder.problems())
    folder.replace(COMMON, "default_store: aws", "default_store: kv")
    assert "does not serve the store that the secret is kept in" in "\n".join(folder.problems())
