"""What the platform team writes about the External Secrets Operator of a cluster."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.external_secrets.cluster.spec import ClusterDelivery, ClusterStore
from strongroom.external_secrets.generators.spec import Generated
from strongroom.external_secrets.operator.spec import Operator
from strongroom.gcp.names import ProjectId
from strongroom.kubernetes.secrets.types import Namespace
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model
from strongroom.spec.names import HttpsUrl, Name, TeamName, check_characters, refuse
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.aws.arns import RoleArn


def _check_location(text: str) -> str:
    return check_characters(text, "the location", r"^[a-z]+-[a-z]+[0-9]+(-[a-z])?$", "a-z0-9-", 40)


class CaProvider(Model):
    """A ConfigMap of each workload's namespace that holds the certificate authority, such as trust-manager keeps."""

    config_map: KubernetesName
    """Its name."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]{1,253}$")] = "ca.crt"
    """The key."""


class VaultSeen(Model):
    """The Vault or OpenBao server as the operator sees it, and how it logs in there."""

    server: HttpsUrl | None = None
    """Its address, as seen from the cluster. Default: the one that the stack itself uses, `vault:address`."""
    ca_pem: Pem = ""
    """The certificate authority of that address. Default: those that the operator's image trusts."""
    ca_provider: CaProvider | None = None
    """Instead of `ca_pem`: where the cluster has it."""
    login: Literal["service_account", "approle", "certificate"] = "service_account"
    """How it logs in as a workload. `service_account`: with a token of the workload's own service account, so that
    there is no first secret. Where the server accepts none of the cluster, the workload's `also` names another way, and
    somebody else brings a Secret to its namespace, `<workload>-vault-login`: for `approle` with `role_id` and
    `secret_id`, for `certificate` with `tls.crt` and `tls.key`."""

    @model_validator(mode="after")
    def _one_authority(self) -> Self:
        if self.ca_pem and self.ca_provider:
            raise refuse("ca_pem and ca_provider are given at once", "keep one")
        return self


class GkeCluster(Model):
    """Which cluster of Google this is. Left out, the operator asks the metadata server, which not every node has."""

    identities: Name | None = None
    """The entry of `gcp.identities.gke` that it belongs to. Needed where there are several."""
    project: ProjectId | None = None
    """Its project. Default: that of the entry."""
    location: Annotated[str, AfterValidator(_check_location)]
    """Its region or zone, such as `europe-west3`."""
    name: KubernetesName
    """Its name there."""


class ExternalSecrets(Model):
    """The External Secrets Operator of one cluster, which brings secrets to the namespaces of their workloads."""

    api_version: Literal["v1", "v1beta1"] = "v1"
    """Of its manifests. `v1beta1` for an operator older than 0.17, which serves no `v1`."""
    operator: Operator | None = None
    """The operator itself, where Strongroom installs it. Default: it is there already."""
    operator_in: KubernetesName | None = None
    """The namespace of an operator that is there already, and may make tokens of no service account by itself: one that
    another environment installs, or somebody with `rbac.serviceAccountTokenCreate: false`. It is then given the right
    to those accounts that it reads as here. Default: it has it."""
    vault: VaultSeen = VaultSeen()
    """The Vault or OpenBao server as seen from the cluster."""
    aws_role_arn: RoleArn | None = None
    """Of a cluster with EKS Pod Identity: the role of the operator itself, which assumes that of each workload and is
    told apart by tags of the session: namespace and name of the store. Not needed with `irsa`."""
    gke: GkeCluster | None = None
    """Which cluster of Google it is."""
    service_accounts: Literal["patch", "create", "none"] = "patch"
    """What of a workload's service account is ours. AWS (`irsa`) and Azure read from its annotations who it is.
    `patch`: those annotations, of an account that somebody else makes, and nothing else of it. `create`: the account as
    a whole, which goes with the last delivery, and with it the login of its pods. `none`: whoever makes it annotates
    it."""
    pushes_from: dict[TeamName, Annotated[tuple[Namespace, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """The namespaces whose Secrets a team may push to a store. Default for each team: the one of its name. A catalog
    cannot say so itself, or a team could name another's Secret and have its value written where it reads."""
    generated: dict[Name, Generated] = Field(default_factory=dict)
    """Secrets that no store has, by a name of their own: passwords, and logins at registries of images."""
    cluster_stores: dict[Name, ClusterStore] = Field(default_factory=dict)
    """Stores for several namespaces (ClusterSecretStore), by the names that they have in the cluster."""
    cluster_deliveries: dict[Name, ClusterDelivery] = Field(default_factory=dict)
    """Secrets for many namespaces (ClusterExternalSecret), by the names that they have in the cluster."""

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        if self.operator and self.operator_in:
            raise refuse("operator and operator_in are given at once", "keep `operator`, which knows its namespace")
        return self
