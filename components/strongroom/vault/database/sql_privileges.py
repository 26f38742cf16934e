"""What a statement in SQL or CQL gives away: a judge for each dialect (see `privileges`)."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from strongroom.vault.database.sql import Dialect, UnreadableError, Word, has, statements

Finding = tuple[str, str]

GRANT_WHAT_IS_USED: Final = "grant the privileges that the workload uses, by name"
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
_MYSQL_OBJECTS: Final = (Word("table"), Word("function"), Word("procedure"))
_OWN: Final = {"current_user", "current_role", "session_user"}
"""How PostgreSQL calls whoever runs a statement: here the connection's login."""
_LEXICAL: Final = {"standard_conforming_strings", "backslash_quote", "set_config", "sql_mode"}
"""What changes where a literal ends, or can."""


def _granted(statement: Sequence[Word]) -> Sequence[Word]:
    """What stands between GRANT and ON or TO."""
    end = next((at for at, word in enumerate(statement) if word in (Word("on"), Word("to"))), len(statement))
    return statement[1:end]


def _gives_or_changes(statement: Sequence[Word], own: set[str]) -> bool:
    """Whether one of these roles is granted, or is itself altered."""
    roles: list[Word] = []
    if statement[0] == Word("grant") and Word("on") not in statement:
        roles += _granted(statement)
    if any(has(statement[:2], "alter", what) for what in ("role", "user", "group")) or has(
        statement, "set", "password"
    ):
        roles += [word for before, word in pairwise(statement) if before != Word("to")]
    for at in range(2, len(statement)):
        if has(statement[at - 2 : at], "in", "role") or has(statement[at - 2 : at], "in", "group"):
            roles += statement[at:]
    return any(word.text.lower() in own for word in roles)


def _runs_a_text(statement: Sequence[Word]) -> bool:
    """Whether the code of a DO or of a function is a literal."""
    after_as = any(word.literal and before == Word("as") for before, word in pairwise(statement))
    return after_as or (statement[0] == Word("do") and any(word.literal for word in statement))


def _in_another_language(statement: Sequence[Word]) -> bool:
    known = (Word("sql"), Word("plpgsql"))
    return statement[0] != Word("grant") and any(
        word == Word("language") and after not in known
        for word, after in zip(statement, [*statement[1:], None], strict=True)
    )


def _builds_statements(statement: Sequence[Word]) -> bool:
    """EXECUTE as a command; elsewhere it is a privilege, or what a trigger does."""
    before = [None, *statement]
    return any(
        word in (Word("execute"), Word("prepare")) and before[at] in (None, Word("in"), Word("for"), Word("query"))
        for at, word in enumerate(statement)
    )


def _code(statement: Sequence[Word], dialect: Dialect) -> Iterator[Finding]:
    """What reading cannot judge, or what acts for somebody else."""
    if _builds_statements(statement):
        yield "runs a statement that it builds itself, which cannot be judged", "write the statement out"
    if dialect != "mysql" and _runs_a_text(statement):
        yield "runs code that is written as a literal, which cannot be judged", "write the code in $$"
    if dialect == "postgresql" and _in_another_language(statement):
        yield "has code in a language that cannot be judged", "write it in sql or plpgsql"
    if has(statement, "security", "definer"):
        yield "makes code that runs with its maker's privileges (SECURITY DEFINER)", "leave it out"
    if any(word.text in _LEXICAL for word in statement):
        yield "can change where the server sees a literal end", "leave it out"


def _sql(
    text: str,
    username: str,
    attributes: set[str],
    *,
    granted: set[str],
    mentioned: set[str],
    dialect: Dialect = "postgresql",
) -> Iterator[Finding]:
    try:
        parsed = statements(text, dialect)
    except UnreadableError as error:
        yield str(error), error.remedy
        return
    own = _OWN | ({username.lower()} if username else set())
    for statement in parsed:
        first, keywords = statement[0], {word.text for word in statement if not word.quoted}
        if first == Word("revoke"):
            continue
        yield from _code(statement, dialect)
        if first != Word("grant") and not has(statement, "superuser", "=", "false"):
            for attribute in sorted(attributes & keywords):
                yield f"makes a login with {attribute.upper()}", GRANT_WHAT_IS_USED
        if any(has(statement, *words) for words in _PASSING_ON):
            yield "lets a login pass on what it gets", "leave it out: what a login passes on outlives it"
        if _gives_or_changes(statement, own):
            yield "gives or changes the connection's own login", "grant a role that was made for the workload"
        if has(statement, "grant", "all"):
            yield "uses GRANT ALL", GRANT_WHAT_IS_USED
        given = {word.text for word in statement if not word.literal} & mentioned
        if first == Word("grant"):
            given |= {word.text for word in _granted(statement)} & granted
        if given:
            yield f"gives {', '.join(sorted(given))}, which reaches beyond one schema", GRANT_WHAT_IS_USED


def postgresql(text: str, username: str) -> Iterator[Finding]:
    return _sql(text, username, _POSTGRESQL_ATTRIBUTES, granted=set(), mentioned=_POSTGRESQL_ROLES)


def mysql(text: str, username: str) -> Iterator[Finding]:
    yield from _sql(text, username, set(), granted=_MYSQL_PRIVILEGES, mentioned=set(), dialect="mysql")
    try:
        grants = [statement for statement in statements(text, "mysql") if statement[0] == Word("grant")]
    except UnreadableError:
        return  # which is said above
    for statement in grants:
        privileges = _granted(statement)
        if has(privileges, "create", "user") or has(privileges, "create", "role"):
            yield "lets a login make others", GRANT_WHAT_IS_USED
        if privileges != [Word("usage")] and _reaches_mysql(statement[len(privileges) + 1 :]):
            yield (
                "gives something on every database or on mysql, which has the logins",
                "grant it on a database by name",
            )


def _reaches_mysql(rest: Sequence[Word]) -> bool:
    """`rest` begins at ON. In the name of a database `%` and `_` are wildcards: MySQL, "GRANT Statement"."""
    target = [word for word in rest[1:3] if rest[0] == Word("on") and word not in _MYSQL_OBJECTS][:1]
    if not target:
        return False
    name = target[0].text.lower()
    pattern = re.sub(r"\\.|%+|.", lambda part: {"%": ".*", "_": "."}.get(part[0][:1]) or re.escape(part[0][-1]), name)
    return name == "*" or re.fullmatch(pattern, "mysql") is not None


def cassandra(text: str, username: str) -> Iterator[Finding]:
    return _sql(text, username, {"superuser"}, granted={"authorize"}, mentioned=set(), dialect="cassandra")
