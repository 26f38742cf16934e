"""What a workload may do in AWS: exactly what it is granted, judged as AWS judges it."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Policy, Statement
from strongroom.aws.iam.arns import parameter_arn, secret_pattern
from strongroom.aws.iam.document import ACTIONS, Access, statements, via
from strongroom.aws.iam.limits import documents
from strongroom.aws.kms.key_ids import stand_in
from support.iam import ACCOUNT, KEY, KEY_ID, OTHER_ACCOUNT, READ, REGION, answer, parameter, parsed, secret
from support.service_authorization import complaints

FROM_SECRETS_MANAGER = f"secretsmanager.{REGION}.amazonaws.com"
LEFT_TO_IAM = (("AWS", (f"arn:aws:iam::{ACCOUNT}:root",)),)
OPEN_KEY = Policy("key's", (Statement(effect="Allow", principal=LEFT_TO_IAM, action=("kms:*",), resource=("*",)),))


def _secret(name: str, *verbs: str, **changes: Any) -> Access:
    fields: dict[str, Any] = {
        "service": "secretsmanager", "names": (name,), "verbs": verbs or ("read",), "partition": "aws",
        "account": ACCOUNT, "region": REGION,
    }  # fmt: skip
    return Access(**{**fields, **changes})


def _parameters(*verbs: str, **changes: Any) -> Access:
    names = ("/prod/shop/smtp/username", "/prod/shop/smtp/password")
    return _secret("", *verbs, **{"service": "ssm", "names": names, **changes})


def _allowed(*accesses: Access) -> Policies:
    return Policies(identity=parsed(documents(accesses)))


def test_reading_one_secret_is_one_statement_on_its_arn_with_the_six_characters() -> None:
    assert json.loads(documents([_secret("prod/shop/stripe")]).inline or "") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadSecrets",
                "Effect": "Allow",
                "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
                "Resource": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:prod/shop/stripe-??????",
            }
        ],
    }


def test_a_key_is_used_through_the_service_for_this_secret_only() -> None:
    document = json.loads(documents([_secret("prod/shop/stripe", key_id=stand_in("main"))]).inline or "")
    assert document["Statement"][1] == {
        "Sid": "UnsealSecrets1",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/<main>",
        "Condition": {
            "StringEquals": {"kms:ViaService": FROM_SECRETS_MANAGER},
            "StringLike": {
                "kms:EncryptionContext:SecretARN": secret("prod/shop/stripe", random="??????"),
            },
        },
    }


def test_a_reader_reads_its_secret_and_does_nothing_else_with_it() -> None:
    policies = _allowed(_secret("prod/shop/stripe"))
    stripe = secret("prod/shop/stripe")
    assert answer(policies, READ, stripe) == "allowed"
    assert answer(policies, "secretsmanager:DescribeSecret", stripe) == "allowed"
    for action in (
        "PutSecretValue",
        "UpdateSecret",
        "DeleteSecret",
        "PutResourcePolicy",
        "RotateSecret",
        "RestoreSecret",
    ):
        assert answer(policies, f"secretsmanager:{action}", stripe) == "denied"
    assert answer(policies, "secretsmanager:ListSecrets", "*") == "denied"


@pytest.mark.parametrize(
    "arn",
    [
        secret("prod/shop/stripe-prod"),
        secret("prod/shop/stripe-AbCdEf"),
        secret("prod/shop/stripe2"),
        secret("prod/shop"),
        secret("prod/billing/stripe"),
        secret("staging/shop/stripe"),
        secret("prod/shop/stripe", account=OTHER_ACCOUNT),
        secret("prod/shop/stripe", region="us-east-1"),
    ],
)
def test_a_reader_reads_no_other_secret_however_alike_its_name(arn: str) -> None:
    assert answer(_allowed(_secret("prod/shop/stripe")), READ, arn) == "denied"


def test_a_name_that_ends_as_arns_do_is_still_only_itself() -> None:
    policies = _allowed(_secret("prod/app-abcdef"))
    assert answer(policies, READ, secret("prod/app-abcdef")) == "allowed"
    assert answer(policies, READ, secret("prod/app", random="abcdef")) == "denied"


def test_a_writer_writes_and_reads_nothing() -> None:
    policies = _allowed(_secret("prod/shop/stripe", "write"))
    assert answer(policies, "secretsmanager:PutSecretValue", secret("prod/shop/stripe")) == "allowed"
    assert answer(policies, READ, secret("prod/shop/stripe")) == "denied"
    assert answer(policies, "secretsmanager:UpdateSecretVersionStage", secret("prod/shop/stripe")) == "denied"


def test_deleting_can_be_undone_or_is_refused() -> None:
    policies = _allowed(_secret("prod/shop/stripe", "delete"))
    arn, delete = secret("prod/shop/stripe"), "secretsmanager:DeleteSecret"
    assert answer(policies, delete, arn) == "allowed"
    assert answer(policies, delete, arn, secretsmanager__ForceDeleteWithoutRecovery="false") == "allowed"
    assert answer(policies, delete, arn, secretsmanager__ForceDeleteWithoutRecovery="true") == "denied"


def _decrypt(policies: Policies, key: str = KEY, action: str = "kms:Decrypt", **context: str) -> str:
    both = Policies(identity=policies.identity, resource=OPEN_KEY)
    return answer(
        both, action, key, **{name.replace("Arn", "EncryptionContext:SecretARN"): v for name, v in context.items()}
    )


def test_decrypting_takes_the_service_the_key_and_the_secret() -> None:
    policies = _allowed(_secret("prod/shop/stripe", key_id=KEY_ID))
    stripe, via = secret("prod/shop/stripe"), FROM_SECRETS_MANAGER
    assert _decrypt(policies, kms__ViaService=via, kms__Arn=stripe) == "allowed"
    assert _decrypt(policies, kms__Arn=stripe) == "denied", "directly"
    assert _decrypt(policies, kms__ViaService=via) == "denied"
    assert _decrypt(policies, kms__ViaService=via, kms__Arn=secret("prod/shop/other")) == "denied"
    assert _decrypt(policies, kms__ViaService=via, kms__Arn=secret("prod/shop/stripe-prod")) == "denied"
    assert _decrypt(policies, kms__ViaService=f"ssm.{REGION}.amazonaws.com", kms__Arn=stripe) == "denied"
    assert _decrypt(policies, kms__ViaService="secretsmanager.us-east-1.amazonaws.com", kms__Arn=stripe) == "denied"
    assert _decrypt(policies, KEY.replace("1234", "4321"), kms__ViaService=via, kms__Arn=stripe) == "denied"
    for action in ("kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant", "kms:ReEncryptFrom"):
        assert _decrypt(policies, action=action, kms__ViaService=via, kms__Arn=stripe) == "denied"


def test_writing_makes_a_data_key_through_the_service_for_this_secret() -> None:
    policies = _allowed(_secret("prod/shop/stripe", "write", key_id=KEY_ID))
    known = {"kms__ViaService": FROM_SECRETS_MANAGER, "kms__Arn": secret("prod/shop/stripe")}
    assert _decrypt(policies, action="kms:GenerateDataKey", **known) == "allowed"
    assert _decrypt(policies, action="kms:GenerateDataKey", kms__Arn=known["kms__Arn"]) == "denied"


def test_replicas_are_read_with_their_regions_key_and_never_written() -> None:
    policies = _allowed(_secret("prod/shop/stripe", "read", "write", replicas=("eu-west-1",), key_id=KEY_ID))
    replica = secret("prod/shop/stripe", region="eu-west-1")
    assert answer(policies, READ, replica) == "allowed"
    assert answer(policies, "secretsmanager:PutSecretValue", replica) == "denied"
    key, via = KEY.replace(REGION, "eu-west-1"), "secretsmanager.eu-west-1.amazonaws.com"
    for arn in (replica, secret("prod/shop/stripe")):
        assert _decrypt(policies, key, kms__ViaService=via, kms__Arn=arn) == "allowed"
    assert _decrypt(policies, key, kms__ViaService=via, kms__Arn=secret("prod/shop/x", region="eu-west-1")) == "denied"
    assert _decrypt(policies, key, kms__Arn=replica) == "denied"
    elsewhere = {"kms__ViaService": "secretsmanager.us-east-1.amazonaws.com", "kms__Arn": replica}
    assert _decrypt(policies, key, **elsewhere) == "denied"
    assert _decrypt(policies, key, "kms:GenerateDataKey", kms__ViaService=via, kms__Arn=replica) == "denied"


def test_a_key_of_another_account_is_named_by_that_account() -> None:
    policies = _allowed(_secret("prod/shop/stripe", key_id=KEY_ID, key_account=OTHER_ACCOUNT))
    assert [s.resource for s in policies.identity[0].statements][1] == (KEY.replace(ACCOUNT, OTHER_ACCOUNT),)


def test_a_service_has_two_names_in_china_and_one_elsewhere() -> None:
    name = "ssm.cn-north-1.amazonaws.com"
    assert via("ssm", "cn-north-1").values == (name, f"{name}.cn")
    assert via("ssm", "us-gov-west-1", REGION).values == (
        "ssm.us-gov-west-1.amazonaws.com",
        f"ssm.{REGION}.amazonaws.com",
    )


def test_parameters_are_read_one_by_one_and_not_by_path() -> None:
    policies = _allowed(_parameters(key_id=KEY_ID))
    for name in ("/prod/shop/smtp/username", "/prod/shop/smtp/password"):
        for action in ("ssm:GetParameter", "ssm:GetParameters"):
            assert answer(policies, action, parameter(name)) == "allowed"
    assert answer(policies, "ssm:GetParameter", parameter("/prod/shop/smtp/host")) == "denied"
    assert answer(policies, "ssm:GetParameter", parameter("/staging/shop/smtp/password")) == "denied"
    assert answer(policies, "ssm:GetParametersByPath", parameter("/prod/shop/smtp")) == "denied"
    assert answer(policies, "ssm:GetParameterHistory", parameter("/prod/shop/smtp/password")) == "denied"
    assert answer(policies, "ssm:PutParameter", parameter("/prod/shop/smtp/password")) == "denied"


def test_a_path_is_searched_where_a_delivery_does_and_no_other_is() -> None:
    plain, searched = _allowed(_parameters("read")), _allowed(_parameters("read", found_below="/prod/shop/smtp"))
    for path, expected in (("/prod/shop/smtp", "allowed"), ("/prod/shop", "denied"), ("/prod/shop/smtp2", "denied")):
        arn = parameter_arn("aws", REGION, ACCOUNT, path)
        assert answer(searched, "ssm:GetParametersByPath", arn) == expected
        assert answer(plain, "ssm:GetParametersByPath", arn) == "denied"


def test_a_parameter_is_decrypted_through_the_service_by_its_own_arn() -> None:
    both = Policies(identity=_allowed(_parameters(key_id=KEY_ID)).identity, resource=OPEN_KEY)

    def decrypted(via: str, arn: str) -> str:
        context = {"kms__ViaService": via, "kms__EncryptionContext:PARAMETER_ARN": arn}
        return answer(both, "kms:Decrypt", KEY, **context)

    assert decrypted(f"ssm.{REGION}.amazonaws.com", parameter("/prod/shop/smtp/password")) == "allowed"
    assert decrypted(f"ssm.{REGION}.amazonaws.com", parameter("/prod/shop/smtp/host")) == "denied"
    assert decrypted(FROM_SECRETS_MANAGER, parameter("/prod/shop/smtp/password")) == "denied"


@pytest.mark.parametrize(
    ("tier", "needed"),
    [
        ("standard", ("kms:Encrypt",)),
        ("advanced", ("kms:GenerateDataKey",)),
        ("intelligent-tiering", ("kms:Encrypt", "kms:GenerateDataKey")),
    ],
)
def test_writing_a_parameter_needs_of_the_key_what_its_tier_does(tier: Any, needed: tuple[str, ...]) -> None:
    made = statements([_parameters("write", key_id=KEY_ID, tier=tier)])
    assert [statement.action for statement in made] == [("ssm:PutParameter",), needed]


def test_an_accounts_own_key_needs_no_statement() -> None:
    assert [s.sid for s in statements([_secret("prod/a"), _parameters()])] == ["ReadSecrets", "ReadParameters"]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_everything_we_write_is_in_awss_own_table(partition: str) -> None:
    accesses = [
        access
        for tier in ("standard", "advanced", "intelligent-tiering")
        for access in (
            _secret("prod/a", "read", "write", "delete", replicas=("eu-west-1",), key_id=KEY_ID, partition=partition),
            _parameters("read", "write", "delete", key_id=KEY_ID, tier=tier, partition=partition),
        )
    ]
    for policy in parsed(documents(accesses)):
        assert complaints(policy) == []
    sids = [statement.sid for statement in statements(accesses)]
    assert len(set(sids)) == len(sids), "AWS refuses a Sid that stands twice"


def test_the_table_finds_what_aws_does_not_have() -> None:
    wrong = [
        Statement(effect="Allow", action=("secretsmanager:ReadSecret",), resource=("*",)),
        Statement(effect="Allow", action=("ssm:GetParameter",), resource=(secret("prod/a"),)),
        *statements([_secret("prod/a", "delete")]),
    ]
    found = complaints(
        Policy("p", (*wrong[:2], Statement(effect="Allow", action=(READ,), condition=wrong[2].condition)))
    )
    assert [words.rpartition(" ")[2] for words in found] == ["AWS", secret("prod/a"), secret("prod/a"),
                                                             "secretsmanager:ForceDeleteWithoutRecovery"]  # fmt: skip


NAMES = st.from_regex(r"(prod|staging)(/[a-c][a-c-]{0,3}){1,2}(-[a-c]{6})?", fullmatch=True)
RANDOM = st.text("abcABC", min_size=6, max_size=6)


@given(st.lists(NAMES, min_size=2, max_size=4, unique=True), st.sampled_from(["read", "write", "delete"]), RANDOM)
def test_a_grant_on_some_secrets_never_reaches_another(names: list[str], verb: str, random: str) -> None:
    *granted, other = names
    for service, arns in (
        ("secretsmanager", lambda name: secret(name, random=random)),
        ("ssm", lambda n: parameter(f"/{n}")),
    ):
        made = [f"/{name}" if service == "ssm" else name for name in granted]
        policies = _allowed(*(_secret("", verb, service=service, names=(name,), key_id=KEY_ID) for name in made))
        for action in ACTIONS[service][verb]:
            assert answer(policies, action, arns(other)) == "denied"
            assert {answer(policies, action, arns(name)) for name in granted} == {"allowed"}


@pytest.mark.parametrize("name", ["prod/*", "prod/app?", "prod/${aws:username}", "prod/a b"])
def test_a_name_that_a_policy_would_read_as_a_pattern_is_refused(name: str) -> None:
    for arn in (secret_pattern, parameter_arn):
        with pytest.raises(ValueError, match="means more than itself"):
            arn("aws", REGION, ACCOUNT, name)


def test_the_order_of_secrets_is_kept_so_that_a_plan_is_the_same_each_time() -> None:
    names = [f"prod/shop/s{number:02}" for number in range(5)]
    resources = statements([_secret(name) for name in names])[0].resource
    assert all(before < after for before, after in pairwise(resources))
