"""What a catalog cannot tell about its AWS credentials: whether an environment has an engine for them and gives the
team what they are made of, and whether AWS makes such credentials for this server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from strongroom.plan.scope import Key, Scope
from strongroom.spec.names import duration
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.aws.access import AwsAccess
from strongroom.vault.aws.plan import engine_of
from strongroom.vault.aws.spec import AwsEngine, AwsTeam
from strongroom.vault.aws.username_template import LONGEST_OF_FEDERATION, TEMPLATES

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

CHAINED_MOST: Final = 3600
"""Seconds: AWS STS, AssumeRole, of a session that assumes a further role ("role chaining")."""

_Complaint = tuple[Loc, str, str]
"""Where below the secret's `aws`, what, and the remedy."""


def check(scope: Scope, sources: Sources, team: str) -> Iterator[Problem]:
    """The problems of one team's AWS credentials in one environment."""
    source, engine = sources.catalogs[team], engine_of(scope)
    for name, secret in scope.catalogs[team].secrets.items():
        if secret.aws is None or not secret.exists_in(scope.name):
            continue
        loc: Loc = ("secrets", name, "aws")
        if engine is None:
            if "aws" not in sources.engines:
                yield source.problem(
                    loc,
                    f"there is no AWS engine in {scope.name}",
                    "declare `vault.engines.aws` in the environment file, or limit `environments`",
                )
            continue
        if (given := engine.teams.get(team)) is None:
            yield source.problem(
                loc,
                f"team {team} has nothing in AWS in {scope.name}",
                "list what it may have under `vault.engines.aws.teams` of the environment file",
            )
            continue
        for below, what, remedy in (*_not_given(secret.aws, given, team), *_not_made(secret.aws, engine, given)):
            yield source.problem((*loc, secret.aws.kind, *below), f"{what} in {scope.name}", remedy)
        if (static := secret.aws.static_role) and (other := _whose_else(scope, (team, name))):
            yield source.problem(
                (*loc, "static_role", "iam_user"),
                f"IAM user '{static.iam_user}' of team {team} is that of {'/'.join(other)} too in {scope.name}",
                "each would change the other's key; keep one secret, and grant it to both",
            )


def _whose_else(scope: Scope, secret: Key) -> Key | None:
    """The first secret, if it is another, whose static role is the same IAM user."""
    engine = engine_of(scope)
    users: dict[Key, str | None] = {
        key: engine.teams[key[0]].iam_users.get(found.aws.static_role.iam_user)
        for key, found in scope.secrets.items()
        if engine and key[0] in engine.teams and found.aws and found.aws.static_role
    }
    first = next((key for key, user in users.items() if user and user == users.get(secret)), secret)
    return first if first != secret else None


def _not_given(wanted: AwsAccess, given: AwsTeam, team: str) -> Iterator[_Complaint]:
    """What the environment does not give the team."""
    where = f"vault.engines.aws.teams.{team} of the environment file"
    if (assumed := wanted.assumed_role) and assumed.role not in given.roles:
        names = ", ".join(given.roles) or "none"
        remedy = did_you_mean(assumed.role, given.roles, f"{where} gives it: {names}")
        yield ("role",), f"team {team} has no role '{assumed.role}'", remedy
    for position, policy in enumerate(() if wanted.static_role else wanted.value.policies):
        if policy not in given.policies:
            names = ", ".join(given.policies) or "none"
            remedy = did_you_mean(policy, given.policies, f"{where} gives it: {names}")
            yield ("policies", position), f"team {team} has no managed policy '{policy}'", remedy
    if (static := wanted.static_role) and static.iam_user not in given.iam_users:
        names = ", ".join(given.iam_users) or "none"
        remedy = did_you_mean(static.iam_user, given.iam_users, f"{where} gives it: {names}")
        yield ("iam_user",), f"team {team} has no IAM user '{static.iam_user}'", remedy
    if user := wanted.iam_user:
        for position, group in enumerate(user.iam_groups):
            if group not in given.iam_groups:
                names = ", ".join(given.iam_groups) or "none"
                yield ("iam_groups", position), f"team {team} has no IAM group '{group}'", f"{where} gives it: {names}"
        if not given.permissions_boundary_arn:
            remedy = f"set permissions_boundary_arn in {where}, or use assumed_role"
            yield (), f"IAM users of team {team} have no permissions boundary", remedy


def _not_made(wanted: AwsAccess, engine: AwsEngine, given: AwsTeam) -> Iterator[_Complaint]:
    """What AWS would refuse, at the moment when somebody needs it."""
    keyless = engine.credentials.first_key is None
    if assumed := wanted.assumed_role:
        role = given.roles.get(assumed.role)
        most = min(role.max_session_duration if role else CHAINED_MOST, CHAINED_MOST if keyless else 12 * 3600)
        if role and assumed.max_sts_ttl > most:
            why = (
                "AWS allows no more to a server without a key"
                if keyless and most == CHAINED_MOST
                else "as the role says"
            )
            yield (
                ("max_sts_ttl",),
                f"sessions of role '{assumed.role}' live {duration(most)} at most, {why},",
                f"write {duration(most)} or less",
            )
    if wanted.federation_token:
        if keyless:
            yield (
                (),
                "AWS makes federation tokens for the key of an IAM user only, and the server has none",
                "use assumed_role, or give the engine a first_key",
            )
        if engine.username_template and (most := TEMPLATES.longest(engine.username_template)) > LONGEST_OF_FEDERATION:
            yield (
                (),
                f"the names of federated sessions have {LONGEST_OF_FEDERATION} characters at most, and the engine's "
                f"username_template makes up to {most}",
                "shorten username_template, or leave it out",
            )
