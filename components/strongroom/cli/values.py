"""`strongroom values`: brings values to the stores. They come from standard input, a prompt, or are made here."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, project_root

if TYPE_CHECKING:
    from strongroom.plan.plan import Plan
    from strongroom.values.channel import Opener, Target
    from strongroom.values.store import Stored

app = typer.Typer(help="Bring values to the stores: never from arguments, never to the screen.", no_args_is_help=True)

TargetName = Annotated[str, typer.Argument(metavar="TEAM/SECRET[/FIELD]", show_default=False)]


@app.command()
def put(target: TargetName, stack: StackName, config_file: Config = None, root: Root = None) -> None:
    """Write values from standard input or a prompt without echo.

    For one field the input is its value (one final line break is dropped); for a whole secret a JSON object of texts.
    """
    with failing_clearly():
        from strongroom.values.channel import find
        from strongroom.values.channel import put as write

        plan, open_store = _open(stack, config_file, root)
        found = find(plan, target)
        store = open_store(found.secret)
        # Looked at before the values are asked for, so that whatever happens in between is noticed.
        seen: Stored = store.stored(found.secret)
        version = write(store, found, _ask(found), seen)
        typer.echo(f"{target}: version {version}")


@app.command()
def generate(
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
        from strongroom.values.channel import Target, declared, fill, find
        from strongroom.values.generate import generate as make
        from strongroom.values.store import ValuesError

        if (target is None) != missing:
            raise ValuesError("name either one secret or --missing")
        if missing and replace:
            raise ValuesError("--missing never replaces a value; name the secret to rotate")
        plan, open_store = _open(stack, config_file, root)
        targets = [find(plan, target)] if target else [Target(secret, None) for secret in declared(plan)]
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
    """List declared secrets: which fields have no value, versions and ages. Reads no value."""
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
        if check and any(s.missing or s.overdue(now) for s in found):
            raise typer.Exit(1)


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
        from strongroom.values.channel import find, remove

        plan, open_store = _open(stack, config_file, root)
        found = find(plan, target)
        what = "destroy all versions of" if destroy else "delete"
        if not yes:
            typer.confirm(f"{what} {target} in {plan.environment}?", abort=True)
        remove(open_store(found.secret), found, destroy)
        typer.echo(f"{target}: {'destroyed' if destroy else 'deleted'}")


def _open(stack: str, config_file: Config, root: Root) -> "tuple[Plan, Opener]":
    from strongroom.project import Project
    from strongroom.values.vault_kv import VaultKvValues, connect

    project = Project.read(root or project_root())
    if config_file:
        project = project.with_stack_file(stack, config_file)
    plan = project.plan(stack)
    store = VaultKvValues(connect(project.provider_setting(stack, "vault:address")))
    return plan, lambda _secret: store


def _ask(target: "Target") -> dict[str, str]:
    import json
    import sys

    from strongroom.values.store import ValuesError

    if sys.stdin.isatty():
        return {
            field: typer.prompt(f"{target.secret.key}/{field}", hide_input=True, confirmation_prompt=True)
            for field in target.fields
        }
    text = sys.stdin.read()
    if target.field:
        return {target.field: text.removesuffix("\n").removesuffix("\r")}
    try:
        values = json.loads(text)
    except json.JSONDecodeError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        # The decoder's own message could quote the input.
        raise ValuesError(f"standard input is no JSON object of texts; expected fields: {', '.join(target.fields)}")
    return values
