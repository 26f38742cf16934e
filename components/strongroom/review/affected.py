"""Which stacks a change touches. Pure: from what is declared before and after it, and the paths that it changes."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.project_files import STACKS
from strongroom.spec.problems import SpecError

_INERT_FOLDERS: Final = ("docs/", "tests/", "benchmarks/", f"{STACKS}/schema/")
_INERT_FILES: Final = frozenset({"LICENSE", ".gitignore"})
_DECLARATIONS: Final = (f"{STACKS}/catalog/*.yaml", f"{STACKS}/environments/*.yaml", f"{STACKS}/Pulumi.*.yaml")


def affected_stacks(project: Project, changed_paths: Iterable[str], before: Project | None) -> tuple[str, ...]:
    """The stacks for which a change may mean something else, sorted.

    Documentation and tests touch none. Declarations (catalogs, environments and what they extend) touch the stacks
    whose plan they change: a grant in one team's catalog may change the slice of another, and a removed one can only
    be seen in the plan as it was. A stack's own file touches it. All else is code or its pinned versions, or decides
    how stacks are previewed, and touches all: a path that is not known here is better previewed once too often.

    Args:
        project: The project with the change.
        changed_paths: Relative to the project's folder, with forward slashes.
        before: The project without the change; None if there was none.
    """
    changed = {path for path in changed_paths if not _is_inert(path)}
    if not all(_is_declaration(path) for path in changed):
        return tuple(sorted(project.stacks))
    return tuple(
        stack
        for stack in sorted(project.stacks)
        if f"{STACKS}/Pulumi.{stack}.yaml" in changed or (changed and _differs(stack, project, before))
    )


def _differs(stack: str, project: Project, before: Project | None) -> bool:
    """Whether a stack's plan changed. One that has no plan, then or now, counts: its preview says what is wrong."""
    now = _plan(project, stack)
    return now is None or before is None or now != _plan(before, stack)


def _plan(project: Project, stack: str) -> Plan | None:
    try:
        return project.plan(stack)
    except SpecError:
        return None


def _is_inert(path: str) -> bool:
    return path.startswith(_INERT_FOLDERS) or path in _INERT_FILES or path.endswith(".md")


def _is_declaration(path: str) -> bool:
    # A pattern's `*` matches within one folder, as where a project is read.
    return any(
        len(PurePosixPath(pattern).parts) == len(PurePosixPath(path).parts) and PurePosixPath(path).match(pattern)
        for pattern in _DECLARATIONS
    )
