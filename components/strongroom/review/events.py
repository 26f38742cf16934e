"""Reads the engine's event log (`pulumi preview --event-log`) into a preview.

The log holds the values of properties (of secrets: ciphertext). None is read here; neither is any text of the engine,
a provider or a program, which may quote one.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from strongroom.review.preview import Change, Operation, Preview, Violation

# Packs of which a test shows that no message echoes a value.
_DISCREET_PACKS: Final = frozenset({"strongroom"})
_COLOUR: Final = re.compile(r"<\{%.*?%\}>")
_LEVELS: Final = {"warning": "advisory"}
"""The engine's word for a level, where it is not the one that people use."""


def read_events(lines: Iterable[str], stack: str, *, exit_code: int, dry: bool = False) -> Preview:
    """The preview of `stack` from the lines of its event log and the exit code of `pulumi`."""
    changes: list[Change] = []
    violations: dict[Violation, None] = {}
    failed: dict[str, None] = {}
    unchanged, finished, policies_ran = 0, False, False
    for line in lines:
        event: Mapping[str, Any] = json.loads(line) if line.strip() else {}
        if step := event.get("resourcePreEvent"):
            metadata = step["metadata"]
            if _is_default_provider(metadata):
                continue
            unchanged += metadata["op"] == "same"
            # A replacement is three steps, of which the one called `replace` always occurs.
            if metadata["op"] in get_args(Operation):
                changes.append(_change(metadata))
        elif found := event.get("policyEvent"):
            violations[_violation(found)] = None
        elif (said := event.get("diagnosticEvent")) and said["severity"] == "error":
            failed[_name(said.get("urn", ""))] = None
        elif (summary := event.get("summaryEvent")) is not None:
            finished, policies_ran = True, bool(summary.get("PolicyPacks"))
    return Preview(
        stack=stack,
        dry=dry,
        succeeded=finished and exit_code == 0,
        changes=tuple(sorted(changes, key=lambda c: (c.type, c.name))),
        unchanged=unchanged,
        policies_ran=policies_ran,
        violations=tuple(sorted(violations, key=lambda v: (v.level != "mandatory", v.policy, v.resource))),
        failed=tuple(failed),
    )


def _is_default_provider(step: Mapping[str, Any]) -> bool:
    """Nobody declared it, and the engine's own summary does not count it either."""
    return bool(step["type"].startswith("pulumi:providers:")) and _name(step["urn"]).startswith("default")


def _change(step: Mapping[str, Any]) -> Change:
    detailed = step.get("detailedDiff") or {}
    states = [state for state in (step.get("old"), step.get("new")) if state]
    return Change(
        operation=step["op"],
        type=step["type"],
        name=_name(step["urn"]),
        properties=tuple(sorted(detailed or step.get("diffs") or ())),
        forces_replacement=tuple(
            sorted(step.get("keys") or (path for path, diff in detailed.items() if "replace" in diff["diffKind"]))
        ),
        protected=any(state.get("protect", False) for state in states),
    )


def _violation(event: Mapping[str, Any]) -> Violation:
    pack = event["policyPackName"]
    return Violation(
        policy=event["policyName"],
        pack=pack,
        level=_LEVELS.get(event["enforcementLevel"], event["enforcementLevel"]),
        resource=_name(event.get("resourceUrn", "")),
        message=_COLOUR.sub("", event["message"]).strip() if pack in _DISCREET_PACKS else "",
    )


def _name(urn: str) -> str:
    """The last part of `urn:pulumi:STACK::PROJECT::TYPE::NAME`; a name may hold `::` itself."""
    return urn.split("::", 3)[-1]
