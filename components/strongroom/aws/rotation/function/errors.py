"""Errors, and what may be said of those that others raise.

A driver's exception may quote what it was given, and its traceback holds it; so may Secrets Manager's about a value
that it refuses. Of another's exception only its type and its code go on.
"""

from typing import Final

_CODE_MOST_CHARACTERS: Final = 64


class RotationError(Exception):
    """Rotation cannot go on; the text holds no value. Secrets Manager tries again, and after that on schedule."""


class LoginRefusedError(Exception):
    """The database does not know the user, or not with this password."""


class SupersededError(RotationError):
    """Another rotation of the same secret has taken over meanwhile."""


class VoidError(SupersededError):
    """A pending value can never come into force any more."""


def describe(error: BaseException) -> str:
    """What may be said about an exception: our own text, or else its type and its code."""
    if isinstance(error, RotationError):
        return str(error)
    return f"{type(error).__name__}{_code(error)}"


def _code(error: BaseException) -> str:
    response = getattr(error, "response", None)  # botocore
    if isinstance(response, dict) and isinstance(fault := response.get("Error"), dict):
        return _shown(f"{getattr(error, 'operation_name', '')} {fault.get('Code', '')}".strip())
    if isinstance(code := getattr(error, "code", None), int):  # pymongo
        return _shown(str(code))
    first = error.args[0] if error.args else None
    if isinstance(first, dict):  # pg8000: the fields of PostgreSQL's ErrorResponse; C is SQLSTATE
        return _shown(str(first.get("C", "")))
    return _shown(str(first)) if isinstance(first, int) else ""  # pymysql, OSError


def _shown(code: str) -> str:
    harmless = len(code) <= _CODE_MOST_CHARACTERS and code.replace(" ", "").replace("_", "").isalnum()
    return f" ({code})" if harmless else ""
