"""What people write where a grant cannot say it: a policy by hand."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import Name, WorkloadRef, refuse
from strongroom.vault.policy import path_templates
from strongroom.vault.policy.words import Capability, check_pattern


def _check_reason(text: str) -> str:
    if not text.isprintable():
        raise refuse("the reason has a line break or an invisible character", "write one line of text")
    if "${" in text or "%{" in text:
        raise refuse("the reason has '${' or '%{', which begins a template in the policy's language", "reword it")
    return text


class Rule(Model):
    """What may be done at the paths that one pattern matches."""

    path: Annotated[str, AfterValidator(check_pattern)]
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
    rules: tuple[Rule, ...] = ()
    """The rules. At equal paths a `deny` wins."""
    text: Annotated[str, Field(min_length=1)] | None = None
    """Instead of `rules`: the policy as it is, HCL or JSON, for what rules cannot say (parameters, response wrapping).
    It is read, checked and sent in a normal form."""
    workloads: tuple[WorkloadRef, ...] = ()
    """The workloads, as `team/workload`, that get it beside their derived policy."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.rules) == (self.text is not None):
            raise refuse("a policy is given as `rules` or as `text`", "write exactly one of the two")
        return self


Policies = dict[Name, HandWrittenPolicy]
