"""Reads a YAML file as plain values that know their line and column, and refuses what surprises or attacks.

Files are UTF-8 (a byte order mark at the very beginning is tolerated, Windows editors write one), of at most
8 MiB, without characters that make a text read differently from what it is. `yaml_compose` reads the YAML.
"""

import codecs
import re
import stat
import unicodedata
from pathlib import Path
from typing import Final

from strongroom.spec.problems import Problem, SpecError
from strongroom.spec.yaml_compose import compose
from strongroom.spec.yaml_nodes import Node, Position, Source
from strongroom.spec.yaml_scalars import CONTROL, FORBIDDEN

FILE_BYTES_MAX: Final = 8 * 1024 * 1024

_OTHER_ENCODINGS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read(path: Path, shown_as: str) -> Source:
    """Reads one file. `shown_as` is how errors name it: relative to the project root.

    Raises SpecError with every problem of the file; behind a syntax error nothing more can be found.
    """
    return parse(_content(path, _slashes(shown_as)), shown_as)


def parse(content: bytes, shown_as: str) -> Source:
    """The same for content that was already read."""
    file = _slashes(shown_as)
    if len(content) > FILE_BYTES_MAX:
        raise _too_large(file, len(content))
    return Source(compose(_text(content, file), file))


def _slashes(shown_as: str) -> str:
    return shown_as.replace("\\", "/")


def _whole_file(file: str, message: str, remedy: str = "") -> SpecError:
    return SpecError([Problem(file, 0, 0, "", message, remedy)])


def _too_large(file: str, size_bytes: int) -> SpecError:
    return _whole_file(
        file,
        f"the file has {size_bytes / 1024 / 1024:.1f} MiB, the limit is {FILE_BYTES_MAX // 1024 // 1024} MiB",
        "split it into several files",
    )


def _content(path: Path, file: str) -> bytes:
    try:
        status = path.stat()
        # Looked at before opening: opening a pipe waits for its writer, and a device never ends.
        if stat.S_ISDIR(status.st_mode):
            raise _whole_file(file, "is a directory", "name a YAML file")
        if not stat.S_ISREG(status.st_mode):
            raise _whole_file(file, "is a pipe, socket or device", "name a YAML file")
        if status.st_size > FILE_BYTES_MAX:
            raise _too_large(file, status.st_size)
        with path.open("rb") as stream:
            return stream.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise _whole_file(file, "there is no such file", "create it or correct the name") from None
    except OSError as error:
        raise _whole_file(file, f"cannot be read: {error.strerror}", "check the path and its permissions") from error


def _text(content: bytes, file: str) -> str:
    for mark, encoding in _OTHER_ENCODINGS:
        if content.startswith(mark):
            raise _whole_file(file, f"is encoded as {encoding}", "save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        message = f"byte 0x{content[error.start]:02X} is not UTF-8"
        raise SpecError([Problem(*_place(before, file), "", message, "save the file as UTF-8")]) from None
    if problems := [
        Problem(
            *_place(text[: found.start()], file),
            "",
            f"U+{ord(found[0]):04X} {unicodedata.name(found[0], 'control character')} is not allowed",
            "remove it" if CONTROL.match(found[0]) else f'remove it, or write "\\u{ord(found[0]):04X}" in quotes',
        )
        for _, found in zip(range(20), FORBIDDEN.finditer(text), strict=False)
    ]:
        raise SpecError(problems)
    return text


def _place(before: str, file: str) -> Position:
    lines = re.split(r"\r\n|\r|\n", before)
    return Position(file, len(lines), len(lines[-1]) + 1)


__all__ = ["FILE_BYTES_MAX", "Node", "Position", "Source", "parse", "read"]
