"""The strategies of our own function, by name."""

from typing import Final, Literal, get_args

Strategy = Literal[
    "postgresql-single-user",
    "postgresql-alternating-users",
    "mysql-single-user",
    "mysql-alternating-users",
    "redshift-single-user",
    "redshift-alternating-users",
    "documentdb-single-user",
    "documentdb-alternating-users",
    "api-key",
]
STRATEGIES: Final[tuple[Strategy, ...]] = get_args(Strategy)
WITHOUT_LOCK: Final = frozenset({"redshift", "documentdb"})
"""Databases that have nothing by which rotations could exclude each other."""


def checked(text: str) -> Strategy:
    """One of the strategies.

    Raises:
        ValueError: It is none.
    """
    for strategy in STRATEGIES:
        if strategy == text:
            return strategy
    raise ValueError(f"there is no strategy {text!r} of rotation: there are {', '.join(STRATEGIES)}")


def driver_of(strategy: Strategy) -> str:
    """What a strategy connects to: `postgresql`, `mysql`, `redshift`, `documentdb`, or `api-key` for no database."""
    return strategy if strategy == "api-key" else strategy.partition("-")[0]


def alternates(strategy: Strategy) -> bool:
    """Whether it needs a master's login."""
    return strategy.endswith("-alternating-users")
