"""Whether the server that a stack is pointed at is the declared one, and has all that is used of it."""

from collections.abc import Callable

from strongroom.errors import StrongroomError
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.safeguards.contents import Live, Unasked
from strongroom.safeguards.findings import Contents
from strongroom.spec.problems import Problem
from strongroom.vault.connection import Connection, Server, connect, connect_within
from strongroom.vault.profile import Profile


class UnfitError(StrongroomError):
    """The server is another one than the declared, or lacks something: nothing was done."""


def compare(project: Project, stack: str, found: Profile) -> tuple[str, list[Problem]]:
    """Why a server is not the declared one, empty if it is; and all that it lacks of what is used. Raises SpecError."""
    declared = project.server(stack)
    return (found.fits(declared), project.unserved(stack, found)) if declared else ("", [])


def check(project: Project, stack: str) -> None:
    """Asks the server of a stack which one it is, without a token.

    Raises UnfitError if it cannot serve the stack; else as `connect` does.
    """
    connection = connect(Server.of(project, stack), anonymous=True)
    misfit, unserved = compare(project, stack, connection.profile())
    if said := [*([misfit] if misfit else []), *map(str, unserved)]:
        raise UnfitError("\n".join([*said, f"{connection.address} cannot serve {stack}; nothing was touched"]))


def ask(
    project: Project, stack: str, plan: Plan, report: Callable[[StrongroomError], None]
) -> tuple[Connection | None, Contents]:
    """The server of a stack, and what it tells of what it holds.

    Where it cannot be asked, `report` gets the reason, and whatever may hold something counts as if it did. Raises
    UnfitError if it cannot serve the stack.
    """
    if project.server(stack) is None:
        return None, Unasked("the environment declares no Vault server that could be asked")
    try:
        check(project, stack)
        server = connect_within(project, stack, plan)
        return server, Live.asked(server)
    except UnfitError:
        raise
    except StrongroomError as error:
        report(error)
        return None, Unasked("the server could not be asked")
