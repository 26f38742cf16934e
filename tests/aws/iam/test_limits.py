"""Documents stay within what IAM takes, at the limit and beyond."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.access.aws.decide import Policies
from strongroom.access.aws.statement import text
from strongroom.aws.iam.document import Access, statements
from strongroom.aws.iam.limits import (
    INLINE_OF_ROLE,
    INLINE_OF_USER,
    MANAGED,
    Documents,
    LimitError,
    documents,
)
from strongroom.aws.kms.key_ids import ID_LENGTH, keys_in, length, stand_in, with_ids
from support.iam import ACCOUNT, KEY_ID, READ, REGION, answer, parsed, secret


def _accesses(count: int, key_id: str | None = None, padding: int = 0) -> list[Access]:
    return [
        Access(
            service="secretsmanager",
            names=(f"prod/shop/{'x' * padding}s{number:04}",),
            verbs=("read",),
            partition="aws",
            account=ACCOUNT,
            region=REGION,
            key_id=key_id,
        )
        for number in range(count)
    ]


def _most(fits: int, limit: int, key_id: str | None) -> int:
    while length(text(statements(_accesses(fits + 1, key_id)))) <= limit:
        fits += 1
    return fits


@pytest.mark.parametrize("key_id", [None, stand_in("main")])
def test_one_secret_more_than_fits_inline_makes_managed_policies(key_id: str | None) -> None:
    most = _most(1, INLINE_OF_ROLE, key_id)
    inline = documents(_accesses(most, key_id))
    assert inline.inline is not None
    assert inline.managed == ()
    assert INLINE_OF_ROLE - 200 < length(inline.inline) <= INLINE_OF_ROLE
    more = documents(_accesses(most + 1, key_id))
    assert more.inline is None
    assert len(more.managed) == 2


@pytest.mark.parametrize("key_id", [None, KEY_ID])
def test_each_managed_policy_is_as_full_as_it_can_be_and_together_they_allow_all(key_id: str | None) -> None:
    accesses = _accesses(200, key_id)
    made = documents(accesses)
    assert all(length(document) <= MANAGED for document in made.managed)
    assert all(length(document) > MANAGED - 250 for document in made.managed[:-1])
    policies = Policies(identity=parsed(made))
    assert {answer(policies, READ, secret(access.names[0])) for access in accesses} == {"allowed"}
    assert answer(policies, READ, secret("prod/shop/s0200")) == "denied"
    assert sum(len(policy.statements[0].resource) for policy in policies.identity) == 200


def test_what_one_secret_needs_is_in_one_document() -> None:
    for document in documents(_accesses(200, KEY_ID)).managed:
        assert document.count("-??????") % 2 == 0, "the value's ARN, and the key's condition on it"


def test_more_than_ten_managed_policies_are_refused_with_the_remedy() -> None:
    with pytest.raises(
        LimitError, match=r"1000 secrets need 1\d managed policies, and IAM attaches 10 at most: give some"
    ):
        documents(_accesses(1000))
    with pytest.raises(LimitError, match="IAM attaches 0 at most"):
        documents(_accesses(200), attached_limit=0)


def test_a_secret_that_is_too_long_by_itself_is_refused() -> None:
    fields = tuple(f"/prod/shop/big/field-{number:03}" for number in range(200))
    big = Access(
        service="ssm", names=fields, verbs=("read",), partition="aws", account=ACCOUNT, region=REGION, key_id=KEY_ID
    )
    with pytest.raises(LimitError, match=r"/prod/shop/big/field-000 alone needs a policy of \d{5} characters"):
        documents([big])


def test_a_user_has_less_room_inline() -> None:
    accesses = _accesses(30)
    assert documents(accesses).inline
    assert documents(accesses, inline_limit=INLINE_OF_USER).managed


def test_no_grant_is_no_document() -> None:
    assert documents([]) == Documents()


def test_an_id_that_is_not_known_yet_is_counted_with_the_length_it_will_have() -> None:
    with_stand_in = text(statements(_accesses(3, stand_in("a-rather-long-name-of-a-key"))))
    assert keys_in(with_stand_in) == ["a-rather-long-name-of-a-key"]
    assert len(KEY_ID) == ID_LENGTH
    with_id = with_ids(with_stand_in, {"a-rather-long-name-of-a-key": KEY_ID})
    assert with_id == text(statements(_accesses(3, KEY_ID)))
    assert length(with_stand_in) == length(with_id) == len(with_id)
    with pytest.raises(KeyError, match="a-rather-long"):
        with_ids(with_stand_in, {})


@given(st.integers(1, 400), st.integers(0, 20))
def test_no_secret_is_lost_or_doubled_however_many_there_are(count: int, padding: int) -> None:
    accesses = _accesses(count, KEY_ID, padding)
    try:
        made = documents(accesses)
    except LimitError:
        return
    granted = [arn for policy in parsed(made) for arn in policy.statements[0].resource]
    assert granted == [access.arns(REGION)[0] for access in accesses]
