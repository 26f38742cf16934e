"""Looks for a value wherever it must not be, in every form in which it could have got there."""

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus


def spellings(value: str) -> set[bytes]:
    """Plain, base64 at each of the three offsets, hex, URL- and JSON-escaped."""
    data = value.encode()
    found = {data, data.hex().encode(), quote(value, safe="").encode(), quote_plus(value).encode()}
    found |= {json.dumps(value)[1:-1].encode(), json.dumps(value, ensure_ascii=False)[1:-1].encode()}
    found.add(json.dumps(json.dumps(value)[1:-1])[1:-1].encode())  # JSON within JSON, as in logs and checkpoints
    for alphabet in (b"+/", b"-_"):
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + data, altchars=alphabet)
            # Characters that also depend on what stands before or after the value do not count.
            start = (offset * 8 + 5) // 6
            found.add(encoded[start : (offset + len(data)) * 8 // 6])
    return found


def is_in(value: str, text: str | bytes) -> bool:
    """Whether a text holds the value in any spelling."""
    data = text.encode() if isinstance(text, str) else text
    return any(spelling in data for spelling in spellings(value))


def files_with(value: str, *folders: Path) -> list[Path]:
    """The files below these folders that hold the value in any spelling, or in their name."""
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if is_in(value, path.name) or (path.is_file() and is_in(value, path.read_bytes()))
    ]
