"""Azure Resource Manager as far as a file can be one: resources by id, in one subscription."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.file_store import Document, FileStore, Resources

NO_AZURE: Final = "a stand-in of the Strongroom sandbox; this is no Azure"
"""Who made a resource, in `systemData.createdBy` of each."""


@dataclass(frozen=True)
class Arm:
    """The resources of one subscription, as the caller's credentials reach them."""

    store: FileStore
    tenant: str
    subscription: str

    def read(self, identity: str) -> Document | None:
        """Return one resource; ids do not tell upper case from lower case."""
        return dict(found) if (found := self.store.read(identity.lower())) else None


def of_type(resources: Resources, kind: str) -> Iterator[Document]:
    """Every resource of a type such as `Microsoft.KeyVault/vaults`."""
    return (document for document in resources.values() if document["type"] == kind)


def refused(code: str, message: str, remedy: str) -> StandInError:
    """An error in Azure's words, with what to do."""
    return StandInError(f"[{code}] {message}: {remedy}")


def system_data() -> dict[str, Any]:
    """Who made it."""
    return {"createdBy": NO_AZURE, "createdByType": "Application"}
