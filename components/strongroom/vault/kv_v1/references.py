"""What a catalog cannot tell about a secret in a KV version 1 store: that the store keeps no dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's secrets in such stores."""
    for name, secret in scope.catalogs[team].secrets.items():
        store = scope.declared_store(secret)
        if secret.exists_in(scope.name) and secret.rotate_every and store and store.vault_kv_v1:
            yield sources.catalogs[team].problem(
                ("secrets", name, "rotate_every"),
                f"store {scope.store_name(secret)} of {scope.name} is KV version 1, which does not know how old "
                "a value is",
                "leave it out, or keep the secret in a `vault_kv` store",
            )
