"""Who calls. The engine has a connection for each provider of a program, and configures each once."""

from collections import OrderedDict
from contextvars import ContextVar
from typing import Final, Generic, TypeVar

CALLER: Final[ContextVar[str]] = ContextVar("caller", default="")
"""The address of the connection by which the request that is being answered came in."""
_REMEMBERED: Final = 256
"""Runs come and go while the process stays; no run has as many providers of one package."""

T = TypeVar("T")


class ByCaller(Generic[T]):
    """One value for each caller: a program may have a provider for each of two regions, both served by one process."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, T | None] = OrderedDict()

    def set(self, value: T | None) -> None:
        """Remember a value for whoever calls now; None is that there is none yet."""
        self._values[CALLER.get()] = value
        self._values.move_to_end(CALLER.get())
        while len(self._values) > _REMEMBERED:
            self._values.popitem(last=False)

    def get(self) -> T | None:
        """The value of whoever calls now; None if it has none."""
        return self._values.get(CALLER.get())
