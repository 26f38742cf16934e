"""The public components, for `from strongroom.exports import …` and for the component package.

Those of Vault are imported at once, those of a cloud when they are asked for: their SDKs are large, and are installed
only with the extra of that cloud (`pip install 'strongroom[aws]'`).
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from strongroom.vault.audit.component import VaultAuditDevice
from strongroom.vault.auth.approle.component import VaultAppRoleAuth, VaultAppRoles
from strongroom.vault.auth.aws.component import VaultAwsAuth, VaultAwsAuthRoles
from strongroom.vault.auth.cert.component import VaultCertAuth, VaultCertRoles
from strongroom.vault.auth.jwt.component import VaultJwtAuth, VaultJwtRoles
from strongroom.vault.auth.kubernetes.component import VaultKubernetesAuth, VaultKubernetesRoles
from strongroom.vault.auth.oidc.component import VaultOidcAccess, VaultOidcAuth
from strongroom.vault.auth.userpass.component import VaultUserpassAuth, VaultUserpassUsers
from strongroom.vault.aws.component import VaultAwsEngine
from strongroom.vault.aws.roles import VaultAwsRoles
from strongroom.vault.database.component import VaultDatabaseEngine
from strongroom.vault.database.roles import VaultDatabaseRoles
from strongroom.vault.identity.component import VaultEntities, VaultExternalGroups, VaultGroups
from strongroom.vault.kubernetes_engine.component import VaultKubernetesEngine, VaultKubernetesTokenRoles
from strongroom.vault.kv.component import VaultKvEngine
from strongroom.vault.kv_v1.component import VaultKvV1Engine
from strongroom.vault.mfa.component import VaultMfaEnforcements, VaultMfaMethods
from strongroom.vault.namespace.component import VaultNamespace
from strongroom.vault.password_policy.component import VaultPasswordPolicies
from strongroom.vault.pki.authority import VaultPkiAuthority
from strongroom.vault.pki.roles import VaultPkiAcme, VaultPkiRoles
from strongroom.vault.policy.component import VaultPolicies
from strongroom.vault.quota.component import VaultQuotas
from strongroom.vault.server_settings.component import VaultServerSettings
from strongroom.vault.ssh.component import VaultSshEngine, VaultSshRoles
from strongroom.vault.token_role.component import VaultTokenRoles
from strongroom.vault.totp.component import VaultTotpEngine, VaultTotpKeys
from strongroom.vault.transit.component import VaultTransitEngine, VaultTransitKeys

_OF_VAULT: Final[tuple[type[Any], ...]] = (
    VaultAppRoleAuth,
    VaultAppRoles,
    VaultAuditDevice,
    VaultAwsAuth,
    VaultAwsAuthRoles,
    VaultAwsEngine,
    VaultAwsRoles,
    VaultCertAuth,
    VaultCertRoles,
    VaultDatabaseEngine,
    VaultDatabaseRoles,
    VaultEntities,
    VaultExternalGroups,
    VaultGroups,
    VaultJwtAuth,
    VaultJwtRoles,
    VaultKubernetesAuth,
    VaultKubernetesEngine,
    VaultKubernetesRoles,
    VaultKubernetesTokenRoles,
    VaultKvEngine,
    VaultKvV1Engine,
    VaultMfaEnforcements,
    VaultMfaMethods,
    VaultNamespace,
    VaultOidcAccess,
    VaultOidcAuth,
    VaultPasswordPolicies,
    VaultPkiAcme,
    VaultPkiAuthority,
    VaultPkiRoles,
    VaultPolicies,
    VaultQuotas,
    VaultServerSettings,
    VaultSshEngine,
    VaultSshRoles,
    VaultTokenRoles,
    VaultTotpEngine,
    VaultTotpKeys,
    VaultTransitEngine,
    VaultTransitKeys,
    VaultUserpassAuth,
    VaultUserpassUsers,
)
_OF_CLOUDS: Final = {
    "pulumi_aws": {
        "AwsAccessAlerts": "strongroom.aws.audit.alerts",
        "AwsAuditTrail": "strongroom.aws.audit.component",
        "AwsKmsKey": "strongroom.aws.kms.component",
        "AwsPlainParameters": "strongroom.aws.parameters.component",
        "AwsPrincipalPolicies": "strongroom.aws.iam.policies",
        "AwsRotationFunction": "strongroom.aws.rotation.component",
        "AwsSecretPolicies": "strongroom.aws.iam.policies",
        "AwsSecretRotations": "strongroom.aws.rotation.schedules",
        "AwsSecrets": "strongroom.aws.secrets_manager.component",
        "AwsWorkloadRoles": "strongroom.aws.iam.component",
    },
    "pulumi_azure_native": {
        "AzureKeyVault": "strongroom.azure.key_vault.component",
        "AzureSecretAccess": "strongroom.azure.identity.access",
        "AzureSecretRotations": "strongroom.azure.rotation.component",
        "AzureVaultEvents": "strongroom.azure.rotation.component",
        "AzureVaultKeys": "strongroom.azure.key_vault.keys_component",
        "AzureWorkloadIdentities": "strongroom.azure.identity.component",
    },
    "pulumi_gcp": {
        "GcpAuditLogs": "strongroom.gcp.audit.component",
        "GcpGithubPool": "strongroom.gcp.iam.github_pool",
        "GcpKeys": "strongroom.gcp.kms.component",
        "GcpRoles": "strongroom.gcp.iam.component",
        "GcpRotationTopic": "strongroom.gcp.rotation.component",
        "GcpSecrets": "strongroom.gcp.secret_manager.component",
        "GcpServiceAgents": "strongroom.gcp.iam.component",
    },
    "pulumi_kubernetes": {
        "ExternalSecretDeliveries": "strongroom.external_secrets.component",
        "ExternalSecretGenerators": "strongroom.external_secrets.generators.component",
        "ExternalSecretPushes": "strongroom.external_secrets.push.component",
        "ExternalSecretStores": "strongroom.external_secrets.component",
        "ExternalSecretsAccountTokens": "strongroom.external_secrets.operator.tokens",
        "ExternalSecretsForNamespaces": "strongroom.external_secrets.cluster.component",
        "ExternalSecretsOperator": "strongroom.external_secrets.operator.component",
        "KubernetesEncryptionConfiguration": "strongroom.kubernetes.encryption.component",
        "KubernetesSecretAccess": "strongroom.kubernetes.access.component",
        "KubernetesSecrets": "strongroom.kubernetes.secrets.component",
        "WorkloadServiceAccounts": "strongroom.external_secrets.accounts",
    },
}
"""SDK -> component -> its room."""
_ROOMS: Final = {name: room for rooms in _OF_CLOUDS.values() for name, room in rooms.items()}

__all__ = sorted([*(component.__name__ for component in _OF_VAULT), *_ROOMS])  # noqa: PLE0605  a list all the same


def components() -> tuple[type[Any], ...]:
    """All whose SDK is installed, in order of their names."""
    installed = [name for sdk, rooms in _OF_CLOUDS.items() if find_spec(sdk) for name in rooms]
    found = [*_OF_VAULT, *(__getattr__(name) for name in installed)]
    return tuple(sorted(found, key=lambda component: component.__name__))


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
