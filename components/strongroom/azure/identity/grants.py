"""What the grants of an environment say about Azure: which workload may do what with which secret there, as whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from strongroom.azure.key_vault import plan as key_vault
from strongroom.azure.key_vault.plan import secret_id, vault_place
from strongroom.azure.place import place_of
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.identity import Identity

KINDS: Final = ("kubernetes", "github_actions", "azure_managed_identity")
"""Kinds of identity that Azure knows."""
SECRETS_USER: Final = "4633458b-17de-408a-874b-0445c86b69e6"
"""Azure built-in roles for Security, "Key Vault Secrets User": reads values."""
SECRETS_OFFICER: Final = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
"""The same page, "Key Vault Secrets Officer": anything with secrets but to give rights."""
_WRITES: Final = frozenset({"write", "delete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedCredential:
    """Whose tokens a managed identity trusts: exactly one subject of one issuer."""

    name: str
    issuer: str
    subject: str


@remembered
def kept(scope: Scope) -> frozenset[Key]:
    """The secrets that Key Vault keeps."""
    return frozenset(scope.stored.get(key_vault.KIND, ()))


@remembered
def verbs_of(scope: Scope, workload: Key) -> dict[Key, frozenset[str]]:
    """The verbs of a workload on each secret that Key Vault keeps, in order of the secrets."""
    found: dict[Key, frozenset[str]] = {}
    for grant in scope.grants_of[workload]:
        if grant.secret in kept(scope):
            found[grant.secret] = found.get(grant.secret, frozenset()) | frozenset(grant.can)
    return found


def roles_for(scope: Scope, verbs: frozenset[str]) -> tuple[str, ...]:
    """The roles on one secret that these verbs need, and no more than that."""
    azure = scope.environment.azure
    own = azure.identities.writer_role if azure else None
    if verbs & _WRITES:
        # The built-in one reads as well; of one's own nothing is known but that it writes.
        return (own, *((SECRETS_USER,) if "read" in verbs else ())) if own else (SECRETS_OFFICER,)
    return (SECRETS_USER,)


@remembered
def scope_of(scope: Scope, secret: Key) -> str:
    """The id of a secret, as the scope of a role assignment."""
    store = scope.store_of(scope.secrets[secret])[1].value
    return secret_id(
        vault_place(scope, store), store.vault, key_vault.in_vault(key_vault.name_of(scope, secret, store))
    )


def identities_of(scope: Scope, workload: Key) -> list[Identity]:
    """Those of a workload's identities that Azure knows."""
    return [login.runs_as for login in scope.workloads[workload].logins if login.runs_as.kind in KINDS]


@remembered
def credentials_of(scope: Scope, workload: Key) -> tuple[FederatedCredential, ...]:
    """Whose tokens a workload's own managed identity trusts; none: it has no such identity."""
    found = [credential for identity in identities_of(scope, workload) for credential in _credentials(scope, identity)]
    return tuple(sorted(set(found), key=lambda credential: credential.name))


def _credentials(scope: Scope, identity: Identity) -> Iterator[FederatedCredential]:
    azure = scope.environment.azure
    assert azure is not None
    if pod := identity.kubernetes:
        for name, cluster in sorted(azure.identities.clusters.items()):
            yield _credential(f"kubernetes_{name}", cluster.issuer, pod.subject)
    if (job := identity.github_actions) and (github := azure.identities.github_actions):
        yield _credential("github_actions", github.issuer, job.sub)


def _credential(prefix: str, issuer: str, subject: str) -> FederatedCredential:
    # By what it trusts, not by a position: another subject is another credential.
    mark = sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:8]
    return FederatedCredential(name=f"{prefix}_{mark}", issuer=issuer, subject=subject)


@remembered
def principals_of(scope: Scope, workload: Key) -> list[str]:
    """The managed identities that a workload is and that were there before, by their object ids."""
    found = {i.azure_managed_identity.principal_id for i in identities_of(scope, workload) if i.azure_managed_identity}
    named = scope.environment.azure.identities.principals.get("/".join(workload)) if scope.environment.azure else None
    return sorted(found | ({named} if named else set()))


def identity_name(environment: str, team: str, workload: str) -> str:
    """The name of a workload's managed identity. Names have no underscore: no two workloads share one."""
    return f"{environment}_{team}_{workload}"


def identity_id(scope: Scope, workload: Key) -> str:
    """Its id."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return place_of(scope).id_of(kind, identity_name(scope.name, *workload))


def assignment_name(principal: str, role: str, on: str) -> str:
    """The GUID of a role assignment: the same for the same three, so that it is made once and found again.

    `principal` is an object id, or the id of a managed identity that is yet to be made.
    """
    return str(uuid5(NAMESPACE_URL, "\n".join((principal.lower(), role, on.lower()))))
