# ruff: noqa: PLC0415 - commands import what they need when they run, so that `strongroom --help` is quick
"""`strongroom sandbox`: real servers on loopback, to deploy to and to test against."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from strongroom.vault.profile import Flavour

app = typer.Typer(no_args_is_help=True, help=__doc__)

Directory = Annotated[
    Path,
    typer.Option(
        "--directory", envvar="STRONGROOM_SANDBOX", help="Folder that holds all of the sandbox.", file_okay=False
    ),
]
OfFlavour = Annotated[
    Flavour | None,
    typer.Option(
        help="OpenBao or HashiCorp Vault; the first `up` settles it for the folder. Default: what it has, or OpenBao.",
        show_default=False,
    ),
]
DEFAULT_DIRECTORY = Path(".sandbox")


@app.command()
def up(
    directory: Directory = DEFAULT_DIRECTORY,
    flavour: OfFlavour = None,
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Start the servers, deploy nothing.")] = False,
    allow_loss: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="What may be lost, as `strongroom guard` shows it.", show_default=False),
    ] = None,
) -> None:
    """Start the servers, deploy the stack `sandbox` to them with the real engine, and prove that it works.

    Can be repeated, also after anything was killed in the middle. Exit code 1 if a promise does not hold.
    """
    if servers_only:
        _start_servers(directory, flavour)
        return
    from strongroom.cli.options import project_root
    from strongroom_sandbox.make_up import make_up

    if not make_up(project_root(), directory, typer.echo, allow_loss or (), flavour):
        raise typer.Exit(1)


@app.command()
def down(directory: Directory = DEFAULT_DIRECTORY) -> None:
    """Stop every process of the sandbox. What the servers hold stays for the next `up`."""
    from strongroom_sandbox import Sandbox, SandboxError

    try:
        Sandbox(directory).down(typer.echo)
    except SandboxError as error:
        raise _failure(error) from None


@app.command()
def status(directory: Directory = DEFAULT_DIRECTORY) -> None:
    """Show each server: where it listens, its process, its state and its log. Exit code 1 unless all are healthy."""
    from rich.console import Console
    from rich.table import Table

    from strongroom_sandbox import Sandbox

    table = Table("server", "address", "pid", "state", box=None)
    table.add_column("log", overflow="fold")  # a path that is cut short is of no use
    servers = Sandbox(directory).status()
    for server in servers:
        log = server.log.relative_to(Path.cwd()) if server.log.is_relative_to(Path.cwd()) else server.log
        table.add_row(server.name, server.address, str(server.pid or ""), server.state, str(log))
    Console().print(table)
    if any(server.state != "healthy" for server in servers if not server.on_request):
        raise typer.Exit(1)


@app.command()
def env(
    directory: Directory = DEFAULT_DIRECTORY,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Also VAULT_TOKEN, read from its file by the shell, never printed.")
    ] = False,
) -> None:
    """Print what a shell needs to talk to the servers, and about the stacks: `eval "$(strongroom sandbox env)"`."""
    from strongroom_sandbox import Sandbox, SandboxError
    from strongroom_sandbox.engine import backend_variables

    sandbox = Sandbox(directory)
    try:
        variables = sandbox.environment(with_token=False)
        if sandbox.moto.state() != "stopped":
            variables |= sandbox.moto.environment()
    except SandboxError as error:
        raise _failure(error) from None
    for name, value in (variables | backend_variables(sandbox.directory / "pulumi")).items():
        typer.echo(f"export {name}={shlex.quote(value)}")
    if with_token:
        typer.echo(f'export VAULT_TOKEN="$(cat -- {shlex.quote(str(sandbox.vault.token_file))})"')


def _start_servers(directory: Path, flavour: Flavour | None) -> None:
    from strongroom_sandbox import Sandbox, SandboxError

    try:
        Sandbox(directory, flavour).up(typer.echo)
    except SandboxError as error:
        raise _failure(error) from None


def _failure(error: Exception) -> typer.Exit:
    typer.echo(f"error: {error}", err=True)
    return typer.Exit(1)
