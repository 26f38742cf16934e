"""What personal folders need of the rest: a store with versions, and a place where nothing else is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan import naming
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean
from strongroom.vault.kv_personal.plan import store_of

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's personal folders."""
    source, stores = sources.catalogs[team], scope.environment.stores
    for name, secret in scope.catalogs[team].secrets.items():
        if not secret.personal or not secret.exists_in(scope.name):
            continue
        chosen = store_of(scope, (team, name))
        loc = ("secrets", name, "personal", *(("store",) if secret.personal.store else ()))
        if not chosen:
            yield source.problem(
                loc, f"{scope.name} has no default_store to keep them in", "name a `store`, or limit `environments`"
            )
        elif secret.personal.store and chosen not in sources.in_environment("stores"):
            yield source.problem(
                loc,
                f"there is no store '{chosen}' in {scope.name}",
                did_you_mean(chosen, stores, f"declared: {', '.join(stores)}"),
            )
        elif chosen in stores and not stores[chosen].vault_kv:
            yield source.problem(
                loc, f"store '{chosen}' of {scope.name} is no KV version 2", "personal folders are kept in `vault_kv`"
            )
        folder = naming.secret_path(team, name)
        for (owner, other), stored in scope.secrets.items():
            if stored.fields and stored.path and f"{stored.path}/".startswith(f"{folder}/"):
                yield sources.catalogs[owner].problem(
                    ("secrets", other, "path"),
                    f"'{stored.path}' lies among the personal folders of {team}/{name}",
                    "choose another path",
                )
