"""The words of ACL policies: capabilities, and what a path pattern may be. Shared by rules and texts by hand."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from strongroom.spec.names import refuse
from strongroom.vault.policy import path_templates

Capability = Literal[
    "create", "read", "update", "patch", "delete", "list", "scan", "sudo", "deny", "subscribe", "recover"
]
"""Vault and OpenBao, "Policies", section capabilities."""

CAPABILITIES: Final = frozenset(get_args(Capability))
LEGACY: Final[Mapping[str, tuple[str, ...]]] = {
    "deny": ("deny",),
    "read": ("read", "list"),
    "write": ("create", "read", "update", "delete", "list"),
    "sudo": ("create", "read", "update", "delete", "list", "sudo"),
}
"""What the old `policy = "…"` stands for: `parsePaths` in the servers' `vault/policy.go`."""


def check_pattern(text: str) -> str:
    if not text or len(text) > 512 or not text.isascii() or not text.isprintable():
        raise refuse("a policy path needs 1 to 512 printable ASCII characters")
    return _check_literal(path_templates.checked_path(text)) and text


def _check_literal(text: str) -> str:
    if "+*" in text:
        raise refuse("'+*' is refused by the server", "write + for one segment, or a final * for all that begins so")
    if "*" in text[:-1]:
        raise refuse("'*' is a wildcard at the end only; elsewhere it is literal", "use + for one whole segment")
    if any("+" in segment and segment != "+" for segment in text.split("/")):
        raise refuse(
            "'+' stands for one whole segment only; beside other characters it is literal",
            "end the path in *, or write one rule for each path",
        )
    if any(character in text for character in '{}"\\'):
        raise refuse(
            "a policy path has no quotes or backslashes, and braces only around a template",
            "write a template as {{identity.entity.id}}",
        )
    if text.startswith("/"):
        raise refuse("a policy path has no leading slash", "leave it out")
    return text
