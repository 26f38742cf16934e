"""What `aws.audit` becomes, and what is refused before anything is deployed."""

from pathlib import Path

import pytest

from strongroom.aws.audit import names
from strongroom.aws.audit.plan import AwsAlerts, AwsLogBucket, AwsTrail
from strongroom.aws.kms.plan import KmsKey
from support.aws_environment import BREAK_GLASS, DEPLOYER, LEGACY, OPERATOR, PROD, ROLES, SHOP, project
from support.projects import ProjectFolder

REPLICAS = "replicas: [eu-west-1]"
SECURITY = "arn:aws:sns:eu-central-1:111122223333:security"


def _audited(folder: Path, audit: str = "{}") -> ProjectFolder:
    made = project(folder)
    made.replace(PROD, "  iam:\n", f"  audit: {audit}\n  iam:\n")
    return made


def _one_region(folder: ProjectFolder) -> ProjectFolder:
    folder.replace(PROD, f"kms_key: main, {REPLICAS}", "kms_key: main")
    return folder


def _alerts(folder: ProjectFolder) -> dict[str, AwsAlerts]:
    return {alerts.place.region: alerts for alerts in folder.plan("prod").of(AwsAlerts)}


def _pattern(alerts: AwsAlerts, short: str) -> str:
    return next(rule.pattern for rule in alerts.rules if rule.short == short)


def test_an_environment_without_the_section_has_none_of_it(tmp_path: Path) -> None:
    plan = project(tmp_path).plan("prod")
    assert not [record for record in plan.records if record.kind.startswith("aws.audit")]
    assert [key.name for key in plan.of(KmsKey)] == ["main"]


def test_an_empty_section_is_a_trail_of_all_regions_with_a_locked_bucket_a_key_and_alerts(tmp_path: Path) -> None:
    plan = _audited(tmp_path).plan("prod")
    (bucket,), (trail,) = plan.of(AwsLogBucket), plan.of(AwsTrail)
    assert (bucket.name, bucket.retention_days, bucket.object_lock) == ("prod-audit-111122223333", 365, "governance")
    assert (trail.name, trail.bucket, trail.multi_region, trail.kms_key) == (
        "strongroom-prod",
        bucket.name,
        True,
        "audit",
    )
    assert {key.alias: key.replicas for key in plan.of(KmsKey)} == {
        "alias/prod/main": ("eu-west-1",),
        "alias/prod/audit": ("eu-west-1",),
    }
    assert {record.slice for record in (bucket, trail, *plan.of(AwsAlerts))} == {"platform"}


def test_each_region_where_secrets_are_read_has_rules_of_its_own(tmp_path: Path) -> None:
    alerts = _alerts(_audited(tmp_path))
    assert {region: [rule.short for rule in each.rules] for region, each in alerts.items()} == {
        "eu-central-1": ["secrets", "parameters", "emergency", "denied", "changes", "tampering", "rules"],
        "eu-west-1": ["secrets", "emergency", "denied", "changes", "tampering", "rules"],
    }
    assert ":eu-west-1:111122223333:secret:prod/" in _pattern(alerts["eu-west-1"], "secrets")
    assert "key/<main>" in _pattern(alerts["eu-west-1"], "changes")
    # The trail and its bucket are in the home region only, and so are the events about them.
    assert "prod-audit" in _pattern(alerts["eu-central-1"], "tampering")
    assert "prod-audit" not in _pattern(alerts["eu-west-1"], "tampering")


def test_whom_the_plan_declares_is_expected(tmp_path: Path) -> None:
    folder = _audited(tmp_path, f'{{expected: ["{DEPLOYER}2"], deployers: ["{DEPLOYER}"]}}')
    pattern = _pattern(_alerts(folder)["eu-central-1"], "secrets")
    for arn in (f"{ROLES}*", OPERATOR, BREAK_GLASS, LEGACY, f"{DEPLOYER}2"):
        assert f'"{arn}"' in pattern
    assert '{"anything-but":["444455556666"]}' in pattern
    # Workloads' own roles are not listed one by one, and whoever deploys has no business with values.
    assert "prod.shop" not in pattern
    assert f'"{DEPLOYER}"' not in pattern
    assert f'"{DEPLOYER}"' in _pattern(_alerts(folder)["eu-central-1"], "parameters")


def test_a_rotation_function_of_yours_is_expected_by_its_role(tmp_path: Path) -> None:
    folder = _audited(tmp_path)
    arn = "arn:aws:iam::111122223333:role/rotates"
    function = f'{{function_arn: "arn:aws:lambda:eu-central-1:111122223333:function:f", role_arn: "{arn}"}}'
    folder.replace(
        PROD, "default_store: aws\n", f"default_store: aws\nrotators: {{mine: {{aws_function: {function}}}}}\n"
    )
    folder.replace(SHOP, "mail: {fields: [token]}", "mail: {fields: [token], rotate_every: 30d, rotator: mine}")
    alerts = _alerts(folder)
    assert f'"{arn}"' in _pattern(alerts["eu-central-1"], "secrets")
    assert [[rule.short for rule in alerts[region].rules][-1] for region in alerts] == ["rotation", "rules"]


def test_without_people_for_emergencies_there_is_no_rule_for_them(tmp_path: Path) -> None:
    folder = _audited(tmp_path)
    folder.replace(PROD, f'    break_glass: ["{BREAK_GLASS}"]\n', "")
    assert "emergency" not in [rule.short for rule in _alerts(folder)["eu-central-1"].rules]


