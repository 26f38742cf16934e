"""What the vendor's models say of a body: its members, their types, what is required and what only Azure may write.

The `azure-mgmt-*` packages have models of two generations, both made from Azure's published API description.
"""

import datetime
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, Final

SCALARS: Final[Mapping[str, type]] = {"str": str, "bool": bool, "int": int, "float": float, "iso-8601": str}
_SAID: Final[Mapping[type, str]] = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Node:
    """One value of a body. With neither type nor members nor item it may be anything."""

    scalar: type | None = None
    allowed: frozenset[str] = frozenset()
    """The values of an enumeration."""
    members: Mapping[str, "Member"] = field(default_factory=dict)
    item: "Node | None" = None
    is_list: bool = False
    discriminator: str = ""
    """The member by whose value the model is chosen."""
    variants: Mapping[str, type] = field(default_factory=dict)
    model: type | None = None
    """Instead of all that: the model that says it, which may be within itself."""

    def chosen(self, value: Any) -> "Node":
        """What there is to say of a value: the model's members, or of several models those that the value chooses."""
        if self.model:
            return described(self.model).chosen(value)
        kind = value.get(self.discriminator) if self.discriminator and isinstance(value, dict) else None
        chosen = self.variants.get(kind) if isinstance(kind, str) else None
        return described(chosen).chosen(value) if chosen else self


@dataclass(frozen=True)
class Member:
    """One member of a body."""

    node: Node
    required: bool = False
    read_only: bool = False


@cache
def described(model: type) -> Node:
    """What a model of either generation says."""
    return _by_map(model) if hasattr(model, "_attribute_map") else _by_hints(model)


def flaws(node: Node, body: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a body, each with its path. Values are told only where an enumeration lacks them."""
    node, at = node.chosen(body), path or "the body"
    if node.members and isinstance(body, dict):
        yield from _of_members(node.members, body, path)
    elif node.item is not None and isinstance(body, list if node.is_list else dict):
        for key, value in enumerate(body) if isinstance(body, list) else body.items():
            yield from flaws(node.item, value, f"{path}[{key}]")
    elif node.members or node.item is not None:
        yield path, f"{at} must be {'a list' if node.is_list else 'an object'}"
    elif node.scalar and not _is(body, node.scalar):
        yield path, f"{at} must be {_SAID[node.scalar]}"
    elif node.allowed and body not in node.allowed:
        yield path, f"{at} is {body!r}, and Azure's model has {', '.join(sorted(node.allowed))}"


def _of_members(members: Mapping[str, Member], body: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        member, inner = members.get(name), f"{path}.{name}".lstrip(".")
        if member is None:
            yield inner, f"{inner}: Azure's model has no such property"
        elif member.read_only:
            yield inner, f"{inner}: only Azure itself writes this property"
        elif value is not None:
            yield from flaws(member.node, value, inner)
    for name, member in members.items():
        if member.required and body.get(name) is None:
            inner = f"{path}.{name}".lstrip(".")
            yield inner, f"{inner} is required by Azure's model"


def _is(value: Any, scalar: type) -> bool:
    if scalar is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, scalar) and (scalar is bool or not isinstance(value, bool))


def _by_hints(model: type) -> Node:
    """The newer generation: class annotations, and what the fields know of themselves."""
    hints: dict[str, Any] = {}
    for cls in reversed(model.__mro__):
        if "__annotations__" not in vars(cls):
            continue
        names = vars(sys.modules[cls.__module__]) | {"_models": sys.modules[cls.__module__.rpartition(".")[0]]}
        hints |= {name: (hint, names) for name, hint in vars(cls)["__annotations__"].items()}
    model({})  # a model learns the names of its fields when the first one is made
    members = {}
    for name, rest in getattr(model, "_attr_to_rest_field").items():  # noqa: B009  no public way
        hint, names = hints[name]
        kind = eval(hint, names) if isinstance(hint, str) else hint  # noqa: S307  the vendor's own annotation
        required = types.NoneType not in typing.get_args(kind)
        members[rest._rest_name] = Member(_of_hint(kind, names), required, rest._visibility == ["read"])
    return Node(members=members)


def _of_hint(hint: Any, names: Mapping[str, Any]) -> Node:  # noqa: PLR0911  one a form
    if isinstance(hint, str | typing.ForwardRef):
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        return _of_hint(eval(text, dict(names)), names)  # noqa: S307  the vendor's own annotation
    origin, options = typing.get_origin(hint), [a for a in typing.get_args(hint) if a is not types.NoneType]
    if origin in (typing.Union, types.UnionType):
        resolved = [_of_hint(option, names) for option in options]
        enumerations = [node for node in resolved if node.allowed]
        return enumerations[0] if enumerations else resolved[0]
    if origin is list:
        return Node(item=_of_hint(options[0], names), is_list=True)
    if origin is dict:
        return Node(item=_of_hint(options[1], names))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Node(str, frozenset(str(entry.value) for entry in hint))
    if hint is datetime.datetime:
        return Node(str)
    if isinstance(hint, type) and hint in SCALARS.values():
        return Node(hint)
    # A model has its mark only once one was made.
    return Node(model=hint) if isinstance(hint, type) and hint.__module__.startswith("azure.mgmt.") else Node()


def _by_map(model: Any) -> Node:
    """The older generation: maps from attributes to dotted names in the body, and what is validated of them."""
    module = sys.modules[model.__module__]
    tree: dict[str, Any] = {}
    for attribute, about in model._attribute_map.items():
        *outer, last = about["key"].split(".")
        level = tree
        for name in outer:
            level = level.setdefault(name, {})
        rules = model._validation.get(attribute, {})
        level[last] = Member(
            _of_text(about["type"], module), rules.get("required", False), rules.get("readonly", False)
        )
    subtypes = vars(model).get("_subtype_map") or {}
    node = _tree(tree)
    for attribute, names in subtypes.items():
        variants = {kind: getattr(module, cls) for kind, cls in names.items()}
        return Node(members=node.members, discriminator=model._attribute_map[attribute]["key"], variants=variants)
    return node


def _tree(tree: Mapping[str, Any]) -> Node:
    members = {name: m if isinstance(m, Member) else Member(_tree(m), _needed(m)) for name, m in tree.items()}
    return Node(members=members)


def _needed(tree: Mapping[str, Any]) -> bool:
    return any(member.required if isinstance(member, Member) else _needed(member) for member in tree.values())


def _of_text(text: str, module: types.ModuleType) -> Node:
    if text.startswith("["):
        return Node(item=_of_text(text[1:-1], module), is_list=True)
    if text.startswith("{"):
        return Node(item=_of_text(text[1:-1], module))
    if text in SCALARS:
        return Node(SCALARS[text])
    found = getattr(module, text, None)
    return Node(model=found) if hasattr(found, "_attribute_map") else Node()
