"""A PostgreSQL user whose password is replaced, against a real PostgreSQL and moto's Secrets Manager."""

import json
import string
from typing import Any

import pytest

from strongroom.aws.rotation.function.errors import RotationError
from strongroom.aws.rotation.function.versions import Versions
from strongroom_sandbox import Sandbox
from support.rotation import STEPS, Bench

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def bench(servers: Sandbox) -> Bench:
    return Bench(servers)


def test_after_four_steps_the_new_password_works_and_the_old_one_is_refused(bench: Bench) -> None:
    old = bench.user()
    secret = bench.secret(old)

    token = bench.rotate(secret)

    new = bench.fields(secret)
    assert bench.logs_in(new)
    assert not bench.logs_in(old)
    assert new == old | {"password": new["password"]}
    assert len(new["password"]) == 32
    assert bench.labels(secret)[token] == ["AWSCURRENT"]
    assert bench.fields(secret, "AWSPREVIOUS") == old


def test_every_step_may_be_repeated_at_once_and_after_all_others(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    token = bench.begin(secret)

    for name in STEPS:
        bench.step(name, secret, token)
        bench.step(name, secret, token)
    new, labels = bench.fields(secret), bench.labels(secret)
    bench.run(secret, token)

    assert bench.logs_in(new)
    assert (bench.fields(secret), bench.labels(secret)) == (new, labels)


def test_it_rotates_again_and_again(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    passwords = set()
    for _ in range(3):
        bench.rotate(secret)
        assert bench.logs_in(bench.fields(secret))
        passwords.add(bench.fields(secret)["password"])
    assert len(passwords) == 3


def test_create_keeps_the_value_that_a_pending_version_has(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    first = bench.fields(secret, "AWSPENDING")
    bench.step("createSecret", secret, token)
    assert bench.fields(secret, "AWSPENDING") == first


def test_a_new_rotation_takes_over_what_an_unfinished_one_has_begun(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    unfinished = bench.begin(secret)
    bench.step("createSecret", secret, unfinished)
    bench.step("setSecret", secret, unfinished)
    begun = bench.fields(secret, "AWSPENDING")

    token = bench.rotate(secret)

    assert bench.fields(secret) == begun
    assert bench.logs_in(begun)
    assert set(bench.labels(secret)) == {token} | {v for v, ls in bench.labels(secret).items() if ls == ["AWSPREVIOUS"]}


def test_a_value_that_is_current_already_is_not_taken_over_as_a_new_one(bench: Bench) -> None:
    """What a rotation took over, and was killed before it took away the label it was kept by."""
    secret = bench.secret(bench.user())
    bench.rotate(secret)
    current, kept = bench.fields(secret), "6" * 32
    bench.client.put_secret_value(
        SecretId=secret,
        ClientRequestToken=kept,
        SecretString=json.dumps(current),
        VersionStages=[f"UNFINISHED-{kept}"],
    )
    bench.rotate(secret)
    assert bench.fields(secret)["password"] != current["password"]
    assert kept not in bench.labels(secret)


def test_labels_do_not_pile_up_when_rotation_fails_again_and_again(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    for _ in range(5):
        token = bench.begin(secret)
        bench.step("createSecret", secret, token)
    assert len(bench.labels(secret)) == 2
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))


def test_a_step_for_a_version_that_is_not_pending_is_refused(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    earlier = bench.begin(secret)
    bench.begin(secret)
    for name in STEPS:
        with pytest.raises(RotationError, match="not AWSPENDING: another rotation took over"):
            bench.step(name, secret, earlier)


def test_a_version_that_the_secret_does_not_have_is_refused(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    bench.begin(secret)
    with pytest.raises(RotationError, match="has no version 2222"):
        bench.step("createSecret", secret, "2" * 32)


def test_nothing_happens_when_rotation_is_off(bench: Bench) -> None:
    secret = bench.secret(bench.user())
    token = bench.begin(secret)
    bench.client.cancel_rotate_secret(SecretId=secret)
    for name in STEPS:
        with pytest.raises(RotationError, match=r"rotation of .* is off"):
            bench.step(name, secret, token)


def test_a_password_that_nobody_knows_any_more_is_an_error_with_the_remedy(bench: Bench) -> None:
    user = bench.user()
    secret = bench.secret(user | {"password": "wrong"})
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    with pytest.raises(RotationError, match=r"accepts no password of any labelled version\. Set the user's password"):
        bench.step("setSecret", secret, token)


def test_a_secret_without_a_first_value_is_refused(bench: Bench) -> None:
    versions = Versions(bench.client, bench.secret(bench.user()), "3" * 32)
    with pytest.raises(RotationError, match="has no AWSCURRENT version yet: write its first value before it rotates"):
        versions.current({"3" * 32: frozenset({"AWSPENDING"})})


def test_a_secret_whose_rotation_is_only_being_tried_says_nothing_of_it_and_may_be_tested(bench: Bench) -> None:
    """`rotate_immediately: false`: Secrets Manager calls testSecret with a copy of the current value."""
    fields = bench.user()
    secret, token = bench.secret(fields), "4" * 32
    bench.client.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(fields), VersionStages=["AWSPENDING"]
    )
    assert "RotationEnabled" not in bench.client.describe_secret(SecretId=secret)
    bench.step("testSecret", secret, token)


def test_passwords_without_punctuation(servers: Sandbox) -> None:
    bench = Bench(servers, EXCLUDE_CHARACTERS=string.punctuation)
    secret = bench.secret(bench.user())
    bench.rotate(secret)
    assert bench.fields(secret)["password"].isalnum()
    assert bench.logs_in(bench.fields(secret))


def test_length_and_characters_of_passwords_are_configurable(servers: Sandbox) -> None:
    bench = Bench(servers, PASSWORD_LENGTH="64", EXCLUDE_CHARACTERS="!\"#$%&'()*+,/:;<=>?@[\\]^_`{|}~0lIO")
    secret = bench.secret(bench.user())
    bench.rotate(secret)
    password = bench.fields(secret)["password"]
    assert len(password) == 64
    assert not set(password) & set("!\"#$%&'()*+,/:;<=>?@[\\]^_`{|}~0lIO")
    assert bench.logs_in(bench.fields(secret))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"host": "attacker.example"}, "engine, host, port or dbname differ"),
        ({"port": 1}, "engine, host, port or dbname differ"),
        ({"engine": "mysql"}, "`engine` is none of"),
        ({"username": "vault_admin"}, "the user is another one"),
    ],
)
def test_a_pending_version_for_something_else_is_refused_in_every_step(
    bench: Bench, changes: dict[str, Any], why: str
) -> None:
    user = bench.user()
    secret = bench.secret(user)
    token = bench.begin(secret)
    bench.client.put_secret_value(
        SecretId=secret,
        ClientRequestToken=token,
        SecretString=json.dumps(user | {"password": "x"} | changes),
        VersionStages=["AWSPENDING"],
    )
    for step in STEPS[1:]:
        with pytest.raises(RotationError, match=why):
            bench.step(step, secret, token)
    assert bench.logs_in(bench.fields(secret))
