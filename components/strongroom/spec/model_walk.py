"""Follows the location of a pydantic error through a file's values and a model's annotations at once.

pydantic's locations are not paths in the file: at a union they hold the name of the alternative that was
tried, for a bad key they end in `[key]`, and for a missing field they name what is not there.
"""

import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, Tag
from pydantic.fields import FieldInfo

from strongroom.spec.problems import Loc
from strongroom.spec.yaml_nodes import Node, child

KEY = "[key]"
"""How a location of pydantic ends if a map's key is wrong, not its value."""


class Step(NamedTuple):
    """An alternative that was tried at a union."""

    at: Loc
    alternative: str


class Place(NamedTuple):
    """Where an error belongs in the file, and what the model expects there."""

    loc: Loc
    """The path in the file, as far as the file has it."""
    node: Node
    """The value there."""
    missing: str | int | None
    """What the location names beyond the file: a missing field."""
    parent: Any
    """The annotation of the map or list around the last part of the location."""
    steps: tuple[Step, ...]
    """The alternatives that were tried on the way, outermost first."""


def locate(model: type[BaseModel], loc: tuple[str | int, ...], root: Node) -> Place:
    """Follows `loc`, as an error of `model` has it, from the root of a file."""
    annotation: Any = model
    parent: Any = model
    node, found, missing = root, list[str | int](), None
    steps: list[Step] = []
    for part in loc:
        if part == KEY:
            break
        annotation = _bare(annotation)
        if _is_union(annotation):
            steps.append(Step(tuple(found), str(part)))
            annotation = _alternative(annotation, str(part))
            continue
        parent, annotation = annotation, _inner(annotation, part)
        inner = child(node, part)
        if inner is not None:
            node = inner
            found.append(part)
        elif parent is not Any:
            # A missing field, or the inside of what a validator made from a shorter form: not in the file.
            missing = part
            break
    return Place(tuple(found), node, missing, parent, tuple(steps))


def fields(annotation: Any) -> dict[str, FieldInfo]:
    """The fields a map may have there, by the names they have in the file; of all alternatives at a union."""
    annotation = _bare(annotation)
    if _is_union(annotation):
        return {name: field for member in _members(annotation) for name, field in fields(member).items()}
    if not _is_model(annotation):
        return {}
    return {field.alias or name: field for name, field in annotation.model_fields.items()}


def purpose(field: FieldInfo | None) -> str:
    """The first sentence of a field's description, without its full stop."""
    text = " ".join((field.description or "").split()) if field else ""
    return re.split(r"(?<=[^.])\.(\s|$)", text, maxsplit=1)[0]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {Union, types.UnionType}


def _members(union: Any) -> Iterator[Any]:
    return (member for member in get_args(union) if member is not type(None))


def _bare(annotation: Any) -> Any:
    """Without what only decorates it: Annotated, aliases, `| None`, a root model."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__value__"):  # a `type X = ...` alias, or typing_extensions' for older Pythons
            annotation = annotation.__value__
        elif hasattr(annotation, "__supertype__"):  # a NewType
            annotation = annotation.__supertype__
        elif _is_union(annotation) and len(members := list(_members(annotation))) == 1:
            annotation = members[0]
        elif _is_model(annotation) and issubclass(annotation, RootModel):
            annotation = annotation.model_fields["root"].annotation
        else:
            return annotation


def _alternative(union: Any, label: str) -> Any:
    """The member of a union that pydantic calls `label`; Any if none is recognised."""
    members = list(_members(union))
    exact = (member for member in members if label in _labels(member))
    # Decorated ones are called like `function-after[check(), Aws]` or `tagged-union[Kv,Aws]`.
    within = (member for member in members if _names(member) & set(re.findall(r"\w+", label)))
    return next(exact, None) or next(within, Any)


def _names(annotation: Any) -> set[str]:
    """The name of a type; of all members of a union."""
    annotation = _bare(annotation)
    if _is_union(annotation):
        return {name for member in _members(annotation) for name in _names(member)}
    return {str(getattr(get_origin(annotation) or annotation, "__name__", annotation))}


def _labels(member: Any) -> set[str]:
    """What pydantic may call an alternative: its class, its tag, or a value of the field that tells which."""
    labels = set() if _is_union(_bare(member)) else _names(member)
    if get_origin(member) is Annotated:
        labels |= {extra.tag for extra in get_args(member)[1:] if isinstance(extra, Tag)}
    for field in fields(member).values():
        if get_origin(_bare(field.annotation)) is Literal:
            labels |= {str(value) for value in get_args(_bare(field.annotation))}
    return labels


def _inner(annotation: Any, part: str | int) -> Any:
    """The annotation of what stands under a key or at a list position."""
    if _is_model(annotation):
        field = fields(annotation).get(str(part)) or annotation.model_fields.get(str(part))
        return field.annotation if field else Any
    origin, arguments = get_origin(annotation), get_args(annotation)
    if not isinstance(origin, type) or not arguments:
        return Any
    if issubclass(origin, Mapping):
        return arguments[-1]
    if origin is tuple and isinstance(part, int) and arguments[-1] is not ...:
        return arguments[part] if part < len(arguments) else Any
    return arguments[0]
