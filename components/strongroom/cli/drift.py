"""`strongroom drift`: whether the server is still as declared."""

from typing import Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, project_root


def drift(
    stack: StackName,
    config_file: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    root: Root = None,
) -> None:
    """Find what was changed, removed or added by hand. Exit code 1 if there is any; changes nothing.

    Names paths and properties, never a value. Needs `pulumi` with the stack's state, and a token of the server.
    """
    with failing_clearly():
        from strongroom.drift.drift import drift as look

        report = look(root or project_root(), stack, config_file)
        typer.echo(report.as_json() if as_json else "\n".join(report.lines(stack)), nl=not as_json)
        if not report.clean:
            raise typer.Exit(1)
