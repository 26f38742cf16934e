"""Reads the files below `stacks/` and keeps what is wrong with them."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from strongroom.spec.merge import merge
from strongroom.spec.problems import Problem, SpecError, did_you_mean, nearest
from strongroom.spec.yaml_nodes import Source
from strongroom.spec.yaml_source import read

STACKS: Final = "stacks"
FILE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""What a file may be called, without folder and ending. A stack is called like its file, and Pulumi allows a stack no
other characters ("Stacks"); names also reach terminals, shells and URLs."""


class Reader:
    """Reads the files of one project; `problems` and `unusable` grow while it does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.unusable: set[str] = set()
        """Environment files, without ending, that are there and cannot be used."""

    def stacks(self) -> dict[str, Source]:
        """`Pulumi.<stack>.yaml` by stack."""
        return {path.stem.removeprefix("Pulumi."): source for path, source in self._folder(".", "Pulumi.*.yaml")}

    def catalogs(self) -> tuple[Source, ...]:
        """The catalogs, in order of their file names."""
        return tuple(source for _, source in self._folder("catalog", "*.yaml"))

    def environments(self) -> dict[str, Source]:
        """Environment files by file name without ending, what they extend merged in."""
        files = dict(self._folder("environments", "*.yaml"))
        found = {}
        extended: set[Path] = set()
        for path in files:
            if whole := self._extended(path, files, extended):
                found[path] = whole
        self.unusable = {path.stem for path in self._paths("environments", "*.yaml") if path not in found}
        for path, source in files.items():
            # A base has no `environment` of its own; if nobody extends it either, it was meant to have one.
            if path in found and "environment" not in _keys(source) and path not in extended:
                near = nearest("environment", _keys(source))
                remedy = f"write `environment` for '{near}'" if near else f"write `environment: {path.stem}`"
                message = "is no environment, and no environment extends it"
                self.problems.append(Problem(source.file, 0, 0, "", message, remedy))
        return {path.stem: source for path, source in found.items() if "environment" in _keys(source)}

    def _folder(self, folder: str, pattern: str) -> Iterator[tuple[Path, Source]]:
        for path in self._paths(folder, pattern.replace(".yaml", ".yml")):
            # Left out without a word, a team's whole declaration would be gone.
            file = path.relative_to(self.root).as_posix()
            self.problems.append(Problem(file, 0, 0, "", "only files that end in .yaml are read", "rename it"))
        for path in self._paths(folder, pattern):
            if not FILE_NAME.fullmatch(path.stem.removeprefix("Pulumi.")):
                file = PurePosixPath(STACKS, folder, ascii(path.name)).as_posix()
                message = "a file here is named with letters, digits, '.', '_' and '-', at most 100"
                self.problems.append(Problem(file, 0, 0, "", message, "rename it"))
                continue
            try:
                yield path, read(path, path.relative_to(self.root).as_posix())
            except SpecError as error:
                self.problems += error.problems

    def _paths(self, folder: str, pattern: str) -> list[Path]:
        return sorted((self.root / STACKS / folder).glob(pattern))

    def _extended(
        self, path: Path, files: dict[Path, Source], extended: set[Path], chain: tuple[Path, ...] = ()
    ) -> Source | None:
        """A file with what it `extends` merged in, below its own values; None if that cannot be had."""
        source = files[path]
        if not isinstance(source.root.value, dict) or (node := source.root.value.get("extends")) is None:
            return source
        own = Source(source.root._replace(value={k: v for k, v in source.root.value.items() if k != "extends"}))
        if not isinstance(node.value, str) or not node.value or "/" in node.value:
            self._refuse(source, "needs the name of a file beside this one", "for example `extends: common`")
            return None
        below = path.with_name(f"{node.value}.yaml")
        if below in (*chain, path):
            if below == (*chain, path)[0]:  # else the circle is reported where it begins
                names = " -> ".join(p.stem for p in (*chain, path, below))
                self._refuse(source, f"extends itself: {names}", "remove one of these")
            return None
        if not below.is_file():
            near = did_you_mean(node.value, [other.stem for other in files], "write it, or remove `extends`")
            self._refuse(source, f"there is no file {below.name} beside it", near)
            return None
        extended.add(below)
        base = self._extended(below, files, extended, (*chain, path)) if below in files else None
        return merge(base, own) if base else None

    def _refuse(self, source: Source, message: str, remedy: str) -> None:
        self.problems.append(source.problem(("extends",), message, remedy))


def _keys(source: Source) -> tuple[str, ...]:
    return tuple(source.root.value) if isinstance(source.root.value, dict) else ()
