"""What people write about a KV version 1 store."""

from strongroom.spec.model import Model
from strongroom.spec.names import MountPath
from strongroom.vault.kv.spec import MountDescription


class VaultKvV1(Model):
    """A store of named values without versions, such as one that is there already. Use `vault_kv` for a new one."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `<store>-<environment>`. No two environments may name the same one."""
    description: MountDescription | None = None
    """For people. Default: a sentence about what it is. An adopted mount keeps its own."""
