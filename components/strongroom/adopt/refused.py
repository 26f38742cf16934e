"""What was found, and no environment of this project may have: it stays on the server, and is listed."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from strongroom.adopt.found import Found, Left
from strongroom.spec.problems import Problem, dotted

_PLACES: Final = {
    "policies": "sys/policies/acl",
    "password_policies": "sys/policies/password",
    "token_roles": "auth/token/roles",
    "entities": "identity/entity/name",
    "groups": "identity/group/name",
}
"""Section -> where its things are on the server."""


def leave_refused(found: Found, problems: Iterable[Problem]) -> list[Left]:
    """Takes those things out of `found` that problems are about, and says of each why."""
    things = list(_things(found))
    left: dict[str, Left] = {}
    for problem in problems:
        for where, path, table, name in things:
            if problem.where == where or problem.where.startswith((f"{where}.", f"{where}[")):
                table.pop(name, None)
                left.setdefault(path, Left(path, problem.message))
    return sorted(left.values())


def _things(found: Found) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Where each thing would be declared and where it is, with the table that it is in and its name there."""
    for section, place in _PLACES.items():
        table = getattr(found, section)
        for name in table:
            yield dotted(("vault", "adopted", section, name)), f"{place}/{name}", table, name
    for mount, method in found.auth.items():
        for kind, written in method.items():
            place = f"auth/{mount}/{'certs' if kind == 'cert' else 'role'}"
            for name in written.get("roles", {}):
                where = dotted(("vault", "adopted", "auth", mount, kind, "roles", name))
                yield where, f"{place}/{name}", written["roles"], name
