"""Checks a file against a pydantic model, and says what is wrong in words of the file, not of pydantic."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from strongroom.spec.model_walk import Place, locate
from strongroom.spec.model_words import Complaint, complaint, found_value
from strongroom.spec.problems import Loc, Problem
from strongroom.spec.yaml_nodes import Source

M = TypeVar("M", bound=BaseModel)


class _Finding(NamedTuple):
    place: Place
    complaint: Complaint

    def rejects(self, at: Loc) -> bool:
        """Whether the value at `at` is of another type altogether, so that this alternative was not meant."""
        return self.place.loc == at and bool(self.complaint.needs)


def validate(model: type[M], source: Source) -> tuple[M | None, list[Problem]]:
    """The checked model and no problems, or None and every problem, sorted by position."""
    try:
        return model.model_validate(source.data), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    places = [locate(model, each["loc"], source.root) for each in errors]
    around = {place.loc[:length] for place in places for length in range(len(place.loc))}
    findings = [
        _Finding(place, complaint(each, place))
        for each, place in zip(errors, places, strict=True)
        # pydantic counts good items only: a list with bad ones is not too short on top of that.
        if not (each["type"] == "too_short" and place.loc in around)
    ]
    problems = {
        source.problem((*place.loc, *said.inside), said.message, said.remedy, at_key=said.at_key)
        for place, said in _meant(findings, depth=0)
    }
    return None, sorted(problems)


def _meant(findings: Iterable[_Finding], depth: int) -> list[_Finding]:
    """The findings without those of alternatives that were not meant.

    pydantic reports every alternative of a union. Those whose type the value has were meant; of several, the
    one with the fewest errors. If the value has none of the types, one finding says what it could be.
    """
    kept: list[_Finding] = []
    unions: dict[Loc, dict[str, list[_Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        if depth < len(finding.place.steps):
            step = finding.place.steps[depth]
            unions[step.at][step.alternative].append(finding)
        else:
            kept.append(finding)
    for at, alternatives in unions.items():
        meant: list[list[_Finding]] = [
            found for found in alternatives.values() if not all(each.rejects(at) for each in found)
        ]
        if meant:
            closest = min(meant, key=len)
            kept += _meant(closest, depth + 1)
        else:
            kept.append(_none_fits([each for found in alternatives.values() for each in found]))
    return kept


def _none_fits(findings: list[_Finding]) -> _Finding:
    first = findings[0]
    if len(findings) == 1:
        return first
    wanted = " or ".join(dict.fromkeys(each.complaint.needs for each in findings))
    return first._replace(complaint=Complaint(f"needs {wanted}, found {found_value(first.place)}"))
