"""What files cannot tell about themselves in Azure: whether it knows a workload, and whether its limits are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from strongroom.azure.clouds import CLOUDS
from strongroom.azure.identity import plan as identity
from strongroom.azure.identity.grants import KINDS, credentials_of, principals_of, verbs_of
from strongroom.azure.identity.plan import AzureRoleAssignment
from strongroom.azure.key_vault.plan import stores, vault_url
from strongroom.azure.place import place_of
from strongroom.azure.rotation import plan as rotation
from strongroom.azure.rotation.plan import AzureRotation
from strongroom.plan.cloud_stores import unknown_workloads
from strongroom.plan.holders import Holder, shared
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.problems import Loc, Problem

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

CREDENTIALS_MOST: Final = 20
"""Federated credentials of one managed identity: Entra ID, "Important considerations and restrictions for federated
identity credentials"."""
ASSIGNMENTS_MOST: Final = 4000
"""Role assignments of one subscription: Azure, "Troubleshoot Azure RBAC limits"."""
SUBSCRIPTIONS_MOST: Final = 500
"""Event subscriptions of one topic: Azure Event Grid, "Quotas and limits"."""
_PRINCIPAL: Final = ("azure_function", "principal_id")


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment with Azure."""
    if scope.environment.azure is None:
        return
    yield from _vaults(scope, sources)
    principals = scope.environment.azure.identities.principals
    yield from unknown_workloads(sources, ("azure", "identities", "principals"), principals)
    yield from _workloads(scope, sources)
    yield from _rotation(scope, sources)
    records = (*identity.records(scope), *rotation.records(scope))
    counted = Counter(r.place.subscription for r in records if isinstance(r, AzureRoleAssignment))
    for subscription, number in sorted(counted.items()):
        if number > ASSIGNMENTS_MOST:
            yield sources.environment.problem(
                ("azure", "subscription"),
                f"the grants come to {number} role assignments in subscription {subscription}, which has room for "
                f"{ASSIGNMENTS_MOST}",
                "put values that are always read together into one secret, or keep some of the secrets in a store of "
                "another `subscription`",
            )


def vaults(scope: Scope) -> Iterator[tuple[str, Loc]]:
    """The addresses of an environment's vaults, and where the environment file says so."""
    if scope.environment.azure:
        for name, store in stores(scope):
            yield vault_url(place_of(scope), store.vault), ("stores", name, "azure_key_vault", "vault")


def _vaults(scope: Scope, sources: Sources) -> Iterator[Problem]:
    zone = CLOUDS[place_of(scope).cloud].private_zone
    seen: dict[str, str] = {}
    for name, store in stores(scope):
        loc: Loc = ("stores", name, "azure_key_vault")
        if (other := seen.setdefault(store.vault, name)) != name:
            yield sources.environment.problem(
                (*loc, "vault"), f"is the vault of store {other} too", "two stores have two vaults"
            )
        if store.private_endpoint and not store.private_endpoint.dns_zone.endswith(f"/{zone}"):
            yield sources.environment.problem(
                (*loc, "private_endpoint", "dns_zone"),
                f"is not the zone in which clients of cloud '{place_of(scope).cloud}' look for vaults",
                f"name the zone {zone}",
            )


def _workloads(scope: Scope, sources: Sources) -> Iterator[Problem]:
    known: dict[str, Key] = {}
    for workload in _here(scope):
        team, name = workload
        for what, remedy in _flaws(scope, workload):
            yield sources.catalogs[team].problem(("workloads", name, "runs_as"), what, remedy)
        for principal in principals_of(scope, workload):
            if (other := known.setdefault(principal, workload)) != workload:
                what = f"principal {principal} is workload {'/'.join(other)} too, and would have the rights of both"
                remedy = "one identity is one workload: give this one an identity of its own"
                yield sources.catalogs[team].problem(("workloads", name, "runs_as"), what, remedy)
    for name, principal in _rotators(scope):
        if holder := known.get(principal):
            what = f"principal {principal} is workload {'/'.join(holder)} too, and would have the rights of both"
            remedy = "a function app that rotates has an identity for that alone"
            yield sources.environment.problem(("rotators", name, *_PRINCIPAL), what, remedy)


def shared_identities(scope: Scope, sources: Sources, others: Iterable[Scope]) -> Iterator[Problem]:
    """The identities that were there before and have rights in other environments too, as workloads or rotators."""
    for principal, holder, elsewhere in shared(scope, others, _existing):
        yield holder.problem(
            sources,
            f"is principal {principal} in Azure, which is {elsewhere}",
            "environments cannot reach each other: give it an identity of its own in each, "
            + ("by `azure.identities.principals`" if holder.team else "with a function app of its own"),
        )


@remembered
def _existing(scope: Scope) -> dict[str, Holder]:
    """Who was there before and has rights here."""
    found: dict[str, Holder] = {}
    for workload in _here(scope):
        holder = Holder(who="/".join(workload), team=workload[0], loc=("workloads", workload[1]))
        found.update((principal, holder) for principal in principals_of(scope, workload) if principal not in found)
    for name, principal in _rotators(scope):
        found.setdefault(principal, Holder(who=f"rotator {name}", team=None, loc=("rotators", name, *_PRINCIPAL)))
    return found


def _rotators(scope: Scope) -> list[tuple[str, str]]:
    """The rotators of secrets that are kept here, and who each is."""
    return sorted({(name, function.principal_id) for _, name, function in rotation.rotated(scope)})


def _here(scope: Scope) -> Iterator[Key]:
    """The workloads that are granted something in Azure."""
    if scope.environment.azure:
        yield from (workload for workload in scope.workloads if verbs_of(scope, workload))


def _flaws(scope: Scope, workload: Key) -> Iterator[tuple[str, str]]:
    credentials = credentials_of(scope, workload)
    if len(credentials) > CREDENTIALS_MOST:
        yield (
            f"has {len(credentials)} subjects in {scope.name}, and a managed identity trusts at most "
            f"{CREDENTIALS_MOST}",
            "declare several workloads",
        )
    if credentials or principals_of(scope, workload):
        return
    kinds = [login.runs_as.kind for login in scope.workloads[workload].logins]
    if "kubernetes" in kinds:
        remedy = "declare the cluster in `azure.identities.clusters`, with its issuer"
    elif "github_actions" in kinds:
        remedy = "write `azure: {identities: {github_actions: {}}}`"
    else:
        remedy = f"say who it is in `azure.identities.principals`, or let it run as {' or '.join(KINDS)} with `also`"
    yield f"is granted a secret in Azure, where nothing in {scope.name} knows it by {' or '.join(kinds)}", remedy


def _rotation(scope: Scope, sources: Sources) -> Iterator[Problem]:
    for (team, name), rotator, _ in rotation.rotated(scope):
        if not scope.secrets[team, name].rotate_every:
            yield sources.catalogs[team].problem(
                ("secrets", name, "rotator"),
                f"{rotator} is told when the secret nears its end, and it has none",
                "say how old a value may become: `rotate_every`",
            )
    counted = Counter(r.topic for r in rotation.records(scope) if isinstance(r, AzureRotation))
    for topic, number in sorted(counted.items()):
        if number > SUBSCRIPTIONS_MOST:
            yield sources.environment.problem(
                ("rotators",),
                f"{number} secrets of one vault are rotated, and {topic} has room for {SUBSCRIPTIONS_MOST}",
                "keep some of them in a second store",
            )