def test_patterns_are_as_long_for_many_secrets_as_for_few(tmp_path: Path) -> None:
    folder = _audited(tmp_path)
    few = _alerts(folder)
    more = "".join(f"  more-{number}: {{fields: [a]}}\n" for number in range(400))
    folder.replace(SHOP, "grants:\n", f"{more}grants:\n")
    assert _alerts(folder) == few


def test_names_of_many_forms_make_one_pattern_for_the_environment_anywhere_in_a_name(tmp_path: Path) -> None:
    folder = _audited(tmp_path)
    folder.replace(PROD, "aws_secrets_manager: {", 'aws_secrets_manager: {prefix: "", ')
    folder.replace(SHOP, "stripe: {", 'stripe: {path: "acme/{{ environment }}/stripe", ')
    folder.replace(SHOP, "mail: {", 'mail: {path: "legacy/{{ environment }}", ')
    listed = _pattern(_alerts(folder)["eu-central-1"], "secrets")
    assert '{"prefix":"acme/prod/"}' in listed
    assert '"legacy/prod"' in listed
    assert "*/prod/*" not in listed
    more = "".join(f'  m{n}: {{fields: [a], path: "app-{n}/{{{{ environment }}}}/a"}}\n' for n in range(9))
    folder.replace(SHOP, "grants:\n", f"{more}grants:\n")
    pattern = _pattern(_alerts(folder)["eu-central-1"], "secrets")
    assert '{"wildcard":"*/prod/*"}' in pattern
    assert "app-1" not in pattern


def test_an_existing_trail_and_existing_topics_leave_only_rules(tmp_path: Path) -> None:
    folder = _one_region(_audited(tmp_path, f'{{trail: existing, topic_arns: ["{SECURITY}"]}}'))
    plan = folder.plan("prod")
    assert folder.problems() == []
    assert not plan.of(AwsTrail)
    assert not plan.of(AwsLogBucket)
    assert [key.name for key in plan.of(KmsKey)] == ["main"]
    (alerts,) = plan.of(AwsAlerts)
    assert (alerts.topic_arn, alerts.topic_name, alerts.topic_policy) == (SECURITY, None, None)


def test_an_existing_bucket_is_named_and_not_made(tmp_path: Path) -> None:
    plan = _audited(tmp_path, "{bucket: org-logs}").plan("prod")
    assert not plan.of(AwsLogBucket)
    assert [trail.bucket for trail in plan.of(AwsTrail)] == ["org-logs"]


@pytest.mark.parametrize(
    ("audit", "says"),
    [
        ("{bucket: Org_Logs}", "the bucket has 'O' at character 1"),
        ("{bucket: a.b.c}", "the bucket has '.' at character 2"),
        ("{retention: 36h}", "log files cannot be kept 36h; write 1d or more, in whole days"),
        ("{object_lock: legal}", "object_lock"),
        ("{trail: existing, bucket: org-logs}", "bucket is of a trail that is made; leave it out, or `trail: own`"),
        ("{bucket: org-logs, retention: 30d}", "retention is of a bucket that is made; set it on the existing bucket"),
        ("{multi_region: false}", "eu-central-1 alone would be logged, and secrets are read in eu-west-1 too"),
        (f'{{topic_arns: ["{SECURITY}"]}}', "has no topic in eu-west-1, where secrets are read"),
        (f'{{topic_arns: ["{SECURITY}.fifo"]}}', "the topic's ARN has '.' at character"),
        (f'{{topic_arns: ["{SECURITY}", "{SECURITY}2"]}}', "two of topic_arns are in one region"),
        (f'{{deployers: ["{DEPLOYER}", "{DEPLOYER}"]}}', "one of deployers is named twice"),
        ('{expected: ["arn:aws:iam::111122223333:role/team-*"]}', "is a pattern, which others match too"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, audit: str, says: str) -> None:
    found = _audited(tmp_path, audit).problems()
    assert any(says in problem for problem in found), found


def test_a_topic_in_a_region_without_secrets_is_refused(tmp_path: Path) -> None:
    elsewhere = SECURITY.replace("eu-central-1", "us-east-1")
    folder = _one_region(_audited(tmp_path, f'{{topic_arns: ["{SECURITY}", "{elsewhere}"]}}'))
    assert any("has a topic in us-east-1, where the environment has no secrets" in p for p in folder.problems())


def test_no_other_key_is_called_audit(tmp_path: Path) -> None:
    folder = _audited(tmp_path)
    folder.replace(PROD, "  keys:\n", "  keys:\n    audit: {}\n")
    assert any("'audit' is the name of the key of aws.audit; rename it" in p for p in folder.problems())


def test_more_principals_than_a_pattern_holds_are_refused_at_plan_time(tmp_path: Path) -> None:
    many = ", ".join(f'"arn:aws:iam::111122223333:role/reader-number-{n}"' for n in range(60))
    found = _audited(tmp_path, f"{{expected: [{many}]}}").problems()
    assert any("EventBridge takes 2048; let several workloads" in problem for problem in found), found


def test_names_fit_into_what_aws_allows_for_the_longest_environment() -> None:
    longest = "e" * 40
    assert len(names.bucket_of(longest, "1" * 12)) <= 63
    assert all(len(names.rule_of(longest, rule)) <= 64 for rule in ("secrets", "parameters", "emergency", "tampering"))


def test_rules_of_an_environment_do_not_begin_as_those_of_another(tmp_path: Path) -> None:
    pattern = _pattern(_alerts(_audited(tmp_path))["eu-central-1"], "rules")
    assert '{"prefix":"strongroom.prod."}' in pattern
    assert not names.rule_of("prod-eu", "denied").startswith("strongroom.prod.")
