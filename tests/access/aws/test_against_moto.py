"""Our answers against those of another implementation, moto's, where it has the same rules.

moto reads `?` and `.` as regular expressions do, and a condition that fails as a denial; so neither is asked here.
"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult

from strongroom.access.aws.decide import Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import parse

ROLE = "arn:aws:iam::111122223333:role/web"
ACTIONS = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "ssm:GetParameter", "kms:ListAliases"]
NAMES = ["prod/a", "prod/ab", "staging/a"]
ARNS = [f"arn:aws:secretsmanager:eu-central-1:111122223333:secret:{name}-AbCdEf" for name in NAMES]

PATTERNS_OF_ACTIONS = st.sampled_from(
    [*ACTIONS, "*", "secretsmanager:*", "secretsmanager:Get*", "*:Get*", "ssm:*Parameter"]
)
PATTERNS_OF_ARNS = st.sampled_from(
    [
        *ARNS,
        "*",
        *(arn.replace("-AbCdEf", "-*") for arn in ARNS),
        *(arn.replace("secret:prod/a", "secret:*") for arn in ARNS),
    ]
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    action = "NotAction" if draw(st.integers(0, 4)) == 0 else "Action"
    values = draw(st.lists(PATTERNS_OF_ACTIONS, min_size=1, max_size=3))
    resources = draw(st.lists(PATTERNS_OF_ARNS, min_size=1, max_size=3))
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        action: values if len(values) > 1 else values[0],
        "Resource": resources if len(resources) > 1 else resources[0],
    }


@given(st.lists(_statements(), min_size=1, max_size=4), st.sampled_from(ACTIONS), st.sampled_from(ARNS))
def test_both_answer_the_same(statements: list[dict[str, Any]], action: str, arn: str) -> None:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    theirs = IAMPolicy(document).is_action_permitted(action, arn) is PermissionResult.PERMITTED
    ours = decide(Request(Caller(ROLE), action, arn), Policies(identity=(parse("p", document),))).answer
    assert ours == ("allowed" if theirs else "denied")
