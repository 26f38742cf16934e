"""The text of an ACL policy, HCL or JSON, read into stanzas.

Servers read HCL 1; python-hcl2 reads HCL 2. For policies the two agree except in corners (a comma between attributes,
a quoted `"path"`, two labels on a block). A text in such a corner is refused here, never guessed at: rules then say
*undecided*. What servers refuse (an unknown capability, `+*`) is refused as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from strongroom_policies.vault.paths import Pattern, PatternError

DENY = "deny"
CAPABILITIES = frozenset(
    ["create", "read", "update", "patch", "delete", "list", "scan", "sudo", "subscribe", "recover", DENY]
)
# What the legacy `policy = "..."` key stands for (measured on OpenBao 2.7.2; `vault/policy.go`).
LEGACY = {
    "deny": frozenset([DENY]),
    "read": frozenset(["read", "list"]),
    "write": frozenset(["create", "read", "update", "delete", "list"]),
    "sudo": frozenset(["create", "read", "update", "delete", "list", "sudo"]),
}


class DocumentError(ValueError):
    """The text cannot be read as an ACL policy. The message gives a position or a path, never the text."""


@dataclass(frozen=True)
class Stanza:
    """One `path "..." { ... }` of a policy."""

    pattern: Pattern
    capabilities: frozenset[str]  # exactly {"deny"} when the stanza denies: deny erases its siblings
    conditional: bool  # a template that may fail to render, or an expiry: the server may drop the stanza


@lru_cache(maxsize=4096)  # every rule reads the same few texts
def read(text: str) -> tuple[Stanza, ...]:
    """Read the text of a policy.

    Raises:
        DocumentError: not HCL or JSON, or something that a server would refuse.
    """
    pairs = _json_pairs(text) if text.lstrip().startswith("{") else _hcl_pairs(text)
    return tuple(_stanza(path, body) for path, body in pairs)


def _stanza(path: str, body: Any) -> Stanza:
    if not isinstance(body, Mapping):
        raise DocumentError(f"path {path!r}: a stanza is a block of attributes")
    capabilities = set(LEGACY.get(body.get("policy", ""), ()))
    if body.get("policy") and not capabilities:
        raise DocumentError(f"path {path!r}: 'policy' is none of {', '.join(LEGACY)}")
    listed = body.get("capabilities", [])
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise DocumentError(f"path {path!r}: 'capabilities' is not a list of strings")
    if unknown := sorted(set(listed) - CAPABILITIES):
        raise DocumentError(f"path {path!r}: {len(unknown)} unknown capability")
    capabilities |= set(listed)
    try:
        pattern = Pattern.parse(path)
    except PatternError as error:
        raise DocumentError(str(error)) from error
    denies = DENY in capabilities
    return Stanza(
        pattern=pattern,
        capabilities=frozenset([DENY]) if denies else frozenset(capabilities),
        conditional="{{" in path or "expiration" in body,
    )


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all its members: servers merge members of the same name, `json` would drop all but one."""


def _json_pairs(text: str) -> Iterator[tuple[str, Any]]:
    try:
        document = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not JSON: line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise DocumentError("not JSON: nested too deeply") from error
    _refuse_other_keys(key for key, _ in document)
    for key, value in document:
        if key == "name":
            continue
        for stanzas in [value] if isinstance(value, _Pairs) else value if isinstance(value, list) else [None]:
            if not isinstance(stanzas, _Pairs):
                raise DocumentError("JSON: 'path' is an object from path to stanza, or a list of such objects")
            for path, body in stanzas:
                yield path, dict(body) if isinstance(body, _Pairs) else body


def _hcl_pairs(text: str) -> Iterator[tuple[str, Any]]:
    # Imported here: building the grammar takes longer than everything else in this pack.
    import hcl2  # noqa: PLC0415
    from hcl2.utils import SerializationOptions  # noqa: PLC0415

    options = SerializationOptions(with_comments=False, explicit_blocks=False)
    try:
        document = hcl2.loads(text, serialization_options=options)
    except Exception as error:  # the parser has no common base class for what it raises
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        position = f"line {line}, column {column}" if isinstance(line, int) and line > 0 else "at its end"
        raise DocumentError(f"not readable as HCL: {position}") from error
    _refuse_other_keys(document)
    blocks = document.get("path", [])
    if not isinstance(blocks, list):
        raise DocumentError("HCL: 'path' is assigned instead of being a block")
    for block in blocks:
        for label, body in block.items():
            if isinstance(body, Mapping) and any(name.startswith('"') for name in body):
                raise DocumentError("HCL: a 'path' block with more than one label")
            yield _unquote(label), _unquote_all(body)


def _refuse_other_keys(keys: Iterable[str]) -> None:
    """Servers refuse other top-level keys; inside a stanza the known ones differ by server, so those are let be."""
    if others := sorted(set(keys) - {"path", "name"}):
        raise DocumentError(f"{len(others)} top-level key other than 'path' and 'name'")


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text, strict=False))
    except json.JSONDecodeError as error:
        raise DocumentError("HCL: a string with an escape that is not understood") from error


def _unquote_all(value: Any) -> Any:
    if isinstance(value, str):
        return _unquote(value)
    if isinstance(value, list):
        return [_unquote_all(item) for item in value]
    if isinstance(value, Mapping):
        return {_unquote(key): _unquote_all(item) for key, item in value.items()}
    return value
