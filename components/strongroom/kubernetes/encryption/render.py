"""The text of the file, byte for byte the same for the same ring and keys, on any machine.

All control-plane nodes need the same file, and an API server says the SHA-256 of what it read: so it is written by
hand, line for line, and not by a YAML library whose next version breaks lines elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from strongroom.kubernetes.encryption.document import Configuration, DocumentError
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring
from strongroom.kubernetes.encryption.rules import check

API_VERSION: Final = "apiserver.config.k8s.io/v1"
DOCUMENT: Final = "EncryptionConfiguration"


def as_dict(configuration: Configuration, keys: Mapping[Entry, Key]) -> dict[str, Any]:
    """The document as plain data, with the keys. Raises DocumentError if a key is missing."""
    if missing := sorted(str(entry) for entry in configuration.keyed - keys.keys()):
        raise DocumentError(tuple(f"there is no key {entry}; nothing that it wrote could be read" for entry in missing))
    return {
        "apiVersion": API_VERSION,
        "kind": DOCUMENT,
        "resources": [
            {"resources": list(group.resources), "providers": list(_providers(configuration, group.ring, keys))}
            for group in configuration.groups
        ],
    }


def _providers(configuration: Configuration, ring: Ring, keys: Mapping[Entry, Key]) -> Iterator[dict[str, Any]]:
    """Neighbours of one kind are one provider with several keys, as people write it."""
    for kind, entries in groupby(ring.entries, key=lambda entry: entry.kind):
        if kind in KEYED:
            yield {kind: {"keys": [{"name": entry.name, "secret": keys[entry].base64()} for entry in entries]}}
        elif kind == "identity":
            yield from ({"identity": {}} for _ in entries)
        else:
            yield from ({"kms": kms_settings(configuration, entry.name)} for entry in entries)


def kms_settings(configuration: Configuration, name: str) -> dict[str, Any]:
    """What stands under `kms` for a plugin. Raises DocumentError if it is not declared."""
    if (plugin := configuration.plugin(name)) is None:
        raise DocumentError((f"there is no KMS plugin {name}; nothing that it wrote could be read",))
    seconds, rest = divmod(plugin.timeout_ms, 1000)
    timeout = f"{plugin.timeout_ms}ms" if rest else f"{seconds}s"
    return {"apiVersion": "v2", "name": plugin.name, "endpoint": plugin.endpoint, "timeout": timeout}


def render(configuration: Configuration, keys: Mapping[Entry, Key]) -> bytes:
    """The file. Raises DocumentError if a key or plugin is missing, or an API server would refuse it."""
    check(configuration, keys)
    return "".join(f"{line}\n" for line in lines(as_dict(configuration, keys))).encode()


def sha256(data: bytes) -> str:
    """The hash of a file, as API servers say it of theirs: `sha256:<hex>`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def lines(document: dict[str, Any]) -> Iterator[str]:
    """The lines of a document as `as_dict` gives it."""
    yield f"apiVersion: {document['apiVersion']}"
    yield f"kind: {document['kind']}"
    yield "resources:"
    for group in document["resources"]:
        yield "  - resources:"
        # Quoted, as a star would begin an alias.
        yield from (f"      - {json.dumps(resource)}" for resource in group["resources"])
        yield "    providers:"
        for provider in group["providers"]:
            ((kind, settings),) = provider.items()
            yield from provider_lines(kind, settings)


def provider_lines(kind: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one provider. They are those of the template for External Secrets too."""
    if kind == "identity":
        yield "      - identity: {}"
        return
    yield f"      - {kind}:"
    if kind == "kms":
        yield from (f"          {name}: {json.dumps(value)}" for name, value in settings.items())
        return
    yield "          keys:"
    for key in settings["keys"]:
        yield from key_lines(json.dumps(key["name"]), json.dumps(key["secret"]))


def key_lines(name: str, secret: str) -> Iterator[str]:
    """The lines of one key, both given as they stand there."""
    yield f"            - name: {name}"
    yield f"              secret: {secret}"
