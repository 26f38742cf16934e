"""Settings that PostgreSQL gives the sessions of a user (ALTER ROLE … SET), copied to its clone.

Without them an application that relies on a `search_path` of its user's would find no table after a rotation.
"""

from collections.abc import Callable
from typing import Any, Final

from ..errors import RotationError, describe
from .quoting import quoted

_STORED: Final = (
    "SELECT d.datname, s.setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
    "LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = :name ORDER BY d.datname NULLS FIRST"
)
_OUR_OWN: Final = ("role", "session_authorization")
"""By which a clone acts as its user, and what could have the same effect."""

Run = Callable[..., list[Any]]
"""Runs a statement with its parameters."""


def copy(run: Run, user: str, clone: str) -> None:
    """Give the clone the settings that the user has, in all databases and in single ones, and no others.

    Raises:
        RotationError: The session's user may not.
    """
    wanted, have = _stored(run, user), _stored(run, clone)
    for database, name in sorted(wanted.keys() | have.keys()):
        if (value := wanted.get((database, name))) != have.get((database, name)):
            alter = f"ALTER ROLE {quoted(clone)}{f' IN DATABASE {quoted(database)}' if database else ''}"
            _change(run, alter, name, value)


def _stored(run: Run, user: str) -> dict[tuple[str, str], str]:
    """Database, or nothing if it is of all, and name -> value."""
    rows = run(_STORED, name=user)
    found = {(database or "", *setting.partition("=")[::2]) for database, settings in rows for setting in settings}
    return {(database, name): value for database, name, value in found if name not in _OUR_OWN}


def _change(run: Run, alter: str, name: str, value: str | None) -> None:
    setting = ".".join(map(quoted, name.split(".")))
    try:
        if value is None:
            run(f"{alter} RESET {setting}")
            return
        run("BEGIN")
        # A list, such as a search_path, is stored as it is only from what is in force.
        run("SELECT set_config(:name, :value, true)", name=name, value=value)
        run(f"{alter} SET {setting} FROM CURRENT")
        run("COMMIT")
    except Exception as error:
        failure = describe(error)
    else:
        return
    raise RotationError(
        f"the master may not copy the setting {name} of the user to its clone: {failure}. Give both the same by hand, "
        "as a superuser, and rotation goes on"
    )
