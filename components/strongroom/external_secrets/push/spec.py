"""What a product team writes about values that come into being in a cluster and are kept in a store."""

from typing import Literal

from pydantic import Field

from strongroom.kubernetes.secrets.types import SecretKey
from strongroom.spec.identity import KubernetesName
from strongroom.spec.item import Item
from strongroom.spec.names import Duration, FieldName, Name


class Push(Item):
    """Keys of a Kubernetes Secret in the workload's namespace, written to a secret of this team by the operator.

    It gives no right to the value: the workload needs a grant to `read` and `write` the secret. The operator writes
    only to what it has begun itself, so that a value that people brought is never overwritten.
    """

    workload: Name
    """A workload of this team, which runs as a service account of Kubernetes: as that the operator writes."""
    secret: Name
    """A secret of this team, in a store of the kind `vault_kv`."""
    kubernetes_secret: KubernetesName
    """The Kubernetes Secret. Whoever may change it, decides what is written."""
    fields: dict[FieldName, SecretKey] = Field(default_factory=dict)
    """Fields of the secret, and the key of the Kubernetes Secret that each comes from. Default: all fields, from keys
    of the same names. Other keys stay in the cluster."""
    update_policy: Literal["Replace", "IfNotExists"] = "Replace"
    """`Replace`: a changed value becomes a new version. `IfNotExists`: only the first value is written."""
    refresh: Duration = 3600
    """How often it is looked whether both are the same. Default `1h`."""
    clusters: tuple[Name, ...] = Field(min_length=1, max_length=1)
    """The cluster it comes from: exactly one, as two would overwrite one another."""
