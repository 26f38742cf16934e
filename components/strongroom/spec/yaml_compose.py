"""Builds values with positions from the events of libyaml, strictly and within bounds.

The language is YAML 1.2's core schema in one document, made smaller: keys are text and unique, no tags, no
merge keys. Built from events and not with `yaml.compose`, which recurses in C without a limit and stops at
the first error: here depth and size are bounded while reading, and most errors let the rest be read.
"""

from functools import cached_property
from typing import Final, NamedTuple

import yaml
from yaml import events

from strongroom.spec.problems import Loc, Problem, SpecError, dotted, kind, shown
from strongroom.spec.yaml_nodes import Node, Position, Scalar
from strongroom.spec.yaml_scalars import CONTROL, resolve
from strongroom.spec.yaml_syntax import syntax_problem

DEPTH_MAX: Final = 64
PROBLEMS_MAX: Final = 100
"""Problems after which reading a file ends: more help nobody, and a hostile file would have millions."""
VALUES_MAX: Final = 500_000
"""Values in one file; what an alias stands for counts each time it is used. 10,000 secrets need some 100,000."""


class _Anchored(NamedTuple):
    """What an anchor names. `node` is None while it is being read: an alias to it then would never end."""

    node: Node | None
    size: int
    depth: int


class _Open:
    """A map or list that is being read."""

    __slots__ = ("anchor", "at", "depth", "expects_key", "in_key", "items", "key", "key_at", "map", "size")

    def __init__(self, is_map: bool, at: Position, anchor: str | None) -> None:
        self.at = at
        self.anchor = anchor
        self.map: dict[str, Node] | None = {} if is_map else None
        self.items: list[Node] = []
        self.key: str | None = None  # None: the value that follows has no usable key and is read, but not kept
        self.key_at = at
        self.expects_key = is_map
        self.in_key = False  # a map or list that was refused as a key is still being read
        self.size = 1
        self.depth = 1


