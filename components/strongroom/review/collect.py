"""Gathers the previews that jobs have left in folders. What they hold is data of the change, so nothing is trusted."""

import json
from pathlib import Path

from strongroom.errors import StrongroomError
from strongroom.review.preview import PREVIEW_FILE, Preview, PreviewFileError, from_json


def collect(directory: Path, expected: str = "[]") -> tuple[list[Preview], list[str]]:
    """All `STACK/preview.json` below a folder, and the expected stacks that have none.

    Args:
        directory: Where they are.
        expected: Stack names, as a JSON list of texts.

    Raises StrongroomError if a file is no preview, belongs to another stack, or `expected` is no such list.
    """
    try:
        names = json.loads(expected)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise StrongroomError(f"the expected stacks are {expected[:200]!r}; they need to be a JSON list of texts")
    previews = [_read(file) for file in sorted(directory.glob(f"*/{PREVIEW_FILE}"))]
    return previews, sorted(set(names) - {preview.stack for preview in previews})


def _read(file: Path) -> Preview:
    preview = from_json(file.read_text(encoding="utf-8", errors="replace"), str(file))
    if preview.stack != file.parent.name:
        raise PreviewFileError(f"{file} says that it is of stack {preview.stack!r}; it lies in another's folder")
    return preview
