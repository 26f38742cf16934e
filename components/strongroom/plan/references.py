"""What one file cannot tell about itself: whether the names in it mean something, and fit together.

Files may be broken (see `strongroom.spec.remainder`): a name counts as declared if the file has it as a key, be
the rest in order or not, so that one mistake does not cause complaints elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from strongroom.aws.audit import references as aws_audit
from strongroom.aws.iam import references as aws_iam
from strongroom.aws.kms import references as aws_kms
from strongroom.aws.parameters import references as aws_parameters
from strongroom.aws.rotation import references as aws_rotation
from strongroom.azure import references as azure
from strongroom.external_secrets import references as external_secrets
from strongroom.external_secrets.cluster import references as external_secrets_cluster
from strongroom.external_secrets.generators import references as external_secrets_generators
from strongroom.external_secrets.operator import references as external_secrets_operator
from strongroom.external_secrets.push import references as external_secrets_push
from strongroom.gcp import references as gcp
from strongroom.kubernetes import references as kubernetes
from strongroom.plan import cloud_stores
from strongroom.plan.kinds import kind_of
from strongroom.plan.mounts import mounts, overlap
from strongroom.plan.scope import Key, Scope, qualified
from strongroom.spec.catalog import Secret
from strongroom.spec.identity import CLOUD_KINDS
from strongroom.spec.problems import Loc, Problem, did_you_mean, dotted
from strongroom.spec.remainder import Remainder
from strongroom.spec.yaml_nodes import Source, child
from strongroom.vault import needs
from strongroom.vault.adopted import grants as adopted_roles
from strongroom.vault.adopted import references as adopted
from strongroom.vault.auth.aws import references as auth_aws
from strongroom.vault.aws import references as aws
from strongroom.vault.database import references as database
from strongroom.vault.identity import references as identity
from strongroom.vault.kubernetes_engine import references as kubernetes_engine
from strongroom.vault.kv_personal import references as kv_personal
from strongroom.vault.kv_v1 import references as kv_v1
from strongroom.vault.mfa import references as mfa
from strongroom.vault.namespace import references as namespace
from strongroom.vault.pki import references as pki
from strongroom.vault.policy import references as policies_by_hand
from strongroom.vault.quota import references as quota
from strongroom.vault.ssh import references as ssh
from strongroom.vault.token_role import references as token_role
from strongroom.vault.totp import references as totp
from strongroom.vault.transit import references as transit


@dataclass(frozen=True)
class Sources:
    """The files behind a scope, for the places in error messages and the names that broken parts have."""

    environment: Source
    catalogs: Mapping[str, Source]
    environments: frozenset[str]
    """The names of all environments of the project."""
    twice: frozenset[str] = frozenset()
    """Teams that several files declare: their names are not all known."""
    complete: bool = True
    """False if there are catalogs of which not even the team is known."""

    @cached_property
    def workloads(self) -> set[Key]:
        """The workloads of all environments: a reference to one that exists elsewhere is not dangling."""
        return {(team, name) for team, source in self.catalogs.items() for name in declared(source, "workloads")}

    @cached_property
    def secrets(self) -> set[Key]:
        """The secrets of all environments."""
        return {(team, name) for team, source in self.catalogs.items() for name in declared(source, "secrets")}

    def no_workload(self, written: str) -> tuple[str, str] | None:
        """What is wrong with `team/workload` in the environment file, and what to do; None if that may exist."""
        team, _, name = written.partition("/")
        if (team, name) in self.workloads or not self.complete or team in self.twice:
            return None
        known = ["/".join(key) for key in sorted(self.workloads)]
        return f"there is no workload '{written}'", did_you_mean(written, known, "declare it in its team's catalog")

    @property
    def engines(self) -> list[str]:
        """The engines that the environment file has a section for, sound or not."""
        return self.in_environment("vault", "engines")

    def in_environment(self, *path: str) -> list[str]:
        """The keys of a map of the environment file, sound or not."""
        return declared(self.environment, *path)


def declared(source: Source, *path: str) -> list[str]:
    """The keys of a map in the whole file, in its order; none if there is no such map."""
    node = (source.whole if isinstance(source, Remainder) else source).root
    for part in path:
        if (inner := child(node, part)) is None:
            return []
        node = inner
    return list(node.value) if isinstance(node.value, dict) else []


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """All problems of the references in one environment."""
    workloads = sources.workloads
    yield from _environment(scope, sources)
    yield from needs.check(scope, sources)
    yield from policies_by_hand.check(scope, sources)
    yield from namespace.check(scope, sources)
    yield from quota.check(scope, sources)
    yield from identity.check(scope, sources)
    yield from mfa.check(scope, sources)
    yield from token_role.check(scope, sources)
    yield from adopted.check(scope, sources)
    yield from pki.check_environment(scope, sources)
    for team in sorted(scope.catalogs):
        yield from _environment_names(scope, sources, team)
        yield from _secrets(scope, sources, team)
        yield from _workloads(scope, sources, team)
        yield from _grants(scope, sources, team, workloads)
        yield from database.check(scope, sources, team)
        yield from auth_aws.check(scope, sources, team)
        yield from aws.check(scope, sources, team)
        yield from pki.check(scope, sources, team)
        yield from adopted_roles.check(scope, sources, team)
        yield from ssh.check(scope, sources, team)
        yield from kv_v1.check(scope, sources, team)
        yield from kv_personal.check(scope, sources, team)
        yield from kubernetes_engine.check(scope, sources, team)
        yield from totp.check(scope, sources, team)
        yield from transit.check(scope, sources, team)
        yield from external_secrets.check(scope, sources, team)
    yield from database.check_environment(scope, sources)
    yield from adopted_roles.check_environment(scope, sources)
    yield from _shared_paths(scope, sources)
    yield from cloud_stores.check(scope, sources)
    yield from aws_kms.check(scope, sources)
    yield from aws_iam.check(scope, sources)
    yield from aws_rotation.check(scope, sources)
    yield from aws_audit.check(scope, sources)
    yield from aws_parameters.check(scope, sources)
    yield from azure.check(scope, sources)
    yield from gcp.check(scope, sources)
    yield from kubernetes.check(scope, sources)
    yield from external_secrets.check_environment(scope, sources)
    yield from external_secrets_generators.check(scope, sources)
    yield from external_secrets_cluster.check(scope, sources)
    yield from external_secrets_push.check(scope, sources)
    yield from external_secrets_operator.check(scope, sources)


def _environment(scope: Scope, sources: Sources) -> Iterator[Problem]:
    environment, source = scope.environment, sources.environment
    stores = declared(source, "stores")
    if environment.default_store and environment.default_store not in stores:
        yield source.problem(
            ("default_store",),
            f"there is no store '{environment.default_store}'",
            did_you_mean(environment.default_store, stores, f"declared: {', '.join(stores) or 'none'}"),
        )
    if environment.vault is None and not declared(source, "vault"):
        for name, store in environment.stores.items():
            if store.is_in_vault:
                yield source.problem(("stores", name), "is kept in Vault, and there is no `vault` section", "add one")
    seen: dict[str, Loc] = {}
    for path, loc in mounts(scope):
        for other, other_loc in seen.items():
            if overlap(path, other):
                relation = "as is" if path == other else f"and '{other}' is the mount of"
                yield source.problem(
                    loc, f"is mounted at '{path}', {relation} {dotted(other_loc)}", "set another `mount`"
                )
                break
        seen.setdefault(path, loc)


def _environment_names(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    catalog = scope.catalogs[team]
    items = [(("workloads", name), item) for name, item in catalog.workloads.items()]
    items += [(("secrets", name), item) for name, item in catalog.secrets.items()]  # type: ignore[misc]
    items += [(("grants", position), item) for position, item in enumerate(catalog.grants)]  # type: ignore[misc]
    items += [(("deliveries", position), item) for position, item in enumerate(catalog.deliveries)]  # type: ignore[misc]
    for loc, item in items:
        for position, name in enumerate(item.environments or ()):
            if name not in sources.environments:
                yield sources.catalogs[team].problem(
                    (*loc, "environments", position),
                    f"there is no environment '{name}'",
                    did_you_mean(name, sources.environments, f"there are: {', '.join(sorted(sources.environments))}"),
                )


def _secrets(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    source = sources.catalogs[team]
    stores, rotators = declared(sources.environment, "stores"), declared(sources.environment, "rotators")
    for name, secret in scope.catalogs[team].secrets.items():
        if not secret.exists_in(scope.name):
            continue
        if secret.fields and not (secret.store or scope.environment.default_store):
            yield source.problem(
                ("secrets", name, "fields"),
                f"has values, and {scope.name} has no default_store to keep them in",
                "name a `store`, limit `environments`, or set `default_store` in the environment file",
            )
        if secret.rotator and secret.rotator not in rotators:
            yield source.problem(
                ("secrets", name, "rotator"),
                f"there is no rotator '{secret.rotator}' in {scope.name}",
                did_you_mean(secret.rotator, rotators, f"declared: {', '.join(rotators) or 'none'}"),
            )
        elif secret.rotator and not _serves(scope, secret):
            yield source.problem(
                ("secrets", name, "rotator"),
                f"rotator '{secret.rotator}' of {scope.name} does not serve the store that the secret is kept in",
                "name a rotator of the store's system, or another `store`",
            )
        if secret.store and secret.store not in stores:
            yield source.problem(
                ("secrets", name, "store"),
                f"there is no store '{secret.store}' in {scope.name}",
                did_you_mean(secret.store, stores, f"declared: {', '.join(stores)}"),
            )
        owner = secret.path.partition("/")[0] if secret.path else team
        if owner != team and owner in scope.catalogs:
            yield source.problem(
                ("secrets", name, "path"),
                f"'{secret.path}' lies where the secrets of team {owner} are kept",
                "choose another path, or ask that team for a grant",
            )


def _serves(scope: Scope, secret: Secret) -> bool:
    """Whether a secret's rotator and its store are of one system; true while either is unknown or broken."""
    rotator = scope.environment.rotators.get(secret.rotator or "")
    store = scope.declared_store(secret)
    return not rotator or not store or store.kind.startswith(f"{rotator.kind.partition('_')[0]}_")


