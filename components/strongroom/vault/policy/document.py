"""A policy by hand, read and checked: its stanzas, and all that is wrong with them.

Beside what the servers refuse, this refuses what they take and what then does something else than it seems to: a path
given twice, a `deny` with company, a `*` that is no wildcard, settings that say nothing.
"""

from collections.abc import Iterator

from strongroom.spec.problems import did_you_mean, shown
from strongroom.vault.policy.stanza import Stanza, StanzaReader
from strongroom.vault.policy.syntax import Item, Value, is_json, read
from strongroom.vault.policy.tokens import At, Flaw, UnreadableError


def parse(text: str) -> tuple[tuple[Stanza, ...], tuple[Flaw, ...]]:
    """The stanzas in the order of their paths, and every flaw; behind one that cannot be read nothing is found."""
    try:
        items = read(text)
    except UnreadableError as error:
        return (), (error.flaw,)
    flaws: list[Flaw] = []
    stanzas: dict[str, Stanza] = {}
    for path, at, body in _bodies(items, is_json(text), flaws):
        stanza = StanzaReader(path, at, body, flaws).read()
        if first := stanzas.get(path):
            flaws.append(
                Flaw(
                    at, f"the path {shown(path)} is given in line {first.at.line} too", "write one stanza", syntax=False
                )
            )
        stanzas.setdefault(path, stanza)
    if not flaws and not stanzas:
        flaws.append(
            Flaw(At(1, 1), "the policy says nothing", 'write `path "…" { capabilities = ["read"] }`', syntax=False)
        )
    return tuple(stanzas[path] for path in sorted(stanzas)), tuple(flaws)


def _bodies(items: tuple[Item, ...], json: bool, flaws: list[Flaw]) -> Iterator[tuple[str, At, Value]]:
    """Every path with what is said of it, from either language."""
    for item in items:
        if item.key == "name":
            flaws.append(Flaw(item.at, "the name of a policy is not part of its text", "leave it out", syntax=False))
        elif item.key != "path":
            remedy = did_you_mean(item.key, ["path"], "a policy is made of `path` blocks")
            flaws.append(Flaw(item.at, f"unknown key {shown(item.key)}", remedy))
        elif len(item.labels) == 1:
            yield item.labels[0][0], item.labels[0][1], item.value
        elif json:
            yield from _members(item.value, flaws)
        elif item.assigned:
            flaws.append(
                Flaw(item.at, "a `path` is a block, and is not assigned", 'write `path "…" { … }`', syntax=False)
            )
        elif item.labels:
            flaws.append(Flaw(item.labels[1][1], "a second path has no effect", "write a block for each", syntax=False))
        else:
            flaws.append(
                Flaw(item.at, "the block does not say for which path it is", 'write `path "…" { … }`', syntax=False)
            )


def _members(value: Value, flaws: list[Flaw]) -> Iterator[tuple[str, At, Value]]:
    """JSON: an object from paths to stanzas, or a list of such objects."""
    for each in value.of if isinstance(value.of, list) else [value]:
        if isinstance(each.of, tuple):
            yield from ((member.key, member.at, member.value) for member in each.of)
        else:
            flaws.append(Flaw(each.at, "needs an object from paths to what is allowed there"))
