"""The four steps of a rotation, as Secrets Manager calls them: AWS, "Lambda rotation functions".

Each can be repeated, and each may be interrupted anywhere. What makes that safe:

* a version, once it holds a value, keeps it; a new rotation takes over the value of one that was not finished, so that
  nothing that may be in force is given up (`versions.py` says how it is never lost);
* passwords are changed only under a lock of the database, where it has one, and only while the version is still the
  pending one; `AWSCURRENT` moves only under the same lock and only to what logs in.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final, Protocol

from .errors import RotationError, SupersededError, VoidError
from .value import Value
from .versions import CURRENT, PENDING, PREVIOUS, Versions, with_label


class Strategy(Protocol):
    """What is particular to a kind of secret."""

    def fresh(self, versions: Versions, current: Value, previous: Value | None) -> Value:
        """A new value. `previous` is what was current before `current`."""

    def check(self, pending: Value, current: Value) -> None:
        """Whether `pending` may replace `current`.

        Raises:
            VoidError: It may not any more.
            RotationError: It may not: it is of another database or user.
        """

    def usable(self, begun: Value) -> bool:
        """Whether the value of a rotation that was not finished can still come into force."""

    def discard(self, begun: Value) -> None:
        """Get rid of a value that never will."""

    def apply(self, versions: Versions, pending: Value, others: Iterator[Value], still: Callable[[], None]) -> None:
        """Bring `pending` into force, if it is not yet. `others` may be in force; `still` raises if it is too late."""

    def test(self, pending: Value) -> None:
        """Use it, harmlessly."""

    def holding(self, pending: Value) -> AbstractContextManager[None]:
        """Nobody changes what is in force as long as this lasts, and `pending` is."""


def create_secret(versions: Versions, strategy: Strategy) -> None:
    """Write a pending version, unless it is there."""
    labels = versions.labels()
    if _is_current(versions, labels):
        return
    _must_be_pending(versions, labels)
    if versions.value(versions.token) is not None:
        return
    current = versions.current(labels)
    for version in versions.unfinished(labels):
        if (value := versions.value(version)) is None or value.fields == current.fields:
            continue
        if _acceptable(strategy, value, current):
            versions.write_pending(value)
            versions.forget(version, labels)
            return
        strategy.discard(value)
    previous = next((versions.value(version) for version in with_label(labels, PREVIOUS)), None)
    versions.write_pending(strategy.fresh(versions, current, previous))


def set_secret(versions: Versions, strategy: Strategy) -> None:
    """Bring the pending version into force."""
    labels = versions.labels()
    if _is_current(versions, labels):
        return
    pending = _pending(versions, strategy, labels)

    def others() -> Iterator[Value]:
        for version in [*versions.unfinished(labels), *with_label(labels, CURRENT), *with_label(labels, PREVIOUS)]:
            if (value := versions.value(version)) is not None:
                yield value

    def still() -> None:
        now = versions.labels()
        if _is_current(versions, now):  # the other one that held the lock was an earlier try of this rotation
            return
        _must_be_pending(versions, now)
        strategy.check(pending, versions.current(now))

    strategy.apply(versions, pending, others(), still)


def test_secret(versions: Versions, strategy: Strategy) -> None:
    """Use the pending version."""
    labels = versions.labels()
    if not _is_current(versions, labels):
        strategy.test(_pending(versions, strategy, labels))


def finish_secret(versions: Versions, strategy: Strategy) -> None:
    """Make the pending version the current one."""
    labels = versions.labels()
    if not _is_current(versions, labels):
        pending = _pending(versions, strategy, labels)
        with strategy.holding(pending):
            labels = versions.labels()
            if not _is_current(versions, labels):
                _must_be_pending(versions, labels)
                strategy.check(pending, versions.current(labels))
                versions.promote(labels)
    # Only while it is still pending too: then no other rotation has begun, whose labels would have to stay.
    if PENDING in labels[versions.token]:
        _discard_others(versions, strategy)
        versions.tidy(labels)


STEPS: Final[Mapping[str, Callable[[Versions, Strategy], None]]] = {
    "createSecret": create_secret,
    "setSecret": set_secret,
    "testSecret": test_secret,
    "finishSecret": finish_secret,
}
"""By the names that Secrets Manager uses."""


def run(step: str, versions: Versions, strategy: Strategy) -> None:
    """One step.

    Raises:
        RotationError: It did not succeed, or there is none of this name.
    """
    if step not in STEPS:
        raise RotationError("the event's `Step` is none of createSecret, setSecret, testSecret, finishSecret")
    try:
        STEPS[step](versions, strategy)
    except VoidError:
        versions.give_up()  # else Secrets Manager would wait for it for ever, and rotate no more
        raise


def _is_current(versions: Versions, labels: dict[str, frozenset[str]]) -> bool:
    return CURRENT in labels[versions.token]


def _must_be_pending(versions: Versions, labels: dict[str, frozenset[str]]) -> None:
    if PENDING not in labels[versions.token]:
        raise SupersededError(
            f"version {versions.token} of {versions.secret} is not {PENDING}: another rotation took over"
        )


def _pending(versions: Versions, strategy: Strategy, labels: dict[str, frozenset[str]]) -> Value:
    _must_be_pending(versions, labels)
    if (pending := versions.value(versions.token)) is None:
        raise RotationError(f"version {versions.token} of {versions.secret} holds nothing: createSecret comes first")
    strategy.check(pending, versions.current(labels))
    return pending


def _acceptable(strategy: Strategy, value: Value, current: Value) -> bool:
    try:
        strategy.check(value, current)
    except RotationError:
        return False
    return strategy.usable(value)


def _discard_others(versions: Versions, strategy: Strategy) -> None:
    """What rotations began that this one has overtaken; some of it may be current or previous, as it was taken over."""
    labels = versions.labels()
    begun = versions.unfinished(labels)
    if not begun:
        return
    kept = [versions.value(version) for label in (CURRENT, PREVIOUS) for version in with_label(labels, label)]
    for version in begun:
        value = versions.value(version)
        if value is not None and all(value.fields != other.fields for other in kept if other):
            strategy.discard(value)
