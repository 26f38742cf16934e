"""Values as they come from standard input. No error repeats any of it."""

import json
from collections.abc import Sequence
from typing import Any

from strongroom.errors import WrongInputError


def one(data: bytes, exact: bool = False) -> str:
    """The value of one field, byte for byte. Unless `exact`, one final line break is not part of it: `echo` adds it.

    Raises WrongInputError if it is not UTF-8.
    """
    text = _text(data)
    return text if exact else text.removesuffix("\n").removesuffix("\r")


def several(data: bytes, fields: Sequence[str]) -> dict[str, str]:
    """The values of a whole secret, from a JSON object of texts. `fields` are named in the error.

    Raises WrongInputError if it is not that, or names a field twice: which one was meant?
    """
    try:
        values = json.loads(_text(data), object_pairs_hook=_without_repetition)
    except (json.JSONDecodeError, RecursionError):
        values = None  # the decoder's own message could quote the input
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise WrongInputError(
            f"standard input is no JSON object of texts, each field once; expected fields: {', '.join(fields)}"
        )
    return values


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        problem = "standard input is not UTF-8; encode what is binary in base64 first"
    # Raised out here: the decoder's exception holds the input.
    raise WrongInputError(problem)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any] | None:
    values = dict(pairs)
    return values if len(values) == len(pairs) else None