def _workloads(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    methods = scope.environment.vault.auth if scope.environment.vault else {}
    names = declared(sources.environment, "vault", "auth")
    for name, workload in scope.catalogs[team].workloads.items():
        if not workload.exists_in(scope.name):
            continue
        used: set[str] = set()
        for position, login in enumerate(workload.logins):
            loc: Loc = ("workloads", name, *(("also", position - 1) if position else ()))
            kind, found = login.runs_as.kind, scope.auth_of(login)
            if login.auth and login.auth not in names:
                yield sources.catalogs[team].problem(
                    (*loc, "auth"),
                    f"there is no auth method '{login.auth}' in {scope.name}",
                    did_you_mean(login.auth, names, f"declared: {', '.join(names) or 'none'}"),
                )
            elif not found and not login.auth and (kind in CLOUD_KINDS or not scope.needs_vault((team, name))):
                continue  # the rooms of the stores it reads say whether it can log in there
            elif not found and len(methods) == len(names):
                accepting = [f"{other} ({', '.join(method.accepts)})" for other, method in methods.items()]
                chosen = f"auth method '{login.auth}' of" if login.auth else "no auth method of"
                yield sources.catalogs[team].problem(
                    (*loc, "auth") if login.auth else (*loc, "runs_as"),
                    f"{chosen} {scope.name} {'does not accept' if login.auth else 'accepts'} {kind}",
                    f"the environment file declares: {', '.join(accepting) or 'none'}",
                )
            elif len(found) > 1:
                yield sources.catalogs[team].problem(
                    (*loc, "runs_as"),
                    f"several auth methods of {scope.name} accept {kind}: {', '.join(found)}",
                    "choose one with `auth`",
                )
            elif used & set(found):
                yield sources.catalogs[team].problem(
                    (*loc, "runs_as"),
                    f"logs in at auth method {found[0]} of {scope.name} already, where a workload has one role",
                    "declare another workload, or another auth method for it",
                )
            used |= set(found)
        if scope.needs_vault((team, name)) and CLOUD_KINDS.issuperset(login.runs_as.kind for login in workload.logins):
            yield sources.catalogs[team].problem(
                ("workloads", name, "runs_as"),
                f"is no identity that Vault knows, and {name} has no grant, or one on something that Vault has",
                "add one that an auth method accepts with `also`",
            )


def _grants(scope: Scope, sources: Sources, team: str, workloads: set[Key]) -> Iterator[Problem]:
    catalog, source = scope.catalogs[team], sources.catalogs[team]
    secrets = set(declared(source, "secrets"))
    seen: dict[tuple[Key, str, tuple[str, ...] | None], int] = {}
    for position, grant in enumerate(catalog.grants):
        loc: Loc = ("grants", position)
        workload = qualified(team, grant.workload)
        known = workload[0] == team or sources.complete
        if workload not in workloads and known and workload[0] not in sources.twice:
            names = [name if owner == team else f"{owner}/{name}" for owner, name in sorted(workloads)]
            yield source.problem(
                (*loc, "workload"),
                f"there is no workload '{grant.workload}'",
                did_you_mean(grant.workload, names, "declare it under `workloads`"),
            )
        if grant.secret not in secrets:
            yield source.problem(
                (*loc, "secret"),
                f"team {team} has no secret '{grant.secret}'",
                did_you_mean(
                    grant.secret,
                    secrets,
                    "declare it under `secrets`; a secret is granted in the catalog of its own team",
                ),
            )
        if secret := catalog.secrets.get(grant.secret):
            kind = kind_of(secret)
            for verb_position, verb in enumerate(grant.can):
                if verb not in kind.VERBS:
                    yield source.problem(
                        (*loc, "can", verb_position),
                        f"'{verb}' is not possible for {kind.WHAT}",
                        f"possible: {', '.join(kind.VERBS)}",
                    )
        first = seen.setdefault((workload, grant.secret, grant.environments), position)
        if first != position:
            said = source.problem(("grants", first), "").where
            yield source.problem(loc, f"says the same as {said}", "write one grant with all its verbs")


def _shared_paths(scope: Scope, sources: Sources) -> Iterator[Problem]:
    owners: dict[tuple[str, str], Key] = {}
    for key, secret in scope.secrets.items():
        if not secret.fields:
            continue
        place = (scope.store_name(secret), scope.secret_path(key))
        if (owner := owners.setdefault(place, key)) != key:
            team, name = key
            yield sources.catalogs[team].problem(
                ("secrets", name, "path") if secret.path else ("secrets", name),
                f"is kept at '{place[1]}' in store {place[0]}, as is {'/'.join(owner)}",
                "one secret has one owner: give it another path, or ask that team for a grant",
                at_key=not secret.path,
            )
