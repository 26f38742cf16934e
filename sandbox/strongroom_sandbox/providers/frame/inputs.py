"""What a resource takes, read from the installed SDK's own classes: names, types, what is required."""

import sys
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from inspect import isclass
from types import NoneType, UnionType
from typing import Any, Literal

import pulumi

Kind = Literal["string", "boolean", "integer", "number", "list", "map", "object", "file", "anything"]

_SCALARS: Mapping[Any, Kind] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_ZEROS: Mapping[Kind, Any] = {"string": "", "boolean": False, "integer": 0, "number": 0}


@dataclass(frozen=True)
class Shape:
    """The type of an input. `item` is set for lists and maps, `inputs` for objects."""

    kind: Kind
    item: "Shape | None" = None
    inputs: Mapping[str, "Input"] = field(default_factory=dict)

    @property
    def zero(self) -> Any:
        """What an API says of a value that nobody set; for an object, None."""
        match self.kind:
            case "list":
                return []
            case "map":
                return {}
            case kind:
                return _ZEROS.get(kind)

    def __str__(self) -> str:
        match self.kind:
            case "integer":
                return "a whole number"
            case "object":
                return "an object"
            case "file":
                return "an asset or archive"
            case "list" | "map":
                return f"a {self.kind} ({self.item} each)"
            case kind:
                return f"a {kind}"


@dataclass(frozen=True)
class Input:
    """One input: its type, and whether leaving it out is an error."""

    shape: Shape
    required: bool


class _InputsOf(Mapping[str, Input]):
    """The inputs of a class of blocks, read when they are asked for: a block may hold others of its own class."""

    def __init__(self, args: type) -> None:
        self._args = args

    def __getitem__(self, name: str) -> Input:
        return inputs_of(self._args)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(inputs_of(self._args))

    def __len__(self) -> int:
        return len(inputs_of(self._args))


@cache
def inputs_of(args: type) -> Mapping[str, Input]:
    """Return the inputs of an SDK class such as `MountArgs`, by camelCase name."""
    found: dict[str, Input] = {}
    for member in vars(args).values():
        if isinstance(member, property) and member.fget is not None:
            hint = _hint(member.fget)
            found[getattr(member.fget, "_pulumi_name", member.fget.__name__)] = Input(
                _shape(hint), required=NoneType not in typing.get_args(hint)
            )
    return found


@cache
def outputs_of(resource: type) -> frozenset[str]:
    """Return the camelCase names of everything an SDK resource class has after a deployment, inputs among it."""
    return frozenset(
        getattr(member.fget, "_pulumi_name", member.fget.__name__)
        for member in vars(resource).values()
        if isinstance(member, property) and member.fget is not None
    )


def args_of(resource: type) -> type:
    """Return the SDK's input class of a resource class: `MountArgs` of `Mount`, `MountInitArgs` if that is a block."""
    module = sys.modules[resource.__module__]
    found = getattr(module, f"{resource.__name__}InitArgs", None) or getattr(module, f"{resource.__name__}Args")
    return typing.cast("type", found)


def _hint(getter: Any) -> Any:
    # Input[T] is a union that names Output[T] as a forward reference from pulumi's own module. An SDK that loads its
    # modules lazily may have run one twice, and only the one that Python knows has all names.
    module = vars(sys.modules[getter.__module__])
    names = {**getter.__globals__, **module, "Output": pulumi.Output, "T": typing.TypeVar("T")}
    return typing.get_type_hints(getter, globalns=names)["return"]


def _shape(hint: Any) -> Shape:  # noqa: PLR0911  one a form
    origin = typing.get_origin(hint)
    if origin in (typing.Union, UnionType):
        plain = list(filter(_is_plain, typing.get_args(hint)))
        if sum(hasattr(option, "_pulumi_input_type") for option in plain) > 1:  # which one, the value itself says
            return Shape("anything")
        if {_SCALARS.get(option) for option in plain} == {"integer", "string"}:  # a number of a port, or its name
            return Shape("anything")
        return _shape(plain[0])
    if origin in (Sequence, list):
        return Shape("list", item=_shape(typing.get_args(hint)[0]))
    if origin in (Mapping, dict):
        return Shape("map", item=_shape(typing.get_args(hint)[1]))
    if isclass(hint) and hasattr(hint, "_pulumi_input_type"):  # how @pulumi.input_type marks a class
        return Shape("object", inputs=_InputsOf(hint))
    if isclass(hint) and issubclass(hint, Enum):  # a class of names for texts (or numbers), which is what is sent
        hint = next(base for base in hint.__mro__ if base in _SCALARS)
    if hint in (pulumi.Archive, pulumi.Asset):
        return Shape("file")
    return Shape(_SCALARS.get(hint, "anything"))


def _is_plain(option: Any) -> bool:
    """Whether a member of the union that Input[...] is describes the value itself."""
    if option is NoneType or typing.is_typeddict(option):
        return False
    return typing.get_origin(option) not in (Awaitable, pulumi.Output)
