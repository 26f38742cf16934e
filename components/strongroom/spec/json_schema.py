"""JSON Schemas of the files, so that editors complete and check them.

Editors see a file as it is written: with placeholders where a value will be, and, of an environment that extends
another, only what differs. What the whole then is, `strongroom check` judges.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.spec.model import Model
from strongroom.spec.names import DURATION_PATTERN, duration

Schema = dict[str, Any]

NAMED: Final = ("properties", "patternProperties", "$defs")
"""Keywords whose own keys are names of ours."""
PLACEHOLDER: Final = r"\{\{.*\}\}"


def schemas() -> dict[str, str]:
    """File kind -> schema text; the same bytes every time."""
    found = {"catalog": _schema(Catalog), "environment": _schema(Environment)}
    _allow_partial(found["environment"])
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in found.items()}


def _schema(model: type[Model]) -> Schema:
    schema: Schema = _without_noise(model.model_json_schema())
    for part in _values(schema):
        if part.get("pattern", "").startswith(DURATION_PATTERN) and isinstance(part.get("default"), int):
            part["default"] = duration(part["default"])
        if part.get("type") == "string" and "pattern" in part:
            part["pattern"] = f"{part['pattern']}|{PLACEHOLDER}"
        elif part.get("type") == "string" and "enum" in part:
            part["anyOf"] = [{"enum": part.pop("enum")}, {"pattern": PLACEHOLDER}]
        elif "patternProperties" in part:
            part["additionalProperties"] = False  # or names of another form would pass
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _allow_partial(environment: Schema) -> None:
    """A file that `extends` another one need not repeat what that one says, and removes a key of it with `null`."""
    definitions = [environment, *environment["$defs"].values()]
    for definition in definitions:
        for keyword in ("required", "minProperties", "maxProperties"):
            definition.pop(keyword, None)
    for part in [environment, *_values(environment)]:
        for keyword in ("properties", "patternProperties"):
            for name, inner in part.get(keyword, {}).items():
                part[keyword][name] = _or_null(inner)
    environment["properties"] = {
        "extends": {
            "type": "string",
            "description": "The file beside this one (without `.yaml`) that this one builds on.",
        },
        **environment["properties"],
    }


def _or_null(schema: Schema) -> Schema:
    about: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    return {"anyOf": [{k: v for k, v in schema.items() if k not in about}, {"type": "null"}], **about}


def _values(schema: Any, keyword: str = "") -> Iterator[Schema]:
    """The schemas of all values within a schema, the innermost first; not those of keys."""
    if isinstance(schema, list):
        for item in schema:
            yield from _values(item)
    elif isinstance(schema, dict):
        for key, inner in schema.items():
            if key != "propertyNames":
                yield from _values(inner, "" if keyword in NAMED else key)
        if keyword not in NAMED:
            yield schema


def _without_noise(schema: Any, named: bool = False) -> Any:
    """Without titles made from field names and `null` alternatives: in these files an absent key is just left out."""
    if isinstance(schema, list):
        return [_without_noise(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if named:
        return {key: _without_noise(value) for key, value in schema.items()}
    kept = {key: _without_noise(value, named=key in NAMED) for key, value in schema.items() if key != "title"}
    if kept.get("default", 0) is None:
        del kept["default"]
    if "description" in kept:
        # One line: a line break in a description is where our source was wrapped.
        kept["description"] = re.sub(r"\s+", " ", kept["description"])
    choices = [choice for choice in kept.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return kept
