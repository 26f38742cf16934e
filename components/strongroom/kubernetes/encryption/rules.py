"""The rules of an EncryptionConfiguration.

They are those of the API server (k8s.io/apiserver, `ValidateEncryptionConfiguration`, and what it refuses when it loads
the file), and stricter ones where the API server takes what loses or exposes data; those say so.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from strongroom.kubernetes.encryption.document import IDENTITY, Configuration, DocumentError, Group, parsed
from strongroom.kubernetes.encryption.keys import LENGTHS, Key
from strongroom.kubernetes.encryption.ring import NAME, Entry


def check(configuration: Configuration, keys: Mapping[Entry, Key] | None = None) -> None:
    """Raises DocumentError with all that is wrong; without `keys`, only what can be said without them."""
    found = [*flaws(configuration), *(key_flaws(configuration, keys) if keys is not None else ())]
    if found:
        raise DocumentError(tuple(found))


def flaws(configuration: Configuration) -> Iterator[str]:
    """What is wrong with the order, the resources, the rings and the plugins: a sentence each, with the remedy."""
    if not configuration.groups:
        yield "no resources are named; name at least `secrets`"
    for number, group in enumerate(configuration.groups, start=1):
        where = f"group {number} ({', '.join(group.resources) or 'no resources'})"
        yield from (f"{where}: {flaw}" for flaw in (*_resource_flaws(group.resources), *_ring_flaws(group)))
    yield from _overlaps(configuration.groups)
    yield from _plugin_flaws(configuration)


def key_flaws(configuration: Configuration, keys: Mapping[Entry, Key]) -> Iterator[str]:
    """What is wrong with the keys that its rings name."""
    for entry in sorted(configuration.keyed, key=str):
        if entry not in keys:
            yield f"there is no key {entry}; nothing that it wrote could be read"
        elif len(keys[entry]) not in (fitting := LENGTHS[entry.kind]):
            yield f"key {entry} has {len(keys[entry])} bytes; {entry.kind} takes {', '.join(map(str, fitting))}"


def advice(configuration: Configuration) -> Iterator[str]:
    """What an API server takes, and what should be otherwise."""
    for kind in dict.fromkeys(group.ring.writes.kind for group in configuration.groups):
        if kind in _ADVICE:
            yield _ADVICE[kind]
    for group in configuration.groups:
        costly = [r for r in group.resources if r in COSTLY]
        if costly and group.ring.writes != IDENTITY:
            yield f"{', '.join(costly)}: written all the time and worth nothing to a thief; leave them in plain text"


_ADVICE: Final[Mapping[str, str]] = {
    "aescbc": "aescbc is open to padding-oracle attacks and notices no changed value; write by secretbox or kms",
    "aesgcm": "aesgcm draws its nonces at random: its key has to be replaced every 200,000 writes; write by secretbox, "
    "or by kms, which draws a new data key by itself",
}
"""Kubernetes, "Encrypting Confidential Data at Rest", the table of providers."""
COSTLY: Final = frozenset({"events", "endpoints", "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io"})
"""What changes every few seconds in every cluster."""
_WITHOUT_API: Final = frozenset({"apiserveripinfo", "serviceipallocations", "servicenodeportallocations"})
_RESOURCE: Final = re.compile(r"(?P<resource>\*|[a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.(?P<group>\*|[a-z0-9.-]*))?")


def _resource_flaws(resources: tuple[str, ...]) -> Iterator[str]:
    if not resources:
        yield "name at least one resource"
    for resource in resources:
        group, name = parsed(resource)
        if not _RESOURCE.fullmatch(resource):
            yield f"{resource!r} is no resource; write it in lower case and plural, as `secrets` or `deployments.apps`"
        elif resource == "*":
            yield "`*` is no resource; write `*.` for the core group, or `*.*` for all"
        elif resource in _WITHOUT_API:
            yield f"{resource} has no API, and cannot be encrypted"
        elif group == "events.k8s.io":
            yield f"{resource} is kept as `events`; write that"
        elif group == "extensions":
            yield f"{resource}: the group `extensions` is no more"
        elif group == "*" and name != "*":
            yield f"{resource}: one resource of all groups cannot be named; write it once for each group"
        elif name != "*" and resource.endswith("."):
            yield f"{resource} ends in a dot; write {name}"


def _ring_flaws(group: Group) -> Iterator[str]:
    entries = group.ring.entries
    if not entries:
        yield "it has no provider; nothing could be read or written"
        return
    for entry, count in Counter(entries).items():
        if count > 1:
            # The API server takes it, and only the first one is ever used.
            yield f"{entry} is named {count} times; name it once"
        if entry.kind != "identity" and not re.fullmatch(NAME, entry.name):
            yield (
                f"{entry.kind} has a name of a form that is not used here ({NAME}): it stands between colons before "
                "every value in etcd"
            )
    if entries[0] == IDENTITY and not group.plaintext:
        yield (
            "identity is first, so that all is written in plain text; declare that (`plaintext`) where it is wanted: "
            "in a migration, or as an exception to a wildcard"
        )
    if entries[0] != IDENTITY and group.plaintext:
        yield f"plain text is declared, and {entries[0]} is first: put identity first, or do not declare it"


def _overlaps(groups: tuple[Group, ...]) -> Iterator[str]:
    """An API server looks at groups in their order, and refuses what an earlier one covers."""
    seen: list[tuple[int, str]] = []
    for number, group in enumerate(groups, start=1):
        for resource in group.resources:
            for earlier, other in seen:
                if parsed(resource) == parsed(other):
                    # In two groups the API server takes it, and reads by the providers of both.
                    yield f"{resource} is named twice (groups {earlier} and {number}); name it once"
                elif earlier == number and (_covers(other, resource) or _covers(resource, other)):
                    yield f"{other} and {resource} overlap in group {number}; the narrower one goes in a group before"
                elif _covers(other, resource):
                    yield f"{other} (group {earlier}) covers {resource} (group {number}); put {resource} first"
            seen.append((number, resource))


def _covers(wide: str, narrow: str) -> bool:
    group, name = parsed(wide)
    return name == "*" and wide != narrow and group in ("*", parsed(narrow)[0])


def _plugin_flaws(configuration: Configuration) -> Iterator[str]:
    names = Counter(plugin.name for plugin in configuration.plugins)
    yield from (f"KMS plugin {name} is declared {count} times" for name, count in names.items() if count > 1)
    users = Counter(e.name for g in configuration.groups for e in dict.fromkeys(g.ring.entries) if e.kind == "kms")
    for name, count in users.items():
        if name not in names:
            yield f"there is no KMS plugin {name}; nothing that it wrote could be read"
        if count > 1:
            yield (
                f"KMS plugin {name} is named by {count} groups, and an API server takes a name once; put the resources "
                "in one group, or give the plugin's socket a second name"
            )
    for plugin in configuration.plugins:
        if not re.fullmatch(r"unix:///[!-~]+", plugin.endpoint) or urlsplit(plugin.endpoint).netloc:
            yield f"KMS plugin {plugin.name}: the endpoint is a socket on the same machine, as unix:///run/kms.sock"
        if plugin.timeout_ms <= 0:
            yield f"KMS plugin {plugin.name}: the timeout has to be more than nothing"
