"""Three values: true, false, and None for what cannot be known from what was given (Kleene's strong logic)."""

from collections.abc import Iterable

Truth = bool | None


def some(truths: Iterable[Truth]) -> Truth:
    """Whether at least one is true."""
    unknown = False
    for truth in truths:
        if truth:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all are true."""
    return opposite(some(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    """Not; what is unknown stays so."""
    return None if truth is None else not truth
