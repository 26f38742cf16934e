"""`strongroom migrate-eso`: manifests of the External Secrets Operator, from `v1beta1` to `v1`."""

from pathlib import Path
from typing import Annotated

import typer

from strongroom.cli.options import failing_clearly


def migrate_eso(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with YAML and JSON files.", metavar="PATH...")],
    write: Annotated[bool, typer.Option("--write", help="Write the changes, each file as a whole.")] = False,
) -> None:
    """Rewrite manifests from `external-secrets.io/v1beta1` to `v1`, and list what needs a person.

    Shows the changes as a diff and writes nothing, unless told to. Exit code 0: all is `v1`; 1: a person is needed; 3:
    `--write` does it. Documents of other kinds stay as they are, and are never shown.
    """
    with failing_clearly():
        from strongroom.external_secrets.migrate.files import migrate

        report = migrate(paths, write)
        typer.echo("\n".join(report.lines()))
        if report.exit_code:
            raise typer.Exit(report.exit_code)
