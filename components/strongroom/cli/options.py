"""Options that several commands share, and how errors reach the person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

Root = Annotated[
    Path | None,
    typer.Option(
        help="The project folder: the one with Pulumi.yaml. Default: this folder or the nearest above it.",
        show_default=False,
    ),
]
StackName = Annotated[str, typer.Option("--stack", "-s", help="The stack, as in stacks/Pulumi.STACK.yaml.")]
Config = Annotated[
    Path | None,
    typer.Option("--config-file", help="Another configuration file for the stack, as for pulumi.", show_default=False),
]

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan
    from strongroom.project import Project
    from strongroom.vault.connection import Connection

INPUT_IS_WRONG = 2
"""Exit code: the files or arguments are wrong and nothing was touched."""


def project_root(start: Path | None = None) -> Path:
    """The nearest folder with a Pulumi.yaml. Exits with code 2 if there is none."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    typer.echo(
        f"There is no Pulumi.yaml in {here} or above it; go to the project's folder or name it with --root.",
        err=True,
    )
    raise typer.Exit(INPUT_IS_WRONG)


def planned(stack: str, config_file: Path | None, root: Path | None) -> "tuple[Project, Plan]":
    """The project, and the plan of one stack. Raises SpecError."""
    from strongroom.project import Project

    project = Project.of_stack(root or project_root(), stack, config_file)
    return project, project.plan(stack)


def connected(stack: str, config_file: Path | None, root: Path | None) -> "tuple[Plan, Connection]":
    """The plan of one stack, and its server as the caller's token sees it. Raises SpecError and ServerError."""
    from strongroom.vault.connection import connect_within

    project, plan = planned(stack, config_file, root)
    return plan, connect_within(project, stack, plan)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turns problems into lines on stderr: exit code 2 for files and arguments, 1 for what a store refused."""
    from strongroom.errors import StrongroomError, WrongInputError
    from strongroom.spec.problems import SpecError

    try:
        yield
    except StrongroomError as error:
        text = str(error)
        typer.echo(text if text.endswith(("?", ".", "!")) else f"{text}.", err=True)
        raise typer.Exit(INPUT_IS_WRONG if isinstance(error, WrongInputError) else 1) from None
    except SpecError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        count = len(error.problems)
        typer.echo(f"{count} problem{'s' if count != 1 else ''}; nothing was touched.", err=True)
        raise typer.Exit(INPUT_IS_WRONG) from None
