"""The values channel: values go from the operator straight to the store, and nowhere else."""

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from strongroom.errors import StrongroomError, WrongInputError
from strongroom.plan.plan import Plan
from strongroom.plan.record import PLATFORM
from strongroom.plan.stored import StoredSecret
from strongroom.spec.problems import did_you_mean, shown
from strongroom.values.store import NOTHING, Declared, IssuingStore, Stored, ValueStore, Version
from strongroom.vault.kv_v1.plan import KvV1Secret
from strongroom.vault.totp.plan import TotpSharedKey

NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100}){1,2}")
"""What a target looks like; whether it is declared is another question."""

Opener = Callable[[Declared], ValueStore[Any]]
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
    problem: str | None = None
    """Why it could not be looked at; nothing is known about it then."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The declared fields without a value."""
        if self.problem:
            return ()
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
    return (*generated(plan), *plan.of(TotpSharedKey))


def generated(plan: Plan) -> tuple[StoredSecret, ...]:
    """Those of them whose values may be any: they can be made here. What the platform keeps, such as the encryption
    keys of a cluster, has commands of its own."""
    of_teams = (secret for secret in plan.of(StoredSecret) if secret.team != PLATFORM)
    return tuple(secret for secret in of_teams if not isinstance(secret, KvV1Secret))


def find(plan: Plan, name: str) -> Target:
    """`TEAM/SECRET` or `TEAM/SECRET/FIELD`. Raises WrongInputError with the nearest name if it is not declared."""
    if not NAME.fullmatch(name):
        # Somebody may have appended the value, as in TEAM/SECRET/FIELD=VALUE: it is not repeated.
        raise WrongInputError(
            "the name is no TEAM/SECRET or TEAM/SECRET/FIELD; if it held a value, replace that value: "
            "arguments are seen by others and kept in histories"
        )
    team, _, rest = name.partition("/")
    secret_name, _, field = rest.partition("/")
    by_name = {f"{secret.team}/{secret.name}": secret for secret in declared(plan)}
    secret = by_name.get(f"{team}/{secret_name}")
    if secret is None:
        if any(other.key == f"{team}/{secret_name}" for other in plan.of(KvV1Secret)):
            raise WrongInputError(
                f"{team}/{secret_name} is kept in a KV version 1 store, where no field can be written without reading "
                "the others: use the vendor's own CLI (`bao kv put`), or keep it in a `vault_kv` store"
            )
        hint = did_you_mean(f"{team}/{secret_name}", by_name, "declare it in the team's catalog first")
        raise WrongInputError(
            f"{plan.environment} has no secret {shown(f'{team}/{secret_name}')} that keeps values; {hint}"
        )
    if field and field not in secret.fields:
        hint = did_you_mean(field, secret.fields, f"its fields: {', '.join(secret.fields)}")
        raise WrongInputError(f"{team}/{secret_name} has no field {shown(field)}; {hint}")
    return Target(secret, field or None)


def put(store: ValueStore[Any], target: Target, values: Mapping[str, str], seen: Stored) -> Version:
    """Writes the fields of a target; `seen` is what was there when the operator began. Returns the new version.

    Raises WrongInputError if a value is missing, empty, or for a field that is not declared.
    """
    if _is_issued(target.secret):
        raise WrongInputError(
            f"the values of {target.secret.key} are made where they are kept, and nobody can bring them; "
            f"`strongroom values generate {target.secret.key}` has them made"
        )
    if set(values) - set(target.fields):
        # The names are not repeated: an object put together wrongly has values in their place.
        raise WrongInputError(
            f"there are values for fields that {target.secret.key} does not have; "
            f"its fields: {', '.join(target.secret.fields)}"
        )
    if absent := [name for name in target.fields if not values.get(name)]:
        raise WrongInputError(f"no value for {', '.join(absent)} of {target.secret.key}; nothing was written")
    for name, value in values.items():
        if not _is_unicode(value):
            raise WrongInputError(
                f"the value for {name} of {target.secret.key} is no Unicode text; encode it in base64"
            )
        if not _fits(target.secret, name, value):
            raise WrongInputError(
                f"the value for {name} of {target.secret.key} is not of the form that its catalog says "
                f"({_pattern(target.secret, name)}); nothing was written"
            )
    return store.write(target.secret, values, seen)


def fill(
    store: ValueStore[Any], target: Target, make: Callable[[], str], replace: bool
) -> tuple[Version, tuple[str, ...]]:
    """Generates values for the fields that have none (with `replace`: for all). Returns version and fields written.

    Raises WrongInputError for a value that another service gives.
    """
    if isinstance(target.secret, TotpSharedKey):
        raise WrongInputError(
            f"the key of {target.secret.key} is given by the service that its codes are for; bring it with "
            "`strongroom values put`"
        )
    seen = store.stored(target.secret)
    wanted = tuple(name for name in target.fields if replace or name not in seen.fields)
    if not wanted:
        return seen.version, ()
    if isinstance(store, IssuingStore) and _is_issued(target.secret):
        return store.issue(target.secret, seen), target.secret.fields
    made = {name: make() for name in wanted}
    for name, value in made.items():
        if not _fits(target.secret, name, value):
            raise WrongInputError(
                f"{name} of {target.secret.key} has a form of its own ({_pattern(target.secret, name)}), and what was "
                "made is not like it; nothing was written. Choose another --alphabet, --format or --length, or put "
                "the value yourself"
            )
    return store.write(target.secret, made, seen), wanted


def check_removable(target: Target, destroy: bool) -> None:
    """Raises WrongInputError for a single field to destroy."""
    if target.field and destroy:
        raise WrongInputError(
            "a single field cannot be destroyed: older versions still hold it; destroy the secret and put it anew"
        )


def remove(store: ValueStore[Any], target: Target, destroy: bool) -> None:
    """Deletes one field, or the newest version, or (with `destroy`) all versions for good.

    Raises WrongInputError for a single field to destroy.
    """
    check_removable(target, destroy)
    if target.field is None:
        (store.destroy if destroy else store.delete)(target.secret)
        return
    seen = store.stored(target.secret)
    if target.field in seen.fields:
        store.remove_field(target.secret, target.field, seen)


def status(secrets: Iterable[Declared], open_store: Opener) -> list[Status]:
    """What is there for each secret, in order. Eight requests at a time: 10,000 secrets are many round trips.

    One that cannot be looked at says why. Raises StrongroomError if none of them can, or a store cannot be opened.
    """
    failures: list[StrongroomError] = []

    def look(secret: Declared) -> Status:
        store = open_store(secret)
        try:
            return Status(secret, store.stored(secret))
        except StrongroomError as error:
            failures.append(error)
            return Status(secret, NOTHING, str(error))

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(look, secrets))
    if failures and len(failures) == len(found):
        raise failures[0]
    return found


def _pattern(secret: Declared, field: str) -> str | None:
    return secret.pattern(field) if isinstance(secret, StoredSecret) else None


def _is_issued(secret: Declared) -> bool:
    return isinstance(secret, StoredSecret) and secret.issued


def _fits(secret: Declared, field: str, value: str) -> bool:
    pattern = _pattern(secret, field)
    return pattern is None or re.fullmatch(pattern, value) is not None


def _is_unicode(text: str) -> bool:
    """Whether a text can be sent as it is: half a surrogate pair would arrive as another character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
