"""What people write about one Vault or OpenBao server: one line for each capability."""

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Name, refuse
from strongroom.vault.adopted.spec import Adopted
from strongroom.vault.audit.spec import AuditDevice
from strongroom.vault.auth.approle.spec import AppRoleAuth
from strongroom.vault.auth.aws.spec import AwsAuth
from strongroom.vault.auth.cert.spec import CertAuth
from strongroom.vault.auth.jwt.spec import JwtAuth
from strongroom.vault.auth.kubernetes.spec import KubernetesAuth
from strongroom.vault.auth.oidc.spec import OidcAuth
from strongroom.vault.auth.userpass.spec import UserpassAuth
from strongroom.vault.aws.spec import AwsEngine
from strongroom.vault.database.spec import DatabaseEngine
from strongroom.vault.identity.spec import IdentityStore
from strongroom.vault.kubernetes_engine.spec import KubernetesEngine
from strongroom.vault.mfa.spec import Mfa
from strongroom.vault.namespace.spec import Namespace
from strongroom.vault.password_policy.spec import PasswordPolicy
from strongroom.vault.pki.spec import PkiEngine
from strongroom.vault.policy.spec import HandWrittenPolicy
from strongroom.vault.profile import VERSION_PATTERN, Edition, Flavour, Needs
from strongroom.vault.quota.spec import Quota
from strongroom.vault.server_settings.spec import ServerSettings
from strongroom.vault.ssh.spec import SshEngine
from strongroom.vault.token_role.spec import TokenRole
from strongroom.vault.totp.spec import TotpEngine
from strongroom.vault.transit.spec import TransitEngine


class AuthMethod(OneOf):
    """A way to log in; exactly one kind."""

    what: ClassVar[str] = "auth method"

    approle: AppRoleAuth | None = None
    """Role id and secret id."""
    jwt: Annotated[JwtAuth | None, Needs("auth.jwt")] = None
    """Signed tokens: Kubernetes service accounts, GitHub Actions, GitLab CI, any OIDC issuer."""
    kubernetes: Annotated[KubernetesAuth | None, Needs("auth.kubernetes")] = None
    """Kubernetes service accounts, each login confirmed by the cluster."""
    oidc: Annotated[OidcAuth | None, Needs("auth.oidc")] = None
    """People, through the browser."""
    userpass: UserpassAuth | None = None
    """Names and passwords, for bootstrapping."""
    cert: CertAuth | None = None
    """TLS client certificates."""
    aws: Annotated[AwsAuth | None, Needs("auth.aws")] = None
    """IAM roles and users of AWS."""

    @property
    def accepts(self) -> tuple[str, ...]:
        """The kinds of identity that log in here."""
        accepted: tuple[str, ...] = self.value.accepts
        return accepted


class Engines(Model):
    """The secrets engines of an environment, beside the KV stores."""

    aws: Annotated[AwsEngine | None, Needs("secrets.aws")] = None
    """Short-lived AWS credentials."""
    database: DatabaseEngine | None = None
    """Short-lived database credentials."""
    kubernetes: Annotated[KubernetesEngine | None, Needs("secrets.kubernetes")] = None
    """Tokens of service accounts of Kubernetes clusters."""
    pki: Annotated[PkiEngine | None, Needs("pki.issuers")] = None
    """TLS certificates."""
    ssh: SshEngine | None = None
    """SSH certificates."""
    totp: Annotated[TotpEngine | None, Needs("secrets.totp")] = None
    """One-time codes."""
    transit: TransitEngine | None = None
    """Encryption as a service."""


def _quoted(version: object) -> object:
    if isinstance(version, float):
        raise refuse(
            "a version is text, and without quotes YAML reads a number (1.10 would be 1.1)", 'write it as "1.10"'
        )
    return version


Version = Annotated[str, Field(pattern=VERSION_PATTERN), BeforeValidator(_quoted)]


class Vault(Model):
    """One environment's part of a Vault or OpenBao server."""

    flavour: Flavour = "vault"
    """Which server it is. OpenBao takes audit devices from its own configuration only, Vault by API."""
    version: Version | None = None
    """Its version, such as `"2.7.2"`. What it lacks is refused at plan time. Default: the newest known of its flavour
    (OpenBao 2.7.2, Vault 1.21.0)."""
    edition: Edition = "community"
    """`enterprise` for Vault Enterprise, which has namespaces and lease-count quotas. OpenBao has one edition."""
    namespace: Annotated[Namespace | None, Needs("namespaces")] = None
    """The namespace that all of this environment lies in. OpenBao and Vault Enterprise have them. Default: none."""
    auth: dict[Name, AuthMethod] = Field(default_factory=dict)
    """The auth methods by name."""
    engines: Engines = Engines()
    """The secrets engines."""
    policies: dict[Name, HandWrittenPolicy] = Field(default_factory=dict)
    """Policies by hand, for what a grant cannot say."""
    password_policies: Annotated[dict[Name, PasswordPolicy], Needs("password_policies")] = Field(default_factory=dict)
    """How passwords are made that the server issues, by name."""
    identity: IdentityStore | None = None
    """Entities of workloads, and groups. Default: none of our own."""
    mfa: Annotated[Mfa | None, Needs("login_mfa")] = None
    """A second factor at login. Default: none."""
    token_roles: dict[Name, TokenRole] = Field(default_factory=dict)
    """Kinds of tokens that workloads may make for others, by name."""
    audit: dict[Name, AuditDevice] = Field(default_factory=dict)
    """The audit devices by name."""
    quotas: dict[Name, Quota] = Field(default_factory=dict)
    """How much of the server the environment's mounts may use, by name."""
    server: ServerSettings | None = None
    """Settings of the server as a whole: CORS, headers. Of all environments on one server, one says them."""
    adopted: Adopted | None = None
    """What was there before, exactly as `strongroom adopt` found it."""

    @model_validator(mode="after")
    def _fits_flavour(self) -> Self:
        if self.flavour == "openbao" and self.edition != "community":
            raise refuse("OpenBao has one edition", "leave `edition` out, or write `flavour: vault`")
        return self
