"""Roles and bindings for service accounts: single Secrets by name, and never more.

One Role for each workload and namespace. What a room adds to them, it says as `Right`s: by `RIGHTS`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.external_secrets import rights as external_secrets
from strongroom.kubernetes.access.grants import Account, Right, accounts_of, rights_of
from strongroom.kubernetes.labels import labels
from strongroom.kubernetes.place import ClusterPlace, place_of
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRule:
    """Verbs on the Secrets of these names, and on no other."""

    verbs: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRole(Record):
    """What one workload may do with Secrets of one namespace: a Role, and a RoleBinding of the same name."""

    kind: ClassVar[str] = "kubernetes.access.role"
    place: ClusterPlace
    team: str
    workload: str
    namespace: str
    """Where the Secrets are; the accounts may be elsewhere."""
    name: str
    rules: tuple[SecretRule, ...]
    accounts: tuple[Account, ...]
    labels: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"


RIGHTS: Final[tuple[Callable[[Scope, Key], Iterator[Right]], ...]] = (rights_of, external_secrets.rights_of)
"""What gives workloads rights on Secrets, a line each."""


def role_name(team: str, workload: str) -> str:
    """The name of a workload's Role. Names of teams have no dot: no two workloads share one."""
    return f"strongroom.{team}.{workload}"


def plan(scope: Scope) -> Iterator[Record]:
    for workload in scope.workloads:
        places: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for source in RIGHTS:
            for right in source(scope, workload):
                places[right.cluster, right.namespace][right.secret] |= right.verbs
        for (cluster, namespace), secrets in sorted(places.items()):
            yield _role(scope, workload, cluster, namespace, secrets)


def _role(scope: Scope, workload: Key, cluster: str, namespace: str, secrets: dict[str, set[str]]) -> SecretRole:
    team, name = workload
    by_verbs: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for secret, verbs in sorted(secrets.items()):
        by_verbs[tuple(sorted(verbs))].append(secret)
    return SecretRole(
        slice=team,
        place=place_of(scope, cluster),
        team=team,
        workload=name,
        namespace=namespace,
        name=role_name(team, name),
        rules=tuple(SecretRule(verbs=verbs, names=tuple(names)) for verbs, names in sorted(by_verbs.items())),
        accounts=accounts_of(scope, workload, cluster),
        labels=tuple(labels(scope.name, team, workload=name).items()),
    )
