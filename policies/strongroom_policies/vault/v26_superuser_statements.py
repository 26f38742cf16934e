"""V26: dynamic database credentials that own the database server.

SUPERUSER, membership in a role that amounts to it, anything on all of MySQL's databases or on that of its logins, or
GRANT ALL on more than the workload's own schema. Code that runs for somebody else, or that is written as a literal, is
refused too. `NOSUPERUSER` is fine, and so is GRANT ALL on a schema that is not one of the shared ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pulumi_policy import Severity

from strongroom_policies.frame.properties import texts
from strongroom_policies.frame.rule import Finding, Framework, Resource, ResourceRule, Undecided, Violation
from strongroom_policies.frame.settings import Settings
from strongroom_policies.vault.sql import DynamicSqlError, Word, names_after, runs_a_literal, statements


def check(role: Resource, settings: Settings) -> Iterator[Finding]:
    """Judge every creation statement by itself. Findings give its position, never its text."""
    found = texts(role.props, "creationStatements")
    yield from (Undecided(f"{reason}, so it could not be judged.", role) for reason in found.unreadable)
    for position, text in found.known:
        where = f"'creationStatements[{position}]'"
        try:
            parsed = statements(text)
        except DynamicSqlError:
            yield Undecided(f"{where} cannot be judged by reading, as where SQL is built at run time.", role)
            continue
        for words in parsed:
            for problem in _problems(words, settings):
                yield Violation(f"{where} {problem}.", role)


def _problems(words: Sequence[Word], settings: Settings) -> Iterator[str]:
    if any(word.is_keyword("superuser") and not _is_false(words[at + 1 :]) for at, word in enumerate(words)):
        yield "creates a SUPERUSER"
    if runs_a_literal(words):
        yield "runs code that is written as a literal, which reading cannot judge"
    if _has(words, "security", "definer"):
        yield "makes code that runs with its maker's rights (SECURITY DEFINER)"
    if role := settings.strings("superuser_roles") & _roles_given(words):
        yield f"grants membership in {', '.join(sorted(role))}"
    if _has(words[:2], "grant", "all") and not _is_own_schema(words, settings):
        yield "uses GRANT ALL on more than a schema of its own"
    elif words[0].is_keyword("grant") and _reaches_all_of_mysql(words):
        yield "grants something on every database, or on that of MySQL's logins"


def _is_false(following: Sequence[Word]) -> bool:
    """Does it go on with `= false`, as in Cassandra?"""
    return _has(following[:2], "=", "false")


def _has(words: Sequence[Word], first: str, second: str) -> bool:
    """Do these keywords stand next to one another?"""
    return any(before.is_keyword(first) and word.is_keyword(second) for before, word in pairwise(words))


def _roles_given(words: Sequence[Word]) -> set[str]:
    """What GRANT gives, and what a new role is put IN."""
    if words[0].is_keyword("grant"):
        return set(names_after(words, "grant"))
    if _has(words, "in", "role") or _has(words, "in", "group"):
        return {word.text for word in words if not word.literal}
    return set()


def _reaches_all_of_mysql(words: Sequence[Word]) -> bool:
    on = names_after(words, "on")
    if on[:1] and on[0] in ("table", "function", "procedure"):
        on = on[1:]
    only_usage = _has(words[:3], "grant", "usage") and _has(words[:3], "usage", "on")  # which is to say nothing
    return not only_usage and (on[:2] == ["*", "*"] or (len(on) > 1 and on[0].lower() == "mysql"))


def _is_own_schema(words: Sequence[Word], settings: Settings) -> bool:
    schemas = names_after(words, "schema", "keyspace")
    on = names_after(words, "on")
    if not schemas and on[1:] == ["*"]:  # MySQL: app.*
        schemas = on[:1]
    return bool(schemas) and not set(schemas) & (settings.strings("shared_schemas") | {"*"})


RULE = ResourceRule(
    id="V26",
    slug="superuser-statements",
    title="A dynamic database role gets superuser rights or all privileges.",
    severity=Severity.HIGH,
    frameworks=(
        Framework("NIST SP 800-53", "Rev. 5", "AC-6(5)"),
        Framework("CIS Controls", "v8", "5.4"),
    ),
    topics=("vault", "database", "least-privilege"),
    remediation="Grant the privileges the workload uses, on its own schema, to a NOSUPERUSER role.",
    settings={
        "shared_schemas": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["public", "pg_catalog", "information_schema", "mysql", "sys", "dbo"],
            "description": "Schemas that no workload has for itself: GRANT ALL on them is a violation.",
        },
        "superuser_roles": {
            "type": "array",
            "items": {"type": "string"},
            "default": [
                "rds_superuser",
                "cloudsqlsuperuser",
                "azure_pg_admin",
                "alloydbsuperuser",
                "pg_read_all_data",
                "pg_write_all_data",
                "pg_read_server_files",
                "pg_write_server_files",
                "pg_execute_server_program",
            ],
            "description": "Database roles that amount to SUPERUSER. Add the logins of the connections.",
        },
    },
    types=frozenset(["vault:database/secretBackendRole:SecretBackendRole"]),
    check=check,
)
