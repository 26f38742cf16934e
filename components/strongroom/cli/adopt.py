"""`strongroom adopt`: takes over a server that was configured by hand."""

from pathlib import Path
from typing import Annotated

import typer

from strongroom.cli.options import Root, StackName, failing_clearly, project_root


def adopt(
    stack: StackName,
    into: Annotated[
        Path | None,
        typer.Option(help="Write below this folder instead of into the project.", metavar="FOLDER", show_default=False),
    ] = None,
    root: Root = None,
) -> None:
    """Write down what a Vault or OpenBao has, so that the first `pulumi up` changes nothing.

    Reads the server of the stack (or of VAULT_ADDR) with a token that may only read. Writes the stack's files and one
    for `pulumi import`, overwrites none, and lists what it cannot express. Changes nothing on the server.
    """
    with failing_clearly():
        from strongroom.adopt.adopt import adopt as take_over

        folder = root or project_root()
        done = take_over(folder, stack, into)
        for file in done.kept:
            typer.echo(f"kept    {file}, which says the same")
        for file in done.written:
            typer.echo(f"wrote   {done.folder / file if into else file}")
        for left in done.left:
            typer.echo(f"left    {left}")
        for note in done.notes:
            typer.echo(f"note    {note}")
        for what in done.not_there:
            typer.echo(f"new     {what}: it is not on the server, so the first `up` would make it")
        typer.echo(f"\n{done.imported} things can be taken over, {len(done.left)} notes on what stays as it is. Next:")
        if into:
            typer.echo(f"  move the files from {into} to where they belong")
        typer.echo(f"  pulumi stack init {stack}   # unless there is that stack")
        flags = "--generate-code=false --protect=false --yes"
        typer.echo(f"  pulumi import --stack {stack} --file {done.import_file} {flags}")
        typer.echo(f"  pulumi up --stack {stack}   # changes nothing")
