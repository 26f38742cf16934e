"""What a delivery cannot tell about itself: whether what it names is there, is granted, and is read as the workload.

What becomes of it, is followed once more when the plan stands: `reachability`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets import fits
from strongroom.external_secrets.delivered import Delivered, accounts_of, clusters_of, delivered, granted, store_name
from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.generators.reference import VERBS
from strongroom.external_secrets.sources import GENERATORS
from strongroom.kubernetes.secrets.plan import name_of
from strongroom.plan.scope import Scope, qualified
from strongroom.spec.catalog import SECRET_KINDS
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]
"""What is wrong, and the remedy."""
Claim = tuple[str, str, str, str]
"""Cluster, namespace, what it is, and its name."""


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's deliveries in one environment."""
    source = sources.catalogs[team]
    for position, delivery in enumerate(scope.catalogs[team].deliveries):
        if not delivery.exists_in(scope.name):
            continue
        for loc, (message, remedy) in (*_names(scope, sources, team, delivery), *_rights(scope, team, delivery)):
            yield source.problem(("deliveries", position, *loc), message, remedy)


def check_environment(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """What can be said once it is known what goes where: whether it can be read, and whether two are the same thing."""
    claimed: dict[Claim, tuple[object, Delivered]] = {}
    told: set[tuple[Claim, object]] = set()
    for found in delivered(scope):
        source = sources.catalogs[found.workload[0]]
        for loc, (message, remedy) in fits.flaws(scope, found):
            yield source.problem((*found.loc, *loc), message, remedy)
        for what, name, owner, loc in _claims(scope, found):
            claim = (found.cluster, found.account.namespace, what, name)
            first_owner, first = claimed.setdefault(claim, (owner, found))
            if first_owner != owner and (claim, owner) not in told:
                told.add((claim, owner))
                said = sources.catalogs[first.workload[0]].problem(first.loc, "")
                yield source.problem(
                    (*found.loc, *loc),
                    f"{what} {name} in namespace {found.account.namespace} of cluster {found.cluster} is that of "
                    f"{said.file}: {said.where} too",
                    "give it another name",
                )


def _names(scope: Scope, sources: Sources, team: str, delivery: Delivery) -> Iterator[tuple[Loc, Flaw]]:
    """Whether what is named is there, in whatever environment."""
    if (team, delivery.workload) not in sources.workloads:
        known = sorted(name for owner, name in sources.workloads if owner == team)
        remedy = did_you_mean(delivery.workload, known, "declare it under `workloads`; a delivery is to a team's own")
        yield ("workload",), (f"team {team} has no workload '{delivery.workload}'", remedy)
    owner, name = qualified(team, delivery.secret)
    if (owner, name) not in sources.secrets and (owner == team or sources.complete) and owner not in sources.twice:
        names = sorted(secret for of, secret in sources.secrets if of == owner)
        remedy = did_you_mean(name, names, "declare it under `secrets` of its team's catalog")
        yield ("secret",), (f"team {owner} has no secret '{name}'", remedy)
    clusters = sources.in_environment("clusters")
    for position, cluster in enumerate(delivery.clusters or ()):
        if cluster not in clusters:
            remedy = did_you_mean(cluster, clusters, "declare it in the environment file, or limit `environments`")
            yield ("clusters", position), (f"there is no cluster '{cluster}' in {scope.name}", remedy)
        elif (there := scope.environment.clusters.get(cluster)) and there.external_secrets is None:
            remedy = f"add `clusters.{cluster}.external_secrets` to the environment file"
            yield ("clusters", position), (f"cluster {cluster} of {scope.name} has no operator", remedy)
    if delivery.clusters is None and not clusters_of(scope, delivery) and not _broken_clusters(scope, clusters):
        remedy = "add `external_secrets` to a cluster in the environment file, or limit `environments`"
        yield (), (f"no cluster of {scope.name} has the External Secrets Operator, so that nothing delivers it", remedy)


def _broken_clusters(scope: Scope, declared: list[str]) -> bool:
    """Whether there are clusters whose part of the file cannot be read: they may have what seems to be missing."""
    return len(scope.environment.clusters) < len(declared)


def _rights(scope: Scope, team: str, delivery: Delivery) -> Iterator[tuple[Loc, Flaw]]:
    """Whether the workload is one of Kubernetes, and may read the secret; both exist here."""
    workload, secret = (team, delivery.workload), qualified(team, delivery.secret)
    if workload not in scope.workloads or secret not in scope.secrets:
        return
    kind = scope.secrets[secret].kind
    if kind != "fields" and kind not in GENERATORS:
        message = f"{'/'.join(secret)} is {SECRET_KINDS[kind]}, which the operator does not deliver"
        yield ("secret",), (message, "let the workload read it by itself")
    for field in sorted(set(delivery.fields.values()) - set(scope.secrets[secret].fields)) if kind == "fields" else ():
        has = scope.secrets[secret].fields
        remedy = did_you_mean(field, has, f"it has: {', '.join(has)}")
        yield ("fields",), (f"{'/'.join(secret)} has no field '{field}'", remedy)
    if not granted(scope, workload, secret):
        name = delivery.workload if secret[0] == team else "/".join(workload)
        grant = f"- {{workload: {name}, secret: {secret[1]}, can: [{VERBS.get(kind, 'read')}]}}"
        remedy = f"team {secret[0]} adds to `grants` of its catalog: {grant}"
        yield ("secret",), (f"{'/'.join(workload)} may not read {'/'.join(secret)} in {scope.name}", remedy)
    for cluster in clusters_of(scope, delivery):
        accounts = accounts_of(scope, cluster, workload)
        if not accounts:
            remedy = "give it one with `also`, or let it read by itself and leave the delivery out"
            yield ("workload",), (f"{delivery.workload} runs as no service account of Kubernetes", remedy)
            return
        if len(accounts) > 1:
            names = ", ".join(f"{account.namespace}/{account.service_account}" for account in accounts)
            remedy = f"set `clusters.{cluster}.vault_auth`, or declare a workload for each"
            yield ("workload",), (f"in cluster {cluster} {delivery.workload} may be any of {names}", remedy)


def _claims(scope: Scope, found: Delivered) -> Iterator[tuple[str, str, object, Loc]]:
    """What a delivery makes: what it is, its name, whose it is, and what of the delivery says so."""
    yield "Secret", found.delivery.kubernetes_secret, (found.workload, found.position), ("kubernetes_secret",)
    if scope.declared_store(secret := scope.secrets[found.secret]) and secret.kind not in GENERATORS:
        loc: Loc = ("secret_store",) if found.delivery.secret_store else ()
        yield "SecretStore", store_name(scope, found), (found.workload, _behind(scope, found)), loc


def _behind(scope: Scope, found: Delivered) -> tuple[str, ...]:
    """What a SecretStore reads: a store, and of one in a cluster one namespace."""
    name, store = scope.store_of(scope.secrets[found.secret])
    inside = store.kubernetes_secrets
    return (name, name_of(scope, found.secret, inside).partition("/")[0]) if inside else (name,)
