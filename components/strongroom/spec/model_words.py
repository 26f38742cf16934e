"""What each error of pydantic means, in plain words and with a remedy."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from strongroom.spec.model_walk import KEY, Place, fields, purpose
from strongroom.spec.problems import NOT_SHOWN, Loc, did_you_mean, kind, shown


class Complaint(NamedTuple):
    """An error in plain words."""

    message: str
    remedy: str = ""
    needs: str = ""
    """If the value is of another type: what was asked for, such as `a whole number`."""
    at_key: bool = False
    """The key is wrong, not its value."""
    inside: Loc = ()
    """Where in the value the wrong part is."""


class _Error(NamedTuple):
    """One of `ValidationError.errors()` with its place in the file."""

    code: str
    text: str
    context: Mapping[str, Any]
    place: Place
    found: str
    """The value (or key) as it may be shown."""


_NEEDS: Final[dict[str, str]] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("string_type", "string_sub_type"), "text"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"), "a map"),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), "a list"),
}
_LIMITS: Final[dict[str, str]] = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "string_pattern_mismatch": "must match {pattern}",
}
_LENGTHS: Final[dict[str, str]] = {
    "too_short": "needs at least {min_length} of them, has {actual_length}",
    "too_long": "can have at most {max_length} of them, has {actual_length}",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "can have at most {max_length} characters",
}


def complaint(error: Mapping[str, Any], place: Place) -> Complaint:
    """What to say about one of `ValidationError.errors()`, which belongs to `place`."""
    at_key = error["loc"][-1:] == (KEY,)
    found = shown(place.loc[-1]) if at_key and place.loc else shown(place.node.value, _key(place))
    known = _Error(error["type"], error["msg"], error.get("ctx", {}), place, found)
    said = _SAYS.get(known.code, _in_its_own_words)(known)
    return said._replace(at_key=at_key or said.at_key)


def found_value(place: Place) -> str:
    """What stands at a place: `text 'ten'`, `true` or `a list`; only its type if it may be a secret."""
    value = place.node.value
    if isinstance(value, bool):
        return shown(value)
    if isinstance(value, str | int | float) and (text := shown(value, _key(place))) != NOT_SHOWN:
        return f"{kind(value)} {text}"
    return kind(value)


def _key(place: Place) -> str:
    """The key a value stands under, also if it is an item of a list there."""
    return next((part for part in reversed(place.loc) if isinstance(part, str)), "")


def _unknown(error: _Error) -> Complaint:
    known, made_up = fields(error.place.parent), error.place.missing
    name = str(error.place.loc[-1] if made_up is None else made_up)
    remedy = did_you_mean(name, known, f"known keys: {', '.join(known)}" if known else "remove it")
    # A key that is not in the file is one that a validator made from a shorter form.
    return Complaint("unknown key" + ("" if made_up is None else f" {shown(name)}"), remedy, at_key=made_up is None)


def _missing(error: _Error) -> Complaint:
    name = error.place.missing
    if isinstance(name, int):
        return Complaint(f"item {name + 1} of the list is missing")
    why = purpose(fields(error.place.parent).get(str(name)))
    return Complaint(f"'{name}' is missing" + (f" ({why})" if why else ""))


def _wrong_type(error: _Error) -> Complaint:
    needs, value = _NEEDS[error.code], error.place.node.value
    remedy = ""
    if value is None:
        remedy = "write the value, or remove the key"
    elif needs == "text" and isinstance(value, bool | int | float):
        remedy = "put it in quotes"
    elif needs == "a list" and isinstance(value, str):
        remedy = "write a single item as [item]"
    elif needs == "a whole number" and isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        remedy = "write it without quotes and leading zeros"
    elif needs == "true or false" and isinstance(value, str) and value.lower() in {"yes", "on", "no", "off"}:
        remedy = f"write {'true' if value.lower() in {'yes', 'on'} else 'false'}"
    return Complaint(f"needs {needs}, found {found_value(error.place)}", remedy, needs)


def _choice(error: _Error) -> Complaint:
    choices = str(error.context["expected"])
    value = error.place.node.value
    guess = value if isinstance(value, str) and error.found != NOT_SHOWN else ""
    remedy = did_you_mean(guess, re.findall(r"'([^']*)'", choices))
    return Complaint(f"must be {choices}, found {error.found}", remedy)


def _tag(error: _Error) -> Complaint:
    choices, tag = str(error.context["expected_tags"]), str(error.context["tag"])
    remedy = did_you_mean(tag, re.findall(r"'([^']*)'", choices))
    inside = str(error.context["discriminator"]).strip("'")
    return Complaint(f"must be one of {choices}, found {shown(tag)}", remedy, inside=(inside,))


def _no_tag(error: _Error) -> Complaint:
    return Complaint(f"{error.context['discriminator']} is missing, which tells the kind")


def _limit(error: _Error) -> Complaint:
    return Complaint(f"{_LIMITS[error.code].format_map(error.context)}, found {error.found}")


def _length(error: _Error) -> Complaint:
    return Complaint(_LENGTHS[error.code].format_map(error.context))


def _raised(error: _Error) -> Complaint:
    """A ValueError or AssertionError of a validator, which may carry a remedy."""
    raised = error.context["error"]
    return Complaint(str(raised) or "is not valid", str(getattr(raised, "remedy", "")))


def _in_its_own_words(error: _Error) -> Complaint:
    """An error of our own with its remedy in the context; or a rare one of pydantic, whose texts hold no value."""
    text = error.text.replace("Input should", "must")
    return Complaint(text, str(error.context.get("remedy") or ""))


_SAYS: Final[dict[str, Callable[[_Error], Complaint]]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "literal_error": _choice,
    "enum": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "value_error": _raised,
    "assertion_error": _raised,
    **dict.fromkeys(_NEEDS, _wrong_type),
    **dict.fromkeys(_LIMITS, _limit),
    **dict.fromkeys(_LENGTHS, _length),
}
