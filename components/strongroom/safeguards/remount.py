"""Moves a mount with all that is in it: on the server, then in the state. Whatever cut it short, it can be repeated."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from strongroom.errors import WrongInputError
from strongroom.safeguards.contents import Live
from strongroom.safeguards.deployed import deployed, deployment
from strongroom.safeguards.holding import AUTH, Holding
from strongroom.safeguards.rewrite import moved
from strongroom.safeguards.state import State
from strongroom.spec.problems import did_you_mean
from strongroom.vault.connection import Connection, ServerError

MOVE_SECONDS: Final = 120
"""How long a server may take to move a mount. It revokes what was issued from it first."""
_POLL_SECONDS: Final = 0.2

Report = Callable[[str], None]


def remount(
    server: Connection, state: State, wanted: Mapping[str, Holding], old: str, new: str, report: Report
) -> None:
    """Moves the mount `old` to `new`; `auth/…` for auth methods.

    `wanted` are the holdings of the plan. Raises WrongInputError where that is no move of one mount, with nothing
    touched, and ServerError or StateError where it got stuck; then it can be repeated.
    """
    current = state.export()
    mount = deployed(current).holdings.get(old)
    if old.startswith(AUTH) != new.startswith(AUTH):
        raise WrongInputError(f"{old} and {new} are not of a kind: an auth method stays below `{AUTH}`")
    if mount:
        _check_plan(mount, wanted, new)
    _on_server(server, mount, old, new, report)
    changed = moved(current, old, new)
    if changed == current:
        report(f"state: nothing in it is at {old} any more")
    else:
        state.import_checkpoint(changed)
        report(f"state: {_count(current, changed)} resources are at {new} now")
    report("`up` next: until then policies, and slices of other teams, speak of the old path")


def _check_plan(mount: Holding, wanted: Mapping[str, Holding], new: str) -> None:
    heir = wanted.get(new)
    if heir is None or not heir.is_mount:
        known = [path for path, holding in wanted.items() if holding.is_mount]
        hint = did_you_mean(new, known, f"its mounts: {', '.join(known)}")
        raise WrongInputError(f"the plan has no mount {new}; write it into the environment file first ({hint})")
    if heir.engine != mount.engine:
        raise WrongInputError(
            f"{mount.path} is of type {mount.engine}, and the plan wants {heir.engine} at {new}; moving changes no type"
        )


def _on_server(server: Connection, mount: Holding | None, old: str, new: str, report: Report) -> None:
    found = Live(server).mounted()
    if old not in found and new not in found:
        raise WrongInputError(f"{server.address} has no mount {old}, and none {new}")
    if old in found and new in found:
        raise WrongInputError(f"{server.address} has a mount at {new} already; nothing was moved")
    if mount is None and old in found:
        raise WrongInputError(
            f"{server.address} has a mount at {old}, and the state of this stack has none there: this stack did not "
            "make it; run it with the stack that did first"
        )
    accessor = found.get(old) or found[new]
    if mount and mount.accessor and mount.accessor != accessor:
        raise WrongInputError(
            f"the mount at {old if old in found else new} is not the one that the state has at {old} "
            f"(accessor {accessor}, not {mount.accessor}); `pulumi refresh` shows what happened"
        )
    if old not in found:
        report(f"server: {new} is there already, with all that was at {old}")
        return
    report(f"server: moving {old} to {new}; credentials and logins that came from it end now")
    refusal = _ask(server, old, new)
    deadline = time.monotonic() + MOVE_SECONDS
    # What counts is where the mount is: the status of a move is forgotten when the server starts anew.
    while Live(server).mounted().get(new) != accessor:
        if time.monotonic() > deadline or _failed(server, refusal):
            raise (
                refusal
                if isinstance(refusal, ServerError)
                else ServerError(
                    f"{server.address} did not move {old} to {new}; its log says why. Nothing is lost: try again"
                )
            )
        time.sleep(_POLL_SECONDS)
    report(f"server: {new} has all that was at {old}")


def _ask(server: Connection, old: str, new: str) -> ServerError | str:
    """The move's id. A refusal is kept: the mount may be on its way already, since a command that was killed."""
    try:
        return str((server.write("sys/remount", {"from": old, "to": new}) or {}).get("migration_id", ""))
    except ServerError as error:
        if error.status != 400:
            raise
        return error


def _failed(server: Connection, migration: ServerError | str) -> bool:
    if isinstance(migration, ServerError):
        return "being" not in migration.said and "progress" not in migration.said
    status = (server.read(f"sys/remount/status/{migration}") or {}).get("migration_info") or {}
    return status.get("status") == "failure"


def _count(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    pairs = zip(deployment(before)["resources"], deployment(after)["resources"], strict=True)
    return sum(one != other for one, other in pairs)
