"""What files cannot tell about themselves of Kubernetes Secrets: whether a cluster and a namespace are theirs to use,
and whether grants mean something there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from strongroom.external_secrets.delivered import delivered
from strongroom.kubernetes.access.grants import accounts_of, cluster_of, granted, rights_of
from strongroom.kubernetes.secrets.plan import KIND, flaw, name_of, namespaces_of, object_of
from strongroom.kubernetes.secrets.spec import KubernetesSecrets
from strongroom.kubernetes.secrets.types import OF_ACCOUNT
from strongroom.plan.record import PLATFORM
from strongroom.plan.scope import GrantInScope, Key, Scope, remembered
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Flaw = tuple[str, str]
Owners = dict[tuple[str, str], Key]
"""Cluster and `namespace/name`, and whose the Secret is; what the environment file brings is the platform's."""
WRITE_SHOWS: Final = "the API server answers who writes a Secret with the whole of it"


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment with Secrets in its clusters."""
    yield from _stores(scope, sources)
    yield from _secrets(scope, sources)
    yield from _shared_accounts(scope, sources)
    for grant in granted(scope):
        if cluster_of(scope, grant.secret) in scope.environment.clusters:
            for loc, (message, remedy) in _grant(scope, grant):
                yield sources.catalogs[grant.secret[0]].problem(("grants", grant.position, *loc), message, remedy)


def stores(scope: Scope) -> Iterator[tuple[str, KubernetesSecrets]]:
    """The stores of this kind by name."""
    for name, store in sorted(scope.environment.stores.items()):
        if store.kubernetes_secrets:
            yield name, store.kubernetes_secrets


def _stores(scope: Scope, sources: Sources) -> Iterator[Problem]:
    clusters = sources.in_environment("clusters")
    for name, store in stores(scope):
        loc: Loc = ("stores", name, KIND)
        if store.cluster not in clusters:
            yield sources.environment.problem(
                (*loc, "cluster"),
                f"there is no cluster '{store.cluster}'",
                did_you_mean(store.cluster, clusters, f"declared: {', '.join(clusters) or 'none'}"),
            )
        for team in store.namespaces:
            if team not in sources.catalogs and sources.complete:
                yield sources.environment.problem(
                    (*loc, "namespaces", team),
                    f"there is no team '{team}'",
                    did_you_mean(team, sources.catalogs, "declare it in a catalog"),
                    at_key=True,
                )


def _secrets(scope: Scope, sources: Sources) -> Iterator[Problem]:
    owners: Owners = {}
    yield from _brought(scope, sources, owners)
    yield from _kept(scope, sources, owners)
    yield from _delivered(scope, sources, owners)


def _brought(scope: Scope, sources: Sources, owners: Owners) -> Iterator[Problem]:
    for cluster, declared in sorted(scope.environment.clusters.items()):
        for name, deployed in sorted(declared.secrets.items()):
            full = f"{deployed.namespace}/{deployed.name or name}"
            own = (PLATFORM, f"`secrets.{name}`")
            if (owner := owners.setdefault((cluster, full), own)) != own:
                yield sources.environment.problem(
                    ("clusters", cluster, "secrets", name), f"'{full}' is {owner[1]} too", "give it another `name`"
                )


def _kept(scope: Scope, sources: Sources, owners: Owners) -> Iterator[Problem]:
    accounts = _accounts(scope)
    for key in scope.stored.get(KIND, ()):
        team, name = key
        secret, store = scope.secrets[key], scope.store_of(scope.secrets[key])[1].value
        full = name_of(scope, key, store)
        namespace, _, _ = full.partition("/")
        loc: Loc = ("secrets", name, "path") if secret.path else ("secrets", name)
        if flaw(full, ()):
            continue  # `strongroom.plan.cloud_stores` says so
        owner = owners.setdefault((store.cluster, full), key)
        if found := _not_theirs(team, namespace, store) or _taken(owner, key, full):
            yield sources.catalogs[team].problem(loc, *found, at_key=not secret.path)
        holders = accounts.get((store.cluster, namespace, object_of(scope, key).service_account or ""), ())
        if others := [holder for holder in holders if holder[0] != team]:
            yield sources.catalogs[team].problem(
                ("secrets", name, "kubernetes", "service_account"),
                f"is workload {'/'.join(others[0])}: whoever reads its token has all its rights",
                "ask that team to declare the secret, and to grant it",
            )


def _delivered(scope: Scope, sources: Sources, owners: Owners) -> Iterator[Problem]:
    """Deliveries to a Secret that somebody else makes; of two deliveries to one their own room tells."""
    for made in delivered(scope):
        team, delivery = made.workload[0], made.delivery
        full = f"{made.account.namespace}/{delivery.kubernetes_secret}"
        owner = owners.get((made.cluster, full))
        # To add keys to another team's Secret would be to change its values.
        if owner and not ("Merge" in delivery.creation_policy and owner[0] == team):
            yield sources.catalogs[team].problem(
                (*made.loc, "kubernetes_secret"), *_is_of(owner, full, "deliver to a Secret of another name")
            )


@remembered
def _accounts(scope: Scope) -> dict[tuple[str, str, str], list[Key]]:
    """Cluster, namespace and name of service accounts, and the workloads that say that they are that one."""
    found: dict[tuple[str, str, str], list[Key]] = {}
    for cluster in scope.environment.clusters:
        for workload in scope.workloads:
            for account in accounts_of(scope, workload, cluster):
                found.setdefault((cluster, account.namespace, account.name), []).append(workload)
    return found


def _shared_accounts(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """Workloads that are granted Secrets and are one service account: the API server cannot tell them apart."""
    known = _accounts(scope)
    for workload in sorted({grant.workload for grant in granted(scope)}):
        team, name = workload
        for cluster in sorted(
            {right.cluster for right in rights_of(scope, workload)} & set(scope.environment.clusters)
        ):
            for account in accounts_of(scope, workload, cluster):
                if (other := known[cluster, account.namespace, account.name][0]) != workload:
                    yield sources.catalogs[team].problem(
                        ("workloads", name, "runs_as"),
                        f"is service account {account} of cluster {cluster}, as is {'/'.join(other)}, and each would "
                        "have the rights of both",
                        "give it a service account of its own",
                    )


def _not_theirs(team: str, namespace: str, store: KubernetesSecrets) -> Flaw | None:
    allowed = namespaces_of(store, team)
    if namespace in allowed:
        return None
    return (
        f"namespace '{namespace}' is none of team {team}'s, which are: {', '.join(allowed)}",
        "name one of those, or let the environment file add it to the store's `namespaces`",
    )


def _taken(owner: Key, secret: Key, name: str) -> Flaw | None:
    remedy = "one secret has one owner: give it another path, or ask that team for a grant"
    return None if owner == secret else _is_of(owner, name, remedy)


def _is_of(owner: Key, name: str, remedy: str) -> Flaw:
    of = owner[1] if owner[0] == PLATFORM else "/".join(owner)
    return f"'{name}' is the Kubernetes Secret of {of} too", remedy


def _grant(scope: Scope, grant: GrantInScope) -> Iterator[tuple[Loc, Flaw]]:
    cluster = cluster_of(scope, grant.secret)
    if not accounts_of(scope, grant.workload, cluster):
        kinds = ", ".join(dict.fromkeys(login.runs_as.kind for login in scope.workloads[grant.workload].logins))
        yield (
            ("workload",),
            (
                f"{'/'.join(grant.workload)} runs as {kinds}, and is no service account of cluster {cluster}, which "
                "keeps the secret",
                "let it run as `kubernetes` too (`also`), or keep the secret in another store",
            ),
        )
    verbs = {verb: ("can", position) for position, verb in enumerate(grant.can)}
    wanted = object_of(scope, grant.secret)
    if "write" in verbs and wanted.type == OF_ACCOUNT:
        # Measured: with another name in an annotation the cluster fills it with that account's token.
        yield (
            verbs["write"],
            (
                "the cluster puts the token there, and whoever writes the Secret can have it put another account's "
                "there",
                "leave `write` out",
            ),
        )
    elif "write" in verbs and wanted.immutable:
        yield verbs["write"], ("the secret is immutable, and nobody can write it", "leave `write` out")
    elif "write" in verbs and "read" not in verbs:
        yield verbs["write"], (f"is `read` too: {WRITE_SHOWS}", "write `can: [read, write]`, or leave it out")
    if "delete" in verbs:
        yield (
            verbs["delete"],
            (
                "would be for good in Kubernetes, and to make the Secret again cannot be granted for one name",
                "leave it out: `strongroom values rm` deletes",
            ),
        )