class _Composer:
    """One pass over the events of a file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchored] = {}
        self.root: Node | None = None
        self.total = 0

    def compose(self) -> Node:
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                if not self._take(event):
                    break
        except yaml.MarkedYAMLError as error:
            self.problems.append(syntax_problem(error, self.text, self.file))
        root = self.root
        if not self.problems and (root is None or root.value is None):
            self.problems.append(Problem(self.file, 0, 0, "", "the file is empty", "write it, or remove it"))
        if self.problems or root is None:
            raise SpecError(self.problems)
        return root

    def _take(self, event: events.Event) -> bool:
        """Handles one event; False if reading on is useless or dangerous."""
        if isinstance(event, events.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, events.CollectionStartEvent):
            return self._begin(event)
        elif isinstance(event, events.CollectionEndEvent):
            self._end()
        elif isinstance(event, events.AliasEvent):
            return self._alias(event)
        elif isinstance(event, events.DocumentStartEvent):
            return self._document(event)
        return self._within_bounds(event)

    def _within_bounds(self, event: events.Event) -> bool:
        if len(self.problems) >= PROBLEMS_MAX:
            self._problem(event, f"reading ends here, after {len(self.problems)} problems", "begin with the first")
            return False
        if self.total > VALUES_MAX:
            message = f"the file expands to more than {VALUES_MAX:,} values"
            self._problem(event, message, "use fewer aliases, or split it")
            return False
        return True

    # Positions and problems

    def _at(self, event: events.Event) -> Position:
        mark = event.start_mark
        assert mark is not None  # libyaml marks every event
        return Position(self.file, mark.line + 1, mark.column + 1)

    def _text_at(self, event: events.ScalarEvent) -> Position | None:
        """Where the first line of a literal block begins: below its `|`, indented as its first line with text is."""
        mark = event.start_mark
        assert mark is not None
        written, lines = self.lines[mark.line + 1 :], event.value.split("\n")
        number = next((number for number, line in enumerate(lines) if line.strip(" ")), None)
        if number is None:
            return None
        indent = len(written[number]) - len(written[number].lstrip(" "))
        own = len(lines[number]) - len(lines[number].lstrip(" "))
        return Position(self.file, mark.line + 2, indent - own + 1)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def _loc(self) -> Loc:
        steps = ((frame.key if frame.map is not None else len(frame.items)) for frame in self.open)
        return tuple(step for step in steps if step is not None)

    def _problem(self, event: events.Event, message: str, remedy: str, key: str | None = None) -> None:
        loc = self._loc() if key is None else (*self._loc(), key)
        self.problems.append(Problem(*self._at(event), dotted(loc), message, remedy))

    # Events

    def _document(self, event: events.DocumentStartEvent) -> bool:
        if self.root is not None:
            self._problem(event, "a second document begins here", "keep one document in a file: remove the '---'")
            return False
        if event.version not in {None, (1, 2)} or event.tags:
            self._problem(event, "directives other than '%YAML 1.2' are not supported", "remove the line with '%'")
        return True

    def _begin(self, event: events.CollectionStartEvent) -> bool:
        is_map = isinstance(event, events.MappingStartEvent)
        if len(self.open) >= DEPTH_MAX:
            self._problem(event, f"maps and lists are nested deeper than {DEPTH_MAX}", "make the file flatter")
            return False
        self._refuse_tag(event)
        if self._expects_key():
            self._collection_as_key(event)
        frame = _Open(is_map, self._at(event), event.anchor)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(None, 0, 0)
        self.open.append(frame)
        return True

    def _end(self) -> None:
        frame = self.open.pop()
        node = Node(frame.items if frame.map is None else frame.map, frame.at, frame.at)
        self._add(node, frame.size, frame.depth, frame.anchor)

    def _scalar(self, event: events.ScalarEvent) -> None:
        self._refuse_tag(event)
        value: Scalar = event.value
        is_plain = event.style is None or event.style == ""
        if is_plain:
            try:
                value = resolve(event.value)
            except ValueError as error:
                self._problem(event, f"{error} cannot be used", "put it in quotes to make it text")
                value = None
        elif found := CONTROL.search(event.value):
            self._problem(event, f"the text holds U+{ord(found[0]):04X}, a control character", "remove the escape")
        if self._expects_key():
            self._key(event, value, is_plain)
        else:
            text_at = self._text_at(event) if event.style == "|" else None
            self._add(Node(value, self._at(event), self._at(event), text_at), 1, 0, event.anchor)

    def _alias(self, event: events.AliasEvent) -> bool:
        if self._expects_key():
            self._problem(event, "an alias cannot be a key", "write the key out")
            self.open[-1].expects_key = False
            return True
        name = event.anchor or ""
        target = self.anchors.get(name)
        at = self._at(event)
        if target is None or target.node is None:
            what = "is not defined above" if target is None else "is used inside itself and would never end"
            self._problem(event, f"alias {shown('*' + name)} {what}", "write the value out")
            self._add(Node(None, at, at), 1, 0, None)
            return True
        self.total += target.size - 1  # and one when it is added
        if not self._within_bounds(event):
            return False
        if len(self.open) + target.depth > DEPTH_MAX:
            self._problem(event, f"with aliases, maps and lists are nested deeper than {DEPTH_MAX}", "write it flatter")
            return False
        self._add(target.node._replace(at=at, key_at=at), target.size, target.depth, None)
        return True

    # Keys and values

    def _expects_key(self) -> bool:
        return bool(self.open) and self.open[-1].expects_key

    def _collection_as_key(self, event: events.CollectionStartEvent) -> None:
        frame = self.open[-1]
        frame.expects_key, frame.in_key = False, True
        if isinstance(event, events.MappingStartEvent) and event.flow_style:
            self._problem(event, "a map cannot be a key", 'a placeholder needs quotes: "{{ environment }}"')
        else:
            self._problem(event, "a map or list cannot be a key", "write a plain word")

    def _key(self, event: events.ScalarEvent, key: Scalar, is_plain: bool) -> None:
        frame = self.open[-1]
        frame.expects_key = False
        if not isinstance(key, str):
            self._problem(event, f"the key {shown(key)} is {kind(key)}, keys are text", "put it in quotes")
        elif is_plain and key == "<<":
            self._problem(
                event, "merge keys (<<) are not supported", "an environment file can name others in 'extends'"
            )
        elif frame.map is not None and key in frame.map:
            first = frame.map[key].key_at.line
            self._problem(event, f"duplicate key, first used in line {first}", "keep one of the two", key)
        else:
            frame.key, frame.key_at = key, self._at(event)

    def _refuse_tag(self, event: events.ScalarEvent | events.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._problem(event, f"tag {shown(event.tag)} is not supported", "remove it; quotes make a value text")

    def _add(self, node: Node, size: int, depth: int, anchor: str | None) -> None:
        """Puts a finished value where it belongs: under the key it follows, into its list, or at the root."""
        self.total += 1
        if anchor:
            self.anchors[anchor] = _Anchored(node, size, depth)
        if not self.open:
            self.root = node
            return
        frame = self.open[-1]
        frame.size += size
        frame.depth = max(frame.depth, depth + 1)
        if frame.map is None:
            frame.items.append(node)
            return
        if frame.in_key:
            frame.in_key = False
            return
        if frame.key is not None:
            frame.map[frame.key] = node._replace(key_at=frame.key_at)
        frame.key = None
        frame.expects_key = True


def compose(text: str, file: str) -> Node:
    """The values of a YAML text. Raises SpecError with all problems that were found."""
    return _Composer(text, file).compose()
