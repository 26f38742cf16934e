"""Which pushes there are in one environment, and what the operator needs for each. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from strongroom.external_secrets.push.spec import Push
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.vault.policy.render import PathRule

MARK_ONLY: Final = ("allowed_parameters = {", '  "custom_metadata" = []', "}")
"""Of a secret's metadata the operator writes its mark, `managed-by: external-secrets`, and may change nothing else: not
how many versions are kept, nor for how long."""


@dataclass(frozen=True)
class Pushed:
    """One push."""

    push: Push
    position: int
    """Its place in the list of its team, for error messages."""
    workload: Key
    secret: Key


@remembered
def pushed(scope: Scope) -> tuple[Pushed, ...]:
    """All pushes that hold here and refer to what exists here."""
    return tuple(_pushed(scope))


def _pushed(scope: Scope) -> Iterator[Pushed]:
    for team, catalog in sorted(scope.catalogs.items()):
        for position, push in enumerate(catalog.pushes):
            workload, secret = (team, push.workload), (team, push.secret)
            if push.exists_in(scope.name) and workload in scope.workloads and secret in scope.secrets:
                yield Pushed(push, position, workload, secret)


def rules(scope: Scope, workload: Key) -> Iterator[PathRule]:
    """What a workload that pushes needs beyond its grants: the operator marks what is its own."""
    for found in _by_workload(scope).get(workload, ()):
        name, store = scope.store_of(scope.secrets[found.secret])
        if store.vault_kv:
            path = f"{scope.kv_mount(name)}/metadata/{scope.secret_path(found.secret)}"
            because = f"{'/'.join(found.secret)}: pushed by External Secrets, which marks it as its own"
            yield PathRule(path, ("create", "update"), (because,), MARK_ONLY)


@remembered
def _by_workload(scope: Scope) -> dict[Key, list[Pushed]]:
    found: dict[Key, list[Pushed]] = {}
    for push in pushed(scope):
        found.setdefault(push.workload, []).append(push)
    return found
