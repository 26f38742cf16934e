"""The servers. A further one is one file with one class, and one line here."""

from collections.abc import Mapping
from typing import Final

from strongroom.vault.profile import Flavour
from strongroom_sandbox.servers.etcd import Etcd
from strongroom_sandbox.servers.hashicorp_vault import HashiCorpVault
from strongroom_sandbox.servers.issuer import Issuer
from strongroom_sandbox.servers.kube_apiserver import KubeApiServer
from strongroom_sandbox.servers.kube_controller_manager import KubeControllerManager
from strongroom_sandbox.servers.moto import Moto
from strongroom_sandbox.servers.openbao import OpenBao
from strongroom_sandbox.servers.postgres import Postgres
from strongroom_sandbox.servers.provider import AwsProvider, AzureProvider, GcpProvider, Provider, VaultProvider
from strongroom_sandbox.servers.vault_server import VaultServer

FLAVOURS: Final[Mapping[Flavour, type[VaultServer]]] = {kind.flavour: kind for kind in (OpenBao, HashiCorpVault)}
"""The servers with Vault's API; a sandbox has one of them."""

__all__ = [
    "FLAVOURS",
    "AwsProvider",
    "AzureProvider",
    "Etcd",
    "GcpProvider",
    "Issuer",
    "KubeApiServer",
    "KubeControllerManager",
    "Moto",
    "Postgres",
    "Provider",
    "VaultProvider",
]
