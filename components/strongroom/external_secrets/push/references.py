"""What a push cannot tell about itself: whether what it names is there, is granted, and can be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from strongroom.external_secrets.delivered import delivered, operator_of
from strongroom.external_secrets.push.plan import account_of, as_delivery, fields_of
from strongroom.external_secrets.push.pushed import Pushed, pushed
from strongroom.external_secrets.reached import provider_of
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.kubernetes.secrets.types import is_own
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Kubernetes
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment."""
    for team, catalog in sorted(scope.catalogs.items()):
        known = {key[1] for key in sources.workloads if key[0] == team}, {k[1] for k in sources.secrets if k[0] == team}
        for position, push in enumerate(catalog.pushes):
            if not push.exists_in(scope.name):
                continue
            for what, name, names in zip(("workload", "secret"), (push.workload, push.secret), known, strict=True):
                if name not in names:
                    yield sources.catalogs[team].problem(
                        ("pushes", position, what),
                        f"team {team} has no {what} '{name}'",
                        did_you_mean(name, names, f"declare it under `{what}s`"),
                    )
    yield from _teams(scope, sources)
    taken: dict[tuple[str, ...], str] = {}
    brought = {
        (found.cluster, found.account.namespace, found.delivery.kubernetes_secret): "/".join(found.secret)
        for found in delivered(scope)
    }
    for found in pushed(scope):
        whose = f"pushes[{found.position}] of team {found.workload[0]}"
        for loc, flaw in (*_flaws(scope, sources, found), *_twice(scope, found, whose, taken, brought)):
            yield sources.catalogs[found.workload[0]].problem(("pushes", found.position, *loc), *flaw)


def _teams(scope: Scope, sources: Sources) -> Iterator[Problem]:
    for cluster, declared in sorted(scope.environment.clusters.items()):
        for team in declared.external_secrets.pushes_from if declared.external_secrets else ():
            if team not in sources.catalogs and sources.complete:
                yield sources.environment.problem(
                    ("clusters", cluster, "external_secrets", "pushes_from", team),
                    f"there is no team '{team}'",
                    did_you_mean(team, sources.catalogs, "declare it in a catalog"),
                    at_key=True,
                )


def _flaws(scope: Scope, sources: Sources, found: Pushed) -> Iterator[tuple[Loc, Flaw]]:
    workload, name = "/".join(found.workload), "/".join(found.secret)
    (cluster,) = found.push.clusters
    clusters = sources.in_environment("clusters")
    if cluster not in clusters:
        remedy = did_you_mean(cluster, clusters, "limit `environments`")
        yield ("clusters", 0), (f"there is no cluster '{cluster}' in {scope.name}", remedy)
    elif (there := scope.environment.clusters.get(cluster)) and there.external_secrets is None:
        yield ("clusters", 0), (f"cluster {cluster} has no operator", f"add `clusters.{cluster}.external_secrets`")
    secret = scope.secrets[found.secret]
    store = scope.declared_store(secret)
    if not secret.fields or (store and not store.vault_kv):
        yield (
            ("secret",),
            (
                f"{name} is in no store of the kind vault_kv",
                "the operator writes only to what it has made and marked itself, and elsewhere Strongroom makes it",
            ),
        )
        return
    if store and store.vault_kv and store.vault_kv.cas_required:
        yield (
            ("secret",),
            (f"{name} is in a mount with `cas_required`", "name a store with `cas_required: false`"),
        )
    can = {verb for grant in scope.grants_of[found.workload] if grant.secret == found.secret for verb in grant.can}
    if missing := sorted({"read", "write"} - can):
        yield (
            ("secret",),
            (
                f"{workload} may not {' nor '.join(missing)} {name}",
                "grant it both: the operator compares before it writes",
            ),
        )
    for field in sorted(set(fields_of(scope, found)) - set(secret.fields)):
        remedy = did_you_mean(field, secret.fields, f"it has: {', '.join(secret.fields)}")
        yield ("fields",), (f"{name} has no field '{field}'", remedy)
    if secret.rotator:
        yield ("secret",), (f"{name} is changed by rotator '{secret.rotator}' already", "leave out one of the two")
    account = account_of(scope, found)
    if account is None and cluster in clusters:
        yield ("workload",), (f"{workload} runs as no single service account of cluster {cluster}", "give it one")
    if account:
        yield from _not_theirs(scope, found, *account)
    if account and store:
        try:
            provider_of(scope, as_delivery(found, *account))
        except UnreachableError as error:
            yield (), (error.message, error.remedy)


def _not_theirs(scope: Scope, found: Pushed, cluster: str, account: Kubernetes) -> Iterator[tuple[Loc, Flaw]]:
    """Whether a team may have Secrets of a namespace: the operator reads whatever Secret a push names."""
    team, namespace = found.workload[0], account.namespace
    allowed = operator_of(scope, cluster).pushes_from.get(team, (team,))
    if namespace not in allowed or is_own(namespace):
        message = f"namespace '{namespace}' is none whose Secrets team {team} may have, which are: {', '.join(allowed)}"
        remedy = f"let the environment file add it to `clusters.{cluster}.external_secrets.pushes_from`"
        yield ("workload",), (message, remedy)


def _twice(
    scope: Scope,
    found: Pushed,
    whose: str,
    taken: dict[tuple[str, ...], str],
    brought: Mapping[tuple[str, str, str], str],
) -> Iterator[tuple[Loc, Flaw]]:
    """Two that write the same, or a Secret that is itself brought from a store."""
    if (account := account_of(scope, found)) is None:
        return
    cluster, runs_as = account
    for loc, place in (
        ("kubernetes_secret", ("from", cluster, runs_as.namespace, found.push.kubernetes_secret)),
        ("secret", ("to", *found.secret)),
    ):
        if other := taken.get(place):
            yield (loc,), (f"is that of {other} too", "one Secret is pushed once, and one secret has one source")
        taken.setdefault(place, whose)
    if secret := brought.get((cluster, runs_as.namespace, found.push.kubernetes_secret)):
        yield (
            ("kubernetes_secret",),
            (f"is brought there by a delivery of {secret}", "push what is made in the cluster"),
        )
