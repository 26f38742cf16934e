"""Managed clusters: the vendor runs etcd and encrypts it; by which key is said where the cluster is made.

That is another program in most places. It takes the arguments from here, so that the key is the declared one:

    aws.eks.Cluster("prod", encryption_config=eks_encryption_config(declared), ...)
    gcp.container.Cluster("prod", database_encryption=gke_database_encryption(declared), ...)
    azure_native.containerservice.ManagedCluster("prod", security_profile=aks_security_profile(declared), ...)

A key is named in full and is there already. The environment's own (`aws.keys`, `gcp.keys`, those of a vault) let
themselves be used through the environment's stores only, and that is what keeps their policies short.
"""

import re
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.gcp.names import CryptoKeyName
from strongroom.spec.model import Model, OneOf
from strongroom.spec.names import refuse

_EKS_KEY: Final = re.compile(
    r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):key/(?P<id>mrk-[0-9a-f]{32}|[0-9a-f-]{36})"
)
_AKS_KEY: Final = re.compile(
    r"https://(?P<vault>[a-z0-9-]{3,24})\.vault\.[a-z.]+/keys/[A-Za-z0-9-]{1,127}/[0-9a-f]{32}"
)
_AKS_VAULT: Final = (
    r"^/subscriptions/[0-9a-f-]{36}/resourceGroups/[A-Za-z0-9._-]{1,90}"
    r"/providers/Microsoft\.KeyVault/vaults/[a-z0-9-]{3,24}$"
)


def _check_eks(text: str) -> str:
    if not _EKS_KEY.fullmatch(text):
        raise refuse(
            "EKS needs the ARN of a symmetric key",
            "write arn:aws:kms:<region>:<account>:key/<id>; an alias could be pointed elsewhere",
        )
    return text


def _check_aks(text: str) -> str:
    if not _AKS_KEY.fullmatch(text):
        raise refuse(
            "AKS needs the identifier of a key with its version",
            "write https://<vault>.vault.azure.net/keys/<name>/<version>",
        )
    return text


class EksEncryption(Model):
    """Amazon EKS. From Kubernetes 1.28 on it encrypts all that is in etcd by KMS version 2, with a key of AWS's own
    unless one is named: Amazon EKS, "Default envelope encryption for all Kubernetes API Data"."""

    kms_key: Annotated[str, AfterValidator(_check_eks)] | None = None
    """The ARN of a symmetric key in the cluster's account and region. It can be set once and never be taken back, and
    without the key the cluster is lost. Default: a key of AWS's own, whose use no trail of yours shows."""

    @property
    def place(self) -> tuple[str, str] | None:
        """Account and region of the key."""
        found = _EKS_KEY.fullmatch(self.kms_key or "")
        return (found["account"], found["region"]) if found else None


class GkeEncryption(Model):
    """Google Kubernetes Engine. It encrypts its disks always, and Secrets in etcd (application-layer secrets
    encryption) where a key is named: GKE, "Encrypt secrets at the application layer"."""

    key: CryptoKeyName | None = None
    """A key of Cloud KMS in the region of the cluster, which GKE's service agent may use. Default: none, and Secrets
    are encrypted as any block of a disk is."""


class AksEncryption(Model):
    """Azure Kubernetes Service. It encrypts its disks always, and Secrets in etcd where a key is named: AKS, "Add Key
    Management Service etcd encryption" (the older way). From Kubernetes 1.33 on there is a newer one, with keys that
    the platform makes and rotates ("KMS data encryption", in preview), which the provider's API version lacks."""

    key_id: Annotated[str, AfterValidator(_check_aks)] | None = None
    """The identifier of a key with its version. A new version has to be named here: AKS does not look for one. Default:
    none, and Secrets are encrypted as any block of a disk is."""
    vault: Annotated[str, Field(pattern=_AKS_VAULT)] | None = None
    """The id of the key's vault. Needed with `network_access: private`, and only there."""
    network_access: Literal["public", "private"] = "public"
    """Whether the vault has a public address."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.network_access == "private") != (self.vault is not None):
            raise refuse("`vault` and `network_access: private` go together", "name both or neither")
        if self.vault and self.key_id and self.vault.rpartition("/")[2] != self.vault_name:
            raise refuse("the key lies in another vault than `vault`", "name the vault of the key")
        return self

    @property
    def vault_name(self) -> str | None:
        """The vault of the key."""
        found = _AKS_KEY.fullmatch(self.key_id or "")
        return found["vault"] if found else None


class Managed(OneOf):
    """Whose cluster it is; exactly one. Strongroom holds no key of it and rotates none."""

    what: ClassVar[str] = "managed cluster"

    eks: EksEncryption | None = None
    """Amazon EKS."""
    gke: GkeEncryption | None = None
    """Google Kubernetes Engine."""
    aks: AksEncryption | None = None
    """Azure Kubernetes Service."""

    @property
    def key(self) -> str | None:
        """The key that is named, in the vendor's own form."""
        return self.eks.kms_key if self.eks else self.gke.key if self.gke else self.aks.key_id if self.aks else None

    @property
    def material(self) -> str | None:
        """The same, and the same for what is the same key: replicas of a multi-Region key, and versions."""
        if self.eks and (found := _EKS_KEY.fullmatch(self.key or "")) and found["id"].startswith("mrk-"):
            return f"{found['id']} of {found['account']}"
        return self.key.rpartition("/")[0] if self.aks and self.key else self.key

    @property
    def by_whom(self) -> str:
        """Who encrypts what, in a sentence without its full stop."""
        if self.eks:
            whose = "the key that is named" if self.key else "a key of AWS's own"
            return f"EKS encrypts all of etcd by KMS version 2, with {whose}"
        vendor = "GKE" if self.gke else "AKS"
        if self.key:
            return f"{vendor} encrypts Secrets in etcd with the key that is named"
        return f"{vendor} encrypts the disks of etcd; a Secret in it is not encrypted by itself"

    @property
    def rotation(self) -> str:
        """Why nothing is rotated here, and who does it."""
        if self.eks:
            return "KMS rotates the key itself (`aws kms enable-key-rotation`), and EKS draws new data keys by itself"
        if self.gke:
            return (
                "Cloud KMS makes new versions by the key's schedule; GKE writes a Secret by the newest when it changes"
            )
        return "name a new version of the key where the cluster is made, then rewrite all Secrets as AKS says"


def eks_encryption_config(declared: EksEncryption) -> dict[str, Any] | None:
    """`encryption_config` of `pulumi_aws.eks.Cluster`; None where AWS's own key encrypts. EKS takes `secrets` only, and
    encrypts all else by the same key from Kubernetes 1.28 on."""
    if declared.kms_key is None:
        return None
    return {"provider": {"key_arn": declared.kms_key}, "resources": ["secrets"]}


def gke_database_encryption(declared: GkeEncryption) -> dict[str, Any]:
    """`database_encryption` of `pulumi_gcp.container.Cluster`."""
    if declared.key is None:
        return {"state": "DECRYPTED"}
    return {"state": "ENCRYPTED", "key_name": declared.key}


def aks_security_profile(declared: AksEncryption) -> dict[str, Any]:
    """The part `azure_key_vault_kms` of `security_profile` of `pulumi_azure_native.containerservice.ManagedCluster`."""
    kms: dict[str, Any] = {"enabled": declared.key_id is not None}
    if declared.key_id:
        kms |= {"key_id": declared.key_id, "key_vault_network_access": declared.network_access.capitalize()}
    if declared.vault:
        kms["key_vault_resource_id"] = declared.vault
    return {"azure_key_vault_kms": kms}
