"""Whether the names within the adopted section mean something."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.model import Model
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.adopted.plan import aliases
from strongroom.vault.adopted.spec import Adopted
from strongroom.vault.policy.document import parse

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: "Sources") -> Iterator[Problem]:
    vault = scope.environment.vault
    if vault is None or vault.adopted is None:
        return
    adopted, source = vault.adopted, sources.environment
    base: Loc = ("vault", "adopted")
    yield from _environments(scope, sources, adopted)
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


def _environments(scope: Scope, sources: "Sources", adopted: Adopted) -> Iterator[Problem]:
    """Names of an environment are what is derived for it: nothing adopted has one, or gives a policy of another."""
    base, source = ("vault", "adopted"), sources.environment
    for loc, name in _names(adopted):
        if environment := _environment_of(name, sources.environments):
            yield source.problem(
                (*base, *loc),
                f"names that begin with '{environment}.' are those of what is derived for {environment}",
                "rename it on the server before it is adopted, or name it under `left`",
            )
    others = sources.environments - {scope.name}
    for loc, policy in _policies(adopted):
        if environment := _environment_of(policy, others):
            yield source.problem(
                (*base, *loc),
                f"'{policy}' is a policy of {environment}",
                "environments cannot reach each other: leave it out on the server, or name the thing under `left`",
            )
    for role, settings in adopted.token_roles.items():
        for position, glob in enumerate(settings.allowed_policies_glob):
            if environment := next((name for name in sorted(others) if _may_begin(glob, f"{name}.")), ""):
                yield source.problem(
                    (*base, "token_roles", role, "allowed_policies_glob", position),
                    f"'{glob}' matches policies of {environment}",
                    "environments cannot reach each other: narrow it on the server, or name the role under `left`",
                )


def _names(adopted: Adopted) -> Iterator[tuple[Loc, str]]:
    """The names that are global to a server, with where in the section each is declared."""
    for section in ("policies", "password_policies", "token_roles", "entities", "groups"):
        yield from (((section, name), name) for name in getattr(adopted, section))


def _policies(adopted: Adopted) -> Iterator[tuple[Loc, str]]:
    """The policies that somebody gets, with where in the section that is said."""
    holders: list[tuple[Loc, str, Model]] = [
        (("auth", mount, method.kind, "roles", name), "token_policies", role)
        for mount, method in adopted.auth.items()
        for name, role in getattr(method.value, "roles", {}).items()
    ]
    holders += [(("entities", name), "policies", entity) for name, entity in adopted.entities.items()]
    holders += [(("groups", name), "policies", group) for name, group in adopted.groups.items()]
    for name, role in adopted.token_roles.items():
        holders += [(("token_roles", name), field, role) for field in ("token_policies", "allowed_policies")]
    for loc, field, holder in holders:
        yield from (((*loc, field, position), policy) for position, policy in enumerate(getattr(holder, field)))


def _environment_of(name: str, environments: Collection[str]) -> str:
    """The environment whose name a name begins with; empty if there is none."""
    # The server looks names up without their case and outer spaces.
    first, dot, _ = name.strip().lower().partition(".")
    return first if dot and first in environments else ""


def _may_begin(glob: str, beginning: str) -> bool:
    """Whether a pattern, in which `*` is any text, matches something that begins so."""
    literal, star, _ = glob.strip().lower().partition("*")
    return literal.startswith(beginning) or bool(star and beginning.startswith(literal))
