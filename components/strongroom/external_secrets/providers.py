"""What a SecretStore says of the system behind it, and as whom the operator reads there. Pure data of records."""

from dataclasses import dataclass
from typing import Literal

VaultMethod = Literal["kubernetes", "jwt", "approle", "cert"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultLogin:
    """How the operator logs in at Vault as a workload."""

    method: VaultMethod
    mount: str
    """Of the auth method, without `auth/`."""
    role: str
    service_account: str | None = None
    """Whose token it shows: `kubernetes`, `jwt`."""
    audience: str | None = None
    """What that token is for, and for nothing else."""
    secret: str | None = None
    """The Kubernetes Secret that somebody else brings: `approle`, `cert`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultProvider:
    """A KV mount of Vault or OpenBao."""

    server: str | None
    """None: `vault:address` of the stack's configuration."""
    namespace: str
    """Below that of the stack's configuration, `vault:namespace`; empty: that one itself."""
    ca_pem: str
    ca_config_map: str | None
    ca_key: str | None
    mount: str
    version: Literal["v1", "v2"]
    login: VaultLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsProvider:
    """Secrets Manager or Parameter Store of one region."""

    service: Literal["SecretsManager", "ParameterStore"]
    region: str
    role: str
    """The ARN of the workload's role."""
    service_account: str | None
    """The account whose token is shown for it, and whose annotation names the role (`irsa`). None: the operator assumes
    the role by itself, with tags that say for which namespace and store."""
    shown_to: str
    """Whom the role has to trust: the ARN of the OIDC provider that knows the token, or of the operator's own role."""
    cluster: str | None
    """The ARN of the cluster, by which the operator's own role is told from that of another one; None: by the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureProvider:
    """A vault of Azure Key Vault."""

    vault_url: str
    tenant: str
    cloud: str
    issuer: str
    """The issuer of the cluster's tokens."""
    identity: str
    """The name of the workload's managed identity."""
    service_account: str
    """The account whose token is shown for it, and whose annotation names its client id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpProvider:
    """Secret Manager of one project."""

    project: str
    service_account: str
    principal: str
    """Who that account is for IAM."""
    cluster_project: str | None
    cluster_location: str | None
    cluster_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KubernetesProvider:
    """Secrets of another namespace of the operator's own cluster."""

    namespace: str
    service_account: str


Provider = VaultProvider | AwsProvider | AzureProvider | GcpProvider | KubernetesProvider
