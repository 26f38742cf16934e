"""What a delivery makes of the fields of a secret: the keys of the Kubernetes Secret, its type, its template. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from strongroom.external_secrets.delivery import ACTION, STRING, Delivery
from strongroom.kubernetes.secrets.types import flaw
from strongroom.spec.problems import Loc, did_you_mean

_NAMED: Final = re.compile(r"(?<![\w)\].$])\.([A-Za-z_]\w*)")
_MOVES_THE_DOT: Final = re.compile(r"\b(range|with|define|template|block)\b")
"""Go, "text/template": within these `.` is something else."""


def keys_of(delivery: Delivery, fields: tuple[str, ...]) -> set[str] | None:
    """The keys that a template sees; None: they are not known before a rewrite."""
    if delivery.data_from and delivery.data_from.value.rewrite:
        return None
    return set(delivery.fields or fields)


def flaws(delivery: Delivery, fields: tuple[str, ...]) -> Iterator[tuple[Loc, tuple[str, str]]]:
    """What a template names that is not there, and what a type asks for and is not given."""
    template, seen = delivery.template, keys_of(delivery, fields)
    if template is None or seen is None:
        return
    for key, text in template.data.items():
        for name in sorted(_names_in(text) - seen):
            remedy = did_you_mean(name, seen, f"there are: {', '.join(sorted(seen))}")
            yield ("template", "data", key), (f"the template names '.{name}', which is no key", remedy)
    made = set(template.data) or seen
    if template.merge_policy == "Merge":
        made |= seen
    if found := flaw(template.type, made):
        remedy = f"name it in `fields` or in the template's `data`; there are: {', '.join(sorted(made))}"
        yield ("template", "type"), (found[0], remedy)


def _names_in(text: str) -> set[str]:
    """The keys that a template names as `.key`; nothing of one that moves the dot, or that names them otherwise."""
    if any(_MOVES_THE_DOT.search(action) for action in ACTION.findall(text)):
        return set()
    return {name for action in ACTION.findall(text) for name in _NAMED.findall(STRING.sub('""', action))}
