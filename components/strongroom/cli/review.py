"""`strongroom review`: what pull requests need: the stacks that a change touches, and the comment about them."""

from pathlib import Path
from typing import Annotated

import typer

from strongroom.cli.options import Root, failing_clearly, project_root

app = typer.Typer(help="For pull requests: the stacks that a change touches, and the comment.", no_args_is_help=True)


@app.command()
def affected(
    base: Annotated[str, typer.Option(metavar="REV", help="What the change is compared with; such as origin/main.")],
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON, for a matrix of jobs.")] = False,
    root: Root = None,
) -> None:
    """List the stacks that may be different since this branch left REV, uncommitted changes included."""
    with failing_clearly():
        import json

        from strongroom.project import Project
        from strongroom.review.affected import affected_stacks
        from strongroom.review.revision import branched_from, changed_paths, project_at

        folder = root or project_root()
        commit = branched_from(folder, base)
        with project_at(folder, commit) as before:
            stacks = affected_stacks(Project.read(folder), changed_paths(folder, commit), before)
        typer.echo(json.dumps(stacks) if as_json else "\n".join(stacks), nl=as_json or bool(stacks))


@app.command()
def comment(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Holds STACK/preview.json of `make preview`.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the text goes.")],
    expect: Annotated[
        str, typer.Option(metavar="JSON", help="All stacks that must be there, as `affected --json` printed them.")
    ] = "[]",
    log: Annotated[str, typer.Option(metavar="URL", help="Where the engine's output can be read.")] = "",
) -> None:
    """Write the comment from the previews of all stacks. It holds no property's value."""
    with failing_clearly():
        from strongroom.review.collect import collect
        from strongroom.review.comment import comment as text_of

        previews, missing = collect(directory, expect)
        text = text_of(previews, missing, log)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {out}: {len(previews)} previews, {len(text)} characters")
