"""Hosted control planes: whether their file can be delivered to the cluster that they run in, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.external_secrets.delivered import Delivered, delivered, store_name
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.kubernetes.secrets import plan as kubernetes_secrets
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

Claim = tuple[str, str, str]
"""Cluster, what it is, and `<namespace>/<name>`."""


def check(scope: Scope, sources: Sources, loc: Loc, cluster: str, encryption: Encryption) -> Iterator[Problem]:
    """Whether the cluster that a file is delivered to is there, can make the Secret, and is another one."""
    if (deliver := encryption.deliver) is None:
        return
    clusters = sources.in_environment("clusters")
    where = (*loc, "deliver", "cluster")
    if deliver.cluster not in clusters:
        hint = did_you_mean(deliver.cluster, clusters, f"declared: {', '.join(clusters)}")
        yield sources.environment.problem(where, f"there is no cluster '{deliver.cluster}'", hint)
    elif deliver.cluster == cluster:
        yield sources.environment.problem(
            where,
            "is the encrypted cluster itself, whose API servers could not start without what only they can read",
            "name the cluster in which its API servers run, or leave `deliver` out and render the file on their nodes",
        )
    elif (host := scope.environment.clusters.get(deliver.cluster)) and host.external_secrets is None:
        yield sources.environment.problem(
            where,
            f"cluster '{deliver.cluster}' has no `external_secrets`",
            "declare the operator that makes the Secret",
        )


def check_claims(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """Who else makes what brings a file: API servers would get another file, or none, and whoever makes the SecretStore
    says as whom the key store is read."""
    claims: dict[Claim, str] = {}
    for cluster, declared in sorted(scope.environment.clusters.items()):
        if declared.encryption and (deliver := declared.encryption.deliver):
            file = (deliver.cluster, "Secret", f"{deliver.namespace}/{deliver.kubernetes_secret}")
            if file in claims:
                at: Loc = ("clusters", cluster, "encryption", "deliver", "kubernetes_secret")
                yield sources.environment.problem(at, *_taken(file, claims[file]))
            claims.setdefault(file, f"with the encryption keys of cluster {cluster}")
            store = (deliver.cluster, "SecretStore", f"{deliver.namespace}/{deliver.secret_store}")
            claims.setdefault(store, f"which reads the encryption keys of cluster {cluster}")
    if not claims:
        return
    for cluster, declared in sorted(scope.environment.clusters.items()):
        for name, secret in declared.secrets.items():
            if found := claims.get((cluster, "Secret", full := f"{secret.namespace}/{secret.name or name}")):
                at = ("clusters", cluster, "secrets", name)
                yield sources.environment.problem(at, *_taken((cluster, "Secret", full), found))
    for made in delivered(scope):
        for claim, loc in _made(scope, made):
            if found := claims.get(claim):
                yield sources.catalogs[made.workload[0]].problem((*made.loc, *loc), *_taken(claim, found))
    for key in scope.stored.get(kubernetes_secrets.KIND, ()):
        store = scope.store_of(scope.secrets[key])[1].value
        if found := claims.get(claim := (store.cluster, "Secret", kubernetes_secrets.name_of(scope, key, store))):
            yield sources.catalogs[key[0]].problem(("secrets", key[1]), *_taken(claim, found))


def _made(scope: Scope, made: Delivered) -> Iterator[tuple[Claim, Loc]]:
    namespace = made.account.namespace
    yield (made.cluster, "Secret", f"{namespace}/{made.delivery.kubernetes_secret}"), ("kubernetes_secret",)
    if scope.declared_store(scope.secrets[made.secret]):
        loc: Loc = ("secret_store",) if made.delivery.secret_store else ()
        yield (made.cluster, "SecretStore", f"{namespace}/{store_name(scope, made)}"), loc


def _taken(claim: Claim, whose: str) -> tuple[str, str]:
    cluster, what, full = claim
    return f"{what} {full} of cluster {cluster} is that {whose} too", "give it another name"
