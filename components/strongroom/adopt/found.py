"""From the server's answers to what people write. Nothing here talks to a server: a `Reader` does.

A thing is taken whole or not at all: declared with one setting missing, the first `up` would reset that setting.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, get_args

from pydantic import BaseModel, ValidationError

from strongroom.spec.model import Model
from strongroom.spec.names import Duration, duration
from strongroom.spec.yaml_scalars import FORBIDDEN
from strongroom.vault.refusals import ServerError

_OURS: Final = re.compile(r"\{\{\s*(environment|settings)\b")


def words(text: str) -> frozenset[str]:
    """The names in a text, so that long lists of them read well."""
    return frozenset(text.split())


class Reader(Protocol):
    """A server, as one token sees it."""

    def read(self, path: str) -> dict[str, Any] | None:
        """The data at a path; None if there is nothing."""

    def list(self, path: str) -> list[str]:
        """The names below a path."""


@dataclass(frozen=True, order=True)
class Left:
    """Something that stays on the server as it is, and why."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass
class Found:
    """What was found so far: the parts of the files, what stays as it is, and what somebody should know."""

    stores: dict[str, Any] = field(default_factory=dict)
    engines: dict[str, Any] = field(default_factory=dict)
    auth: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    password_policies: dict[str, str] = field(default_factory=dict)
    token_roles: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Team -> its secrets by name."""
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """How the server's answer about one kind of thing becomes what people write."""

    model: type[Model]
    keys: Mapping[str, str] = field(default_factory=dict)
    """The server's name of a field, where it is not ours."""
    ignored: frozenset[str] = frozenset()
    """What the answer also says and nobody sets."""
    ordinary: Mapping[str, Any] = field(default_factory=dict)
    """What the server says of a setting that is not among ours, if nobody touched it; else that is zero."""


class NotExpressibleError(Exception):
    """A thing that cannot be written down as it is. The text says why, and holds no value."""


def taken(kind: Kind, answer: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """What to write for a thing: the fields whose values are not the default, in the model's order.

    `said` are fields that come from elsewhere. Raises NotExpressibleError.
    """
    names = {kind.keys.get(name, name): name for name in kind.model.model_fields}
    strange = sorted(
        key
        for key, value in answer.items()
        if key not in names and key not in kind.ignored and value and value != kind.ordinary.get(key)
    )
    if strange:
        raise NotExpressibleError(f"it has {', '.join(strange)}, which cannot be said here yet")
    written: dict[str, Any] = {}
    for key, name in names.items():
        value = said.get(name, answer.get(key))
        about = kind.model.model_fields[name]
        default = _plain(about.get_default(call_default_factory=True)) if not about.is_required() else None
        if value is None or value == default or (_empty(value) and (name in said or _empty(default))):
            continue
        written[name] = duration(int(value)) if _is_duration(about.annotation, about.metadata) and value else value
    return checked(kind.model, written)


def checked(model: type[BaseModel], written: dict[str, Any]) -> dict[str, Any]:
    """`written` itself. Raises NotExpressibleError if the model, or the file, cannot hold it."""
    for text in _texts(written):
        if FORBIDDEN.search(text):
            raise NotExpressibleError("it has a text with control or invisible characters, which no file here may hold")
        if _OURS.search(text):
            raise NotExpressibleError("it has a text that looks like a placeholder of ours, {{ environment }}")
    try:
        model.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise NotExpressibleError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
    return written


def refused(reader: Reader, path: str, left: list[Left]) -> dict[str, Any] | None:
    """What is at a path; if the token may not see it, that is noted and None returned."""
    try:
        return reader.read(path)
    except ServerError as error:
        if error.status != 403:
            raise
        left.append(Left(path, "the token may not read it: give it `read` there, and adopt again"))
        return None


def listed(reader: Reader, path: str, left: list[Left]) -> list[str]:
    """The names below a path; if the token may not see them, that is noted."""
    try:
        return sorted(reader.list(path))
    except ServerError as error:
        if error.status == 403:
            left.append(Left(path, "the token may not list it: give it `list` there, and adopt again"))
        elif error.status != 405:  # what cannot be listed has nothing to list
            raise
        return []


def each(
    reader: Reader, place: str, kind: Kind, left: list[Left], skip: Iterable[str] = (), **said: Any
) -> dict[str, dict[str, Any]]:
    """Everything below a path that can be listed, by name."""
    found = {}
    for name in listed(reader, place, left):
        if name.endswith("/") or name in skip:
            continue
        path = f"{place}/{name}"
        answer = refused(reader, path, left)
        if answer is None:
            continue
        try:
            found[name] = taken(kind, answer, **said)
        except NotExpressibleError as error:
            left.append(Left(path, str(error)))
    return found


def _empty(value: Any) -> bool:
    return value in (None, "", 0, False) or (isinstance(value, (list, dict, tuple)) and not value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _is_duration(annotation: Any, metadata: list[Any]) -> bool:
    wanted = list(get_args(Duration)[1:])
    return Duration in get_args(annotation) or metadata[: len(wanted)] == wanted


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
