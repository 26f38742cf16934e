"""What no single file can tell about its part of Google Cloud: names that have to mean something, and who gets in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from strongroom.gcp.iam.grants import PRINCIPALS_MAX, access
from strongroom.gcp.iam.members import KINDS, SUBJECT, SUBJECT_MAX, identities_of, members_of
from strongroom.gcp.iam.plan import CONDITION_MAX, condition, repositories_of, workloads_of
from strongroom.gcp.secret_manager.plan import KIND
from strongroom.plan.cloud_stores import unknown_workloads
from strongroom.plan.scope import Key, Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

ROTATION_LEAST: Final = 3600
"""Seconds: Secret Manager, "Rotation"."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of one environment's part of Google Cloud."""
    yield from _stores(scope, sources)
    yield from _rotators(scope, sources)
    if scope.environment.gcp is None:
        return
    principals = scope.environment.gcp.identities.principals
    yield from unknown_workloads(sources, ("gcp", "identities", "principals"), principals)
    for workload in workloads_of(scope):
        yield from _identities(scope, sources, workload)
    yield from _condition(scope, sources)
    yield from _policies(scope, sources)


def _stores(scope: Scope, sources: Sources) -> Iterator[Problem]:
    keys = sources.in_environment("gcp", "keys")
    for name, declared in scope.environment.stores.items():
        if not (store := declared.gcp_secret_manager):
            continue
        loc: Loc = ("stores", name, KIND)
        if store.key and store.key not in keys:
            yield sources.environment.problem(
                (*loc, "key"),
                f"there is no key '{store.key}' in `gcp.keys`",
                did_you_mean(store.key, keys, f"declared: {', '.join(keys) or 'none'}"),
            )
        kept = {"/".join(key) for key in scope.stored.get(KIND, ()) if scope.store_of(scope.secrets[key])[0] == name}
        for secret in store.version_aliases:
            if secret not in kept:
                yield sources.environment.problem(
                    (*loc, "version_aliases", secret),
                    f"there is no secret '{secret}' in this store",
                    did_you_mean(secret, sorted(kept), "name one that is kept in it"),
                    at_key=True,
                )


def _rotators(scope: Scope, sources: Sources) -> Iterator[Problem]:
    for name, rotator in scope.environment.rotators.items():
        if rotator.gcp_topic and "gcp" not in sources.in_environment():
            yield sources.environment.problem(
                ("rotators", name, "gcp_topic"), "there is no `gcp` section", "add one: it says where"
            )
    for key in scope.stored.get(KIND, ()):
        team, name = key
        secret = scope.secrets[key]
        declared = scope.environment.rotators.get(secret.rotator or "")
        if declared and declared.gcp_topic and (secret.rotate_every or 0) < ROTATION_LEAST:
            yield sources.catalogs[team].problem(
                ("secrets", name, "rotator"),
                "says who rotates it and not how often"
                if secret.rotate_every is None
                else "Secret Manager says at most once an hour that a secret is due",
                "set `rotate_every`, at least 1h",
            )


def _identities(scope: Scope, sources: Sources, workload: Key) -> Iterator[Problem]:
    team, name = workload
    logins, known = scope.workloads[workload].logins, identities_of(scope)
    missing = {"kubernetes": not known.gke, "github_actions": known.github_actions is None}
    for position, login in enumerate(logins):
        kind = login.runs_as.kind
        loc: Loc = ("workloads", name, *(("also", position - 1) if position else ()), "runs_as")
        if missing.get(kind) and "/".join(workload) not in known.principals:
            section = "gke" if kind == "kubernetes" else kind
            yield sources.catalogs[team].problem(
                loc,
                f"is granted secrets of GCP Secret Manager, and {scope.name} does not say where {kind} comes from",
                f"add `gcp: {{identities: {{{section}: ...}}}}` to the environment file",
            )
        if account := login.runs_as.gcp_service_account:
            yield from _account(scope, sources, team, (*loc, "gcp_service_account", "email"), account.email)
        job = login.runs_as.github_actions
        if job and known.github_actions and not SUBJECT.fullmatch(job.sub):
            yield sources.catalogs[team].problem(
                loc,
                "its subject has characters that a principal of IAM, which is a URI, cannot hold",
                "name the environment in GitHub with letters, digits and `.`, `_`, `-`, or customise the subject claim",
            )
        elif job and known.github_actions and len(job.sub) > SUBJECT_MAX:
            yield sources.catalogs[team].problem(
                loc,
                f"its subject has {len(job.sub)} characters, and Workload Identity Federation takes {SUBJECT_MAX}",
                "customise the subject claim in GitHub to a shorter one, and name it as `subject`",
            )
    if not members_of(scope, workload) and not any(missing.get(login.runs_as.kind) for login in logins):
        kinds = ", ".join(dict.fromkeys(login.runs_as.kind for login in logins))
        yield sources.catalogs[team].problem(
            ("workloads", name, "runs_as"),
            f"is granted secrets of GCP Secret Manager, where {kinds} cannot log in",
            f"say who it is in `gcp.identities.principals`, let it run as one of {', '.join(KINDS)}, or keep the "
            "secrets in another store",
        )


def _account(scope: Scope, sources: Sources, team: str, loc: Loc, email: str) -> Iterator[Problem]:
    """A catalog is the same in every environment, and an account belongs to one project."""
    gcp, project = scope.environment.gcp, email.partition("@")[2].partition(".")[0]
    assert gcp is not None
    known = gcp.identities
    if project not in {gcp.project, *(gke.project for gke in known.gke.values()), *known.service_account_projects}:
        yield sources.catalogs[team].problem(
            loc,
            f"it is an account of project {project}, and {scope.name} is in {gcp.project}: it may belong to another "
            "environment, which would reach this one",
            "write {{ environment }} where the environment belongs, limit `environments`, or name the project in "
            "`gcp.identities.service_account_projects`",
        )


def _condition(scope: Scope, sources: Sources) -> Iterator[Problem]:
    github = identities_of(scope).github_actions
    if github and len(condition(repositories_of(scope), github.owner_ids)) > CONDITION_MAX:
        yield sources.environment.problem(
            ("gcp", "identities", "github_actions"),
            f"even the owners of all repositories need a condition of more than {CONDITION_MAX} characters",
            "make a pool of your own, and name it as `existing_pool`",
        )


def _policies(scope: Scope, sources: Sources) -> Iterator[Problem]:
    for key in scope.stored.get(KIND, ()):
        team, name = key
        count = sum(len(binding.members) for binding in access(scope, key))
        if count > PRINCIPALS_MAX:
            yield sources.catalogs[team].problem(
                ("secrets", name),
                f"its policy names principals {count} times, and IAM takes {PRINCIPALS_MAX}",
                "let workloads share service accounts, or keep a copy of the secret for some of them",
                at_key=True,
            )
