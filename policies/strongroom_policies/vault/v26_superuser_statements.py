"""V26: dynamic database credentials that own the database server.

SUPERUSER, membership in a role that amounts to it, or GRANT ALL on more than the workload's own schema. `NOSUPERUSER`
is fine, and so is GRANT ALL on a schema that is not one of the shared ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from strongroom_policies.frame.properties import texts
from strongroom_policies.frame.rule import Finding, Framework, Resource, ResourceRule, Undecided, Violation
from strongroom_policies.frame.settings import Settings
from strongroom_policies.vault.sql import DynamicSqlError, Word, names_after, statements


def check(role: Resource, settings: Settings) -> Iterator[Finding]:
    """Judge every creation statement by itself. Findings give its position, never its text."""
    found = texts(role.props, "creationStatements")
    yield from (Undecided(f"{reason}, so it could not be judged.", role) for reason in found.unreadable)
    for position, text in found.known:
        where = f"'creationStatements[{position}]'"
        try:
            parsed = statements(text)
        except DynamicSqlError:
            yield Undecided(f"{where} runs SQL that it builds itself, which reading cannot judge.", role)
            continue
        for words in parsed:
            if problem := _problem(words, settings):
                yield Violation(f"{where} {problem}.", role)


def _problem(words: Sequence[Word], settings: Settings) -> str | None:
    if any(word.is_keyword("superuser") for word in words):
        return "creates a SUPERUSER"
    if not words[0].is_keyword("grant"):
        return None
    if role := settings.strings("superuser_roles") & set(names_after(words, "grant")):
        return f"grants membership in {', '.join(sorted(role))}"
    if len(words) > 1 and words[1].is_keyword("all") and not _is_own_schema(words, settings):
        return "uses GRANT ALL on more than a schema of its own"
    return None


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
            "default": ["rds_superuser", "cloudsqlsuperuser", "azure_pg_admin", "alloydbsuperuser"],
            "description": "Database roles that amount to SUPERUSER.",
        },
    },
    types=frozenset(["vault:database/secretBackendRole:SecretBackendRole"]),
    check=check,
)
