"""What people write about a KV version 2 store."""

from typing import Annotated

from pydantic import Field

from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, MountPath

MountDescription = Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")]


class VaultKv(Model):
    """A store of named values with versions: Vault's KV secrets engine, version 2."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `<store>-<environment>`. No two environments may name the same one."""
    description: MountDescription | None = None
    """For people. Default: a sentence that says how values get in. An adopted mount keeps its own."""
    max_versions: Annotated[StrictInt, Field(ge=1, le=1000)] = 10
    """How many versions of a secret are kept."""
    max_versions_unset: StrictBool = False
    """Of an adopted mount: nobody said how many, and it stays so; the server then keeps 10."""
    cas_required: StrictBool = True
    """Whether every write must say which version it replaces, so that concurrent writes are not lost."""
    delete_version_after: Duration | None = None
    """After which time a version is deleted by the server. Absent: never."""
