"""Whether a server is still as declared: what was changed, what is gone, what was added by hand."""

from pathlib import Path

from strongroom.drift.additions import added_by_hand
from strongroom.drift.engine import changed_by_hand
from strongroom.drift.report import Report
from strongroom.project import Project
from strongroom.vault.connection import Connection, connect_within
from strongroom.vault.refusals import ServerError


def drift(root: Path, stack: str, config_file: Path | None = None) -> Report:
    """What is not as it is declared. Reads only. Raises SpecError, WrongInputError, ServerError or StrongroomError."""
    project = Project.of_stack(root, stack, config_file)
    plan = project.plan(stack)
    if project.server(stack) is None:
        # What was added by hand is looked for in Vault only: docs/drift.md.
        return Report(tuple(changed_by_hand(root, stack, config_file)), (), ())
    connection = connect_within(project, stack, plan)
    plans = project.check()
    here = [other for other in plans.values() if other.environment == plan.environment]
    changed = changed_by_hand(root, stack, config_file)
    added, unchecked = added_by_hand(connection, here, plans.values(), connection.profile().flavour)
    return Report((*changed, *added), tuple(unchecked), tuple(_audit(connection)))


def _audit(connection: Connection) -> list[str]:
    """Where requests are recorded, as far as the token may know."""
    try:
        devices = connection.read("sys/audit") or {}
    except ServerError:
        return []
    found = []
    for path, device in sorted(devices.items()):
        if isinstance(device, dict):
            options = device.get("options") or {}
            where = options.get("file_path") or options.get("address") or options.get("facility") or ""
            found.append(f"{path.rstrip('/')} ({device.get('type')}{f' {where}' if where else ''})")
    return found
