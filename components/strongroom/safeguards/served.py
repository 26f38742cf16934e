"""Whether the server that a stack is pointed at is the declared one, and has all that is used of it. Needs no token."""

from strongroom.errors import StrongroomError
from strongroom.project import Project
from strongroom.spec.problems import Problem
from strongroom.vault.connection import Server, connect
from strongroom.vault.profile import Profile


class UnfitError(StrongroomError):
    """The server is another one than the declared, or lacks something: nothing was done."""


def compare(project: Project, stack: str, found: Profile) -> tuple[str, list[Problem]]:
    """Why a server is not the declared one, empty if it is; and all that it lacks of what is used. Raises SpecError."""
    declared = project.server(stack)
    return (found.fits(declared), project.unserved(stack, found)) if declared else ("", [])


def check(project: Project, stack: str) -> None:
    """Asks the server of a stack which one it is. Raises UnfitError if it cannot serve the stack; as `connect` does."""
    connection = connect(Server.of(project, stack), anonymous=True)
    misfit, unserved = compare(project, stack, connection.profile())
    if said := [*([misfit] if misfit else []), *map(str, unserved)]:
        raise UnfitError("\n".join([*said, f"{connection.address} cannot serve {stack}; nothing was touched"]))
