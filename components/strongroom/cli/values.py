"""`strongroom values`: brings values to the stores. They come from standard input, a prompt, or are made here."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, planned

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan
    from strongroom.values.channel import Target
    from strongroom.values.store import Stored
    from strongroom.values.stores import Stores

app = typer.Typer(help="Bring values to the stores: never from arguments, never to the screen.", no_args_is_help=True)

TargetName = Annotated[str, typer.Argument(metavar="TEAM/SECRET[/FIELD]", show_default=False)]
Surplus = {"allow_extra_args": True}
"""Surplus arguments are let in, to be refused by `_no_surplus`: the parser's own error would print them."""


@app.command(context_settings=Surplus)
def put(
    context: typer.Context,
    target: TargetName,
    stack: StackName,
    exact: Annotated[
        bool, typer.Option("--exact", help="Keep a final line break; private keys in files end in one.")
    ] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Write values from standard input or a prompt without echo.

    For one field the input is its value: UTF-8, byte for byte but for one final line break, which is dropped. For a
    whole secret it is a JSON object of texts. Other fields keep their values. If somebody else writes in the meantime,
    nothing is overwritten.
    """
    with failing_clearly():
        _no_surplus(context)
        from strongroom.values.channel import find
        from strongroom.values.channel import put as write

        plan, open_store = _open(stack, config_file, root)
        found = find(plan, target)
        store = open_store(found.secret)
        # Looked at before the values are asked for, so that whatever happens in between is noticed.
        seen: Stored = store.stored(found.secret)
        version = write(store, found, _ask(found, exact), seen)
        typer.echo(f"{target}: version {version}")


@app.command(context_settings=Surplus)
def generate(
    context: typer.Context,
    stack: StackName,
    target: Annotated[str | None, typer.Argument(metavar="[TEAM/SECRET[/FIELD]]", show_default=False)] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="All declared secrets of the stack that have no value.")
    ] = False,
    length: Annotated[int, typer.Option(help="Characters of text; bytes of hex, base64 and base64url.")] = 32,
    alphabet: Annotated[
        str, typer.Option(help="letters-digits, letters-digits-symbols, digits, hex, or the characters themselves.")
    ] = "letters-digits",
    form: Annotated[str, typer.Option("--format", help="text, hex, base64, base64url or uuid.")] = "text",
    replace: Annotated[bool, typer.Option("--replace", help="Also fields that have a value: a rotation.")] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Make values and write them to the store without showing them."""
    with failing_clearly():
        from strongroom.errors import WrongInputError
        from strongroom.values.channel import Target, fill, find, generated
        from strongroom.values.generate import generate as make

        _no_surplus(context)
        if (target is None) != missing:
            raise WrongInputError("name either one secret or --missing")
        if missing and replace:
            raise WrongInputError("--missing never replaces a value; name the secret to rotate")
        make(length, alphabet, form)  # says what is wrong with them before any store is asked
        plan, open_store = _open(stack, config_file, root)
        targets = [find(plan, target)] if target else [Target(secret, None) for secret in generated(plan)]
        for each in targets:
            version, fields = fill(open_store(each.secret), each, lambda: make(length, alphabet, form), replace)
            made = f"made {', '.join(fields)}" if fields else "has its values already; --replace makes new ones"
            typer.echo(f"{each.secret.key}: version {version}, {made}")


@app.command()
def status(
    stack: StackName,
    check: Annotated[bool, typer.Option("--check", help="Exit with code 1 if a value is missing or overdue.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """List declared secrets: which fields have no value, versions and ages. Shows no value."""
    with failing_clearly():
        from datetime import UTC, datetime

        from strongroom.cli.show import status_json, status_table
        from strongroom.values.channel import declared
        from strongroom.values.channel import status as look

        plan, open_store = _open(stack, config_file, root)
        found, now = look(declared(plan), open_store), datetime.now(UTC)
        if as_json:
            typer.echo(status_json(found, now))
        else:
            status_table(found, now)
        problems = [f"{s.secret.key}: {s.problem}" for s in found if s.problem]
        for problem in problems:
            typer.echo(f"{problem.removesuffix('.')}.", err=True)
        if problems or (check and any(s.missing or s.overdue(now) for s in found)):
            raise typer.Exit(1)


@app.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="MOUNT/PATH", help="Where the values are now.")],
    target: TargetName,
    stack: StackName,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Copy a secret's newest values from where it was kept to where it is declared now, without showing them.

    For a secret that has another path, name, team or store now. What was there stays, and a secret that has values
    already is left as it is.
    """
    with failing_clearly():
        from strongroom.values.channel import find
        from strongroom.values.copy import copy as bring

        plan, open_store = _open(stack, config_file, root)
        found = find(plan, target)
        version = bring(open_store.vault, source, open_store(found.secret), found)
        typer.echo(f"{target}: version {version}, with the values of {source}")


@app.command()
def rm(
    target: TargetName,
    stack: StackName,
    destroy: Annotated[bool, typer.Option("--destroy", help="All versions, for good.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Delete the newest version of a secret (it can be undeleted), or one field; or destroy all versions."""
    with failing_clearly():
        from strongroom.values.channel import check_removable, find, remove

        plan, open_store = _open(stack, config_file, root)
        found = find(plan, target)
        check_removable(found, destroy)
        what = "destroy all versions of" if destroy else "delete"
        if not yes:
            typer.confirm(f"{what} {target} in {plan.environment}?", abort=True)
        remove(open_store(found.secret), found, destroy)
        typer.echo(f"{target}: {'destroyed' if destroy else 'deleted'}")


def _no_surplus(context: typer.Context) -> None:
    from strongroom.errors import WrongInputError

    if context.args:
        raise WrongInputError(
            "too many arguments; if one of them is a value, replace that value: arguments are seen by others and kept "
            "in histories. Values come from standard input or the prompt"
        )


def _open(stack: str, config_file: Config, root: Root) -> "tuple[Plan, Stores]":
    from strongroom.values.stores import Stores

    project, plan = planned(stack, config_file, root)
    return plan, Stores(project, stack, plan)


def _ask(target: "Target", exact: bool) -> dict[str, str]:
    import sys

    from strongroom.errors import WrongInputError
    from strongroom.values.parse import one, several

    if sys.stdin.isatty():
        return {field: _prompt(f"{target.secret.key}/{field}") for field in target.fields}
    # Bytes, because a text stream would turn CR LF into LF.
    data = sys.stdin.buffer.read()
    if target.field:
        return {target.field: one(data, exact)}
    if exact:
        raise WrongInputError("--exact is for one field; a JSON object says itself where its values end")
    return several(data, target.fields)


def _prompt(name: str) -> str:
    """One value, asked for twice. Typer's own prompt prints its text before it turns the echo off."""
    import warnings
    from getpass import GetPassWarning, getpass

    from strongroom.errors import WrongInputError

    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            while True:
                value = getpass(f"{name}: ")
                if not value:
                    typer.echo("It cannot be empty; once more.", err=True)
                elif getpass("once more, to be sure: ") == value:
                    return value
                else:
                    typer.echo("The two differ; once more.", err=True)
        except GetPassWarning:
            problem = "this terminal cannot hide what is typed; give the value on standard input"
    raise WrongInputError(problem)
