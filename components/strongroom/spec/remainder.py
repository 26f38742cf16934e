"""What is left of a file when its broken parts are taken out, so that one mistake does not hide the next.

A file that a model refuses has no model, and without one nothing can be said about the names in it. Its sound
parts are therefore checked alone; what was taken out still counts as declared.
"""

from collections.abc import Iterable
from typing import Final, TypeVar

from pydantic import BaseModel

from strongroom.spec.problems import Loc, Problem, dotted
from strongroom.spec.validate import validate
from strongroom.spec.yaml_nodes import Node, Source, child

M = TypeVar("M", bound=BaseModel)

ROUNDS_MAX: Final = 8
"""Taking out a part can break the one around it; each round goes one level outwards at most."""


class Remainder(Source):
    """A source with gaps. Its problems name list positions as the whole file counts them."""

    def __init__(self, root: Node, whole: Source) -> None:
        super().__init__(root)
        self.whole = whole

    def problem(self, loc: Loc, message: str, remedy: str = "", *, at_key: bool = False) -> Problem:
        return self.whole.problem(self.in_the_whole(loc), message, remedy, at_key=at_key)

    def in_the_whole(self, loc: Loc) -> Loc:
        """The same place as the whole file counts it."""
        here, there = self.root, self.whole.root
        found: list[str | int] = []
        for part in loc:
            inner = child(here, part)
            place = part
            if inner is not None and isinstance(there.value, list):
                place = next(index for index, other in enumerate(there.value) if other.at == inner.at)
            found.append(place)
            here, there = inner or here, child(there, place) or there
        return tuple(found)


def remainder(model: type[M], source: Source, problems: Iterable[Problem]) -> tuple[M | None, Source]:
    """The model of what is sound in `source`, in which `validate` found `problems`, and where that stands.

    None if nothing sound is left.
    """
    left: Source = source
    for _ in range(ROUNDS_MAX):
        broken = {problem.where for problem in problems}
        root = _without(left.root, (), broken, left)
        if root is None:
            return None, source
        left = Remainder(root, source)
        found, problems = validate(model, left)
        if found is not None:
            return found, left
    return None, source


def _without(node: Node, loc: Loc, broken: set[str], source: Source) -> Node | None:
    """The node without its broken parts; None if it is itself one."""
    if dotted(source.in_the_whole(loc) if isinstance(source, Remainder) else loc) in broken:
        return None
    if isinstance(node.value, dict):
        items = {key: _without(inner, (*loc, key), broken, source) for key, inner in node.value.items()}
        return node._replace(value={key: inner for key, inner in items.items() if inner is not None})
    if isinstance(node.value, list):
        kept = [_without(inner, (*loc, index), broken, source) for index, inner in enumerate(node.value)]
        return node._replace(value=[inner for inner in kept if inner is not None])
    return node
