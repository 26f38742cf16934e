"""What no short-lived login may be given: the database itself, or the means to give oneself more.

One function for each language of statements; those of SQL are in `sql_privileges`. A finding is `(what, remedy)`; it
never repeats the statement, as one could hold a password.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from strongroom.vault.database import sql_privileges
from strongroom.vault.database.plugins.server import Language
from strongroom.vault.database.sql_privileges import GRANT_WHAT_IS_USED, Finding

_NO_OBJECT: Final = ("is not an object in JSON, which this database's plugin takes", 'write {"…": …}')
_MONGODB_ROLES: Final = {
    "root", "__system", "dbOwner", "userAdmin", "userAdminAnyDatabase", "clusterAdmin", "clusterManager",
    "hostManager", "dbAdminAnyDatabase", "readWriteAnyDatabase", "readAnyDatabase", "restore", "backup",
}  # fmt: skip
_ELASTICSEARCH_CLUSTER: Final = {"all", "manage_security", "manage_api_key", "grant_api_key"}
_REDIS_COMMANDS: Final = {"+acl", "+config", "+module", "+debug", "+shutdown", "+replicaof", "+slaveof", "+migrate"}
_REDIS_BOTH: Final = {"-@dangerous", "-@admin"}


def findings(language: Language, statement: str, username: str = "") -> Iterator[Finding]:
    """What a statement gives away that it must not. `username` is the connection's own login."""
    yield from _JUDGES[language](statement, username)


def _list(value: Any, key: str) -> list[Any]:
    """A list of a map; empty if there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _names(value: Any, key: str) -> set[str]:
    """The texts of a list."""
    return {name for name in _list(value, key) if isinstance(name, str)}


def _json(text: str, kind: type) -> Any:
    """The value; None if it is none of this kind."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, kind) else None


def _mongodb(text: str, _: str) -> Iterator[Finding]:
    if (value := _json(text, dict)) is None:
        yield _NO_OBJECT
        return
    roles = _names(value, "roles") | {str(role.get("role")) for role in _list(value, "roles") if isinstance(role, dict)}
    if given := sorted(roles & _MONGODB_ROLES):
        yield f"gives the role {', '.join(given)}", "give read or readWrite on one database"


def _elasticsearch(text: str, _: str) -> Iterator[Finding]:
    if (value := _json(text, dict)) is None:
        yield _NO_OBJECT
        return
    if "superuser" in _names(value, "elasticsearch_roles"):
        yield "gives the role superuser", "define a role with elasticsearch_role_definition"
    definition = value.get("elasticsearch_role_definition")
    cluster = {name.lower() for name in _names(definition, "cluster")}
    if given := sorted(cluster & _ELASTICSEARCH_CLUSTER):
        yield f"gives the cluster privilege {', '.join(given)}", GRANT_WHAT_IS_USED
    if _list(definition, "run_as"):
        yield "lets a login act as another (run_as)", "leave it out"
    indices = [*_list(definition, "indices"), *_list(definition, "index")]
    if any(name.lower() == "all" for index in indices for name in _names(index, "privileges")):
        yield "gives all privileges of an index", GRANT_WHAT_IS_USED


def _redis(text: str, _: str) -> Iterator[Finding]:
    value = _json(text, list)
    if value is None or not all(isinstance(rule, str) for rule in value):
        yield "is not a list of ACL rules in JSON, which this database's plugin takes", 'write ["~app:*", "+@read"]'
        return
    everything, taken = False, set[str]()
    for rule in (str(rule).lower() for rule in value):
        if rule in {"+@all", "allcommands", "+@slow"}:  # whatever is dangerous is also slow
            everything, taken = True, set()
        elif rule in {"-@all", "nocommands", "reset"}:
            everything = False
        elif rule in _REDIS_BOTH:
            taken.add(rule)
        elif rule.startswith("("):
            yield "has a selector, a second set of rules", "write its rules as the login's own"
        elif rule in {"+@admin", "+@dangerous"} or rule.split("|")[0] in _REDIS_COMMANDS:
            yield f"gives {rule}, with which a login can give itself more", GRANT_WHAT_IS_USED
        elif rule == "nopass" or rule[:1] in {">", "#"}:
            yield "says how the login is let in, which is the server's business", "leave it out"
    if everything and taken != _REDIS_BOTH:
        remedy = "give a category such as +@read, or take -@dangerous and -@admin away after it"
        yield "gives every command (+@all)", remedy


_JUDGES: Final[Mapping[Language, Callable[[str, str], Iterator[Finding]]]] = {
    "postgresql": sql_privileges.postgresql,
    "redshift": sql_privileges.postgresql,
    "mysql": sql_privileges.mysql,
    "cassandra": sql_privileges.cassandra,
    "mongodb": _mongodb,
    "elasticsearch": _elasticsearch,
    "redis": _redis,
}
