"""What people write about Kubernetes Secrets: as a store, as a catalog's secret, and as what a deployment brings."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from strongroom.kubernetes.secrets.types import OF_ACCOUNT, BroughtType, Namespace, SecretKey, SecretType, flaw
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import Name, TeamName, refuse
from strongroom.spec.value_source import ValueSource


class KubernetesSecrets(Model):
    """A store of named values in one cluster: each secret is a Kubernetes Secret.

    `strongroom values` makes it, and no deployment does: what the engine deploys, it also keeps in its state.
    """

    cluster: Name
    """One of the environment's `clusters`."""
    namespaces: dict[TeamName, Annotated[tuple[Namespace, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """The namespaces that the secrets of a team may lie in: in the first one, unless their `path` says another. Default
    for each team: the one of its name. A catalog cannot say so itself, or a team could name another's Secret and be
    granted it."""


class KubernetesObject(Model):
    """What a secret is like as a Kubernetes Secret, where its store is a cluster."""

    type: SecretType = "Opaque"
    """Its type, which can never be changed. `fields` name the keys of that type, such as `tls.crt` and `tls.key`."""
    immutable: StrictBool = False
    """Whether its values can never be changed: who uses it is safe from accidents, and the cluster need not watch it.
    New values are then a new secret (another `path`), or the old one is destroyed first."""
    service_account: KubernetesName | None = None
    """Whose token the cluster puts into a Secret of type `kubernetes.io/service-account-token`: an account in the same
    namespace. Such a token never expires; whoever can should ask for one that does (TokenRequest)."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.type == OF_ACCOUNT) != (self.service_account is not None):
            raise refuse(
                f"service_account belongs to type {OF_ACCOUNT}, and that to it", "give both of them, or neither"
            )
        if self.service_account and self.immutable:
            raise refuse("the cluster fills the Secret after it was made", "leave `immutable` out")
        return self


class ValuesInState(Model):
    """A Kubernetes Secret that a deployment brings is in the state of its stack, with its values, encrypted."""

    reason: Annotated[str, Field(min_length=10, max_length=200, pattern=r"^[^\r\n]*$")]
    """Why that has to be, for those who review it."""


class DeployedSecret(Model):
    """A Kubernetes Secret that a deployment brings. Its values are references, and end up in the state of the stack
    (encrypted, as Pulumi secrets): for what has to be there before anything else can bring values."""

    namespace: Namespace
    """The namespace, which is there already."""
    name: KubernetesName | None = None
    """Its name. Default: its key in `secrets`."""
    type: BroughtType = "Opaque"
    """Its type. A change makes another Secret."""
    string_data: Annotated[dict[SecretKey, ValueSource], Field(min_length=1)]
    """Where the value of each key comes from."""
    immutable: StrictBool = False
    """Whether its values can never be changed. New ones then need another `name`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if found := flaw(self.type, self.string_data):
            raise refuse(*found)
        return self
