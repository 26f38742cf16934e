"""A key's policy: managed by its administrators, used through the stores only, by whom the plan names."""

from typing import Any

import pytest

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import Condition, Statement, parse, text
from strongroom.aws.iam.document import Access, via
from strongroom.aws.iam.limits import LimitError, documents
from strongroom.aws.kms.document import LONGEST, MANAGING, USING, KeyUse, ReaderElsewhere, key_policy
from strongroom.plan.naming import kms_alias_of
from support.iam import ACCOUNT, KEY, KEY_ID, OTHER_ACCOUNT, REGION, ROLE, answer, parsed, secret
from support.service_authorization import complaints

ADMIN, DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/admin", f"arn:aws:iam::{ACCOUNT}:role/deployer"
ELSEWHERE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
PATTERN = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/*"
STRIPE = secret("prod/shop/stripe")
STRIPE_PATTERN = secret("prod/shop/stripe", random="??????")
STORE = f"secretsmanager.{REGION}.amazonaws.com"
EVERYTHING = (parse("everything", text([Statement(effect="Allow", action=("*",), resource=("*",))])),)


def _use(**changes: Any) -> KeyUse:
    return KeyUse(**{"partition": "aws", "account": ACCOUNT, "regions": (REGION,)} | changes)


def _asked(use: KeyUse, action: str, caller: str, identity: Any = EVERYTHING, **context: str) -> str:
    keys = {name.replace("Arn", "EncryptionContext:SecretARN"): value for name, value in context.items()}
    return answer(Policies(identity=identity, resource=parse("key's", key_policy(use))), action, KEY, caller, **keys)


def test_the_account_manages_a_key_by_its_own_policies_and_uses_it_through_the_stores_only() -> None:
    assert _asked(_use(), "kms:PutKeyPolicy", ADMIN) == "allowed"
    assert _asked(_use(), "kms:PutKeyPolicy", ADMIN, identity=()) == "denied"
    for action in USING:
        assert _asked(_use(), action, ADMIN) == "denied", "directly"
        assert _asked(_use(), action, ADMIN, kms__ViaService=STORE) == "allowed"
        assert _asked(_use(), action, ADMIN, kms__ViaService=f"ssm.{REGION}.amazonaws.com") == "allowed"
        assert _asked(_use(), action, ADMIN, kms__ViaService=f"s3.{REGION}.amazonaws.com") == "denied"
        assert _asked(_use(), action, ADMIN, identity=(), kms__ViaService=STORE) == "denied"


@pytest.mark.parametrize("action", ["kms:CreateGrant", "kms:ReEncryptFrom", "kms:Sign", "kms:ImportKeyMaterial"])
def test_nobody_may_what_no_store_needs(action: str) -> None:
    for caller in (ADMIN, DEPLOYER, ROLE):
        assert _asked(_use(administrators=(ADMIN,)), action, caller, kms__ViaService=STORE) == "denied"


def test_named_administrators_are_the_only_ones_and_do_not_use_the_key() -> None:
    use = _use(administrators=(ADMIN,), users=(PATTERN, DEPLOYER))
    for action in MANAGING:
        assert _asked(use, action, ADMIN) == "allowed"
        assert _asked(use, action, DEPLOYER) == "denied"
    assert _asked(use, "kms:Decrypt", ADMIN, kms__ViaService=STORE) == "denied"
    assert not set(MANAGING) & set(USING)


def test_named_users_use_it_through_the_stores_and_others_do_not() -> None:
    use = _use(users=(PATTERN, DEPLOYER))
    for caller in (ROLE, DEPLOYER):
        assert _asked(use, "kms:Decrypt", caller, kms__ViaService=STORE) == "allowed"
        assert _asked(use, "kms:Decrypt", caller) == "denied"
    for caller in (ADMIN, ROLE.replace("/prod/", "/staging/"), f"arn:aws:iam::{ACCOUNT}:user/strongroom/prod/x"):
        assert _asked(use, "kms:Decrypt", caller, kms__ViaService=STORE) == "denied"


def test_a_workload_decrypts_what_it_is_granted_by_both_policies_together() -> None:
    access = Access(service="secretsmanager", names=("prod/shop/stripe",), verbs=("read",), partition="aws",
                    account=ACCOUNT, region=REGION, key_id=KEY_ID)  # fmt: skip
    identity, use = parsed(documents([access])), _use(users=(PATTERN,))
    assert _asked(use, "kms:Decrypt", ROLE, identity, kms__ViaService=STORE, kms__Arn=STRIPE) == "allowed"
    other = secret("prod/shop/other")
    assert _asked(use, "kms:Decrypt", ROLE, identity, kms__ViaService=STORE, kms__Arn=other) == "denied"
    assert _asked(use, "kms:Decrypt", ROLE, identity, kms__Arn=STRIPE) == "denied"
    assert _asked(use, "kms:Decrypt", ADMIN, identity, kms__ViaService=STORE, kms__Arn=STRIPE) == "denied"


def test_a_reader_of_another_account_decrypts_its_secrets_and_no_others() -> None:
    use = _use(elsewhere=(ReaderElsewhere(ELSEWHERE, (STRIPE_PATTERN,)),))
    assert _asked(use, "kms:Decrypt", ELSEWHERE, kms__ViaService=STORE, kms__Arn=STRIPE) == "allowed"
    assert _asked(use, "kms:Decrypt", ELSEWHERE, kms__ViaService=STORE, kms__Arn=secret("prod/shop/x")) == "denied"
    assert _asked(use, "kms:Decrypt", ELSEWHERE, kms__Arn=STRIPE) == "denied"
    assert _asked(use, "kms:GenerateDataKey", ELSEWHERE, kms__ViaService=STORE, kms__Arn=STRIPE) == "denied"
    assert _asked(use, "kms:Decrypt", ELSEWHERE, (), kms__ViaService=STORE, kms__Arn=STRIPE) == "denied"
    stranger = ELSEWHERE.replace("reader", "other")
    assert _asked(use, "kms:Decrypt", stranger, kms__ViaService=STORE, kms__Arn=STRIPE) == "denied"


def test_readers_of_the_same_secrets_share_a_statement() -> None:
    readers = [ReaderElsewhere(f"{ELSEWHERE}{number}", (STRIPE_PATTERN,)) for number in range(3)]
    policy = parse("key's", key_policy(_use(elsewhere=(*readers, ReaderElsewhere(ELSEWHERE, ("another",))))))
    assert [statement.sid for statement in policy.statements] == [
        "Manage", "UseThroughStores", "ReadFromElsewhere1", "ReadFromElsewhere2",
    ]  # fmt: skip
    assert policy.statements[2].principal == (("AWS", tuple(reader.arn for reader in readers)),)


def test_replicas_are_used_through_the_stores_of_their_regions() -> None:
    policy = parse("key's", key_policy(_use(regions=(REGION, "eu-west-1"))))
    assert policy.statements[1].condition == (
        Condition("StringEquals", "kms:ViaService", (*via("secretsmanager", REGION, "eu-west-1").values,
                                                     *via("ssm", REGION, "eu-west-1").values)),
    )  # fmt: skip


def test_more_readers_than_fit_are_refused_with_the_remedy() -> None:
    many = tuple(ReaderElsewhere(f"{ELSEWHERE}{number}", (f"{STRIPE_PATTERN}{number}",)) for number in range(200))
    with pytest.raises(
        LimitError, match=rf"has \d+ characters, and KMS takes {LONGEST}: let readers of other accounts"
    ):
        key_policy(_use(elsewhere=many))


def test_all_of_it_is_in_awss_own_table() -> None:
    use = _use(administrators=(ADMIN,), users=(PATTERN,), elsewhere=(ReaderElsewhere(ELSEWHERE, (STRIPE_PATTERN,)),))
    assert complaints(parse("key's", key_policy(use))) == []


def test_no_two_keys_of_two_environments_have_the_same_alias() -> None:
    assert kms_alias_of("prod", "eu-main") != kms_alias_of("prod-eu", "main")


def test_kms_keeps_the_copies_of_a_multi_region_key_alike_and_nobody_else_can() -> None:
    action = "kms:SynchronizeMultiRegionKey"
    kms = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/mrk.kms.amazonaws.com/" + (
        "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
    )
    both = _use(regions=(REGION, "eu-west-1"), administrators=(ADMIN,))
    assert _asked(both, action, kms) == "allowed"
    assert _asked(both, action, ADMIN) == "denied"
    assert _asked(_use(), action, kms) == "denied", "there is nothing to keep alike"
