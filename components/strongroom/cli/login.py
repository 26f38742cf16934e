"""`strongroom login`: hands over what a workload or person logs in with, wrapped; fetches what was handed over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, connected, failing_clearly, planned

if TYPE_CHECKING:
    from strongroom.handover.wrapping import Wrapped

app = typer.Typer(
    help="Hand over what logs in, wrapped by the server: whoever carries it sees no secret.", no_args_is_help=True
)

WrapTtl = Annotated[str, typer.Option("--wrap-ttl", help="How long it can be fetched: 30s, 5m.")]


@app.command("secret-id")
def secret_id(
    workload: Annotated[str, typer.Argument(metavar="TEAM/WORKLOAD", show_default=False)],
    stack: StackName,
    wrap_ttl: WrapTtl = "5m",
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Make a secret id of a workload that logs in with AppRole, and print a token that fetches it once.

    Standard output has the token only. How long the secret id waits, how often and from where it is good, the catalog
    says.
    """
    with failing_clearly():
        from strongroom.handover import secrets

        plan, server = connected(stack, config_file, root)
        _tell(secrets.secret_id(server, plan, workload, _seconds(wrap_ttl)), stack)


@app.command()
def totp(
    method: Annotated[str, typer.Argument(metavar="MOUNT", help="The auth method's mount, such as people-prod.")],
    person: Annotated[str, typer.Argument(metavar="NAME", help="Whoever logs in, as the auth method knows them.")],
    stack: StackName,
    wrap_ttl: WrapTtl = "1h",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Make a new key of a person's authenticator app, and print a token that fetches it once.

    A key that the person has ends. What the token fetches is an `otpauth://` address and a picture of it, for the app.
    Standard output has the token only.
    """
    with failing_clearly():
        from strongroom.handover import secrets

        plan, server = connected(stack, config_file, root)
        seconds = _seconds(wrap_ttl)
        if not yes:
            typer.confirm(f"end the key that {person} may have at {method}, and make another?", abort=True, err=True)
        _tell(secrets.totp_key(server, plan, method, person, seconds), stack)


# Surplus arguments are let in, to be refused here: the parser's own error would print them, and one may be the token.
@app.command(context_settings={"allow_extra_args": True})
def unwrap(
    context: typer.Context,
    creation_path: Annotated[str, typer.Argument(metavar="CREATION_PATH", help="Where it was made, as you were told.")],
    stack: StackName,
    out: Annotated[Path, typer.Option("--out", help="A new file for what is fetched, as JSON; only you can read it.")],
    root: Root = None,
) -> None:
    """Fetch what was handed over. The token comes from standard input.

    If it was made elsewhere, nothing is fetched; if it was fetched before, you are told. Needs no login.
    """
    with failing_clearly():
        import json
        import os
        import sys

        from strongroom.errors import WrongInputError
        from strongroom.handover.wrapping import unwrap as fetch
        from strongroom.vault.connection import connect_within

        if context.args:
            raise WrongInputError(
                "too many arguments; if one of them is the token, ask for another: arguments are seen by others and "
                "kept in histories. The token comes from standard input"
            )
        token = sys.stdin.readline().strip()
        if not token:
            raise WrongInputError("standard input holds no token")
        project, plan = planned(stack, None, root)
        server = connect_within(project, stack, plan, anonymous=True)
        try:
            # Made before anything is fetched: what cannot be kept must not be used up.
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise WrongInputError(f"{out} cannot be made ({error.strerror}); name a file that is not there") from None
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(fetch(server, token, creation_path.strip("/")), file)
        except BaseException:
            out.unlink()
            raise
        typer.echo(f"written to {out}", err=True)


def _tell(made: "Wrapped", stack: str) -> None:
    typer.echo(made.token)
    typer.echo(
        f"Good for {made.ttl_seconds} s and once. Whoever gets it fetches what it is for with\n"
        f"  strongroom login unwrap {made.creation_path} --stack {stack} --out FILE   (the token on standard input)\n"
        "or, to compare by hand,\n"
        "  bao write sys/wrapping/lookup token=-   (creation_path must be the one above)\n"
        "  bao unwrap   (VAULT_TOKEN=the token)\n"
        "If the path differs, or it was fetched before: do not use it, and have what was made destroyed.",
        err=True,
    )


def _seconds(text: str) -> int:
    from pydantic_core import PydanticCustomError

    from strongroom.errors import WrongInputError
    from strongroom.spec.names import seconds

    try:
        return seconds(text)
    except PydanticCustomError as error:
        raise WrongInputError(f"--wrap-ttl {error.message()}") from None
