"""The AWS engine: its mount, how the server is known to AWS, and a role for each secret that is AWS credentials."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.aws.access import AwsAccess
from strongroom.vault.aws.spec import AwsEngine, AwsTeam

WHAT: Final = "AWS credentials"
LEASED: Final = True
VERBS: Final[Mapping[str, tuple[str, ...]]] = {"read": ("read",)}
"""Reading credentials makes new ones. A request's own lifetime and role are parameters of the query, so that nobody
needs `update`."""


PATHS: Final = {"iam_user": "creds", "static_role": "static-creds"}
"""Kind of credentials -> where they are read, if not below `sts`. That path and `creds` give the same; the vendor
documents `creds` for users and `sts` for sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsMount(Record):
    """An AWS secrets engine."""

    kind: ClassVar[str] = "vault.aws.mount"
    mount: str
    region: str
    iam_endpoint: str | None
    sts_endpoint: str | None
    sts_region: str | None
    username_template: str | None
    first_key_from: tuple[tuple[str, str], tuple[str, str]] | None
    """Where both halves of the first key come from; None: there is no key."""
    role_arn: str | None
    """The role that the server is given for a token of its own; None: it is known in another way."""
    identity_token_audience: str | None
    identity_token_ttl_seconds: int | None
    default_lease_ttl_seconds: int
    max_lease_ttl_seconds: int
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsCredentialRole(Record):
    """What credentials one secret gives."""

    kind: ClassVar[str] = "vault.aws.role"
    mount: str
    name: str
    credential_type: str
    """`assumed_role`, `federation_token` or `iam_user`."""
    role_arns: tuple[str, ...] = ()
    external_id: str | None = None
    policy_document: str | None = None
    policy_arns: tuple[str, ...] = ()
    iam_groups: tuple[str, ...] = ()
    permissions_boundary_arn: str | None = None
    user_path: str | None = None
    iam_tags: tuple[tuple[str, str], ...] = ()
    session_tags: tuple[tuple[str, str], ...] = ()
    default_sts_ttl_seconds: int | None = None
    max_sts_ttl_seconds: int | None = None

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsStaticRole(Record):
    """An IAM user that stays, whose key the server changes."""

    kind: ClassVar[str] = "vault.aws.static_role"
    mount: str
    name: str
    username: str
    rotation_period_seconds: int

    @property
    def key(self) -> str:
        return self.name


def engine_of(scope: Scope) -> AwsEngine | None:
    """The environment's engine, if it has one."""
    return scope.environment.vault.engines.aws if scope.environment.vault else None


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    wanted = scope.secrets[secret].aws
    assert wanted is not None
    yield f"{scope.engine_mount('aws')}/{PATHS.get(wanted.kind, 'sts')}/{naming.role_of(*secret)}", VERBS[verb]


def plan(scope: Scope) -> Iterator[Record]:
    engine = engine_of(scope)
    if engine is None:
        return
    identity = engine.credentials.plugin_identity
    yield AwsMount(
        slice=PLATFORM,
        mount=scope.engine_mount("aws"),
        region=engine.region,
        iam_endpoint=engine.iam_endpoint,
        sts_endpoint=engine.sts_endpoint,
        sts_region=engine.sts_region,
        username_template=engine.username_template,
        first_key_from=engine.credentials.first_key_from,
        role_arn=identity.role_arn if identity else None,
        identity_token_audience=identity.identity_token_audience if identity else None,
        identity_token_ttl_seconds=identity.identity_token_ttl if identity else None,
        default_lease_ttl_seconds=engine.default_lease_ttl,
        max_lease_ttl_seconds=engine.max_lease_ttl,
        protect=scope.environment.protect,
    )
    for (team, name), secret in scope.secrets.items():
        if secret.aws and (static := secret.aws.static_role):
            yield AwsStaticRole(
                slice=team,
                mount=scope.engine_mount("aws"),
                name=naming.role_of(team, name),
                username=engine.teams[team].iam_users[static.iam_user],
                rotation_period_seconds=static.rotation_period,
            )
        elif secret.aws:
            user_path = engine.user_path or f"/vault/{scope.name}/"
            yield _role(
                team, scope.engine_mount("aws"), naming.role_of(team, name), secret.aws, engine.teams[team], user_path
            )


def _role(team: str, mount: str, name: str, wanted: AwsAccess, given: AwsTeam, user_path: str) -> AwsCredentialRole:
    user, session = wanted.iam_user, wanted.assumed_role or wanted.federation_token
    role = given.roles[wanted.assumed_role.role] if wanted.assumed_role else None
    document = wanted.value.policy_document
    return AwsCredentialRole(
        slice=team,
        mount=mount,
        name=name,
        credential_type=wanted.kind,
        role_arns=role.role_arns if role else (),
        external_id=role.external_id if role else None,
        policy_document=document.text if document else None,
        policy_arns=tuple(given.policies[policy] for policy in wanted.value.policies),
        iam_groups=user.iam_groups if user else (),
        permissions_boundary_arn=given.permissions_boundary_arn if user else None,
        user_path=user_path if user else None,
        iam_tags=tuple(sorted(user.iam_tags.items())) if user else (),
        session_tags=tuple(sorted(wanted.assumed_role.session_tags.items())) if wanted.assumed_role else (),
        default_sts_ttl_seconds=session.default_sts_ttl if session else None,
        max_sts_ttl_seconds=session.max_sts_ttl if session else None,
    )
