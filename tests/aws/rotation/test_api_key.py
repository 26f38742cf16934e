"""A key of some API by a user's callback: a vendor that allows two keys, against moto's Secrets Manager."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from strongroom.aws.rotation.function import api_key
from strongroom.aws.rotation.function.errors import RotationError
from strongroom_sandbox import Sandbox
from support.canary import is_in
from support.rotation import STEPS, Bench, KillAfter, KilledError

from . import callback_of_a_user as callback

pytestmark = pytest.mark.engine


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The vendor's keys."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"first": "made by hand"}))
    monkeypatch.setenv(callback.LEDGER, str(path))
    monkeypatch.setitem(sys.modules, api_key.MODULE, callback)
    return path


@pytest.fixture
def bench(servers: Sandbox) -> Bench:
    return Bench(servers, "api-key")


def keys(ledger: Path) -> set[str]:
    return set(json.loads(ledger.read_text()))


def test_current_and_previous_key_are_valid_and_no_other_is(bench: Bench, ledger: Path) -> None:
    secret = bench.secret({"api_key": "first", "account": "acme"})
    for _ in range(4):
        bench.rotate(secret)
        current, previous = bench.fields(secret), bench.fields(secret, "AWSPREVIOUS")
        assert keys(ledger) == {current["api_key"], previous["api_key"]}
        assert current["account"] == "acme"


@pytest.mark.parametrize("another", [False, True])
def test_killed_after_any_call_and_rotated_again(bench: Bench, ledger: Path, another: bool) -> None:
    """Also right after the vendor made a key that nobody was told of."""
    calls = 1
    while True:
        ledger.write_text(json.dumps({"first": "made by hand"}))
        secret = bench.secret({"api_key": "first"})
        bench.rotate(secret)
        token = bench.begin(secret)
        watch = KillAfter(calls)
        try:
            bench.run(secret, token, watch)
        except KilledError:
            pass
        else:
            break
        assert bench.fields(secret)["api_key"] in keys(ledger)
        token = bench.begin(secret) if another else token
        bench.run(secret, token)
        current, previous = bench.fields(secret), bench.fields(secret, "AWSPREVIOUS")
        assert keys(ledger) == {current["api_key"], previous["api_key"]}
        calls += 1
    assert calls > 12


def test_killed_between_the_vendors_answer_and_writing_it_down(
    bench: Bench, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = bench.secret({"api_key": "first"})
    token = bench.begin(secret)
    create = callback.create_key

    def killed(current: dict[str, Any], *, token: str) -> dict[str, Any]:
        create(current, token=token)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(callback, "create_key", killed)
        with pytest.raises(KilledError):
            bench.step("createSecret", secret, token)
    assert len(keys(ledger)) == 2
    bench.run(secret, token)
    assert keys(ledger) == {"first", bench.fields(secret)["api_key"]}


def test_a_key_that_does_not_work_never_becomes_current_and_is_not_in_the_error(bench: Bench, ledger: Path) -> None:
    secret = bench.secret({"api_key": "first"})
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    made = bench.fields(secret, "AWSPENDING")["api_key"]
    ledger.write_text("{}")
    for name in STEPS[2:]:
        with pytest.raises(RotationError, match=r"test_key of callback\.py failed: RuntimeError") as error:
            bench.step(name, secret, token)
        assert not is_in(made, repr(error.value))
        assert error.value.__context__ is None
    assert bench.fields(secret)["api_key"] == "first"


def test_a_key_that_died_before_its_rotation_was_finished_does_not_stop_the_next_one(
    bench: Bench, ledger: Path
) -> None:
    """The vendor revoked it, say, as it was leaked: taken over, it would fail for ever."""
    secret = bench.secret({"api_key": "first"})
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    dead = bench.fields(secret, "AWSPENDING")["api_key"]
    ledger.write_text(json.dumps({"first": "made by hand"}))
    bench.rotate(secret)
    assert bench.fields(secret)["api_key"] not in ("first", dead)
    assert keys(ledger) == {"first", bench.fields(secret)["api_key"]}


def test_a_key_that_another_rotation_made_at_the_same_time_is_revoked_in_the_end(bench: Bench, ledger: Path) -> None:
    secret = bench.secret({"api_key": "first"})
    token = bench.begin(secret)
    bench.step("createSecret", secret, token)
    ledger.write_text(json.dumps({**json.loads(ledger.read_text()), "orphan": "of a createSecret that came late"}))
    late = "5" * 32
    bench.client.put_secret_value(
        SecretId=secret,
        ClientRequestToken=late,
        SecretString=json.dumps({"api_key": "orphan"}),
        VersionStages=[f"UNFINISHED-{late}"],
    )
    bench.run(secret, token)
    assert keys(ledger) == {"first", bench.fields(secret)["api_key"]}


def test_a_key_that_is_both_current_and_previous_is_not_revoked(bench: Bench, ledger: Path) -> None:
    secret = bench.secret({"api_key": "first"})
    bench.client.put_secret_value(SecretId=secret, SecretString=json.dumps({"api_key": "first"}))
    bench.rotate(secret)
    assert "first" in keys(ledger)


def test_a_callback_without_one_of_its_functions_is_refused() -> None:
    with pytest.raises(RotationError, match=r"callback\.py has no function test_key, revoke_key"):
        api_key.ApiKey(SimpleNamespace(create_key=print))


def test_a_callback_that_returns_no_dict_is_refused(
    bench: Bench, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = bench.secret({"api_key": "first"})
    monkeypatch.setattr(callback, "create_key", lambda _, **__: "a key")
    with pytest.raises(RotationError, match="returned no dict"):
        bench.step("createSecret", secret, bench.begin(secret))
