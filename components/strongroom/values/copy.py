"""Takes the values of a secret to the place where it is declared now. They pass through this process and nowhere else.

The one command of the values channel that reads values: its token needs `read` on the old place, and on
`sys/internal/ui/mounts`, which every token may ask about what it may see.
"""

from typing import Any

from strongroom.errors import WrongInputError
from strongroom.values.channel import Target, put
from strongroom.values.store import ValuesError, ValueStore, Version
from strongroom.vault.connection import Connection


def copy(server: Connection, source: str, store: ValueStore[Any], target: Target) -> Version:
    """Writes the newest values at `source` (`MOUNT/PATH`) to a declared secret, and returns their version there.

    The old place keeps what it has. Raises WrongInputError if they are not what the secret needs, or it has values
    already, and ValuesError or ServerError if they could not be read or written; then nothing was written.
    """
    seen = store.stored(target.secret)
    if seen.fields:
        raise WrongInputError(f"{target.secret.key} has values already; nothing was overwritten")
    values = _read(server, source.strip("/"))
    wanted = {name: value for name, value in values.items() if name in target.fields}
    if not all(isinstance(value, str) for value in wanted.values()):
        raise WrongInputError(f"{source} has values that are no texts; encode them, and bring them by `values put`")
    return put(store, target, {name: str(value) for name, value in wanted.items()}, seen)


def _read(server: Connection, source: str) -> dict[str, object]:
    about = server.read(f"sys/internal/ui/mounts/{source}")
    if about is None or about.get("type") not in ("kv", "generic"):
        raise WrongInputError(f"{source} does not lie in a KV engine of {server.address}")
    mount = str(about["path"]).strip("/")
    path = source.removeprefix(mount).strip("/")
    if (about.get("options") or {}).get("version") != "2":
        found = server.read(source)
    else:
        # A deleted version answers with 404 and tells about itself, without values.
        found = (server.read(f"{mount}/data/{path}") or {}).get("data")
    if not found:
        raise ValuesError(f"there are no values at {source} on {server.address}")
    return found
