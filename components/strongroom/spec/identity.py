"""Who a workload is: the identity that its platform already gives it, so that there is no first secret to hand over."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.azure.identity.spec import AzureManagedIdentity
from strongroom.gcp.names import ServiceAccountEmail
from strongroom.spec.ci import GithubActions, GitlabCi
from strongroom.spec.claims import ClaimText, ClaimValue
from strongroom.spec.model import Model, OneOf, StrictInt
from strongroom.spec.names import Duration, Host, Name, Networks, check_characters, refuse
from strongroom.vault.aws.arns import PrincipalArn


def _check_kubernetes_name(text: str) -> str:
    # RFC 1123 label or subdomain: Kubernetes, "Object Names and IDs".
    return check_characters(text, "the Kubernetes name", r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", "a-z0-9.-", 253)


KubernetesName = Annotated[str, AfterValidator(_check_kubernetes_name)]


class Kubernetes(Model):
    """A service account of a cluster."""

    namespace: KubernetesName
    """The namespace the workload runs in."""
    service_account: KubernetesName
    """The service account its pods use."""

    @property
    def subject(self) -> str:
        """The `sub` claim of its tokens: Kubernetes, "Configure Service Accounts for Pods"."""
        return f"system:serviceaccount:{self.namespace}:{self.service_account}"


class Jwt(Model):
    """Any other issuer of signed tokens. At least one of subject and claims binds the workload."""

    subject: ClaimText | None = None
    """The exact `sub` claim."""
    claims: dict[ClaimText, ClaimValue] = Field(default_factory=dict)
    """Further claims and their exact values."""

    @model_validator(mode="after")
    def _bound(self) -> Self:
        if self.subject is None and not self.claims:
            raise refuse(
                "neither subject nor claims is given",
                "without one, every token of the issuer would be this workload",
            )
        return self


class AppRole(Model):
    """A workload without a platform identity. Its secret_id is handed over by an operator or orchestrator."""

    secret_id_ttl: Duration = 900
    """How long a secret_id may wait to be used."""
    secret_id_uses: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    """How often one secret_id may log in. There is no unlimited."""
    bound_cidrs: Networks = ()
    """The networks it may log in from, such as `10.1.0.0/16`. Empty is anywhere."""


def _check_group(text: str) -> str:
    return check_characters(text, "the group", r"^[A-Za-z0-9][A-Za-z0-9 ._:@/-]*$", "A-Za-z0-9 ._:@/-", 200)


GroupName = AfterValidator(_check_group)
"""Checks a group's name as an identity provider writes it."""


class People(Model):
    """The people of one group of the company's identity provider, who log in through a browser."""

    group: Annotated[str, GroupName]
    """The group exactly as the provider's tokens name it. Who is in it, is decided there."""


def _check_username(text: str) -> str:
    # The server keeps names in lower case, whatever is typed.
    return check_characters(text, "the user name", r"^[a-z0-9][a-z0-9._@-]*$", "a-z0-9._@-", 128)


class Userpass(Model):
    """A name and a password, for bootstrapping. The password is set on the server, never here."""

    username: Annotated[str, AfterValidator(_check_username)]
    """The name to log in with."""


def _check_uri(text: str) -> str:
    return check_characters(text, "the URI", r"^[a-z][a-z0-9+-]*://[A-Za-z0-9._~:@/-]+$", "A-Za-z0-9+._~:@/-", 512)


class Certificate(Model):
    """A TLS client certificate, told from the others of its authority by one name that it is for."""

    dns_san: Host | None = None
    """The DNS name, exactly."""
    uri_san: Annotated[str, AfterValidator(_check_uri)] | None = None
    """The URI, exactly, such as `spiffe://acme.example/payments/checkout`."""
    common_name: Host | None = None
    """The common name, exactly, in addition. The identity store knows the holder by it, so it is needed where the
    environment has `vault.identity`."""

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.dns_san is None) == (self.uri_san is None):
            raise refuse(
                "name exactly one of dns_san and uri_san",
                "without one, every certificate of the authority would be this workload",
            )
        return self


class AwsIam(Model):
    """An IAM role or user of AWS."""

    principal_arn: PrincipalArn
    """The role or user, exactly: `arn:aws:iam::111122223333:role/checkout`. A pattern would admit others that nobody
    has named."""


class AwsService(Model):
    """What AWS itself runs: it is given a role of its own, which only that service can give away."""

    service: Literal["ecs-tasks", "ec2", "lambda"]
    """`ecs-tasks`: tasks of Amazon ECS, whose definition names the role as `taskRoleArn`. `ec2`: instances, with the
    instance profile of the role's name. `lambda`: functions, whose execution role it is."""


class GcpServiceAccount(Model):
    """A service account of Google Cloud, such as that of a Cloud Run service."""

    email: ServiceAccountEmail
    """The account, exactly. Default service accounts, which are everybody's in a project, are refused."""


class Identity(OneOf):
    """What a workload runs as; exactly one kind."""

    what: ClassVar[str] = "identity"

    kubernetes: Kubernetes | None = None
    """A Kubernetes service account."""
    github_actions: GithubActions | None = None
    """A GitHub Actions job."""
    gitlab_ci: GitlabCi | None = None
    """A GitLab CI job."""
    jwt: Jwt | None = None
    """Any signed token."""
    approle: AppRole | None = None
    """Role id and secret id."""
    people: People | None = None
    """A group of people."""
    userpass: Userpass | None = None
    """A name and a password."""
    certificate: Certificate | None = None
    """A TLS client certificate."""
    aws_iam: AwsIam | None = None
    """An IAM role or user of AWS that was there before."""
    aws_service: AwsService | None = None
    """A task, instance or function of AWS, with a role that is made for it: for secrets that are kept in AWS."""
    azure_managed_identity: AzureManagedIdentity | None = None
    """A managed identity or service principal of Azure that was there before: for secrets that are kept there."""
    gcp_service_account: GcpServiceAccount | None = None
    """A service account of Google Cloud: for secrets that are kept there."""


class Login(Model):
    """One way for a workload to log in."""

    runs_as: Identity
    """The identity that its platform gives it."""
    auth: Name | None = None
    """The environment's auth method it logs in at. Needed only where several accept its kind of identity."""


CLOUD_KINDS: frozenset[str] = frozenset({"aws_service", "azure_managed_identity", "gcp_service_account"})
"""Kinds that only the clouds know: no auth method of Vault accepts them."""
IDENTITY_KINDS: tuple[str, ...] = tuple(Identity.model_fields)
__all__ = [
    "CLOUD_KINDS",
    "IDENTITY_KINDS",
    "AppRole",
    "AwsIam",
    "AwsService",
    "AzureManagedIdentity",
    "Certificate",
    "GcpServiceAccount",
    "GithubActions",
    "GitlabCi",
    "Identity",
    "Jwt",
    "Kubernetes",
    "Login",
    "People",
    "Userpass",
]
