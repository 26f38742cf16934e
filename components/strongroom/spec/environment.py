"""What the platform team writes for each environment: where things live and how strictly."""

from typing import Annotated, ClassVar

from pydantic import Field

from strongroom.aws.parameter_store.spec import AwsParameterStore
from strongroom.aws.secrets_manager.spec import AwsSecretsManager
from strongroom.aws.spec import Aws
from strongroom.azure.key_vault.spec import AzureKeyVault
from strongroom.azure.spec import Azure
from strongroom.gcp.secret_manager.spec import GcpSecretManager
from strongroom.gcp.spec import Gcp
from strongroom.kubernetes.secrets.spec import KubernetesSecrets
from strongroom.kubernetes.spec import Cluster
from strongroom.spec.model import Model, OneOf, StrictBool
from strongroom.spec.names import Name
from strongroom.spec.rotators import Rotator
from strongroom.vault.kv.spec import VaultKv
from strongroom.vault.kv_v1.spec import VaultKvV1
from strongroom.vault.spec import Vault

SettingName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Store(OneOf):
    """A place where values are kept; exactly one kind."""

    what: ClassVar[str] = "store"

    vault_kv: VaultKv | None = None
    """Vault or OpenBao, KV version 2."""
    vault_kv_v1: VaultKvV1 | None = None
    """Vault or OpenBao, KV version 1: for what is there already."""
    aws_secrets_manager: AwsSecretsManager | None = None
    """AWS Secrets Manager: each secret a JSON object, with versions and rotation."""
    aws_parameter_store: AwsParameterStore | None = None
    """AWS Systems Manager Parameter Store: each field a SecureString."""
    azure_key_vault: AzureKeyVault | None = None
    """Azure Key Vault: each secret a JSON object, with versions; the vault is the store's own."""
    gcp_secret_manager: GcpSecretManager | None = None
    """GCP Secret Manager: each secret a JSON object, with versions."""
    kubernetes_secrets: KubernetesSecrets | None = None
    """Kubernetes Secrets in one of the `clusters`, without versions."""

    @property
    def is_in_vault(self) -> bool:
        """Whether the Vault or OpenBao server has it."""
        return self.vault_kv is not None or self.vault_kv_v1 is not None


class Environment(Model):
    """One environment. Files may build on one another with `extends`."""

    environment: Name
    """Its name; the file is called `<name>.yaml`."""
    settings: dict[SettingName, str] = Field(default_factory=dict)
    """Texts that `{{ settings.NAME }}` stands for; a stack's configuration may set them anew."""
    protect: StrictBool = True
    """Whether whatever holds data is protected from deletion and replacement."""
    default_store: Name | None = None
    """The store of secrets that do not name one. Needed where there are such secrets."""
    stores: dict[Name, Store] = Field(default_factory=dict)
    """The stores by name. Needed where there are stored values."""
    rotators: dict[Name, Rotator] = Field(default_factory=dict)
    """What rotates secrets by itself, by name. Catalogs name it as a secret's `rotator`."""
    vault: Vault | None = None
    """The Vault or OpenBao server, where there is one."""
    aws: Aws | None = None
    """The AWS account, where there is one."""
    azure: Azure | None = None
    """The resource group of Azure, where there is one."""
    gcp: Gcp | None = None
    """The project of Google Cloud, where there is one."""
    clusters: dict[Name, Cluster] = Field(default_factory=dict)
    """The Kubernetes clusters by name."""
