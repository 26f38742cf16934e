"""Whether the declared server has what an environment and its catalogs use."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem
from strongroom.vault.profile import NEWEST, Needs, Profile
from strongroom.vault.spec import Vault

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

_PLAIN: Final = frozenset({str, int, bool, type(None), ...})


def profile_of(vault: Vault) -> Profile:
    """The declared server; of an undeclared version, the newest that is known."""
    version = vault.version or NEWEST[vault.flavour]
    return Profile(vault.flavour, version, vault.edition, assumed=vault.version is None)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, tuple[Needs, ...]], ...]:
    """The fields of a model that need something or may hold a model that does, each with what it needs."""
    needs = {
        name: tuple(need for need in field.metadata if isinstance(need, Needs))
        for name, field in model.model_fields.items()
    }
    return tuple((n, found) for n, found in needs.items() if found or _holds_models(model.model_fields[n].annotation))


def _holds_models(annotation: Any) -> bool:
    """Whether a value so annotated may have a model in it, however deep."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _holds_models(parts[0])
    if origin is Literal or annotation in _PLAIN:
        return False
    return not parts or any(map(_holds_models, parts))


def needs_of(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """`(where, feature)` for all that a spec's model uses, however deep."""
    if isinstance(value, BaseModel):
        for name, needs in _fields(type(value)):
            # Nothing is used where nothing is given; a model without settings is given all the same, and is true.
            if inner := getattr(value, name):
                yield from (((*loc, name), need.of(inner)) for need in needs)
                yield from needs_of(inner, (*loc, name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from needs_of(inner, (*loc, key))
    elif isinstance(value, tuple | list):
        for position, inner in enumerate(value):
            yield from needs_of(inner, (*loc, position))


def check(scope: Scope, sources: "Sources", profile: Profile | None = None) -> Iterator[Problem]:
    """A problem for each thing that the server does not have: the declared one, if no other is given."""
    if scope.environment.vault is None:
        return
    profile = profile or profile_of(scope.environment.vault)
    for loc, feature in needs_of(scope.environment):
        if lacking := profile.lacks(feature):
            yield sources.environment.problem(loc, *lacking, at_key=True)
    for (team, name), secret in scope.secrets.items():
        for loc, feature in needs_of(secret, ("secrets", name)):
            if lacking := profile.lacks(feature):
                yield sources.catalogs[team].problem(loc, *lacking, at_key=True)
