# ruff: noqa: ARG002 - the store in memory holds one secret only
"""The channel itself, on a store in memory: what is found, written, filled, removed and reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.values import channel
from strongroom.values.channel import Target, declared, fill, find, put, remove, status
from strongroom.values.store import Declared, Stored, ValuesError
from strongroom.vault.kv.plan import KvSecret

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 31, tzinfo=UTC)
SECRET = KvSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="kv",
    mount="kv-prod",
    path="payments/stripe",
    fields=("api_key", "webhook_secret"),
    rotate_every_seconds=90 * 86400,
    description="",
)
WHOLE = Target(SECRET, None)
API_KEY = Target(SECRET, "api_key")
EMPTY = Stored(0, frozenset(), None)


@dataclass
class InMemory:
    """A store that keeps versions and checks them, as a real one does."""

    versions: list[dict[str, str] | None] = field(default_factory=list)
    created: datetime = NOW

    def stored(self, secret: Declared) -> Stored:
        newest = self.versions[-1] if self.versions else None
        return Stored(len(self.versions), frozenset(newest or ()), self.created if newest is not None else None)

    def write(self, secret: Declared, values: Mapping[str, str], seen: Stored) -> int:
        return self._add(seen, {**((self.versions[-1] if self.versions else None) or {}), **values})

    def remove_field(self, secret: Declared, field: str, seen: Stored) -> int:
        return self._add(seen, {k: v for k, v in (self.versions[-1] or {}).items() if k != field})

    def delete(self, secret: Declared) -> None:
        if self.versions:
            self.versions[-1] = None

    def destroy(self, secret: Declared) -> None:
        self.versions.clear()

    def _add(self, seen: Stored, values: dict[str, str]) -> int:
        if seen.version != len(self.versions):
            raise ValuesError("changed meanwhile")
        self.versions.append(values)
        return len(self.versions)


@pytest.fixture(scope="module")
def prod() -> Plan:
    return Project.read(ROOT).plan("prod")


@pytest.fixture
def numbers() -> Iterator[str]:
    return (f"made-{number}" for number in count(1))


def test_a_whole_secret_is_found_with_all_its_fields(prod: Plan) -> None:
    found = find(prod, "payments/stripe")
    assert (found.secret.mount, found.secret.path) == ("kv-prod", "payments/stripe")
    assert found.fields == ("api_key", "webhook_secret")


def test_one_field_is_found(prod: Plan) -> None:
    assert find(prod, "payments/stripe/api_key").fields == ("api_key",)


def test_credentials_made_on_demand_have_no_values_to_bring(prod: Plan) -> None:
    assert "payments/orders-db" not in {secret.key for secret in declared(prod)}
    with pytest.raises(WrongInputError, match="has no secret 'payments/orders-db' that keeps values"):
        find(prod, "payments/orders-db")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("payments/strip", "did you mean 'payments/stripe'"),
        ("paiments/stripe", "did you mean 'payments/stripe'"),
        ("payments/stripe/api-key", "did you mean 'api_key'"),
        ("payments/stripe/zzz", "its fields: api_key, webhook_secret"),
        ("payments/zzzzzzzzzzz", "declare it in the team's catalog first"),
    ],
)
def test_what_is_not_declared_is_refused_with_the_nearest_name(prod: Plan, name: str, hint: str) -> None:
    with pytest.raises(WrongInputError, match=hint):
        find(prod, name)


@pytest.mark.parametrize(
    "name",
    ["", "payments", "payments/stripe/api_key=canary", "payments/stripe/api_key/canary", "a/b\ncanary", "a b/canary"],
)
def test_what_is_no_name_is_refused_and_not_repeated(prod: Plan, name: str) -> None:
    with pytest.raises(WrongInputError, match="no TEAM/SECRET or TEAM/SECRET/FIELD") as caught:
        find(prod, name)
    assert "canary" not in str(caught.value)


def test_a_value_in_the_place_of_a_field_is_not_repeated(prod: Plan) -> None:
    with pytest.raises(WrongInputError, match="has no field") as caught:
        find(prod, "payments/stripe/whsec_8fK2canary")
    assert "canary" not in str(caught.value)


def test_a_put_of_one_field_keeps_the_others() -> None:
    store = InMemory([{"api_key": "old", "webhook_secret": "kept"}])
    assert put(store, API_KEY, {"api_key": "new"}, store.stored(SECRET)) == 2
    assert store.versions[-1] == {"api_key": "new", "webhook_secret": "kept"}


def test_a_put_after_somebody_elses_is_refused_and_changes_nothing() -> None:
    store = InMemory()
    seen = store.stored(SECRET)
    put(store, API_KEY, {"api_key": "theirs"}, seen)
    with pytest.raises(ValuesError, match="changed meanwhile"):
        put(store, API_KEY, {"api_key": "mine"}, seen)
    assert store.versions == [{"api_key": "theirs"}]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "no value for api_key, webhook_secret"),
        ({"api_key": "x"}, "no value for webhook_secret"),
        ({"api_key": "x", "webhook_secret": ""}, "no value for webhook_secret"),
        ({"api_key": "x", "webhook_secret": "y", "canary": "z"}, "fields that payments/stripe does not have"),
        ({"api_key": "x", "webhook_secret": "canary\udc80"}, "the value for webhook_secret .* is no Unicode text"),
    ],
)
def test_a_put_that_does_not_fit_the_declaration_writes_nothing(values: dict[str, str], problem: str) -> None:
    store = InMemory()
    with pytest.raises(WrongInputError, match=problem) as caught:
        put(store, WHOLE, values, EMPTY)
    assert "canary" not in str(caught.value)
    assert store.versions == []


def test_filling_makes_a_value_for_each_field_that_has_none(numbers: Iterator[str]) -> None:
    store = InMemory([{"api_key": "kept"}])
    assert fill(store, WHOLE, numbers.__next__, replace=False) == (2, ("webhook_secret",))
    assert store.versions[-1] == {"api_key": "kept", "webhook_secret": "made-1"}


def test_filling_again_writes_nothing(numbers: Iterator[str]) -> None:
    store = InMemory()
    assert fill(store, WHOLE, numbers.__next__, replace=False) == (1, ("api_key", "webhook_secret"))
    assert fill(store, WHOLE, numbers.__next__, replace=False) == (1, ())
    assert store.versions == [{"api_key": "made-1", "webhook_secret": "made-2"}]


def test_a_rotation_makes_new_values_for_all_fields_or_for_the_named_one(numbers: Iterator[str]) -> None:
    store = InMemory([{"api_key": "a", "webhook_secret": "b"}])
    assert fill(store, API_KEY, numbers.__next__, replace=True) == (2, ("api_key",))
    assert fill(store, WHOLE, numbers.__next__, replace=True) == (3, ("api_key", "webhook_secret"))
    assert store.versions[1:] == [
        {"api_key": "made-1", "webhook_secret": "b"},
        {"api_key": "made-2", "webhook_secret": "made-3"},
    ]


def test_a_deleted_secret_is_filled_anew(numbers: Iterator[str]) -> None:
    store = InMemory([{"api_key": "a", "webhook_secret": "b"}])
    store.delete(SECRET)
    assert fill(store, API_KEY, numbers.__next__, replace=False) == (2, ("api_key",))
    assert store.versions[-1] == {"api_key": "made-1"}


def test_removing_a_field_makes_a_version_without_it() -> None:
    store = InMemory([{"api_key": "a", "webhook_secret": "b"}])
    remove(store, API_KEY, destroy=False)
    assert store.versions[-1] == {"webhook_secret": "b"}


@pytest.mark.parametrize("versions", [[], [{"webhook_secret": "b"}], [None]])
def test_removing_a_field_that_is_not_there_writes_nothing(versions: list[dict[str, str] | None]) -> None:
    store = InMemory(list(versions))
    remove(store, API_KEY, destroy=False)
    assert store.versions == versions


def test_a_single_field_cannot_be_destroyed() -> None:
    store = InMemory([{"api_key": "a"}])
    with pytest.raises(WrongInputError, match="older versions still hold it"):
        remove(store, API_KEY, destroy=True)
    assert store.versions == [{"api_key": "a"}]


def test_removing_a_secret_deletes_its_newest_version_and_destroying_it_all() -> None:
    store = InMemory([{"api_key": "a"}, {"api_key": "b"}])
    remove(store, WHOLE, destroy=False)
    assert store.versions == [{"api_key": "a"}, None]
    remove(store, WHOLE, destroy=True)
    assert store.versions == []


def _status(store: InMemory) -> channel.Status:
    (found,) = status([SECRET], lambda _secret: store)
    return found


def test_status_tells_what_is_missing_and_what_nobody_declared() -> None:
    found = _status(InMemory([{"api_key": "a", "z": "", "legacy": ""}]))
    assert found.missing == ("webhook_secret",)
    assert found.undeclared == ("legacy", "z")


def test_a_secret_without_values_has_no_age_and_is_missing_rather_than_overdue() -> None:
    found = _status(InMemory())
    assert found.missing == SECRET.fields
    assert found.age(NOW) is None
    assert not found.overdue(NOW)


@pytest.mark.parametrize(("days", "overdue"), [(0, False), (90, False), (91, True)])
def test_a_value_is_overdue_once_it_is_older_than_it_may_become(days: int, overdue: bool) -> None:
    found = _status(InMemory([{"api_key": "a"}], created=NOW - timedelta(days=days)))
    assert found.age(NOW) == timedelta(days=days)
    assert found.overdue(NOW) is overdue


def test_without_rotate_every_nothing_is_overdue() -> None:
    forever = replace(SECRET, rotate_every_seconds=None)
    (found,) = status([forever], lambda _secret: InMemory([{"api_key": "a"}], created=NOW - timedelta(days=9999)))
    assert not found.overdue(NOW)


def test_statuses_come_in_the_order_of_the_secrets_however_long_each_takes(prod: Plan) -> None:
    secrets = declared(prod) * 20
    assert [found.secret for found in status(secrets, lambda _secret: InMemory())] == list(secrets)


class Broken(InMemory):
    """A store that cannot be asked about some secrets."""

    def stored(self, secret: Declared) -> Stored:
        if secret.name.startswith("broken"):
            raise ValuesError(f"{secret.name} is scheduled for deletion")
        return super().stored(secret)


def test_a_secret_that_cannot_be_looked_at_hides_no_other() -> None:
    broken = replace(SECRET, name="broken")
    there, not_there = status([SECRET, broken], lambda _: Broken([{"api_key": "a"}]))
    assert (there.problem, there.missing) == (None, ("webhook_secret",))
    assert (not_there.problem, not_there.missing) == ("broken is scheduled for deletion", ())
    assert not not_there.overdue(NOW)


def test_what_is_wrong_with_every_secret_is_one_error() -> None:
    secrets = [replace(SECRET, name=f"broken{number}") for number in range(3)]
    with pytest.raises(ValuesError, match="is scheduled for deletion"):
        status(secrets, lambda _: Broken())


def test_a_store_that_cannot_be_opened_is_the_error_of_all() -> None:
    def broken(_secret: Declared) -> InMemory:
        raise ValuesError("permission denied")

    with pytest.raises(ValuesError, match="permission denied"):
        status([SECRET, SECRET], broken)


FORMED = Target(replace(SECRET, patterns=(("api_key", "sk_(live|test)_[a-z]{4,}"),)), None)


@pytest.mark.parametrize("value", ["sk_prod_canary", "sk_live_canary\n", "xsk_live_canary"])
def test_a_value_of_another_form_than_the_catalogs_is_refused_and_not_repeated(value: str) -> None:
    store = InMemory([])
    with pytest.raises(WrongInputError, match="not of the form that its catalog says") as caught:
        put(store, FORMED, {"api_key": value, "webhook_secret": "any"}, store.stored(SECRET))
    assert "canary" not in str(caught.value)
    assert not store.versions


def test_a_value_of_the_catalogs_form_is_written() -> None:
    store = InMemory([])
    put(store, FORMED, {"api_key": "sk_live_abcd", "webhook_secret": "any"}, store.stored(SECRET))
    assert store.versions


def test_what_is_generated_has_the_catalogs_form_or_is_not_written(numbers: Iterator[str]) -> None:
    store = InMemory([])
    with pytest.raises(WrongInputError, match="Choose another --alphabet") as caught:
        fill(store, FORMED, lambda: next(numbers), replace=False)
    assert "made-1" not in str(caught.value)
    assert not store.versions
