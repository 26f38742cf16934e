"""What an environment needs of IAM beside the policies of its secrets: a role, a pool, the agents of services."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.gcp.iam.grants import DISABLING, disabler_id
from strongroom.gcp.iam.members import github_pool_id, identities_of
from strongroom.gcp.kms import plan as kms
from strongroom.gcp.place import PUBSUB, SECRET_MANAGER, GcpPlace, place_of
from strongroom.gcp.secret_manager.plan import KIND
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope, remembered

ISSUER: Final = "https://token.actions.githubusercontent.com"
CONDITION_MAX: Final = 4096
"""Characters: IAM, "WorkloadIdentityPoolProvider"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpServiceAgent(Record):
    """The account as which a service acts in the project; it may not exist before somebody asks for it."""

    kind: ClassVar[str] = "gcp.iam.service_agent"
    place: GcpPlace
    service: str

    @property
    def key(self) -> str:
        return self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpCustomRole(Record):
    """A role of the project's own."""

    kind: ClassVar[str] = "gcp.iam.role"
    place: GcpPlace
    role_id: str
    title: str
    permissions: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.role_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpGithubPool(Record):
    """A pool of identities with GitHub Actions as its one provider."""

    kind: ClassVar[str] = "gcp.iam.github_pool"
    place: GcpPlace
    pool_id: str
    issuer: str
    condition: str
    """What a token has to be like, as an expression of CEL."""

    @property
    def key(self) -> str:
        return self.pool_id


@remembered
def workloads_of(scope: Scope) -> list[Key]:
    """The workloads that are granted something that lies in Secret Manager, in order."""
    secrets = set(scope.stored.get(KIND, ()))
    return [key for key, grants in scope.grants_of.items() if any(grant.secret in secrets for grant in grants)]


def repositories_of(scope: Scope) -> list[str]:
    """The repositories whose jobs are such workloads."""
    logins = [login for key in workloads_of(scope) for login in scope.workloads[key].logins]
    return sorted({login.runs_as.github_actions.repository for login in logins if login.runs_as.github_actions})


def condition(repositories: list[str], owner_ids: tuple[str, ...]) -> str:
    """Which tokens of GitHub a pool admits at all; which job may do what, is said by exact subjects in the policies of
    secrets. Where the repositories are too many to be listed, their owners are."""
    owned = [f"assertion.repository_owner_id in {_list(owner_ids)}"] if owner_ids else []
    exact = " && ".join([f"assertion.repository in {_list(repositories)}", *owned])
    if len(exact) <= CONDITION_MAX:
        return exact
    owners = sorted({repository.partition("/")[0] for repository in repositories})
    return " && ".join([f"assertion.repository_owner in {_list(owners)}", *owned])


def _list(texts: list[str] | tuple[str, ...]) -> str:
    # Neither quotes nor backslashes are in any: strongroom.spec.ci.
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.gcp is None:
        return
    place = place_of(scope)
    topics = any(rotator.gcp_topic for rotator in scope.environment.rotators.values())
    if topics or kms.wanted(scope):
        yield GcpServiceAgent(slice=PLATFORM, place=place, service=SECRET_MANAGER)
    if topics:
        yield GcpServiceAgent(slice=PLATFORM, place=place, service=PUBSUB)
    if any("delete" in grant.can for secret in scope.stored.get(KIND, ()) for grant in scope.grants_on[secret]):
        yield GcpCustomRole(
            slice=PLATFORM,
            place=place,
            role_id=disabler_id(scope.name),
            title=f"Strongroom {scope.name}: disable versions",
            permissions=DISABLING,
        )
    github, repositories = identities_of(scope).github_actions, repositories_of(scope)
    if github and repositories and not github.existing_pool:
        yield GcpGithubPool(
            slice=PLATFORM,
            place=place,
            pool_id=github_pool_id(scope.name),
            issuer=ISSUER,
            condition=condition(repositories, github.owner_ids),
        )
