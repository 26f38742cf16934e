"""What a change does to one stack: `python -m strongroom_sandbox.preview [--dry] [--base REV] STACK DIR`.

Checks the files, runs `pulumi preview` with the policy pack, and leaves in DIR/STACK what `strongroom review comment`
reads. The backend and the credentials are those of the caller. With `--dry` neither is needed: the stack is compared
with nothing, on a fresh server of the sandbox, so that the policies can judge all of it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from strongroom.aws.place import AwsPlace
from strongroom.errors import StrongroomError
from strongroom.gcp.place import GcpPlace
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.review.events import read_events
from strongroom.review.plan_diff import plan_diff
from strongroom.review.preview import PREVIEW_FILE, Preview, to_json
from strongroom.review.revision import RevisionError, branched_from, project_at
from strongroom.safeguards.guard import briefly, judge, lines
from strongroom.safeguards.served import ask
from strongroom.safeguards.state import Backend
from strongroom.spec.problems import SpecError
from strongroom.spec.value_source import ValueSource
from strongroom_sandbox import Sandbox, SandboxError
from strongroom_sandbox.deployment import Deployment
from strongroom_sandbox.engine import Engine, EngineError, policy_flags
from strongroom_sandbox.providers.gcp.cloud import add_project
from strongroom_sandbox.toolchain import ToolchainError, ensure
from strongroom_sandbox.toolchain.process import Report

INPUT_IS_WRONG = 2
NO_VALUE = "a dry preview has no values"


def make_preview(
    root: Path,
    stack: str,
    out: Path,
    report: Report,
    *,
    base: str = "",
    dry: bool = False,
    allow_loss: Sequence[str] = (),
) -> Preview:
    """Previews one stack and writes `out`/preview.json. `base` is the revision that the plan is compared with.

    Raises ToolchainError, SandboxError, EngineError, RevisionError or UnfitError where there cannot be a preview at
    all.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / PREVIEW_FILE).unlink(missing_ok=True)
    preview = _preview(root, stack, out, report, base, dry, allow_loss)
    (out / PREVIEW_FILE).write_text(to_json(preview), encoding="utf-8")
    return preview


def _preview(
    root: Path, stack: str, out: Path, report: Report, base: str, dry: bool, allow_loss: Sequence[str]
) -> Preview:
    project = Project.read(root)
    try:
        project.check()
        plan = project.plan(stack)
    except SpecError as error:
        return Preview(stack=stack, dry=dry, succeeded=False, problems=tuple(map(str, error.problems)))
    # Looked up first: a revision that is not there should not cost a whole preview.
    differences = plan_diff(_plan_at(root, stack, base), plan) if base else ()
    losses = () if dry else _losses(root, project, stack, plan, allow_loss, report)
    events = out / "events.jsonl"
    events.unlink(missing_ok=True)
    exit_code = (_dry if dry else _real)(root, stack, events, report)
    logged = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    preview = replace(read_events(logged, stack, exit_code=exit_code, dry=dry), plan_diff=differences)
    return replace(preview, losses=losses, succeeded=preview.succeeded and not losses)


def _losses(
    root: Path, project: Project, stack: str, plan: Plan, allow_loss: Sequence[str], report: Report
) -> tuple[str, ...]:
    """What the guard refuses. Where this preview may not ask the server, whatever may hold something counts as full."""
    _, contents = ask(
        project, stack, plan, lambda error: report(f"guard: whatever may hold something counts as if it did: {error}")
    )
    ensure(root, report)  # the state is read with the `pulumi` that it makes ready
    verdict = judge(plan, Backend(root, stack).export(), contents, allow_loss)
    for line in lines(verdict, project, plan.environment, ["--stack", stack]):
        report(line)
    return briefly(verdict, project, plan.environment, ["--stack", stack])


