"""The file for `pulumi import --file`: what of a program is on the server already, with its ids."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from strongroom.adopt.registered import Registered


def import_file(resources: Sequence[Registered]) -> str:
    """The text of the file, the same for the same resources. Components go in too, as parents: they come first."""
    there = [resource for resource in resources if resource.custom and resource.id is not None]
    parents = _with_ancestors({resource.parent for resource in there}, resources)
    listed = [
        _component(resource) if not resource.custom else _resource(resource)
        for resource in sorted(resources, key=lambda resource: (resource.custom, resource.type, resource.name))
        if resource in there or (not resource.custom and resource.name in parents)
    ]
    return json.dumps({"resources": listed}, indent=2) + "\n"


def _with_ancestors(names: set[str], resources: Sequence[Registered]) -> set[str]:
    parent_of = {resource.name: resource.parent for resource in resources if not resource.custom}
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        if name and name not in found:
            found.add(name)
            todo.add(parent_of.get(name, ""))
    return found


def _component(resource: Registered) -> dict[str, Any]:
    return _with_parent({"type": resource.type, "name": resource.name, "component": True}, resource)


def _resource(resource: Registered) -> dict[str, Any]:
    package = resource.type.partition(":")[0]
    return _with_parent(
        {
            "type": resource.type,
            "name": resource.name,
            "id": resource.id,
            # The same default provider as the program will ask for.
            "version": version(f"pulumi-{package}"),
        },
        resource,
    )


def _with_parent(entry: dict[str, Any], resource: Registered) -> dict[str, Any]:
    return entry | ({"parent": resource.parent} if resource.parent else {})
