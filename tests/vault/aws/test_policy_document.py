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
        ("arn:aws:s3:::*", "is all of a service; name the resource"),
        ("arn:aws:s3:::*/*", "is all of a service"),
        ("arn:aws:*:*:*:*", "is all of a service"),
        ("arn:aws:s?:::reports", "is all of a service"),
        ("reports/*", "is no ARN"),
        ("arn:aws:s3:::reports /x", "is no ARN"),
    ],
)
def test_resources_that_are_a_lot_are_refused(resource: str, why: str) -> None:
    assert why in _refusal(Resource=resource)


def test_all_resources_are_taken_where_actions_only_list_or_a_condition_limits_them() -> None:
    assert _document(Action=["s3:ListAllMyBuckets", "ec2:DescribeInstances"], Resource="*")
    assert _document(Action="secretsmanager:GetRandomPassword", Resource="*")
    assert _document(Resource="*", Condition={"StringEquals": {"aws:ResourceTag/team": "payments"}})
    assert "with all that there is" in _refusal(Action=["s3:ListAllMyBuckets", "s3:GetObject"], Resource="*")


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
