"""Allowed, denied or unknown, case by case as "Policy evaluation logic" has them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.aws.decide import Decision, Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import Policy, parse

ACCOUNT, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/prod.shop.web"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
STRANGER = f"arn:aws:iam::{OTHER}:role/reader"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:prod/shop/stripe-AbCdEf"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READ = "secretsmanager:GetSecretValue"


def _policy(name: str, *statements: dict[str, Any]) -> Policy:
    return parse(name, json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def _allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": READ, "Resource": SECRET} | elements


def _to(*arns: str, **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": list(arns)}} | elements


DENY = {"Effect": "Deny", "Action": READ, "Resource": "*"}
IDENTITY = _policy("role's", _allow())
NOTHING = _policy("boundary", _allow(Action="s3:GetObject", Resource="*"))


def _ask(
    caller: str = ROLE,
    action: str = READ,
    arn: str = SECRET,
    context: dict[str, Any] | None = None,
    says_all: bool = False,
    **policies: Any,
) -> Decision:
    return decide(Request(Caller(caller), action, arn, context or {}, says_all), Policies(**policies))


def test_nothing_is_allowed_that_no_policy_allows() -> None:
    decision = _ask()
    assert (decision.answer, decision.why, decision.statement) == ("denied", "no statement allows it", None)


def test_an_identity_policy_allows_and_is_the_evidence() -> None:
    decision = _ask(identity=(_policy("other", _allow(Action="s3:GetObject")), IDENTITY))
    assert (decision.answer, decision.policy, decision.statement) == ("allowed", "role's", IDENTITY.statements[0])


def test_actions_match_in_any_case_and_by_pattern() -> None:
    policy = _policy("p", _allow(Action="SecretsManager:get*"))
    assert _ask(identity=(policy,)).answer == "allowed"
    assert _ask(action="secretsmanager:PutSecretValue", identity=(policy,)).answer == "denied"


def test_inverted_elements_are_about_all_else() -> None:
    policy = _policy("p", {"Effect": "Allow", "NotAction": "iam:*", "NotResource": KEY})
    assert _ask(identity=(policy,)).answer == "allowed"
    assert _ask(action="iam:PassRole", identity=(policy,)).answer == "denied"
    elsewhere = SECRET.replace("stripe", "other")
    assert _ask(identity=(_policy("p", {"Effect": "Allow", "Action": "*", "NotResource": SECRET}),)).answer == "denied"
    assert _ask(arn=elsewhere, identity=(policy,)).answer == "allowed"


@pytest.mark.parametrize("where", ["identity", "session", "boundary", "resource", "service_controls"])
def test_a_denial_wins_wherever_it_stands(where: str) -> None:
    allow_all = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denying = (
        _policy("denies", allow_all, DENY) if where != "resource" else _policy("denies", {**DENY, "Principal": "*"})
    )
    given: dict[str, Any] = {"identity": (IDENTITY,)}
    given[where] = {"identity": (IDENTITY, denying), "session": (denying,), "service_controls": ((denying,),)}.get(
        where, denying
    )
    decision = _ask(**given)
    assert (decision.answer, decision.policy) == ("denied", "denies")
    assert decision.statement is not None
    assert decision.statement.effect == "Deny"


def test_boundary_session_and_organization_each_have_to_allow_it_too() -> None:
    allowing = _policy("all", _allow(Action="*", Resource="*"))
    levels = ((allowing,), (allowing,))
    all_allow = {"boundary": allowing, "session": (allowing,), "service_controls": levels, "resource_controls": levels}
    assert _ask(identity=(IDENTITY,), **all_allow).answer == "allowed"
    assert _ask(identity=(IDENTITY,), boundary=NOTHING).why == "the permissions boundary does not allow it"
    assert _ask(identity=(IDENTITY,), session=(NOTHING,)).why == "the policy of the session does not allow it"
    for controls in ({"service_controls": ((allowing,), (NOTHING,))}, {"resource_controls": ((NOTHING,),)}):
        assert _ask(identity=(IDENTITY,), **controls).why == "a policy of the organization does not allow it"
    assert _ask(boundary=allowing, session=(allowing,)).answer == "denied"


def test_in_one_account_the_resources_policy_suffices_within_the_limits_of_a_role() -> None:
    to_role = _policy("secret's", _to(ROLE))
    assert _ask(resource=to_role).policy == "secret's"
    assert _ask(resource=to_role, boundary=NOTHING).answer == "denied"


def test_a_user_or_a_session_named_by_the_resource_is_not_limited_by_what_a_boundary_leaves_out() -> None:
    to_user = _policy("secret's", _to(USER))
    assert decide(Request(Caller(USER), READ, SECRET), Policies(resource=to_user, boundary=NOTHING)).answer == "allowed"
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/prod.shop.web/one"
    to_session = Policies(resource=_policy("secret's", _to(session)), boundary=NOTHING)
    assert decide(Request(Caller(ROLE, "one"), READ, SECRET), to_session).answer == "allowed"
    assert decide(Request(Caller(ROLE, "two"), READ, SECRET), to_session).answer == "denied"


def test_a_policy_about_one_session_of_a_role_has_no_answer_while_the_session_is_not_known() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/prod.shop.web/one"
    to_session = Policies(resource=_policy("secret's", _to(session)))
    assert decide(Request(Caller(ROLE), READ, SECRET), to_session).answer == "unknown"
    assert decide(Request(Caller(f"{ROLE}-2"), READ, SECRET), to_session).answer == "denied", "another role"
    not_it = Policies(identity=(IDENTITY,), resource=_policy("secret's", {**DENY, "Principal": {"AWS": session}}))
    assert decide(Request(Caller(ROLE), READ, SECRET), not_it).answer == "unknown"
    assert decide(Request(Caller(ROLE, "two"), READ, SECRET), not_it).answer == "allowed"


def test_policies_of_an_organization_are_not_about_the_roles_of_services() -> None:
    service = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    denying = ((_policy("denies", DENY),),)
    for controls in (
        {"service_controls": denying},
        {"resource_controls": denying},
        {"service_controls": ((NOTHING,),)},
    ):
        policies = Policies(identity=(IDENTITY,), **controls)
        assert decide(Request(Caller(service), READ, SECRET), policies).answer == "allowed"


def test_a_resource_that_names_the_account_leaves_it_to_the_accounts_policies() -> None:
    to_account = _policy("secret's", _to(f"arn:aws:iam::{ACCOUNT}:root"))
    assert decide(Request(Caller(ROLE), READ, SECRET), Policies(resource=to_account)).answer == "denied"
    both = Policies(resource=to_account, identity=(IDENTITY,))
    assert decide(Request(Caller(ROLE), READ, SECRET), both).answer == "allowed"


def test_what_is_given_to_everyone_and_not_by_the_boundary_has_no_answer() -> None:
    to_all = _policy("secret's", _to("*"))
    assert decide(Request(Caller(ROLE), READ, SECRET), Policies(resource=to_all)).answer == "allowed"
    assert decide(Request(Caller(ROLE), READ, SECRET), Policies(resource=to_all, boundary=NOTHING)).answer == "unknown"


@pytest.mark.parametrize("named", [STRANGER, f"arn:aws:iam::{OTHER}:root", OTHER, "*"])
def test_another_account_needs_both_sides(named: str) -> None:
    request = Request(Caller(STRANGER), READ, SECRET)
    theirs, ours = (_policy("theirs", _allow()),), _policy("ours", _to(named))
    assert decide(request, Policies(identity=theirs, resource=ours)).answer == "allowed"
    assert decide(request, Policies(identity=theirs)).why == "the policy of the resource does not allow it"
    assert decide(request, Policies(resource=ours)).answer == "denied"
    assert decide(request, Policies(identity=theirs, resource=_policy("ours", _to(ROLE)))).answer == "denied"


def test_policies_of_iam_count_for_a_key_only_if_its_own_policy_leaves_it_to_them() -> None:
    request = Request(Caller(ROLE), "kms:Decrypt", KEY)
    iam = (_policy("iam", _allow(Action="kms:Decrypt", Resource=KEY)),)
    root = _policy("key's", _to(f"arn:aws:iam::{ACCOUNT}:root"))
    assert decide(request, Policies(identity=iam, resource=root)).answer == "allowed"
    assert decide(request, Policies(resource=root)).answer == "denied"
    assert decide(request, Policies(identity=iam, resource=_policy("key's", _to(USER)))).answer == "denied"
    assert decide(request, Policies(resource=_policy("key's", _to(ROLE)))).answer == "allowed"
    administrative = _policy("key's", _to(f"arn:aws:iam::{ACCOUNT}:root", Action="kms:Put*"))
    assert decide(request, Policies(identity=iam, resource=administrative)).answer == "denied"
    assert decide(request, Policies(identity=iam)).answer == "unknown"


def test_a_role_is_assumed_by_whom_its_trust_policy_names() -> None:
    trust = _policy(
        "trust",
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        },
    )

    def asked(name: str, **context: Any) -> str:
        keys = {key.replace("_", ":"): value for key, value in context.items()}
        return decide(Request(Caller(name), "sts:AssumeRole", ROLE, keys), Policies(resource=trust)).answer

    assert asked("ecs-tasks.amazonaws.com", aws_SourceAccount=ACCOUNT) == "allowed"
    assert asked("ecs-tasks.amazonaws.com", aws_SourceAccount=OTHER) == "denied"
    assert asked("ecs-tasks.amazonaws.com") == "unknown"
    assert asked("lambda.amazonaws.com", aws_SourceAccount=ACCOUNT) == "denied"
    assert asked(USER) == "denied"


def test_a_denial_that_is_not_certain_leaves_no_permission_and_no_permission_needs_no_denial() -> None:
    perhaps = _policy("perhaps", DENY | {"Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}})
    decision = _ask(identity=(IDENTITY, perhaps))
    assert (decision.answer, decision.why) == ("unknown", "perhaps may deny it")
    assert _ask(identity=(perhaps,)).answer == "denied"
    assert _ask(identity=(IDENTITY, perhaps), context={"aws:SourceVpc": "vpc-1"}).answer == "allowed"
    assert _ask(identity=(IDENTITY, perhaps), says_all=True).answer == "denied"


def test_a_permission_that_depends_on_the_unknown_is_unknown_and_says_by_which_statement() -> None:
    policy = _policy("perhaps", _allow(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    decision = _ask(identity=(policy,))
    assert (decision.answer, decision.why, decision.statement) == (
        "unknown",
        "perhaps may allow it",
        policy.statements[0],
    )
    assert _ask(identity=(policy,), says_all=True).answer == "denied"


def test_not_principal_leaves_out_only_whom_it_lists_in_every_form() -> None:
    root, session = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{ACCOUNT}:assumed-role/prod.shop.web/one"

    def denied_but(*listed: str) -> str:
        policy = _policy(
            "secret's", {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": list(listed)}}
        )
        return decide(
            Request(Caller(ROLE, "one"), READ, SECRET), Policies(identity=(IDENTITY,), resource=policy)
        ).answer

    assert denied_but(root, ROLE, session) == "allowed"
    assert denied_but(root, ROLE) == "unknown"
    assert denied_but(USER) == "denied"


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ("{", "no JSON at line 1"),
        ('{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*"}]}', "stands twice"),
        ('{"Statement":[],"Extra":1}', "found ['Extra']"),
        ('{"Statement":[{"Effect":"allow","Action":"*"}]}', "statement 1: Effect is Allow or Deny"),
        ('{"Statement":[{"Effect":"Allow"}]}', "neither Action nor NotAction"),
        ('{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*"}]}', "both Action and NotAction"),
        ('{"Statement":[{"Effect":"Allow","Action":"*","Actions":"*"}]}', "unknown elements ['Actions']"),
        ('{"Statement":[{"Effect":"Allow","Action":{}}]}', "is a text or a list of texts"),
        ('{"Statement":[{"Effect":"Allow","Action":"*","Principal":"me"}]}', "is '*', or kinds"),
        ('{"Statement":[{"Effect":"Allow","Action":"*","Condition":[]}]}', "operators with keys"),
        ('{"Version":"2030-01-01","Statement":[]}', "Version '2030-01-01'"),
    ],
)
def test_what_aws_would_not_take_is_not_judged(document: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^p|stands twice") as refused:
        parse("p", document)
    assert wrong in str(refused.value)


STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource, condition: {
            "Effect": effect,
            "Action": action,
            "Resource": resource,
            **({"Condition": condition} if condition else {}),
        },
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from([READ, "secretsmanager:*", "s3:GetObject", "*"]),
        st.sampled_from([SECRET, "*", KEY]),
        st.sampled_from(
            [
                None,
                {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
                {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
                {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:SourceVpc": "vpc-*"}},
            ]
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(STATEMENTS, st.lists(STATEMENTS, max_size=1))
def test_an_answer_stays_the_same_however_the_rest_of_the_request_turns_out(
    statements: list[dict[str, Any]], boundary: list[list[dict[str, Any]]]
) -> None:
    policies = Policies(
        identity=(_policy("identity", *statements),), boundary=_policy("boundary", *boundary[0]) if boundary else None
    )
    answer = decide(Request(Caller(ROLE), READ, SECRET), policies).answer
    worlds = {
        decide(
            Request(Caller(ROLE), READ, SECRET, {"aws:SourceVpc": vpc, "aws:SecureTransport": secure}), policies
        ).answer
        for vpc in ("vpc-1", "vpc-2", "elsewhere", ())
        for secure in ("true", "false")
    }
    assert "unknown" not in worlds
    assert answer == "unknown" or worlds == {answer}
