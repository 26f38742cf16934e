"""What people write about the namespace of an environment."""

from typing import Annotated

from pydantic import AfterValidator, Field

from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import SecretPath, refuse

RESERVED = frozenset({"root", "sys", "audit", "auth", "cubbyhole", "identity"})
"""Vault, "Namespaces (API)": names that a namespace cannot have."""


def _check(text: str) -> str:
    for segment in text.split("/"):
        if segment in RESERVED:
            raise refuse(f"'{segment}' is no name for a namespace: the server keeps it for itself", "choose another")
    return text


NamespacePath = Annotated[SecretPath, AfterValidator(_check)]
"""`prod`, or `payments/prod` for one within another; without slashes at its ends."""


class Namespace(Model):
    """A namespace: a server within the server, with mounts, policies and identities of its own."""

    path: NamespacePath
    """Where it is, from the namespace that the stack's provider is in (`vault:namespace`, else the root)."""
    make: StrictBool = True
    """Whether this environment makes it (its parent must exist). False: somebody else did."""
    metadata: Annotated[dict[str, str], Field(max_length=64)] = Field(default_factory=dict)
    """Custom metadata, for people; never a secret. Only for one that is made here."""

    @property
    def parent(self) -> str:
        """The namespace that it lies in; empty: the provider's own."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its last part."""
        return self.path.rpartition("/")[2]
