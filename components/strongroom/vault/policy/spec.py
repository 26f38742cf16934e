"""What people write where a grant cannot say it: a policy by hand."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import Name, WorkloadRef, refuse
from strongroom.vault.policy import path_templates

Capability = Literal[
    "create", "read", "update", "patch", "delete", "list", "scan", "sudo", "deny", "subscribe", "recover"
]
"""Vault and OpenBao, "Policies", section capabilities."""


def _check_pattern(text: str) -> str:
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


def _check_reason(text: str) -> str:
    if not text.isprintable():
        raise refuse("the reason has a line break or an invisible character", "write one line of text")
    if "${" in text or "%{" in text:
        raise refuse("the reason has '${' or '%{', which begins a template in the policy's language", "reword it")
    return text


class Rule(Model):
    """What may be done at the paths that one pattern matches."""

    path: Annotated[str, AfterValidator(_check_pattern)]
    """The path; `+` stands for one segment, a final `*` for any ending. A segment may be a template that the server
    fills in for whoever asks: `{{identity.entity.id}}`, `{{identity.entity.name}}`, `{{identity.entity.metadata.KEY}}`,
    `{{identity.entity.aliases.${auth/METHOD/@accessor}.name}}` or `.metadata.KEY`."""
    capabilities: tuple[Capability, ...] = Field(min_length=1)
    """What may be done there."""

    @model_validator(mode="after")
    def _deny_holds(self) -> Self:
        if "deny" in self.capabilities and path_templates.is_templated(self.path):
            raise refuse(
                "a `deny` at a templated path is left out for whoever has no value for the template",
                "deny the path without a template, or grant less",
            )
        return self


class HandWrittenPolicy(Model):
    """A policy by hand: named in the plan and in its own text as such, and held to the same checks."""

    reason: Annotated[str, Field(min_length=10, max_length=300), AfterValidator(_check_reason)]
    """Why no grant can say it; it stands in the policy's text, for those who review it."""
    rules: tuple[Rule, ...] = Field(min_length=1)
    """The rules. At equal paths a `deny` wins."""
    workloads: tuple[WorkloadRef, ...] = ()
    """The workloads, as `team/workload`, that get it beside their derived policy."""


Policies = dict[Name, HandWrittenPolicy]
