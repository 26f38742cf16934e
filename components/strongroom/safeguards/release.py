"""Takes the protection from what may be lost, so that the next `up` can do it: exactly that, and nothing beside it."""

from collections.abc import Callable, Sequence

from strongroom.safeguards.findings import Finding
from strongroom.safeguards.rewrite import unprotected
from strongroom.safeguards.state import State
from strongroom.vault.connection import Connection


def release(state: State, server: Connection | None, allowed: Sequence[Finding], report: Callable[[str], None]) -> None:
    """Unprotects in the state, and on the server where that protects too. `server` is None if it was not asked."""
    paths = [finding.path for finding in allowed if finding.removes]
    changed, freed = unprotected(state.export(), paths)
    if freed:
        state.import_checkpoint(changed)
    for urn in freed:
        report(f"unprotected: {urn.rpartition('::')[2]}")
    for path in paths:
        mount, keys, name = path.rpartition("/keys/")
        if not keys:
            continue
        if server is None:
            report(f"still protected by the server: write deletion_allowed=true to {path}/config")
        else:
            server.write(f"{mount}/keys/{name}/config", {"deletion_allowed": True})
            report(f"the server may delete {path}")
