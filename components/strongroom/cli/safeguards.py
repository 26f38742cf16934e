"""`strongroom guard` and `strongroom remount`: before the engine runs, what it would lose, and what keeps it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, planned

if TYPE_CHECKING:
    from strongroom.errors import StrongroomError

StateFile = Annotated[
    Path | None,
    typer.Option("--state", help="A file with the state, as `pulumi stack export` writes it.", show_default=False),
]


def guard(
    stack: StackName,
    state: StateFile = None,
    allow_loss: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="What may be lost: exactly as shown, once for each.", show_default=False),
    ] = None,
    unprotect: Annotated[
        bool,
        typer.Option("--unprotect", help="Take the protection from what --allow-loss names, if all else is kept."),
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no server: whatever may hold something counts as if it did.")
    ] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Find what the next `up` would lose: mounts, keys, logins, values. Exit code 1 if anything is not allowed.

    Compares the plan with the state of the stack, and asks the server whether what is about to go holds anything. A
    server that is not the declared one, or lacks something that is used, is refused before that.
    Changes nothing without --unprotect.
    """
    with failing_clearly():
        from strongroom.errors import WrongInputError
        from strongroom.safeguards.contents import Unasked
        from strongroom.safeguards.deployed import read
        from strongroom.safeguards.guard import judge, lines
        from strongroom.safeguards.release import release
        from strongroom.safeguards.served import ask
        from strongroom.safeguards.state import Backend

        if unprotect and state:
            raise WrongInputError("--unprotect changes the state of the stack, and --state is a copy; leave out one")
        project, plan = planned(stack, config_file, root)
        backend = Backend(project.root, stack)
        server, contents = (None, Unasked("no server was asked")) if offline else ask(project, stack, plan, _unasked)
        verdict = judge(plan, read(state) if state else backend.export(), contents, allow_loss or ())
        for line in lines(verdict, project, plan.environment, _options(stack, config_file, root)):
            typer.echo(line)
        if verdict.refused:
            count = len(verdict.refused)
            typer.echo(f"{count} change{'s' if count != 1 else ''} refused; nothing was touched.", err=True)
            raise typer.Exit(1)
        if unprotect:
            release(backend, server, verdict.allowed, typer.echo)
        typer.echo(f"{stack}: nothing {'else ' if verdict.allowed else ''}would be lost")


def remount(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Its path now; auth/PATH for an auth method.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its path in the environment file.")],
    stack: StackName,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Move a mount with all that is in it, on the server and in the state. Can be repeated if it was cut short."""
    with failing_clearly():
        from strongroom.safeguards.planned import planned as holdings_of
        from strongroom.safeguards.remount import remount as move
        from strongroom.safeguards.state import Backend
        from strongroom.vault.connection import connect_within

        project, plan = planned(stack, config_file, root)
        server = connect_within(project, stack, plan)
        move(server, Backend(project.root, stack), holdings_of(plan), old.strip("/"), new.strip("/"), typer.echo)


def _unasked(error: "StrongroomError") -> None:
    typer.echo(f"Whatever may hold something counts as if it did: {error}.", err=True)


def _options(stack: str, config_file: Path | None, root: Path | None) -> list[str]:
    """What every command that is shown needs to be about the same stack."""
    options = ["--stack", stack]
    options += ["--config-file", str(config_file)] if config_file else []
    return options + (["--root", str(root)] if root else [])
