"""The stores outside of Vault, one line each: the room that knows the vendor's rules for names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.azure.key_vault import plan as azure_key_vault
from strongroom.gcp.secret_manager import plan as gcp_secret_manager
from strongroom.kubernetes.secrets import plan as kubernetes_secrets
from strongroom.plan.qualified_names import misplaced
from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]
"""What is wrong, and the remedy."""


class CloudStore(Protocol):
    """What a room says of its kind of store (a module is one)."""

    SYSTEM: str
    """The section of the environment file that says where it is: `aws`."""

    def name_of(self, scope: Scope, secret: Key, store: Any) -> str:
        """The full name of a secret."""

    def flaw(self, name: str, fields: tuple[str, ...]) -> Flaw | None:
        """What the vendor does not accept of a name, or of the fields below it."""


CLOUD_STORES: Final[Mapping[str, CloudStore]] = {
    secrets_manager.KIND: secrets_manager,
    parameter_store.KIND: parameter_store,
    azure_key_vault.KIND: azure_key_vault,
    gcp_secret_manager.KIND: gcp_secret_manager,
    kubernetes_secrets.KIND: kubernetes_secrets,
}
"""The key that makes a store this kind -> the room."""
SEPARATE: Final = frozenset({azure_key_vault.KIND, kubernetes_secrets.KIND})
"""Kinds whose stores, or namespaces in them, belong to one environment each, so that names need not say which."""


def unknown_workloads(sources: "Sources", loc: Loc, names: Iterable[str]) -> Iterator[Problem]:
    """The problems of a map by `team/workload` in the environment file."""
    for name in names:
        if found := sources.no_workload(name):
            yield sources.environment.problem((*loc, name), *found, at_key=True)


def check(scope: Scope, sources: "Sources") -> Iterator[Problem]:
    """The problems of the stores outside of Vault: a section that is not there, and names."""
    sections = sources.in_environment()
    for store_name, store in scope.environment.stores.items():
        room = CLOUD_STORES.get(store.kind)
        if room and room.SYSTEM not in sections:
            yield sources.environment.problem(
                ("stores", store_name, store.kind), f"there is no `{room.SYSTEM}` section", "add one: it says where"
            )
    for kind, room in CLOUD_STORES.items():
        owners: dict[str, Key] = {}
        for key in scope.stored.get(kind, ()):
            team, name = key
            secret = scope.secrets[key]
            full = room.name_of(scope, key, scope.store_of(secret)[1].value)
            found = room.flaw(full, secret.fields)
            if kind not in SEPARATE:
                elsewhere = misplaced(full, scope.name, sources.environments)
                found = elsewhere or found or _taken(scope, key, owners.setdefault(full, key), full)
            if found:
                loc: Loc = ("secrets", name, "path") if secret.path else ("secrets", name)
                yield sources.catalogs[team].problem(loc, *found, at_key=not secret.path)


def _taken(scope: Scope, secret: Key, owner: Key, name: str) -> Flaw | None:
    """Stores of one kind that lie in the same account share its names. Two secrets of one store that share a path are
    told by `strongroom.plan.references`."""
    store, of_owner = (scope.store_of(scope.secrets[key])[0] for key in (secret, owner))
    if store == of_owner:
        return None
    return (
        f"'{name}' in store {store} is the name of {'/'.join(owner)} in store {of_owner} too",
        "one secret has one owner: give it another path, or ask that team for a grant",
    )