def _real(root: Path, stack: str, events: Path, report: Report) -> int:
    """With the caller's own backend, provider settings and credentials."""
    toolchain = ensure(root, report)
    policies = policy_flags([root / "policies"], Project.read(root).stack(stack).environment)
    arguments = ["preview", "--stack", stack, *policies, "--event-log", str(events)]
    return subprocess.run(
        [str(toolchain.pulumi), *arguments, "--non-interactive", "--color", "never"],
        cwd=root,
        # The flag --event-log exists only with the variable.
        env=os.environ | toolchain.environment() | {"PULUMI_DEBUG_COMMANDS": "true"},
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode


def _dry(root: Path, stack: str, events: Path, report: Report) -> int:
    """With an empty state and empty servers, all gone afterwards: real servers, as a provider asks for one."""
    sandbox = Sandbox(events.parent / "sandbox")
    toolchain = ensure(root, report)
    try:
        project = Project.read(root)
        environment, plan = project.stack(stack).environment, project.plan(stack)
        deployment = Deployment(root, sandbox, stack, policy_packs=[root / "policies"], environment=environment)
        _stand_for_clouds(sandbox, plan)
        engine = deployment.engine(toolchain, report)
        tracked = root / "stacks" / f"Pulumi.{stack}.yaml"
        on_vault = "VAULT_ADDR" in engine.variables
        engine.configure({"vault:address": sandbox.vault.address} if on_vault else {}, tracked)
        result = _with_values(engine, plan).preview(check=False)
        events.write_bytes(result.events.read_bytes() if result.events.exists() else b"")
        return result.exit_code
    finally:
        sandbox.down(report)
        shutil.rmtree(sandbox.directory, ignore_errors=True)


def _with_values(engine: Engine, plan: Plan) -> Engine:
    """Gives something for each value that a deployment cannot do without: nobody is asked for the real ones."""
    needed = {reference for record in plan.records for reference in _references(record.as_json())}
    for kind, name in sorted(needed):
        if kind == "pulumi_config":
            engine.set_secret(name, NO_VALUE)
    variables = {name: NO_VALUE for kind, name in needed if kind == "environment_variable"}
    return replace(engine, variables=variables | dict(engine.variables))


def _references(written: object) -> Iterator[tuple[str, str]]:
    """What of a record's plain data is a reference to a value: the kind of its source, and its name there."""
    match written:
        case [str(kind), str(name)] if kind in ValueSource.model_fields:
            yield kind, name
        case list():
            for item in written:
                yield from _references(item)
        case dict():
            for item in written.items():
                yield from _references(list(item))


def _stand_for_clouds(sandbox: Sandbox, plan: Plan) -> None:
    """Gives the stand-ins the account and the project that the environment names: whoever deploys to others is refused,
    and so is a preview."""
    for place in (getattr(record, "place", None) for record in plan.records):
        match place:
            case AwsPlace():
                sandbox.moto.account = place.account
            case GcpPlace():
                file = sandbox.providers["gcp"].file
                file.parent.mkdir(parents=True, exist_ok=True)
                add_project(file, place.project, place.number)


def _plan_at(root: Path, stack: str, base: str) -> Plan | None:
    with project_at(root, branched_from(root, base)) as project:
        try:
            return project.plan(stack) if project else None
        except SpecError:  # a new stack, or one that was broken: all of it is new
            return None


def main(arguments: list[str], root: Path) -> int:
    """See the module. Exit code 2 if the files are wrong, 1 if the preview, a mandatory policy or the guard failed."""
    parser = argparse.ArgumentParser(prog="python -m strongroom_sandbox.preview", description=__doc__)
    parser.add_argument("stack", metavar="STACK")
    parser.add_argument("directory", metavar="DIR", type=Path)
    parser.add_argument("--dry", action="store_true", help="compare with nothing; needs no backend and no credentials")
    parser.add_argument("--allow-loss", metavar="PATH", action="append", default=[], help="what may be lost")
    parser.add_argument("--base", metavar="REV", default="", help="also show how the plan differs from REV")
    options = parser.parse_args(arguments)
    try:
        preview = make_preview(
            root,
            options.stack,
            options.directory / options.stack,
            print,
            base=options.base,
            dry=options.dry,
            allow_loss=options.allow_loss,
        )
    except (EngineError, RevisionError, SandboxError, StrongroomError, ToolchainError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for problem in preview.problems:
        print(problem, file=sys.stderr)
    return INPUT_IS_WRONG if preview.problems else int(not preview.succeeded)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
