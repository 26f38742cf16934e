"""Who workloads are in Azure, and what they may do: managed identities and role assignments, derived from grants."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.azure.identity.grants import (
    FederatedCredential,
    assignment_name,
    credentials_of,
    identity_id,
    identity_name,
    principals_of,
    roles_for,
    scope_of,
    verbs_of,
)
from strongroom.azure.key_vault.plan import vault_place
from strongroom.azure.place import AzurePlace, place_of
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope, remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureIdentity(Record):
    """The managed identity of a workload."""

    kind: ClassVar[str] = "azure.identity.managed_identity"
    place: AzurePlace
    name: str
    team: str
    workload: str
    credentials: tuple[FederatedCredential, ...]

    @property
    def key(self) -> str:
        return f"{self.team}/{self.workload}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureRoleAssignment(Record):
    """One principal has one role on one secret."""

    kind: ClassVar[str] = "azure.identity.role_assignment"
    place: AzurePlace
    name: str
    """A GUID."""
    holder: str
    """Who has it, for people: `payments/checkout`, or a rotator."""
    secret: str
    """`team/secret`."""
    vault: str
    scope: str
    """The id of the secret."""
    role: str
    """The id of the role's definition."""
    identity: str | None
    """The name of the managed identity that has it."""
    principal_id: str | None
    """The object id of who has it and was there before."""

    @property
    def key(self) -> str:
        return f"{self.holder} {self.secret} {self.name}"


@remembered
def records(scope: Scope) -> tuple[Record, ...]:
    """All of them, made once: the checks count them."""
    of_each = ((workload, verbs_of(scope, workload)) for workload in scope.workloads)
    return tuple(record for workload, verbs in of_each if verbs for record in _of_workload(scope, workload, verbs))


def plan(scope: Scope) -> Iterator[Record]:
    yield from records(scope)


def _of_workload(scope: Scope, workload: Key, verbs: dict[Key, frozenset[str]]) -> Iterator[Record]:
    team, name = workload
    own = identity_name(scope.name, team, name) if (credentials := credentials_of(scope, workload)) else None
    if own:
        yield AzureIdentity(
            slice=team, place=place_of(scope), name=own, team=team, workload=name, credentials=credentials
        )
    for secret, on in verbs.items():
        for role in roles_for(scope, on):
            if own:
                yield assignment(scope, "/".join(workload), secret, role, identity_id(scope, workload), own)
            for principal in principals_of(scope, workload):
                yield assignment(scope, "/".join(workload), secret, role, principal)


def assignment(
    scope: Scope, holder: str, secret: Key, role: str, principal: str, identity: str | None = None
) -> AzureRoleAssignment:
    """One assignment; it is applied by who applies the identity, and for a rotator by the secret's team. `principal` is
    the object id of who was there before, or the id of our own `identity`, which has no object id yet."""
    on, store = scope_of(scope, secret), scope.store_of(scope.secrets[secret])[1].value
    place = vault_place(scope, store)
    return AzureRoleAssignment(
        slice=holder.partition("/")[0] if "/" in holder else secret[0],
        place=place,
        name=assignment_name(principal, role, on),
        holder=holder,
        secret="/".join(secret),
        vault=store.vault,
        scope=on,
        role=place.role(role),
        identity=identity,
        principal_id=None if identity else principal,
    )
