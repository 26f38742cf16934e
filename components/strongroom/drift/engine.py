"""What of a stack's things was changed or removed by hand: the engine reads each from its server and compares.

`pulumi refresh --preview-only` runs no program and writes nothing. Its answer holds the values of properties; only
their names are taken from it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from strongroom.adopt.places import PLACES
from strongroom.drift.report import CHANGED, GONE, Drift
from strongroom.errors import StrongroomError

_PREFIXES: Final = {
    **{
        type_: f"{place.removesuffix('/{name}')}/"
        for type_, (_, place) in PLACES.items()
        if place  # else the id is the path
    },
    "vault:index/namespace:Namespace": "sys/namespaces/",
    "vault:identity/entity:Entity": "identity/entity/id/",
    "vault:identity/entityAlias:EntityAlias": "identity/entity-alias/id/",
    "vault:identity/group:Group": "identity/group/id/",
    "vault:identity/groupAlias:GroupAlias": "identity/group-alias/id/",
}
"""What stands before an id in the API's path; elsewhere the id is the path."""


def changed_by_hand(root: Path, stack: str, config_file: Path | None = None) -> list[Drift]:
    """Everything of a stack that is not as the last `up` left it. Raises StrongroomError if the engine cannot tell."""
    command = ["refresh", "--preview-only", "--json", "--non-interactive", "--stack", stack]
    if config_file:
        command += ["--config-file", str(config_file.absolute())]
    return sorted(read_refresh(_run(root, command)))


def read_refresh(answer: dict[str, Any]) -> Iterator[Drift]:
    """What is different, from the engine's own words."""
    for step in answer.get("steps") or []:
        state = step.get("oldState") or {}
        if step.get("op") not in ("update", "delete") or not state.get("custom"):
            continue
        type_ = state["type"]
        yield Drift(
            path=f"{_PREFIXES.get(type_, '')}{state.get('id', '')}",
            change=GONE if step["op"] == "delete" else CHANGED,
            resource=str(step["urn"]).rpartition("::")[2],
            properties=tuple(sorted(step.get("detailedDiff") or step.get("diffReasons") or ())),
        )


def _run(root: Path, command: list[str]) -> dict[str, Any]:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise StrongroomError(
            "there is no `pulumi` on PATH, which compares the state with the server; install it, or in the sandbox: "
            'eval "$(strongroom sandbox env)"'
        )
    done = subprocess.run(
        [pulumi, *command],
        cwd=root,
        env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it may quote a value
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if done.returncode != 0 or not isinstance(answer, dict) or "steps" not in answer:
        raise StrongroomError(
            f"pulumi could not compare (exit code {done.returncode}); it says why when it runs by itself: "
            f"pulumi {' '.join(command).replace(' --json', '')}"
        )
    return answer
