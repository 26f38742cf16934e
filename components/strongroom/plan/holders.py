"""Who is known to a cloud by a name that environments can share: nobody has rights in two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has rights in an environment as some identity, and where that is written."""

    who: str
    """`payments/checkout`, or a rotator."""
    team: str | None
    """Whose catalog says so; None: the environment file does."""
    loc: Loc

    def problem(self, sources: Sources, message: str, remedy: str) -> Problem:
        """Something wrong with it, where it is written."""
        file = sources.catalogs[self.team] if self.team else sources.environment
        return file.problem(self.loc, message, remedy, at_key=bool(self.team))


def shared(
    scope: Scope, others: Iterable[Scope], holders_of: Callable[[Scope], Mapping[str, Holder]]
) -> Iterator[tuple[str, Holder, str]]:
    """The identities that have rights in other environments too: each, who it is here, and who it is there. The others
    are looked at only if there is anybody."""
    own = holders_of(scope)
    for other in others if own else ():
        there = holders_of(other)
        # In the order of this environment: what is found first is told first.
        for identity, holder in own.items():
            if identity in there:
                yield identity, holder, f"{there[identity].who} in environment {other.name}"
