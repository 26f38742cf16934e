"""What files cannot tell about plain parameters: whether their names are this environment's, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.parameters.lookalikes import name_of_a_secret
from strongroom.aws.parameters.plan import name_of
from strongroom.plan.qualified_names import misplaced
from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of plain parameters."""
    aws = scope.environment.aws
    if aws is None or not aws.parameters:
        return
    secrets = {
        parameter_store.name_of(scope, key, scope.store_of(scope.secrets[key])[1].value): key
        for key in scope.stored.get(parameter_store.KIND, ())
    }
    for short, parameter in aws.parameters.items():
        name = name_of(scope, short)
        found = _misnamed(name, scope, sources) or _of_a_secret(name, secrets)
        if not found and parameter.no_secret is None and (word := name_of_a_secret(short)):
            found = (
                f"'{short}' says '{word}', and its value is readable in files, previews and the state",
                "declare a secret in a catalog, in a store `aws_parameter_store`; if it is none, say so in `no_secret`",
            )
        if found:
            yield sources.environment.problem(("aws", "parameters", short), *found, at_key=True)


def _misnamed(name: str, scope: Scope, sources: Sources) -> tuple[str, str] | None:
    parent, _, last = name.rpartition("/")
    if found := misplaced(name, scope.name, sources.environments):
        return found[0], "leave names of environments out: this one's is put in front"
    return parameter_store.flaw(parent, (last,))


def _of_a_secret(name: str, secrets: dict[str, Key]) -> tuple[str, str] | None:
    """Whatever lies directly below a secret's name is one of its fields for `strongroom values`."""
    if key := secrets.get(name.rpartition("/")[0]):
        return f"'{name}' is a place of the secret {'/'.join(key)}, whose fields lie there", "choose another name"
    return None
