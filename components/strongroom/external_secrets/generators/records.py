"""Generators as records: what the operator makes, instead of reading it from a store."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.external_secrets.generators.reference import GeneratorRef
from strongroom.external_secrets.providers import VaultProvider
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultDynamicSecret:
    """Credentials that Vault or OpenBao makes when it is asked."""

    path: str
    method: str
    parameters: tuple[tuple[str, str], ...]
    provider: VaultProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A random text that is in the cluster only."""

    length: int
    digits: int
    symbols: int
    symbol_characters: str
    no_upper: bool
    encoding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uuid:
    """A random UUID, version 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcrAuthorizationToken:
    """A login at Amazon ECR."""

    region: str
    public: bool
    service_account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GcrAccessToken:
    """A login at registries of Google Cloud."""

    project: str
    service_account: str
    cluster_project: str
    cluster_location: str
    cluster_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrAccessToken:
    """A login at Azure Container Registry."""

    registry: str
    tenant: str
    service_account: str


Source = VaultDynamicSecret | Password | Uuid | EcrAuthorizationToken | GcrAccessToken | AcrAccessToken
KINDS = {
    VaultDynamicSecret: "VaultDynamicSecret",
    Password: "Password",
    Uuid: "UUID",
    EcrAuthorizationToken: "ECRAuthorizationToken",
    GcrAccessToken: "GCRAccessToken",
    AcrAccessToken: "ACRAccessToken",
}
"""Source -> what the operator calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator(Record):
    """A generator in the namespace of the workload that its values are for, and whose service account it uses."""

    kind: ClassVar[str] = "external_secrets.generator"
    place: ClusterPlace
    namespace: str
    name: str
    """Also of the ExternalSecret and of the Secret."""
    workload: str
    """`team/workload`."""
    secret: str
    """`team/secret`; empty for what no catalog declares."""
    type: str
    """What the operator calls it: one of KINDS."""
    source: Source

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"

    @property
    def reference(self) -> GeneratorRef:
        return GeneratorRef(kind=self.type, name=self.name)
