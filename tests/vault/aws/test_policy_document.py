"""IAM policy documents: what is written is what AWS gets, and what is a lot is refused however little it looks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from strongroom.vault.aws.policy_document import GIVING_SERVICES, LONGEST, PolicyDocument

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}


def _document(**changes: Any) -> PolicyDocument:
    return PolicyDocument.model_validate({"Statement": [STATEMENT | changes]})


def _refusal(**changes: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        _document(**changes)
    error = refused.value.errors()[0]
    return f"{error['msg']}; {error['ctx'].get('remedy')}"


def test_one_text_and_a_list_of_it_are_the_same_and_the_text_is_the_one_that_the_server_gives_back() -> None:
    expected = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],'
        '"Resource":["arn:aws:s3:::reports/*"]}]}'
    )
    assert _document().text == _document(Action=["s3:GetObject"], Resource=["arn:aws:s3:::reports/*"]).text == expected


def test_names_and_conditions_are_kept() -> None:
    condition = {
        "StringEquals": {"aws:PrincipalTag/team": ["payments", "billing"]},
        "Bool": {"aws:SecureTransport": "true"},
    }
    text = _document(Sid="Reports", Condition=condition).text
    assert text.startswith('{"Version":"2012-10-17","Statement":[{"Sid":"Reports","Effect":"Allow"')
    assert text.endswith(
        '"Condition":{"StringEquals":{"aws:PrincipalTag/team":["payments","billing"]},"Bool":{"aws:SecureTransport":["true"]}}}]}'
    )


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ("*", "the action '*' allows all of it; list the actions"),
        ("s3:*", "the action 's3:*' allows all of it"),
        ("s3:**", "allows all of it"),
        ("s3:?*", "allows all of it"),
        ("s3:Put*", "is a pattern that also matches what changes things"),
        ("s3:*Object", "is a pattern"),
        ("s3:G*", "is a pattern"),
        ("s3:GetObject?", "is a pattern"),
        ("s3:Get*Acl", "is a pattern"),
        ("s3:PutBucketPolicy", "hands out rights; have the platform team make a role for it, and use assumed_role"),
        ("s3:putbucketpolicy", "hands out rights"),
        ("s3:DeleteBucketPolicy", "hands out rights"),
        ("s3:PutObjectAcl", "hands out rights"),
        ("kms:CreateGrant", "hands out rights"),
        ("lambda:AddPermission", "hands out rights"),
        ("s3:", "is no action; write it as service:Action"),
        ("GetObject", "is no action"),
        ("S3:GetObject", "is no action"),
        ("s3:Get Object", "is no action"),
    ],
)
def test_actions_that_are_a_lot_are_refused(action: str, why: str) -> None:
    assert why in _refusal(Action=action)
    assert why in _refusal(Action=["s3:GetObject", action])


@pytest.mark.parametrize("service", GIVING_SERVICES)
@pytest.mark.parametrize("action", ["CreateUser", "GetUser", "PassRole", "AssumeRole", "List*"])
def test_services_that_hand_out_rights_are_refused_whatever_the_action(service: str, action: str) -> None:
    assert "hands out rights" in _refusal(Action=f"{service}:{action}")


@pytest.mark.parametrize(
    "action",
    ["s3:Get*", "s3:GetBucketPolicy", "dynamodb:BatchGet*", "ec2:Describe*", "sqs:SendMessage", "s3:PutObject"],
)
def test_actions_that_say_what_they_do_are_taken(action: str) -> None:
    assert f'"Action":["{action}"]' in _document(Action=action).text


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ("*", "the resource '*' allows this with all that there is"),
        ("arn:aws:s3:::*", "is all of a service, or of a type of its resources; name the resource"),
        ("arn:aws:s3:::*/*", "is all of a service"),
        ("arn:aws:*:*:*:*", "is all of a service"),
        ("arn:aws:s?:::reports", "is all of a service"),
        ("arn:aws:secretsmanager:*:*:secret:*", "is all of a service, or of a type of its resources; name the"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:*", "is all of a service, or of a type"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:?*-*", "is all of a service, or of a type"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:s*", "is all of a service, or of a type"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:secre?:payments", "is all of a service, or of a type"),
        ("arn:aws:kms:eu-central-1:111122223333:key/*", "is all of a service, or of a type"),
        ("arn:aws:logs:eu-central-1:111122223333:log-group:*:log-stream:*", "is all of a service, or of a type"),
        ("arn:aws:apigateway:eu-central-1::/restapis/*", "is all of a service, or of a type"),
        ("arn:aws:s3:eu-central-1:111122223333:accesspoint/*", "is all of a service, or of a type"),
        ("arn:aws:sqs:eu-central-1:111122223333:*", "is all of a service, or of a type"),
        ("arn:aws:secretsmanager:*:*:secret:payments-*", "is in whichever account; name the account"),
        ("arn:aws:sqs:eu-central-1:11112222333?:payments", "is in whichever account"),
        ("reports/*", "is no ARN"),
        ("arn:aws:s3:::reports /x", "is no ARN"),
    ],
)
def test_resources_that_are_a_lot_are_refused(resource: str, why: str) -> None:
    assert why in _refusal(Resource=resource)


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::reports/*",
        "arn:aws:s3:::payments-*",
        "arn:aws:s3:eu-central-1:111122223333:accesspoint/payments/object/*",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:payments-*",
        "arn:aws:sqs:*:111122223333:payments-*",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/*",
        "arn:aws:execute-api:eu-central-1:111122223333:a1b2c3/*",
        "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:*:autoScalingGroupName/payments",
        "arn:aws:apigateway:eu-central-1::/restapis/a1b2c3/*",
    ],
)
def test_resources_that_have_a_name_or_the_beginning_of_one_are_taken(resource: str) -> None:
    assert f'"Resource":["{resource}"]' in _document(Resource=resource).text


def test_all_resources_are_taken_where_actions_only_list() -> None:
    assert _document(Action=["s3:ListAllMyBuckets", "ec2:DescribeInstances"], Resource="*")
    assert _document(Action="secretsmanager:GetRandomPassword", Resource="*")
    assert "with all that there is" in _refusal(Action=["s3:ListAllMyBuckets", "s3:GetObject"], Resource="*")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceTag/team": "payments"}},
        {"StringLike": {"aws:resourcetag/team": "payments-*"}},
        {"StringEquals": {"aws:ResourceAccount": ["111122223333", "444455556666"]}},
        {"StringEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}},
        {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "o-a1b2c3d4e5/*/ou-payments/*"}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:ResourceTag/team": "payments"}},
    ],
)
def test_all_resources_are_taken_where_a_condition_says_which(condition: dict[str, Any]) -> None:
    assert _document(Action="s3:DeleteObject", Resource="*", Condition=condition)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {}},
        {"StringEquals": {"aws:ResourceTag/team": []}, "Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
        {"StringEquals": {"aws:ResourceTagged": "payments"}},
        {"StringLike": {"aws:ResourceTag/team": "*"}},
        {"StringLike": {"aws:ResourceTag/team": ["payments", "?*"]}},
        {"StringLike": {"aws:ResourceAccount": "1*"}},
        {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": "o-*/r-1/*"}},
        {"StringNotEquals": {"aws:ResourceTag/team": "payments"}},
        {"StringEqualsIfExists": {"aws:ResourceTag/team": "payments"}},
        {"ForAllValues:StringEquals": {"aws:ResourceTag/team": "payments"}},
    ],
)
@pytest.mark.parametrize("action", ["s3:DeleteObject", "kms:Decrypt"])
def test_all_resources_are_refused_where_a_condition_leaves_open_which(action: str, condition: dict[str, Any]) -> None:
    assert "the resource '*' allows this with all that there is" in _refusal(
        Action=action, Resource="*", Condition=condition
    )


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"StringEquals": {}}, "StringEquals names no key; name what must be so"),
        ({"StringEquals": {"aws:PrincipalTag/team": []}}, "StringEquals aws:PrincipalTag/team names no value"),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, "StringLike aws:PrincipalArn matches every value"),
        ({"ArnLikeIfExists": {"aws:PrincipalArn": ["a", "**"]}}, "matches every value"),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "?*"}}, "matches every value"),
    ],
)
def test_conditions_that_limit_nothing_are_refused_whatever_the_resource(condition: dict[str, Any], why: str) -> None:
    said = _refusal(Condition=condition)
    assert said.startswith("the Condition limits nothing: ")
    assert why in said


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("NotAction", "NotAction means everything else, whatever AWS adds; name each action"),
        ("NotResource", "NotResource means everything else, whatever AWS adds; name each resource"),
        ("Principal", "Principal has no meaning here: a grant says who has the secret; leave it out"),
        ("NotPrincipal", "NotPrincipal has no meaning here"),
    ],
)
def test_inversions_and_principals_are_refused(key: str, why: str) -> None:
    assert why in _refusal(**{key: "s3:GetObject"})


def test_denying_may_be_as_wide_as_one_likes() -> None:
    assert _document(Effect="Deny", Action="*", Resource="*").text.count('"*"') == 2


def test_the_older_language_and_documents_that_aws_does_not_take_are_refused() -> None:
    with pytest.raises(ValidationError, match="2012-10-17"):
        PolicyDocument.model_validate({"Version": "2008-10-17", "Statement": [STATEMENT]})
    with pytest.raises(ValidationError, match="Statement"):
        PolicyDocument.model_validate({"Statement": []})
    long = [f"arn:aws:s3:::{'reports' * 8}/{number}" for number in range(40)]
    with pytest.raises(ValidationError, match=f"characters, and AWS takes {LONGEST}"):
        PolicyDocument.model_validate({"Statement": [STATEMENT | {"Resource": long}]})


@given(st.text(alphabet="abGet*?:LisPu", max_size=20))
def test_whatever_is_allowed_names_a_service_and_begins_with_letters(action: str) -> None:
    try:
        _document(Action=action)
    except ValidationError:
        return
    service, _, name = action.partition(":")
    assert "*" not in service
    assert name.rstrip("*").isalpha()
