"""What no short-lived login may be given: the database itself, or the means to give oneself more.

One function for each language of statements. A finding is `(what, remedy)`; it never repeats the statement, as one
could hold a password.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from strongroom.vault.database.plugins.server import Language
from strongroom.vault.database.sql import Dialect, UnreadableError, Word, has, statements

Finding = tuple[str, str]

GRANT_WHAT_IS_USED: Final = "grant the privileges that the workload uses, by name"
_NO_OBJECT: Final = ("is not an object in JSON, which this database's plugin takes", 'write {"…": …}')
_PASSING_ON: Final = (
    ("with", "grant"), ("with", "admin"), ("admin", "option"), ("admin", "true"), ("grant", "option"),
)  # fmt: skip

_POSTGRESQL_ATTRIBUTES: Final = {"superuser", "createrole", "createdb", "replication", "bypassrls", "createuser"}
"""`createuser` is how Redshift spells superuser."""
_POSTGRESQL_ROLES: Final = {
    "rds_superuser", "cloudsqlsuperuser", "azure_pg_admin", "alloydbsuperuser", "pg_read_server_files",
    "pg_write_server_files", "pg_execute_server_program", "pg_read_all_data", "pg_write_all_data",
}  # fmt: skip
_MYSQL_PRIVILEGES: Final = {
    "super", "file", "shutdown", "proxy", "system_user", "role_admin", "set_user_id", "set_any_definer",
    "connection_admin", "system_variables_admin",
}  # fmt: skip
_MONGODB_ROLES: Final = {
    "root", "__system", "dbOwner", "userAdmin", "userAdminAnyDatabase", "clusterAdmin", "clusterManager",
    "hostManager", "dbAdminAnyDatabase", "readWriteAnyDatabase", "readAnyDatabase", "restore", "backup",
}  # fmt: skip
_ELASTICSEARCH_CLUSTER: Final = {"all", "manage_security", "manage_api_key", "grant_api_key"}
_REDIS_COMMANDS: Final = {"+acl", "+config", "+module", "+debug", "+shutdown", "+replicaof", "+slaveof", "+migrate"}


def findings(language: Language, statement: str) -> Iterator[Finding]:
    """What a statement gives away that it must not."""
    yield from _JUDGES[language](statement)


def _granted(statement: Sequence[Word]) -> set[str]:
    """What stands between GRANT and ON or TO."""
    end = next((at for at, word in enumerate(statement) if word in (Word("on"), Word("to"))), len(statement))
    return {word.text for word in statement[1:end]}


def _builds_statements(statement: Sequence[Word]) -> bool:
    """EXECUTE as a command; elsewhere it is a privilege, or what a trigger does."""
    before = [None, *statement]
    return any(
        word in (Word("execute"), Word("prepare")) and before[at] in (None, Word("in"), Word("for"), Word("query"))
        for at, word in enumerate(statement)
    )


def _sql(
    text: str, attributes: set[str], *, granted: set[str], mentioned: set[str], dialect: Dialect = "postgresql"
) -> Iterator[Finding]:
    try:
        parsed = statements(text, dialect)
    except UnreadableError as error:
        yield str(error), "close it: what follows could mean anything"
        return
    for statement in parsed:
        first, keywords = statement[0], {word.text for word in statement if not word.quoted}
        if first == Word("revoke"):
            continue
        if _builds_statements(statement):
            yield "runs a statement that it builds itself, which cannot be judged", "write the statement out"
        if first != Word("grant") and not has(statement, "superuser", "=", "false"):
            for attribute in sorted(attributes & keywords):
                yield f"makes a login with {attribute.upper()}", GRANT_WHAT_IS_USED
        if any(has(statement, *words) for words in _PASSING_ON):
            yield "lets a login pass on what it gets", "leave it out: what a login passes on outlives it"
        if has(statement, "grant", "all"):
            yield "uses GRANT ALL", GRANT_WHAT_IS_USED
        given = {word.text for word in statement} & mentioned
        if first == Word("grant"):
            given |= _granted(statement) & granted
        if given:
            yield f"gives {', '.join(sorted(given))}, which reaches beyond one schema", GRANT_WHAT_IS_USED


def _postgresql(text: str) -> Iterator[Finding]:
    return _sql(text, _POSTGRESQL_ATTRIBUTES, granted=set(), mentioned=_POSTGRESQL_ROLES)


def _mysql(text: str) -> Iterator[Finding]:
    return _sql(text, set(), granted=_MYSQL_PRIVILEGES, mentioned=set(), dialect="mysql")


def _cassandra(text: str) -> Iterator[Finding]:
    return _sql(text, {"superuser"}, granted={"authorize"}, mentioned=set(), dialect="cassandra")


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


def _mongodb(text: str) -> Iterator[Finding]:
    if (value := _json(text, dict)) is None:
        yield _NO_OBJECT
        return
    roles = _names(value, "roles") | {str(role.get("role")) for role in _list(value, "roles") if isinstance(role, dict)}
    if given := sorted(roles & _MONGODB_ROLES):
        yield f"gives the role {', '.join(given)}", "give read or readWrite on one database"


def _elasticsearch(text: str) -> Iterator[Finding]:
    if (value := _json(text, dict)) is None:
        yield _NO_OBJECT
        return
    if "superuser" in _names(value, "elasticsearch_roles"):
        yield "gives the role superuser", "define a role with elasticsearch_role_definition"
    definition = value.get("elasticsearch_role_definition")
    if given := sorted(_names(definition, "cluster") & _ELASTICSEARCH_CLUSTER):
        yield f"gives the cluster privilege {', '.join(given)}", GRANT_WHAT_IS_USED
    if _list(definition, "run_as"):
        yield "lets a login act as another (run_as)", "leave it out"
    if any("all" in _names(index, "privileges") for index in _list(definition, "indices")):
        yield "gives all privileges of an index", GRANT_WHAT_IS_USED


def _redis(text: str) -> Iterator[Finding]:
    value = _json(text, list)
    if value is None or not all(isinstance(rule, str) for rule in value):
        yield "is not a list of ACL rules in JSON, which this database's plugin takes", 'write ["~app:*", "+@read"]'
        return
    everything = False
    for rule in (str(rule).lower() for rule in value):
        if rule in {"+@all", "allcommands"}:
            everything = True
        elif rule in {"-@all", "nocommands", "-@dangerous", "-@admin", "reset"}:
            everything = False
        elif rule in {"+@admin", "+@dangerous"} or rule.split("|")[0] in _REDIS_COMMANDS:
            yield f"gives {rule}, with which a login can give itself more", GRANT_WHAT_IS_USED
        elif rule == "nopass" or rule[:1] in {">", "#"}:
            yield "says how the login is let in, which is the server's business", "leave it out"
    if everything:
        yield "gives every command (+@all)", "give a category such as +@read, or take -@dangerous away after it"


_JUDGES: Final[Mapping[Language, Callable[[str], Iterator[Finding]]]] = {
    "postgresql": _postgresql,
    "redshift": _postgresql,
    "mysql": _mysql,
    "cassandra": _cassandra,
    "mongodb": _mongodb,
    "elasticsearch": _elasticsearch,
    "redis": _redis,
}
