"""AWS auth: the auth method, and a role for each workload that is an IAM role or user."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.identity import Identity
from strongroom.vault.auth.login_role import LoginRole, common, logins_at


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAuthMethod(Record):
    """An AWS auth method."""

    kind: ClassVar[str] = "vault.auth.aws.method"
    mount: str
    iam_server_id_header_value: str
    sts_endpoint: str
    sts_region: str
    iam_endpoint: str | None
    first_key_from: tuple[tuple[str, str], tuple[str, str]] | None
    """Where both halves of the first key come from; None: there is no key."""
    role_arn: str | None
    """The role that the server is given for a token of its own; None: it is known in another way."""
    identity_token_audience: str | None
    identity_token_ttl_seconds: int | None
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAuthRole(LoginRole):
    """Which IAM role or user is this workload, and what its token may do. Exactly one."""

    kind: ClassVar[str] = "vault.auth.aws.role"
    principal_arn: str
    resolve_aws_unique_ids: bool


def alias_of(identity: Identity) -> str | None:
    """The name by which the identity store knows who logs in so (`iam_alias: canonical_arn`): the ARN without path."""
    if identity.aws_iam is None:
        return None
    begin, _, rest = identity.aws_iam.principal_arn.partition("/")
    return f"{begin}/{rest.rpartition('/')[2]}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (aws := method.aws):
            continue
        identity = aws.credentials.plugin_identity
        yield AwsAuthMethod(
            slice=PLATFORM,
            mount=scope.auth_mount(method_name),
            iam_server_id_header_value=aws.iam_server_id_header_value,
            # Named, as the server's own default is the one endpoint for the whole world, whatever the region.
            sts_endpoint=aws.sts_endpoint or f"https://sts.{aws.sts_region}.amazonaws.com",
            sts_region=aws.sts_region,
            iam_endpoint=aws.iam_endpoint,
            first_key_from=aws.credentials.first_key_from,
            role_arn=identity.role_arn if identity else None,
            identity_token_audience=identity.identity_token_audience if identity else None,
            identity_token_ttl_seconds=identity.identity_token_ttl if identity else None,
            protect=scope.environment.protect,
        )
        for workload, runs_as in logins_at(scope, method_name):
            if runs_as.aws_iam:
                yield AwsAuthRole(
                    **common(scope, method_name, aws, workload),
                    principal_arn=runs_as.aws_iam.principal_arn,
                    resolve_aws_unique_ids=aws.resolve_aws_unique_ids,
                )
