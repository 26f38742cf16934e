"""What deliveries become: SecretStores, ExternalSecrets, and annotations of service accounts. Every name is final."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from strongroom.external_secrets.providers import Provider
from strongroom.external_secrets.sources import GeneratorRef
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.record import Record

IRSA_ROLE: Final = "eks.amazonaws.com/role-arn"
"""Amazon EKS, "IAM roles for service accounts"."""
AZURE_CLIENT: Final = "azure.workload.identity/client-id"
AZURE_TENANT: Final = "azure.workload.identity/tenant-id"
"""Microsoft Entra Workload ID, "Labels and annotations"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretStore(Record):
    """What one workload may read in one store, as the operator reaches it."""

    kind: ClassVar[str] = "external_secrets.store"
    place: ClusterPlace
    api_version: Literal["v1", "v1beta1"]
    namespace: str
    name: str
    workload: str
    """`team/workload`."""
    store: str
    """The name that catalogs use for the store."""
    provider: Provider

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One key of a Kubernetes Secret."""

    secret_key: str
    key: str
    """The name of the secret in its store."""
    property: str | None
    """What of it; None: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRewrite:
    """A change of the names of keys: by a regular expression and what to put there, or by a template."""

    source: str | None
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A secret as a whole: what one JSON object holds, or what a search finds."""

    key: str
    """The secret's name; of a search the path below which it looks."""
    find: str | None
    """The regular expression that the names of what is found match, anchored; None: it is one object."""
    rewrite: tuple[KeyRewrite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretTemplate:
    """What the Secret is made of its fields."""

    type: str
    data: tuple[tuple[str, str], ...]
    merge_policy: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalSecret(Record):
    """One secret of one workload, kept up to date as a Kubernetes Secret of the same name."""

    kind: ClassVar[str] = "external_secrets.secret"
    place: ClusterPlace
    api_version: Literal["v1", "v1beta1"]
    namespace: str
    name: str
    """Of the ExternalSecret and of the Secret."""
    workload: str
    secret: str
    """`team/secret`."""
    store: str | None
    """The name of the SecretStore in the same namespace; None: a generator makes the values."""
    entries: tuple[Entry, ...]
    whole: Whole | None
    generator: GeneratorRef | None
    template: SecretTemplate | None
    refresh_seconds: int
    refresh_policy: str
    creation_policy: str
    deletion_policy: str
    immutable: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """What the operator asks the store for, each once."""
        return tuple(dict.fromkeys([entry.key for entry in self.entries] + ([self.whole.key] if self.whole else [])))

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount(Record):
    """A workload's service account: the annotations by which a cloud knows it."""

    kind: ClassVar[str] = "external_secrets.service_account"
    place: ClusterPlace
    namespace: str
    name: str
    workload: str
    create: bool
    """Whether the account itself is made; else its annotations only."""
    annotations: tuple[tuple[str, str], ...]
    azure_identity: str | None
    """`team/workload` whose managed identity is named too, by the client id that Azure gives it."""

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"
