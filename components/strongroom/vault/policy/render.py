"""The text of a Vault ACL policy, from rules."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from strongroom.templating import Written, escape_hcl, render
from strongroom.vault.policy.stanza import Stanza
from strongroom.vault.policy.syntax import Item, Value


@dataclass(frozen=True, slots=True)
class PathRule:
    """What may be done at one path pattern, and why."""

    path: str
    capabilities: tuple[str, ...]
    because: tuple[str, ...] = ()
    """For readers of the policy: the grants it follows from."""
    settings: tuple[str, ...] = ()
    """All that it says beside its capabilities, as lines of HCL."""


def merged(rules: Iterable[PathRule]) -> tuple[PathRule, ...]:
    """One rule a path, as the server would merge them; paths and capabilities in order, reasons as they came."""
    found: dict[str, tuple[set[str], dict[str, None], tuple[str, ...]]] = {}
    for rule in rules:
        capabilities, because, settings = found.get(rule.path, (set(), {}, ()))
        capabilities.update(rule.capabilities)
        because.update(dict.fromkeys(rule.because))
        found[rule.path] = (capabilities, because, settings or rule.settings)
    return tuple(
        PathRule(path, ("deny",) if "deny" in capabilities else tuple(sorted(capabilities)), tuple(because), settings)
        for path, (capabilities, because, settings) in sorted(found.items())
    )


def rule_of(stanza: Stanza) -> PathRule:
    """A stanza of a policy by hand, as a rule in its normal form."""
    settings = [line for key, setting in sorted(stanza.settings.items()) for line in _setting(key, setting)]
    because = (stanza.comment,) if stanza.comment else ()
    return PathRule(stanza.path, stanza.capabilities, because, tuple(settings))


def _setting(key: str, setting: object) -> Iterator[str]:
    if isinstance(setting, Value):
        yield from _item(Item(key, setting.at, (), setting, assigned=True))
    elif key.endswith("_ttl"):
        yield f'{key} = "{setting}s"'
    elif key.endswith("ed_parameters") and key != "required_parameters":
        assert isinstance(setting, tuple)
        yield f"{key} = {{"
        for name, values in setting:
            yield f"  {_literal(name)} = {_literal(values)}"
        yield "}"
    else:
        yield f"{key} = {_literal(setting)}"


def _item(item: Item) -> Iterator[str]:
    """An item with all that is in it, its order kept."""
    head = " ".join([item.key, *(_literal(label) for label, _ in item.labels), *(["="] if item.assigned else [])])
    if isinstance(item.value.of, tuple):
        yield f"{head} {{"
        for inner in item.value.of:
            yield from (f"  {line}" for line in _item(inner))
        yield "}"
    else:
        yield f"{head} {_literal(item.value)}"


def _literal(value: object) -> str:
    if isinstance(value, Value):
        return _literal(value.of)
    if isinstance(value, str):
        return f'"{escape_hcl(value)}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value)


def policy_text(heading: Iterable[str], rules: Iterable[PathRule]) -> str:
    """HCL. `heading` says in comment lines where the policy comes from."""
    written = [replace(rule, settings=tuple(map(Written, rule.settings))) for rule in rules]
    return render("strongroom.vault.policy", "policy.hcl", heading=list(heading), rules=written)
