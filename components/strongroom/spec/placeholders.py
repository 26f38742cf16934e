"""Fills `{{ environment }}` and `{{ settings.NAME }}` in texts, so that what differs is written once.

Only values are filled, never keys. What was filled in is not looked at again. Vault has placeholders of its
own in the same braces (`{{name}}`, `{{identity.entity.id}}`): what does not look like ours stays.
"""

import re
from collections.abc import Mapping
from typing import Final

from strongroom.spec.problems import Loc, Problem, nearest, shown
from strongroom.spec.yaml_nodes import Node, Source

_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]*)\}\}")
_HALF_OPEN: Final = re.compile(r"\{\{\s*(environment|settings\.\w+)|(environment|settings\.\w+)\s*\}\}")
# Vault, "Database secrets engine": never taken for a misspelling of ours.
_VAULT_WORDS: Final = frozenset({"name", "username", "password", "expiration", "role_name", "display_name", "identity"})


def fill(
    source: Source, values: Mapping[str, str], settings_in: str = "stacks/Pulumi.<stack>.yaml"
) -> tuple[Source, list[Problem]]:
    """A new source with the placeholders filled, and a problem for each that looks like ours but is unknown.

    `values` maps `environment` and `settings.NAME` to their texts; `settings_in` names the file where a
    missing setting belongs.
    """
    problems: list[Problem] = []

    def walk(node: Node, loc: Loc) -> Node:
        value = node.value
        if isinstance(value, str) and ("{{" in value or "}}" in value):
            complaints = _complaints(value, values, settings_in)
            problems.extend(source.problem(loc, message, remedy) for message, remedy in complaints)
            return node._replace(value=_PLACEHOLDER.sub(lambda found: values.get(found[1].strip(), found[0]), value))
        if isinstance(value, dict):
            return node._replace(value={key: walk(inner, (*loc, key)) for key, inner in value.items()})
        if isinstance(value, list):
            return node._replace(value=[walk(inner, (*loc, index)) for index, inner in enumerate(value)])
        return node

    return Source(walk(source.root, ())), problems


def _complaints(text: str, values: Mapping[str, str], settings_in: str) -> list[tuple[str, str]]:
    """Message and remedy for each placeholder in a text that was meant for us and cannot be filled."""
    complaints = []
    for found in _PLACEHOLDER.finditer(text):
        written = found[1].strip()
        if written not in values and (complaint := _complaint(written, values, settings_in)):
            complaints.append(complaint)
    if half := _HALF_OPEN.search(_PLACEHOLDER.sub(" ", text)):
        name = half[1] or half[2]
        complaints.append((f"the braces around placeholder {shown(name)} are incomplete", "write '{{ NAME }}'"))
    return complaints


def _complaint(written: str, values: Mapping[str, str], settings_in: str) -> tuple[str, str] | None:
    word = re.split(r"[^\w.-]", written, maxsplit=1)[0]
    first, dot, setting = word.partition(".")
    if first in _VAULT_WORDS:
        return None
    if word in values:
        return f"placeholder {shown(written)} has more than a name", f"write '{{{{ {word} }}}}'"
    if dot and nearest(first, ["settings"]):
        names = [name.removeprefix("settings.") for name in values if name.startswith("settings.")]
        near = nearest(setting, names)
        define = f"set {shown(setting)} among the settings in {settings_in}"
        remedy = f"did you mean '{{{{ settings.{near} }}}}'? Otherwise {define}" if near else define
        return f"unknown placeholder {shown(word)}", remedy
    if word == "settings":
        return "placeholder 'settings' lacks the name of a setting", "write '{{ settings.NAME }}'"
    if word == "env" or nearest(word, ["environment"]):
        return f"unknown placeholder {shown(word)}", "did you mean '{{ environment }}'?"
    return None
