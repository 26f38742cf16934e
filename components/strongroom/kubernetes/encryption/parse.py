"""An existing file back to what it says, with its keys apart, so that a cluster can be taken over with its keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import yaml

from strongroom.kubernetes.encryption.document import (
    IDENTITY,
    Configuration,
    DocumentError,
    Group,
    Plugin,
)
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.render import API_VERSION, DOCUMENT
from strongroom.kubernetes.encryption.ring import Entry, Kind, Ring
from strongroom.kubernetes.encryption.rules import check

_KMS: Final = frozenset({"apiVersion", "name", "endpoint", "timeout"})
_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def parse(data: bytes) -> tuple[Configuration, dict[Entry, Key]]:
    """What a file says, and its keys. Raises DocumentError, without a key in it, with all that is wrong."""
    keys: dict[Entry, Key] = {}
    plugins: dict[str, Plugin] = {}
    found: list[str] = []
    groups: list[Group] = []
    for number, group in enumerate(_groups(data, found), start=1):
        entries = []
        for provider in _list(group.get("providers"), f"the providers of group {number}", found):
            entries += list(_entries(provider, f"group {number}", keys, plugins, found))
        resources = _list(group.get("resources"), f"the resources of group {number}", found)
        ring = Ring(tuple(entries))
        plaintext = bool(entries) and entries[0] == IDENTITY
        groups.append(Group(resources=tuple(map(str, resources)), ring=ring, plaintext=plaintext))
    if found:
        raise DocumentError(tuple(found))
    configuration = Configuration(groups=tuple(groups), plugins=tuple(plugins.values()))
    check(configuration, keys)
    return configuration, keys


def _groups(data: bytes, found: list[str]) -> list[Any]:
    try:
        document = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        document = None  # the parser's error would repeat the lines, and the keys with them
    if not isinstance(document, dict):
        found.append("the file is no YAML map")
        return []
    if (document.get("apiVersion"), document.get("kind")) != (API_VERSION, DOCUMENT):
        found.append(f"the file is no {DOCUMENT} of {API_VERSION}")
        return []
    found += _unknown(document, {"apiVersion", "kind", "resources"}, "the file")
    groups = _list(document.get("resources"), "`resources`", found)
    for group in groups:
        if isinstance(group, dict):
            found += _unknown(group, {"resources", "providers"}, "a group")
    if not all(isinstance(group, dict) for group in groups):
        found.append("`resources` is a list of maps")
        return []
    return groups


def _entries(
    provider: Any, where: str, keys: dict[Entry, Key], plugins: dict[str, Plugin], found: list[str]
) -> Iterator[Entry]:
    if not isinstance(provider, dict) or len(provider) != 1:
        found.append(f"{where}: each provider is a map with one key, which says its kind")
        return
    ((kind, settings),) = provider.items()
    settings = settings or {}
    if kind not in get_args(Kind) or not isinstance(settings, dict):
        found.append(f"{where}: a provider is one of {', '.join(get_args(Kind))}, and a map")
    elif kind == "identity":
        yield IDENTITY
    elif kind == "kms":
        if plugin := _plugin(settings, where, found):
            if plugins.setdefault(plugin.name, plugin) is not plugin:
                found.append(f"{where}: KMS plugin {plugin.name} is named twice, and an API server takes it once")
            yield plugin.entry
    else:
        found += _unknown(settings, {"keys"}, f"{where}: {kind}")
        for key in _list(settings.get("keys"), f"the keys of {kind} in {where}", found):
            yield from _key(kind, key, where, keys, found)


def _key(kind: Kind, key: Any, where: str, keys: dict[Entry, Key], found: list[str]) -> Iterator[Entry]:
    if not isinstance(key, dict) or set(key) != {"name", "secret"} or not key["name"]:
        found.append(f"{where}: each key of {kind} is a map with `name` and `secret`")
        return
    entry = Entry(kind, str(key["name"]))
    try:
        secret = Key.of_base64(str(key["secret"]))
    except ValueError:
        found.append(f"{where}: the key {entry} is no base64")
        return
    if keys.setdefault(entry, secret) != secret:
        found.append(f"{where}: the name {entry} stands for two keys; what one wrote, the other cannot read")
    yield entry


def _plugin(settings: Mapping[str, Any], where: str, found: list[str]) -> Plugin | None:
    name = str(settings.get("name") or "")
    # Version 1 is the default where a file names none.
    if settings.get("apiVersion", "v1") != "v2":
        found.append(
            f"{where}: KMS plugin {name} speaks version 1 of the interface, deprecated since Kubernetes 1.28 and off "
            "since 1.29; write `apiVersion: v2`, and let a plugin of that version take over first"
        )
        return None
    if "cachesize" in settings:
        found.append(f"{where}: KMS plugin {name} has a `cachesize`, which version 2 does not have")
    found += _unknown(settings, _KMS | {"cachesize"}, f"{where}: KMS plugin {name}")
    timeout = _milliseconds(str(settings.get("timeout", "3s")))
    if timeout is None:
        found.append(f"{where}: the timeout of KMS plugin {name} is no duration such as 3s")
        return None
    return Plugin(name=name, endpoint=str(settings.get("endpoint") or ""), timeout_ms=timeout)


def _milliseconds(text: str) -> int | None:
    """A duration as Go writes it, in whole milliseconds."""
    if not re.fullmatch(r"([0-9]+(ms|s|m|h))+", text):
        return None
    return sum(int(number) * _UNITS_MS[unit] for number, unit in re.findall(r"([0-9]+)(ms|s|m|h)", text))


def _unknown(settings: Mapping[Any, Any], known: frozenset[str] | set[str], where: str) -> Iterator[str]:
    for name in settings.keys() - known:
        yield f"{where} has an unknown key {str(name)[:40]!r}"


def _list(value: Any, what: str, found: list[str]) -> list[Any]:
    if not isinstance(value, list):
        found.append(f"{what} are no list")
        return []
    return value
