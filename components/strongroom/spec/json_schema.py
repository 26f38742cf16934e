"""JSON Schemas of the files, so that editors complete and check them."""

import json
from typing import Any

from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.spec.model import Model


def schemas() -> dict[str, str]:
    """File kind -> schema text; the same bytes every time."""
    environment = _schema(Environment)
    # A file may extend another one, so what that one says need not be said again.
    environment["properties"] = {
        "extends": {
            "type": "string",
            "description": "The file beside this one (without `.yaml`) that this one builds on.",
        },
        **environment["properties"],
    }
    for definition in (environment, *environment["$defs"].values()):
        definition.pop("required", None)
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in [("catalog", _schema(Catalog)), ("environment", environment)]
    }


def _schema(model: type[Model]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_without_noise(model.model_json_schema()),
    }


def _without_noise(schema: Any, named: bool = False) -> Any:
    """Without titles made from field names and `null` alternatives: in these files an absent key is just left out."""
    if isinstance(schema, list):
        return [_without_noise(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _without_noise(value, named=key in ("properties", "$defs"))
        for key, value in schema.items()
        if named or key != "title"
    }
    if not named and kept.get("default", 0) is None:
        del kept["default"]
    if (
        not named
        and (choices := [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}])
        and len(choices) == 1
    ):
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept
