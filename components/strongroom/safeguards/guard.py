"""The verdict on a plan: what it would lose, what of that was allowed, and in which file and line it says so."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strongroom.errors import StrongroomError, WrongInputError
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.findings import Contents, Finding, find
from strongroom.safeguards.holding import AUTH
from strongroom.safeguards.planned import places, planned
from strongroom.spec.problems import Loc, did_you_mean
from strongroom.spec.yaml_nodes import Position


class LossError(StrongroomError):
    """Something would be lost, and nobody allowed it: nothing was done."""


@dataclass(frozen=True)
class Verdict:
    """What a plan would lose."""

    refused: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    """What may be lost, as somebody said so of each by its exact path."""


def judge(plan: Plan, state: Mapping[str, Any], contents: Contents, allowed: Collection[str] = ()) -> Verdict:
    """Compares a plan with a state. Raises WrongInputError for something allowed that nothing would happen to."""
    found = find(planned(plan), places(plan), deployed(state), contents)
    paths = [finding.path for finding in found if finding.allowable]
    for path in allowed:
        # No pattern either: it would be no path.
        if path not in paths:
            hint = did_you_mean(path, paths, f"what would be: {', '.join(paths) or 'nothing'}")
            raise WrongInputError(f"--allow-loss {path}: nothing of that exact path would be lost ({hint})")
    return Verdict(
        refused=tuple(f for f in found if not (f.allowable and f.path in allowed)),
        allowed=tuple(f for f in found if f.allowable and f.path in allowed),
    )


def lines(verdict: Verdict, project: Project, environment: str, options: Sequence[str]) -> list[str]:
    """The verdict for people. `options` say which stack: they are part of every command that is shown."""
    shown: list[str] = []
    for finding in verdict.allowed:
        shown.append(f"allowed to be lost: {finding.path}: {finding.change}")
        shown.append(f"  lost:  {finding.loses}")
    for finding in verdict.refused:
        shown.append(f"{_place(project, environment, finding)}: {finding.path}: {finding.change}")
        shown.append(f"  lost:  {finding.loses}")
        marks = ("safe:", *("or:  " for _ in finding.commands[1:]))
        shown += [f"  {mark}  {command(options, words)}" for mark, words in zip(marks, finding.commands, strict=False)]
        if finding.advice:
            shown.append(f"  else:  {finding.advice}")
        if _may_be_lost(finding):
            shown.append(f"  lose:  --allow-loss {shlex.quote(finding.path)}")
    if losing := [word for f in verdict.refused if _may_be_lost(f) for word in ("--allow-loss", f.path)]:
        shown.append(f"to lose exactly that: {command(options, ['guard', *losing, '--unprotect'])}")
    return shown


def _may_be_lost(finding: Finding) -> bool:
    return finding.allowable and not finding.commands


def briefly(verdict: Verdict, project: Project, environment: str, options: Sequence[str]) -> tuple[str, ...]:
    """A line for each refusal, for everybody: not what the server says of what it holds, such as who logs in."""
    return tuple(
        f"{_place(project, environment, f)}: {f.path}: {f.change}; "
        + (" or ".join(command(options, words) for words in f.commands) or _otherwise(f))
        for f in verdict.refused
    )


def _otherwise(finding: Finding) -> str:
    return f"--allow-loss {shlex.quote(finding.path)}" if finding.allowable else finding.advice


def command(options: Sequence[str], words: Sequence[str]) -> str:
    """A command as it is typed."""
    verb = 2 if words[0] == "values" else 1
    return shlex.join(["strongroom", *words[:verb], *options, *words[verb:]])


def _place(project: Project, environment: str, finding: Finding) -> str:
    file, line, column = position(project, environment, finding)
    return f"{file}:{line}:{column}" if line else file


def position(project: Project, environment: str, finding: Finding) -> Position:
    """Where a finding's cause stands; for what stands nowhere any more, where it would."""
    if finding.team:
        source = next((s for s in project.catalogs if _team(s.data) == finding.team), None)
        file = f"stacks/catalog/{finding.team}.yaml"
    else:
        source = project.environments.get(environment)
        file = f"stacks/environments/{environment}.yaml"
    if source is None:
        return Position(file, 0, 0)
    return source.key_position(_in_file(source.data, environment, finding.loc))


def _team(data: Any) -> Any:
    return data.get("team") if isinstance(data, dict) else None


def _in_file(data: Any, environment: str, loc: Loc) -> Loc:
    """An auth method stands under a name of its own, which the plan does not know."""
    if loc[:2] != ("vault", "auth") or len(loc) < 3:
        return loc
    for name, method in ((data.get("vault") or {}).get("auth") or {}).items():
        kinds = [kind for kind in (method or {}).values() if isinstance(kind, dict)]
        if any(kind.get("mount", f"{name}-{environment}") == str(loc[2]).removeprefix(AUTH) for kind in kinds):
            return ("vault", "auth", name)
    return loc[:2]
