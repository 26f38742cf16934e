"""What people write about one Vault or OpenBao server: one line for each capability."""

from typing import ClassVar, Literal

from pydantic import Field

from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import Name
from strongroom.vault.audit.spec import AuditDevice
from strongroom.vault.auth.approle.spec import AppRoleAuth
from strongroom.vault.auth.cert.spec import CertAuth
from strongroom.vault.auth.jwt.spec import JwtAuth
from strongroom.vault.auth.kubernetes.spec import KubernetesAuth
from strongroom.vault.auth.oidc.spec import OidcAuth
from strongroom.vault.auth.userpass.spec import UserpassAuth
from strongroom.vault.database.spec import DatabaseEngine
from strongroom.vault.namespace.spec import Namespace
from strongroom.vault.pki.spec import PkiEngine
from strongroom.vault.policy.spec import HandWrittenPolicy
from strongroom.vault.quota.spec import Quota
from strongroom.vault.server_settings.spec import ServerSettings
from strongroom.vault.ssh.spec import SshEngine
from strongroom.vault.totp.spec import TotpEngine
from strongroom.vault.transit.spec import TransitEngine


class AuthMethod(OneOf):
    """A way to log in; exactly one kind."""

    what: ClassVar[str] = "auth method"

    approle: AppRoleAuth | None = None
    """Role id and secret id."""
    jwt: JwtAuth | None = None
    """Signed tokens: Kubernetes service accounts, GitHub Actions, any OIDC issuer."""
    kubernetes: KubernetesAuth | None = None
    """Kubernetes service accounts, each login confirmed by the cluster."""
    oidc: OidcAuth | None = None
    """People, through the browser."""
    userpass: UserpassAuth | None = None
    """Names and passwords, for bootstrapping."""
    cert: CertAuth | None = None
    """TLS client certificates."""

    @property
    def accepts(self) -> tuple[str, ...]:
        """The kinds of identity that log in here."""
        accepted: tuple[str, ...] = self.value.accepts
        return accepted


class Engines(Model):
    """The secrets engines of an environment, beside the KV stores."""

    database: DatabaseEngine | None = None
    """Short-lived database credentials."""
    pki: PkiEngine | None = None
    """TLS certificates."""
    ssh: SshEngine | None = None
    """SSH certificates."""
    totp: TotpEngine | None = None
    """One-time codes."""
    transit: TransitEngine | None = None
    """Encryption as a service."""


class Vault(Model):
    """One environment's part of a Vault or OpenBao server."""

    flavour: Literal["openbao", "vault"] = "vault"
    """Which server it is. OpenBao takes audit devices from its own configuration only, Vault by API."""
    namespace: Namespace | None = None
    """The namespace that all of this environment lies in. OpenBao and Vault Enterprise have them. Default: none."""
    auth: dict[Name, AuthMethod] = Field(default_factory=dict)
    """The auth methods by name."""
    engines: Engines = Engines()
    """The secrets engines."""
    policies: dict[Name, HandWrittenPolicy] = Field(default_factory=dict)
    """Policies by hand, for what a grant cannot say."""
    audit: dict[Name, AuditDevice] = Field(default_factory=dict)
    """The audit devices by name."""
    quotas: dict[Name, Quota] = Field(default_factory=dict)
    """How much of the server the environment's mounts may use, by name."""
    server: ServerSettings | None = None
    """Settings of the server as a whole: CORS, headers. Of all environments on one server, one says them."""
