"""A key of some API, by a module of the user's own in the function's package: `callback.py`.

    def create_key(current: dict, *, token: str) -> dict:
        '''Make a key and return the secret's new fields. `token` is the same whenever this is tried again: use it as
        idempotency key, or as the new key's label, and remove one of this label that was left over.'''

    def test_key(new: dict) -> None:
        '''Use the key, harmlessly. Raise if it does not work.'''

    def revoke_key(old: dict) -> None:
        '''Revoke a key. One that is revoked already, or unknown, is no error.'''

A key stays valid while it is `AWSCURRENT` or `AWSPREVIOUS`, so whoever uses it has one interval of rotation to notice
the new one; the one before is revoked before a new one is made. There are two at most: what most vendors allow.
A key that was made, and does not work when the next rotation finds it, is revoked, too.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from .errors import RotationError, describe
from .value import Value
from .versions import Versions

MODULE: Final = "callback"
_FUNCTIONS: Final = ("create_key", "test_key", "revoke_key")


class ApiKey:
    """A key that a callback makes."""

    def __init__(self, callback: Any = None) -> None:
        """Args: callback: The module. Default: the one of the package.

        Raises:
            RotationError: It lacks a function.
        """
        self._callback = importlib.import_module(MODULE) if callback is None else callback
        if missing := [name for name in _FUNCTIONS if not callable(getattr(self._callback, name, None))]:
            raise RotationError(f"the package's {MODULE}.py has no function {', '.join(missing)}")

    def fresh(self, versions: Versions, current: Value, previous: Value | None) -> Value:
        if previous is not None and previous.fields != current.fields:
            self._call("revoke_key", dict(previous.fields))
        fields = self._call("create_key", dict(current.fields), token=versions.token)
        if not isinstance(fields, dict):
            raise RotationError(f"create_key of {MODULE}.py returned no dict")
        return Value(fields, current.where)

    def check(self, pending: Value, current: Value) -> None:
        """What a key is for is the callback's own."""

    def usable(self, begun: Value) -> bool:
        try:
            self.test(begun)
        except RotationError:
            return False
        return True

    def discard(self, begun: Value) -> None:
        self._call("revoke_key", dict(begun.fields))

    def apply(self, versions: Versions, pending: Value, others: Iterator[Value], still: Callable[[], None]) -> None:
        """A key is in force once it is made."""

    def test(self, pending: Value) -> None:
        self._call("test_key", dict(pending.fields))

    @contextmanager
    def holding(self, pending: Value) -> Iterator[None]:
        self.test(pending)
        yield

    def _call(self, name: str, *arguments: Any, **more: Any) -> Any:
        try:
            return getattr(self._callback, name)(*arguments, **more)
        except Exception as error:
            failure = describe(error)
        raise RotationError(f"{name} of {MODULE}.py failed: {failure}")
