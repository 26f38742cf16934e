"""YAML as it is written: values that know which characters of the text they are, so that one can be replaced alone.

Not the reader of our own files (`strongroom.spec.yaml_source`): manifests of others may have anchors, merge keys and
several documents, and nothing in them is to be refused that Kubernetes takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml import events


@dataclass(slots=True)
class Written:
    """One value. `fields` of a map, `items` of a list, `text` of a scalar; what it is not is None."""

    start: int
    end: int
    """Characters of the document."""
    line: int
    column: int
    """Within the document, from 0."""
    text: str | None = None
    plain: bool = False
    """Whether a scalar stands without quotes, so that it may be a number or null."""
    fields: "dict[str, Written] | None" = None
    items: "list[Written] | None" = None

    def get(self, *path: str) -> "Written | None":
        """The value below maps; None if there is none."""
        found: Written | None = self
        for key in path:
            found = found.fields.get(key) if found is not None and found.fields is not None else None
        return found

    def each(self, *path: str) -> "Iterator[Written]":
        """The items of a list below maps; none if there is no list."""
        found = self.get(*path)
        yield from (found.items or ()) if found is not None else ()

    def says(self, *path: str) -> str:
        """The text of a scalar below maps; empty if there is none."""
        found = self.get(*path)
        return (found.text or "") if found is not None else ""

    def has(self, *path: str) -> bool:
        """Whether there is a value below maps that is not null."""
        found = self.get(*path)
        return found is not None and not (found.plain and found.text in {"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class _Open:
    """A map or list that is being read."""

    node: Written
    key: str | None = None
    """Of the value that comes next; None: a key comes next."""
    merged: list[Written] = field(default_factory=list)

    def put(self, node: Written) -> None:
        if self.node.items is not None:
            self.node.items.append(node)
        elif self.key is None:
            self.key = node.text if node.text is not None else ""  # a map or list as a key: not ours
        else:
            assert self.node.fields is not None
            if self.key == "<<":
                self.merged.extend(node.items if node.items is not None else [node])
            else:
                self.node.fields[self.key] = node
            self.key = None

    def end(self, event: events.CollectionEndEvent) -> Written:
        assert event.end_mark is not None
        self.node.end = event.end_mark.index
        for merged in self.merged:
            for key, value in (merged.fields or {}).items():
                assert self.node.fields is not None
                self.node.fields.setdefault(key, value)
        return self.node


def read(document: str) -> Written | None:
    """The value of one document; None if it is empty. Raises yaml.YAMLError if it is no YAML.

    Built from events: a document may be nested as deeply as it likes without a recursion.
    """
    opened: list[_Open] = []
    anchors: dict[str, Written] = {}
    root: Written | None = None
    for event in yaml.parse(document, Loader=yaml.CSafeLoader):
        if isinstance(event, events.CollectionEndEvent):
            node = opened.pop().end(event)
        elif isinstance(event, events.AliasEvent):
            # One that leads nowhere has no value here; whoever applies the file is told.
            node = anchors.get(event.anchor or "") or _written(event)
        elif isinstance(event, events.NodeEvent):
            node = _written(event)
            if event.anchor:
                anchors[event.anchor] = node
            if isinstance(event, events.CollectionStartEvent):
                opened.append(_Open(node))
                continue
        else:
            continue
        if opened:
            opened[-1].put(node)
        else:
            root = node
    return root


def _written(event: events.NodeEvent) -> Written:
    start, end = event.start_mark, event.end_mark
    assert start is not None  # libyaml marks every event
    assert end is not None
    node = Written(start.index, end.index, start.line, start.column)
    if isinstance(event, events.ScalarEvent):
        node.text, node.plain = event.value, not event.style
    elif isinstance(event, events.MappingStartEvent):
        node.fields = {}
    elif isinstance(event, events.SequenceStartEvent):
        node.items = []
    return node
