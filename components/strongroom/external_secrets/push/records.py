"""PushSecrets as records."""

from dataclasses import dataclass
from typing import ClassVar

from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedKey:
    """One key of a Kubernetes Secret, and the field that it becomes."""

    secret_key: str
    key: str
    """The name of the secret in its store."""
    property: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSecret(Record):
    """Keys of a Kubernetes Secret that the operator writes to a store. It deletes nothing there."""

    kind: ClassVar[str] = "external_secrets.push"
    place: ClusterPlace
    namespace: str
    name: str
    """Also of the Kubernetes Secret."""
    workload: str
    secret: str
    """`team/secret`."""
    store: str
    """The SecretStore, in the same namespace."""
    keys: tuple[PushedKey, ...]
    update_policy: str
    refresh_seconds: int

    @property
    def key(self) -> str:
        return f"{self.place}/{self.namespace}/{self.name}"
