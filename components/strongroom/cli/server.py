"""`strongroom server`: which server a stack is pointed at, and whether it can serve what is declared."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, project_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from strongroom.spec.problems import Problem
    from strongroom.vault.profile import Profile


def server(
    stack: StackName,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Ask the stack's Vault or OpenBao what it is, and compare that with what is declared. Needs no token.

    Exit code 1 if it is not the declared server, or lacks what the environment or its catalogs use.
    """
    with failing_clearly():
        import json

        from strongroom.errors import WrongInputError
        from strongroom.project import Project
        from strongroom.safeguards.served import compare
        from strongroom.vault.connection import Server, connect

        project = Project.of_stack(root or project_root(), stack, config_file)
        declared = project.server(stack)
        if declared is None:
            raise WrongInputError(f"the environment of {stack} has no `vault` section, so there is no server to ask")
        connection = connect(Server.of(project, stack), anonymous=True)
        found, health = connection.profile(), connection.health()
        misfit, unserved = compare(project, stack, found)
        if as_json:
            typer.echo(json.dumps(_data(connection.address, found, declared, misfit, unserved), indent=2))
        else:
            state = "sealed" if health.get("sealed") else "a standby" if health.get("standby") else "active"
            typer.echo(f"{connection.address} is {found.name}, {state}")
            for line in _features(found):
                typer.echo(line)
            for problem in (misfit, *unserved):
                if problem:
                    typer.echo(problem, err=True)
        if misfit or unserved:
            raise typer.Exit(1)


def _features(found: "Profile") -> list[str]:
    """What it has and lacks of all that Strongroom knows of."""
    from strongroom.vault.profile import FEATURES

    lacking = {row.what: found.lacks(name) for name, row in FEATURES.items()}
    return [
        f"  has: {', '.join(what for what, lack in lacking.items() if not lack)}",
        *(f"  has no {what}: {lack[1]}" for what, lack in lacking.items() if lack),
    ]


def _data(
    address: str, found: "Profile", declared: "Profile", misfit: str, unserved: "Sequence[Problem]"
) -> dict[str, object]:
    from strongroom.vault.profile import FEATURES

    return {
        "address": address,
        "server": {"flavour": found.flavour, "version": found.version, "edition": found.edition},
        "declared": {
            "flavour": declared.flavour,
            "version": None if declared.assumed else declared.version,
            "edition": declared.edition,
        },
        "fits": not misfit,
        "unserved": [str(problem) for problem in unserved],
        "features": {name: found.has(name) for name in FEATURES},
    }
