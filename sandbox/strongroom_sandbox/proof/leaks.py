"""Looks for secret values in files: plain, and in every encoding in which they could have got there."""

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SHORTEST: Final = 8
"""Characters. Shorter values would be found by chance; none is generated here."""


@dataclass(frozen=True)
class Leak:
    """A value found where it must not be. The value itself is not part of it."""

    value: str
    """Which value, by name."""
    encoding: str
    file: Path

    def __str__(self) -> str:
        return f"{self.value} ({self.encoding}) in {self.file}"


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _go_json(value: str) -> str:
    # Go escapes what could end a script in HTML: encoding/json, "HTMLEscape". Pulumi's state is written by it.
    return re.sub("[&<>\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", _json(value))


_JSON_WRITERS: Final = {"ASCII": lambda value: json.dumps(value)[1:-1], "UTF-8": _json, "Go": _go_json}


def encodings(value: str) -> dict[str, bytes]:
    """How a value may look in a file: as it is, escaped for JSON or a URL, and in base64 and hexadecimal."""
    plain = value.encode()
    forms = {
        "plain": plain,
        "URL-escaped": urllib.parse.quote(value, safe="").encode(),
        "URL-escaped form": urllib.parse.quote_plus(value).encode(),
        "hexadecimal": plain.hex().encode(),
    }
    for writer, escape in _JSON_WRITERS.items():
        once = escape(value)
        forms |= {f"JSON-escaped ({writer})": once.encode(), f"JSON-escaped twice ({writer})": escape(once).encode()}
    # Base64 of a text that holds the value somewhere depends on where it begins, modulo 3; the characters at
    # both ends depend on its neighbours and are left out.
    for offset in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            inner = encode(b"\0" * offset + plain)[(0, 2, 3)[offset] :].rstrip(b"=")
            whole = inner if (offset + len(plain)) % 3 == 0 else inner[:-1]
            forms[f"{name} at offset {offset}"] = whole
    return forms


def find(values: Mapping[str, str], files: Iterable[Path]) -> list[Leak]:
    """Every value (by name) that stands in one of the files; folders are searched through."""
    needles = [
        (name, encoding, form)
        for name, value in values.items()
        if len(value) >= SHORTEST
        for encoding, form in encodings(value).items()
    ]
    leaks = []
    for file in all_files(files):
        content = file.read_bytes()
        leaks += [Leak(name, encoding, file) for name, encoding, form in needles if form in content]
    return leaks


def all_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among the paths and below the folders among them; links are not followed."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
        else:
            yield path
