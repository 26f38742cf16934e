"""Personal folders in KV stores: what each verb needs, with the entity's id filled in by the server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope

WHAT: Final = "personal folders"
LEASED: Final = False
VERBS: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    # Whoever may read his own also sees what is there; nobody else knows the names.
    "read": (("data", ("read",)), ("metadata", ("read", "list"))),
    "write": (("data", ("create", "update", "patch")), ("metadata", ("read",))),
    "delete": (("data", ("delete",)),),
}
"""Verb -> the parts of the API it needs and the capabilities there: Vault, "KV secrets engine v2", ACL rules."""
OWN: Final = "{{identity.entity.id}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalFolders(Record):
    """A folder for each. Nothing is deployed for it: the first value makes it."""

    kind: ClassVar[str] = "vault.kv_personal.folders"
    team: str
    name: str
    mount: str
    path: str
    """Below it each has a folder that is called by the id of his entity."""

    @property
    def key(self) -> str:
        return f"{self.team}/{self.name}"


def store_of(scope: Scope, secret: Key) -> str:
    """The name of the store that folders are in; empty if there is none."""
    folder = scope.secrets[secret].personal
    return (folder.store if folder else None) or scope.environment.default_store or ""


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The paths and capabilities that one verb on one secret needs, and nothing more."""
    mount = scope.kv_mount(store_of(scope, secret))
    for part, capabilities in VERBS[verb]:
        yield f"{mount}/{part}/{naming.secret_path(*secret)}/{OWN}/*", capabilities


def plan(scope: Scope) -> Iterator[Record]:
    for (team, name), secret in scope.secrets.items():
        if secret.personal:
            mount = scope.kv_mount(store_of(scope, (team, name)))
            yield PersonalFolders(slice=team, team=team, name=name, mount=mount, path=naming.secret_path(team, name))
