"""Plain values that know where they were written. Never changed: merging and filling make new ones."""

from functools import cached_property
from typing import Any, NamedTuple

from strongroom.spec.problems import Loc, Problem, dotted

Scalar = str | int | float | bool | None


class Position(NamedTuple):
    """A place in a file, 1-based; columns count characters."""

    file: str
    line: int
    column: int


class Node(NamedTuple):
    """A value, the place it was written at, and the place of its key (of a list item or a root: its own)."""

    value: "Scalar | dict[str, Node] | list[Node]"
    at: Position
    key_at: Position
    text_at: Position | None = None
    """Of a literal block (`|`): where its first line begins. Its lines are those of the file, indented."""


class Source:
    """The values of one file, or of several merged ones."""

    def __init__(self, root: Node) -> None:
        self.root = root

    @property
    def file(self) -> str:
        """The file the root comes from, relative to the project root."""
        return self.root.at.file

    @cached_property
    def data(self) -> Any:
        """The values alone: dict, list, str, int, float, bool and None."""
        return _plain(self.root)

    def position(self, loc: Loc) -> Position:
        """Where the value at `loc` begins; if there is none, where the nearest one around it does."""
        return self._nearest(loc).at

    def key_position(self, loc: Loc) -> Position:
        """Where the key of the value at `loc` begins; for list items and the root, where the value does."""
        return self._nearest(loc).key_at

    def problem(self, loc: Loc, message: str, remedy: str = "", *, at_key: bool = False) -> Problem:
        """Something wrong with the value (or its key) at `loc`."""
        position = self.key_position(loc) if at_key else self.position(loc)
        return Problem(*position, dotted(loc), message, remedy)

    def problem_in_text(self, loc: Loc, at: tuple[int, int], message: str, remedy: str = "") -> Problem:
        """Something wrong within the text at `loc`, at a line and column of it.

        If the text is a literal block, the place is that of the file (a placeholder before it in the line counts as
        what was filled in); else the place is where the text begins, and the message says where in it.
        """
        begins = self._nearest(loc).text_at
        if begins is None:
            return self.problem(loc, f"line {at[0]}, column {at[1]} of the text: {message}", remedy)
        return Problem(begins.file, begins.line + at[0] - 1, begins.column + at[1] - 1, dotted(loc), message, remedy)

    def _nearest(self, loc: Loc) -> Node:
        node = self.root
        for part in loc:
            inner = child(node, part)
            if inner is None:
                break
            node = inner
        return node


def child(node: Node, part: str | int) -> Node | None:
    """The value under a key or at a list position; None if there is none."""
    value = node.value
    if isinstance(value, dict):
        return value.get(part) if isinstance(part, str) else None
    if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
        item: Node = value[part]
        return item
    return None


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(inner) for inner in node.value]
    return node.value
