"""Whether the names within the adopted section mean something."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.adopted.plan import aliases
from strongroom.vault.policy.document import parse

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: "Sources") -> Iterator[Problem]:
    vault = scope.environment.vault
    if vault is None or vault.adopted is None:
        return
    adopted, source = vault.adopted, sources.environment
    base: Loc = ("vault", "adopted")
    for loc, alias in aliases(adopted):
        if alias.auth not in adopted.auth:
            remedy = did_you_mean(alias.auth, adopted.auth, "adopt that method too, or leave the alias out")
            yield source.problem((*base, *loc), f"no auth method is adopted at '{alias.auth}'", remedy)
    for name, group in adopted.groups.items():
        for field, known in (("members", adopted.entities), ("member_groups", adopted.groups)):
            for position, member in enumerate(getattr(group, field)):
                if member not in known:
                    what = "entity" if field == "members" else "group"
                    yield source.problem(
                        (*base, "groups", name, field, position),
                        f"no {what} '{member}' is adopted",
                        did_you_mean(member, known, "adopt it too, or leave it out"),
                    )
    for name, text in adopted.policies.items():
        # What the server took may be of no effect, or odd; but what cannot be read cannot be judged.
        for flaw in (flaw for flaw in parse(text)[1] if flaw.syntax):
            yield source.problem(
                (*base, "policies", name),
                f"cannot be read in line {flaw.at.line}, column {flaw.at.column}: {flaw.message}",
                "correct it on the server and adopt again, or name it under `left`",
            )
    if vault.flavour == "openbao" and adopted.audit:
        yield source.problem(
            (*base, "audit"),
            "OpenBao keeps audit devices in its own configuration, where no API can change them",
            "leave this out; `vault.audit` says what they are",
        )
