"""Edits files of test projects."""

from pathlib import Path


def edit(file: Path, old: str, new: str) -> None:
    """Replaces a text that must be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
