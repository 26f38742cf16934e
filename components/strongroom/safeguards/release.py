"""Takes the protection from what may be lost, so that the next `up` can do it: exactly that, and nothing beside it."""

from collections.abc import Callable, Sequence

from strongroom.safeguards.findings import Finding
from strongroom.safeguards.rewrite import unprotected
from strongroom.safeguards.state import State
from strongroom.vault.connection import Connection


def release(state: State, server: Connection | None, allowed: Sequence[Finding], report: Callable[[str], None]) -> None:
    """Unprotects in the state, and on the server where that protects too. `server` is None if it was not asked.

    The server comes first: if it refuses, the state is as it was. Whatever cuts it short, it can be repeated.
    """
    removed = [finding for finding in allowed if finding.removes]
    # Only transit keys have a lock of the server's own.
    for key in (f.path for f in removed if f.engine == "transit" and "/keys/" in f.path):
        if server is None:
            report(f"still protected by the server: write deletion_allowed=true to {key}/config")
        else:
            server.write(f"{key}/config", {"deletion_allowed": True})
            report(f"the server may delete {key}")
    changed, freed = unprotected(state.export(), [finding.path for finding in removed])
    if freed:
        state.import_checkpoint(changed)
    for urn in freed:
        report(f"unprotected: {urn.rpartition('::')[2]}")
