"""Documents are read as they are written, ours and those that people write for Vault's AWS engine."""

import json

from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.aws.decide import Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import EVERYONE, Condition, Statement, parse, text
from strongroom.vault.aws.policy_document import PolicyDocument

WORDS = st.text("abc:*?/-", min_size=1, max_size=8)
VALUES = st.lists(WORDS, min_size=1, max_size=3).map(tuple)
CONDITIONS = st.dictionaries(st.tuples(st.sampled_from(["StringLike", "Bool"]), WORDS), VALUES, max_size=3).map(
    lambda found: tuple(Condition(operator, key, values) for (operator, key), values in sorted(found.items()))
)
STATEMENTS = st.builds(
    Statement,
    effect=st.sampled_from(["Allow", "Deny"]),
    action=VALUES,
    resource=VALUES,
    principal=st.one_of(
        st.just(()),
        st.just(EVERYONE),
        st.dictionaries(st.sampled_from(["AWS", "Service"]), VALUES).map(lambda d: tuple(d.items())),
    ),
    condition=CONDITIONS,
    sid=st.sampled_from(["", "Read1"]),
)


@given(st.lists(STATEMENTS, max_size=3))
def test_what_is_written_is_read_again_as_it_was(statements: list[Statement]) -> None:
    policy = parse("p", text(statements))
    assert list(policy.statements) == statements
    assert text(policy.statements) == text(statements)


def test_a_list_of_one_is_written_as_that_one_and_no_blank_is_wasted() -> None:
    statement = Statement(effect="Allow", action=("s3:Get*",), resource=("a", "b"), principal=(("AWS", ("x",)),))
    assert text([statement]) == (
        '{"Version":"2012-10-17","Statement":'
        '[{"Effect":"Allow","Principal":{"AWS":"x"},"Action":"s3:Get*","Resource":["a","b"]}]}'
    )


def test_numbers_and_truth_values_are_taken_as_aws_takes_them() -> None:
    condition = {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": 10}}
    policy = parse("p", json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Condition": condition}}))
    assert [c.values for c in policy.statements[0].condition] == [("true",), ("10",)]
    assert policy.version == "2008-10-17", "what AWS takes where none is said"


def test_documents_by_hand_for_vaults_engine_are_judged_by_the_same_rules() -> None:
    document = PolicyDocument.model_validate(
        {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/*"}]}
    )
    policies = Policies(identity=(parse("by hand", document.text),))

    def asked(action: str, arn: str) -> str:
        caller = Caller("arn:aws:iam::111122223333:user/vault")
        return decide(Request(caller, action, arn, resource_account="111122223333"), policies).answer

    assert asked("s3:GetObject", "arn:aws:s3:::reports/2026") == "allowed"
    assert asked("s3:PutObject", "arn:aws:s3:::reports/2026") == "denied"
    assert asked("s3:GetObject", "arn:aws:s3:::other/2026") == "denied"
