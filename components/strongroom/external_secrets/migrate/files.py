"""Files and folders of manifests, from `v1beta1` to `v1`: reads all, and writes each as a whole or not at all."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from strongroom.errors import StrongroomError, WrongInputError
from strongroom.external_secrets.migrate.rewrite import Rewritten, rewrite
from strongroom.spec.problems import Problem

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json", ".tpl"})
"""The last is of Helm, whose charts like to name the version once, in `_helpers.tpl`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all files."""

    files: tuple[tuple[str, Rewritten], ...]
    """Those in which something changes or is left to a person."""
    read: int
    written: bool

    @property
    def changed(self) -> int:
        """Manifests that change."""
        return sum(len(rewritten.changes) for _, rewritten in self.files)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person has to do, by file and line."""
        return tuple(sorted(problem for _, rewritten in self.files for problem in rewritten.problems))

    @property
    def exit_code(self) -> int:
        """0: all is `v1`; 1: something is left to a person; 3: `--write` does the rest."""
        if self.problems:
            return 1
        return 3 if self.changed and not self.written else 0

    def lines(self) -> Iterator[str]:
        """For people; the changes as a unified diff without context, so that no line beside them is shown."""
        for file, rewritten in self.files:
            if rewritten.changes:
                yield from (f"--- {file}", f"+++ {file}")
            for change in rewritten.changes:
                yield f"@@ -{change.line} +{change.line} @@ {change.title}"
                yield f"-{change.before}"
                yield f"+{change.after}"
        if self.changed:
            yield ""
        if problems := self.problems:
            yield f"For a person ({len(problems)}):"
            yield from (f"  {problem}" for problem in problems)
            yield ""
        done = "rewritten" if self.written else "to rewrite"
        counts = f"{_counted(self.read, 'file')} read, {_counted(self.changed, 'manifest')} {done}"
        yield f"{counts}, {len(self.problems)} for a person."
        if self.changed and not self.written:
            yield "Nothing was written; `--write` does it."


def migrate(paths: Iterable[Path], write: bool) -> Report:
    """Rewrites all manifests in these files, and in the YAML and JSON files below these folders.

    Raises WrongInputError if a path does not exist, StrongroomError if a file cannot be read or written; none is
    written before all were read.
    """
    # Two paths, or a link, may lead to one file.
    files = sorted({file.resolve(): file for path in paths for file in _files(path)}.values())
    found: list[tuple[Path, Rewritten]] = []
    for file in files:
        rewritten = _read(file)
        if rewritten.changes or rewritten.problems:
            found.append((file, rewritten))
    if write:
        for file, rewritten in found:
            if rewritten.changes:
                _write(file, rewritten.text)
    return Report(tuple((_shown(file), rewritten) for file, rewritten in found), len(files), write)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for folder, folders, names in os.walk(path, onerror=_unreadable):
            folders[:] = [name for name in folders if not name.startswith(".")]  # such as .git
            yield from (
                file
                for file in (Path(folder) / name for name in names)
                # What a link leads to is found where it is, or is not below this folder.
                if file.suffix.lower() in SUFFIXES and not file.is_symlink() and file.is_file()
            )
    else:
        raise WrongInputError(f"there is no file or folder {_shown(path)}; name those that hold the manifests")


def _unreadable(error: OSError) -> NoReturn:
    """What cannot be read is not passed over: it might be what is not `v1` yet."""
    raise StrongroomError(
        f"{_shown(Path(error.filename))} cannot be read: {error.strerror}; nothing was written"
    ) from None


def _read(file: Path) -> Rewritten:
    try:
        # As bytes, so that line ends and a byte order mark stay as they are.
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(_shown(file), 0, 0, "", f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
        return Rewritten("", (), (problem,))
    except OSError as error:
        _unreadable(error)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    rewritten = rewrite(text.removeprefix(mark), _shown(file))
    return Rewritten(mark + rewritten.text, rewritten.changes, rewritten.problems)


def _write(file: Path, text: str) -> None:
    """Beside the file first, and in its place when it is complete; with its permissions."""
    target = file.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(target.stat().st_mode & 0o7777)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StrongroomError(
            f"{_shown(file)} cannot be written: {error.strerror}; it is as it was, and a second run goes on from here"
        ) from None


def _shown(file: Path) -> str:
    """Its path; whatever is in a name, it moves no cursor and is one line."""
    here = Path.cwd()
    path = (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
