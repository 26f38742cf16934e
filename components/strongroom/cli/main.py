"""`strongroom`: checks, plans and fills what is declared. Thin: every command calls one function of another room.

Nothing heavy is imported before a command runs, so that `--help` answers at once.
"""

import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated

import typer

from strongroom.cli import adopt, drift, encryption, login, migrate_eso, review, safeguards, server, values
from strongroom.cli.options import Config, Root, StackName, failing_clearly, planned, project_root

app = typer.Typer(
    name="strongroom",
    help="Secrets as code: declare who needs which secret; stores, roles and policies follow.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

app.add_typer(encryption.app, name="encryption")
app.add_typer(login.app, name="login")
app.add_typer(review.app, name="review")
app.add_typer(values.app, name="values")
app.command()(adopt.adopt)
app.command()(drift.drift)
app.command()(migrate_eso.migrate_eso)
app.command()(safeguards.guard)
app.command()(safeguards.remount)
app.command()(server.server)


@app.command()
def check(root: Root = None) -> None:
    """Check every stack, without engine or network. Exit code 2 names all that is wrong, with file, line and column."""
    with failing_clearly():
        from strongroom.project import Project

        plans = Project.read(root or project_root()).check()
        for name, plan in plans.items():
            typer.echo(f"{name}: environment {plan.environment}, slice {plan.slice}, {len(plan.records)} records")


@app.command()
def plan(
    stack: StackName,
    config_file: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole plan as JSON, the same bytes every time.")] = False,
    root: Root = None,
) -> None:
    """Show what a stack will be: every name, path, policy, role and lifetime. Deploys nothing."""
    with failing_clearly():
        from strongroom.cli.show import plan_text

        _, found = planned(stack, config_file, root)
        if as_json:
            typer.echo(found.as_json(), nl=False)
        else:
            typer.echo(plan_text(found))


@app.command()
def schema(
    write: Annotated[
        bool, typer.Option("--write", help="Write them to stacks/schema/, where the YAML files look.")
    ] = False,
    root: Root = None,
) -> None:
    """Print the JSON Schema of catalog and environment files, for editors."""
    with failing_clearly():
        from strongroom.spec.json_schema import schemas

        for name, text in schemas().items():
            if write:
                path = (root or project_root()) / "stacks" / "schema" / f"{name}.schema.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                typer.echo(f"wrote {path.relative_to(root or project_root())}")
            else:
                typer.echo(text, nl=False)


def main() -> None:
    """The entry point: the commands here, and those that other packages register as `strongroom.commands`."""
    for entry in sorted(entry_points(group="strongroom.commands"), key=lambda e: e.name):
        add_commands(entry)
    sys.exit(app())


def add_commands(entry: EntryPoint) -> None:
    """Adds the commands of another package. One that cannot be loaded says so when called, and breaks no other; one
    that bears the name of a command that is there already is not loaded, as it would take that command's input."""
    package = entry.dist.name if entry.dist else entry.module
    if entry.name in _names():
        typer.echo(f"package {package} is left out: there is a command `strongroom {entry.name}` already.", err=True)
        return
    try:
        commands = entry.load()
        if not isinstance(commands, typer.Typer):
            raise TypeError(f"{entry.value} is a {type(commands).__name__} and no typer.Typer")
    except Exception as error:  # whatever a package's import may raise
        _add_broken(entry.name, f"package {package} cannot be loaded ({type(error).__name__}: {error})")
    else:
        app.add_typer(commands, name=entry.name)


def _names() -> set[str | None]:
    """Of all commands and groups so far."""
    commands = {info.name or getattr(info.callback, "__name__", None) for info in app.registered_commands}
    return commands | {group.name for group in app.registered_groups}


def _add_broken(name: str, problem: str) -> None:
    @app.command(
        name,
        help=f"Not available: {problem}.",
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def broken() -> None:
        typer.echo(f"`strongroom {name}` is not available: {problem}; install it again, or remove it.", err=True)
        raise typer.Exit(1)
