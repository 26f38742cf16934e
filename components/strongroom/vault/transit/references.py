"""What a catalog cannot tell about its encryption keys: whether an environment has an engine for them, and whether a
grant asks of a key what its type can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean
from strongroom.vault.transit.plan import VERBS

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's encryption keys in one environment."""
    catalog, source = scope.catalogs[team], sources.catalogs[team]
    for name, secret in catalog.secrets.items():
        if (key := secret.encryption_key) is None:
            continue
        if secret.exists_in(scope.name) and "transit" not in sources.engines:
            yield source.problem(
                ("secrets", name, "encryption_key"),
                f"there is no transit engine in {scope.name}",
                "add `vault: {engines: {transit: {}}}` to the environment file, or limit `environments`",
            )
        for environment in key.min_decryption_versions:
            if environment not in sources.environments:
                known = sorted(sources.environments)
                yield source.problem(
                    ("secrets", name, "encryption_key", "min_decryption_versions", environment),
                    f"there is no environment '{environment}'",
                    did_you_mean(environment, known, f"there are: {', '.join(known)}"),
                    at_key=True,
                )
    for position, grant in enumerate(catalog.grants):
        granted = catalog.secrets.get(grant.secret)
        if granted and (key := granted.encryption_key):
            for verb_position, verb in enumerate(grant.can):
                if verb in VERBS and verb not in key.verbs:
                    yield source.problem(
                        ("grants", position, "can", verb_position),
                        f"'{verb}' is not possible for keys of type {key.type}",
                        f"possible: {', '.join(key.verbs)}",
                    )
