"""The values channel: values go from the operator straight to the store, and nowhere else."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from strongroom.plan.plan import Plan
from strongroom.spec.problems import did_you_mean
from strongroom.values.store import Declared, Stored, ValuesError, ValueStore
from strongroom.vault.kv.plan import KvSecret

Opener = Callable[[Declared], ValueStore]
"""Gives the store that keeps a secret's values."""


@dataclass(frozen=True)
class Target:
    """What a command is about: one secret, and maybe one field of it."""

    secret: Declared
    field: str | None

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,) if self.field else self.secret.fields


@dataclass(frozen=True)
class Status:
    """One declared secret beside what is in its store."""

    secret: Declared
    stored: Stored

    @property
    def missing(self) -> tuple[str, ...]:
        """The declared fields without a value."""
        return tuple(name for name in self.secret.fields if name not in self.stored.fields)

    @property
    def undeclared(self) -> tuple[str, ...]:
        """The stored fields that nobody declared."""
        return tuple(sorted(self.stored.fields - set(self.secret.fields)))

    def age(self, now: datetime) -> timedelta | None:
        return now - self.stored.created if self.stored.created else None

    def overdue(self, now: datetime) -> bool:
        """Whether the newest version is older than `rotate_every`."""
        age, limit = self.age(now), self.secret.rotate_every_seconds
        return age is not None and limit is not None and age > timedelta(seconds=limit)


def declared(plan: Plan) -> tuple[Declared, ...]:
    """The secrets of a plan whose values somebody has to bring."""
    return plan.of(KvSecret)


def find(plan: Plan, name: str) -> Target:
    """`TEAM/SECRET` or `TEAM/SECRET/FIELD`. Raises ValuesError with the nearest name if it is not declared."""
    team, _, rest = name.partition("/")
    secret_name, _, field = rest.partition("/")
    by_name = {f"{secret.team}/{secret.name}": secret for secret in declared(plan)}
    secret = by_name.get(f"{team}/{secret_name}")
    if secret is None:
        hint = did_you_mean(f"{team}/{secret_name}", by_name, "declare it in the team's catalog first")
        raise ValuesError(f"{plan.environment} has no secret {team}/{secret_name} that keeps values; {hint}")
    if field and field not in secret.fields:
        hint = did_you_mean(field, secret.fields, f"its fields: {', '.join(secret.fields)}")
        raise ValuesError(f"{team}/{secret_name} has no field {field}; {hint}")
    return Target(secret, field or None)


def put(store: ValueStore, target: Target, values: Mapping[str, str], seen: Stored) -> int:
    """Writes the fields of a target; `seen` is what was there when the operator began. Returns the new version."""
    if unknown := sorted(set(values) - set(target.fields)):
        raise ValuesError(
            f"not a field of {target.secret.key}: {', '.join(unknown)}; its fields: {', '.join(target.fields)}"
        )
    if absent := [name for name in target.fields if not values.get(name)]:
        raise ValuesError(f"no value for {', '.join(absent)} of {target.secret.key}; nothing was written")
    return store.write(target.secret, values, seen)


def fill(store: ValueStore, target: Target, make: Callable[[], str], replace: bool) -> tuple[int, tuple[str, ...]]:
    """Generates values for the fields that have none (with `replace`: for all). Returns version and fields written."""
    seen = store.stored(target.secret)
    wanted = tuple(name for name in target.fields if replace or name not in seen.fields)
    if not wanted:
        return seen.version, ()
    return store.write(target.secret, {name: make() for name in wanted}, seen), wanted


def remove(store: ValueStore, target: Target, destroy: bool) -> None:
    """Deletes one field, or the newest version, or (with `destroy`) all versions for good."""
    if target.field is None:
        (store.destroy if destroy else store.delete)(target.secret)
        return
    if destroy:
        raise ValuesError(
            "a single field cannot be destroyed: older versions still hold it; destroy the secret and put it anew"
        )
    seen = store.stored(target.secret)
    if target.field in seen.fields:
        store.remove_field(target.secret, target.field, seen)


def status(secrets: Iterable[Declared], open_store: Opener) -> list[Status]:
    """What is there for each secret, in order. Eight requests at a time: 10,000 secrets are many round trips."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda secret: Status(secret, open_store(secret).stored(secret)), secrets))
