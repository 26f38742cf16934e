"""The state that a deployment of a project would leave, made without an engine: what `pulumi stack export` prints."""

from pathlib import Path
from typing import Any

from strongroom.program import run
from strongroom_sandbox.providers.vault.table import ROWS
from support.mocks import ANSWERED, Recorded, record
from support.projects import EXAMPLE_VALUES

_ROWS = {row.token: row for row in ROWS}


def state_of(root: Path, stack: str, config: dict[str, str] | None = None) -> dict[str, Any]:
    """The state of a stack whose program has run; `config` is that of the stack, by default its environment."""
    made = record(
        lambda: run(root),
        stack=stack,
        config=config or {"strongroom:environment": stack},
        secret_config=EXAMPLE_VALUES,
    )
    urns = {resource.name: resource.urn for resource in made.resources}
    resources = [_resource(resource, urns) for resource in made.resources]
    outputs = next(found for name, found in made.outputs.items() if "environment" in found and name not in urns)
    top = {"urn": f"urn:pulumi:{stack}::strongroom::pulumi:pulumi:Stack::strongroom-{stack}", "custom": False}
    return {
        "version": 3,
        "deployment": {"resources": [{**top, "type": "pulumi:pulumi:Stack", "outputs": outputs}, *resources]},
    }


def _resource(resource: Recorded, urns: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"urn": resource.urn, "custom": resource.custom, "type": resource.type}
    if resource.custom:
        identity = _identity(resource)
        outputs = {**resource.inputs, **ANSWERED.get(resource.type, {}), "id": identity}
        found |= {"id": identity, "inputs": resource.inputs, "outputs": outputs}
    if resource.parent in urns:
        found["parent"] = urns[resource.parent]
    if resource.deleted_with:
        found["deletedWith"] = urns[resource.deleted_with]
    found["dependencies"] = sorted(urns[name] for name in resource.depends_on if name in urns)
    return found | ({"protect": True} if resource.protect else {})


def _identity(resource: Recorded) -> str:
    """As the stand-in makes it."""
    row: Any = _ROWS[resource.type]
    make = getattr(row, "identity", None) or row.identity_before
    try:
        return str(make(resource.inputs))
    except KeyError:  # part of it is made by the server
        return f"{resource.inputs.get('backend', resource.type)}/made-by-the-server"
