"""Rotators and schedules as records: exact names, exact rights, and what cannot work refused with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from strongroom.aws.iam.limits import MANAGED, LimitError
from strongroom.aws.place import AwsPlace
from strongroom.aws.rotation.document import RotationRights, documents
from strongroom.aws.rotation.published import APPLICATIONS, application_id
from strongroom.aws.rotation.records import AwsPublishedRotator, AwsRotator, AwsSecretRotation
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.plan.plan import Plan
from support.aws_environment import FILES, PROD, SHOP
from support.aws_rotation import ACCOUNT, KEY, MASTER, SECRET, project
from support.docs import example
from support.projects import ProjectFolder

PLACE = AwsPlace(account=ACCOUNT, region="eu-central-1", partition="aws")
PUBLISHED = "application: SecretsManagerRDSMySQLRotationMultiUser, semantic_version: 1.1.500"


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return project(tmp_path)


@pytest.fixture
def plan(folder: ProjectFolder) -> Plan:
    return folder.plan("prod")


def rights(plan: Plan, rotator: str) -> dict[str, dict[str, Any]]:
    """The statements of a role by their names."""
    record = next(record for record in plan.of(AwsRotator) if record.name == rotator)
    return {statement["Sid"]: statement for statement in json.loads(record.inline_policy or "")["Statement"]}


def test_all_is_well(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_each_secret_has_its_function_and_schedule(plan: Plan) -> None:
    found = {r.secret: r for r in plan.of(AwsSecretRotation)}
    assert {
        name: (r.function_arn, r.automatically_after_days, r.schedule_expression, r.window_hours, r.rotate_immediately)
        for name, r in found.items()
    } == {
        "master": (None, None, "rate(10 days)", None, True),
        "orders": (f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:prod-platform-orders", 30, None, None, True),
        "partner": (f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:yours", None, "rate(12 hours)", None, False),
        "reports": (
            f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:prod-platform-reports",
            None,
            "cron(0 2 ? * SUN *)",
            3,
            True,
        ),
    }
    assert {r.slice for r in found.values()} == {"shop"}
    assert {r.slice for r in plan.of(AwsRotator)} == {"platform"}


def test_no_version_of_a_secret_is_ever_a_record(plan: Plan) -> None:
    assert not [record.kind for record in plan.records if "version" in record.kind]
    assert len(list(plan.of(AwsSecret))) == 5


def test_a_function_may_rotate_its_secrets_and_no_other(plan: Plan) -> None:
    statement = rights(plan, "orders")["Rotate"]
    assert statement["Resource"] == f"{SECRET}:prod/shop/orders-??????"
    assert statement["Action"] == [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ]


def test_keys_are_used_through_secrets_manager_for_these_secrets_only(plan: Plan) -> None:
    found = rights(plan, "orders")
    assert found["UseKey1"]["Resource"] == f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/<main>"
    assert found["UseKey1"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:SecretARN": f"{SECRET}:prod/shop/orders-??????"},
    }


def test_the_masters_secret_is_read_and_no_more(plan: Plan) -> None:
    found = rights(plan, "orders")
    assert found["ReadMaster"]["Action"] == "secretsmanager:GetSecretValue"
    assert found["ReadMaster"]["Resource"] == MASTER
    assert (found["UseKeyOfMaster"]["Action"], found["UseKeyOfMaster"]["Resource"]) == ("kms:Decrypt", KEY)
    assert found["UseKeyOfMaster"]["Condition"]["StringEquals"]["kms:EncryptionContext:SecretARN"] == MASTER


def test_logs_go_to_its_own_group_and_interfaces_are_made_by_lambda_only(plan: Plan) -> None:
    found = rights(plan, "orders")
    group = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/aws/lambda/prod-platform-orders:*"
    assert found["Log"]["Resource"] == group
    assert found["NotByItsCode"]["Effect"] == "Deny"
    assert found["NotByItsCode"]["Action"] == found["BeInTheVpc"]["Action"]
    assert found["NotByItsCode"]["Condition"] == {
        "ArnEquals": {
            "lambda:SourceFunctionArn": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:prod-platform-orders"
        }
    }


def test_a_function_without_vpc_and_master_has_no_rights_for_them(plan: Plan) -> None:
    assert set(rights(plan, "reports")) == {"Rotate", "UseKey1", "Log", "MakePasswords"}


def test_a_star_stands_only_where_aws_has_no_resources(plan: Plan) -> None:
    starred = {sid for name in ("orders", "reports") for sid, s in rights(plan, name).items() if s["Resource"] == "*"}
    assert starred == {"MakePasswords", "BeInTheVpc", "NotByItsCode"}


def named(count: int) -> tuple[tuple[str, str | None], ...]:
    return tuple((f"prod/shop/secret-number-{number}", "<main>") for number in range(count))


def test_many_secrets_become_managed_policies_that_name_each_once() -> None:
    found = documents(RotationRights(place=PLACE, function_name="rotate", secrets=named(120)))
    assert found.inline is None
    assert all(len(document) <= MANAGED for document in found.managed)
    arns = [
        arn
        for document in found.managed
        for statement in json.loads(document)["Statement"]
        if statement["Sid"] == "Rotate"
        for arn in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    ]
    assert arns == [f"{SECRET}:{name}-??????" for name, _ in named(120)]


def test_more_secrets_than_a_role_can_have_are_refused_with_the_remedy() -> None:
    with pytest.raises(LimitError, match="declare a second rotator"):
        documents(RotationRights(place=PLACE, function_name="rotate", secrets=named(1000)))


def test_a_published_application_is_named_by_name_and_version(tmp_path: Path) -> None:
    text = (
        FILES[PROD]
        .replace('    operators: ["arn:aws:iam::111122223333:role/operator"]\n', "")
        .replace('    break_glass: ["arn:aws:iam::111122223333:role/break-glass"]\n', "")
    )
    text = text.replace(', users: ["arn:aws:iam::111122223333:role/deployer"]', "")
    rotators = f"rotators:\n  orders: {{aws_application: {{{PUBLISHED}, master_secret_arn: {MASTER}}}}}\n"
    secrets = "  orders: {fields: [engine, host, username, password], rotate_every: 30d, rotator: orders}\n"
    made = project(tmp_path, text + rotators, f"team: shop\nsecrets:\n{secrets}").plan("prod")
    (record,) = made.of(AwsPublishedRotator)
    assert record.application_id == (
        "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSMySQLRotationMultiUser"
    )
    (rotation,) = made.of(AwsSecretRotation)
    assert rotation.function_arn == f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{record.function_name}"


def test_all_published_applications_are_known_in_all_partitions() -> None:
    assert len(APPLICATIONS) == 18
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        assert application_id(partition, APPLICATIONS[0]).startswith(f"arn:{partition}:serverlessrepo:")


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (SHOP, "rotate_every: 12h, rotator: yours", "rotator: yours", "nothing says when; write `rotate_every`"),
        (SHOP, "rotate_every: 12h", "rotate_every: 1h", "cannot rotate every 1h; write 4h to 999h"),
        (SHOP, "[engine, host, username, password], rotate_every: 30d", "[username, password], rotate_every: 30d",
         "is rotated as postgresql-alternating-users, and has no field engine, host"),
        (SHOP, "secret: orders, can: [read]", "secret: orders, can: [read, write]",
         "could choose whose password is replaced"),
        (PROD, "      master_secret_arn: " + MASTER + "\n", "", "alternating users need a master's login"),
        (PROD, MASTER, MASTER.replace("eu-central-1", "eu-west-1"),
         "its master's secret is in eu-west-1, and it asks Secrets Manager in eu-central-1"),
        (PROD, "strategy: redshift-single-user", f"strategy: redshift-single-user, master_secret_arn: {MASTER}",
         "has no meaning for a single user"),
        (PROD, "strategy: redshift-single-user", "strategy: api-key", "`callback` belongs to the strategy api-key"),
        (PROD, "strategy: redshift-single-user", "strategy: oracle-single-user",
         "rotators.reports.aws_rotation.strategy"),
        (PROD, "window: 3h", "window: 23h", "reaches into the next UTC day"),
        (PROD, "window: 3h", "window: 3h, log_retention_days: 8", "CloudWatch keeps no logs for 8 days"),
        (PROD, "window: 3h", "window: 3h, ca_file: ../ca.pem", "the path leaves the project"),
        (PROD, "strategy: redshift-single-user", "strategy: redshift-single-user, exclude_characters: '0123456789'",
         "no digit character is left"),
        (PROD, "window: 3h", "window: 3h, timeout: 16m", "the timeout is not possible"),
        (PROD, f"eu-central-1:{ACCOUNT}:function:yours", f"eu-west-1:{ACCOUNT}:function:yours",
         "Secrets Manager calls functions of its own account and region"),
        (PROD, "aws_managed: {schedule_expression: rate(10 days)}",
         "aws_application: {application: SecretsManagerRDSMySQLRotationSingleUser, semantic_version: 1.1.500}",
         "none of the `users` of the key main"),
        (PROD, "aws_managed: {schedule_expression: rate(10 days)}",
         "aws_application: {application: SecretsManagerRDSSybaseRotation, semantic_version: 1.1.500}",
         "AWS publishes no rotation function"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_where_it_is_written(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    folder.replace(file, old, new)
    problems = folder.problems()
    assert any(problem in found and found.startswith(file) for found in problems), problems


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    made = example("aws/rotation.md", tmp_path).plan("prod")
    assert {r.rotator for r in made.of(AwsSecretRotation)} == {"orders-db", "mail-vendor", "invoices-db", "ledger"}


def test_managed_rotation_without_a_schedule_is_left_to_the_service(folder: ProjectFolder) -> None:
    folder.replace(PROD, "{schedule_expression: rate(10 days)}", "{}")
    assert "master" not in {rotation.secret for rotation in folder.plan("prod").of(AwsSecretRotation)}
