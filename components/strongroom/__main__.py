"""Hosts the component package, so that any Pulumi language can use it: `pulumi package add ./components`.

The engine starts it as `python -m strongroom`; people use the command `strongroom`.
"""

import sys
from importlib.metadata import version
from typing import Any

import pulumi
from pulumi.provider import main
from pulumi.provider.experimental.analyzer import PropertyDefinition, PropertyType
from pulumi.provider.experimental.component import ComponentProvider

from strongroom.exports import components


class Package(ComponentProvider):
    """The SDK's provider of components, and whole numbers may be outputs of other resources.

    The SDK (3.259) calls `int()` on every input that is declared as a whole number and fails if it is an output. As it
    then goes on with the input as it was, nothing is lost by handing outputs past it.
    """

    def map_input_properties(
        self,
        inputs: Any,
        properties: dict[str, PropertyDefinition],
        mapping: dict[str, str],
        component_name: str,
        property_path: str,
    ) -> Any:
        given = inputs if isinstance(inputs, dict) else {}
        numbers = {
            name: given[name]
            for name, definition in properties.items()
            if definition.type == PropertyType.INTEGER and isinstance(given.get(name), pulumi.Output)
        }
        rest = {name: definition for name, definition in properties.items() if name not in numbers}
        mapped = super().map_input_properties(inputs, rest, mapping, component_name, property_path)
        return {**mapped, **{mapping[name]: value for name, value in numbers.items()}}


if __name__ == "__main__":
    main(Package(list(components()), "strongroom", version=version("strongroom")), sys.argv[1:])
