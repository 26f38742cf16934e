"""One file of manifests, from `v1beta1` to `v1`: the few characters that change, and what a person has to do. Pure.

Documents of other kinds are not even read, so that a Secret beside a manifest is neither touched nor shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import yaml

from strongroom.external_secrets.migrate.differences import KINDS, differences
from strongroom.external_secrets.migrate.tree import Written, read
from strongroom.spec.problems import Problem

GROUP: Final = "external-secrets.io"
OLD: Final = f"{GROUP}/v1beta1"
NEW: Final = f"{GROUP}/v1"

# `---` at the beginning of a line begins a document wherever it stands: no text, quoted or not, may hold it there.
_BEGINS: Final = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
# Objects, functions and the escape of Helm. Braces alone are no sign: templates of External Secrets have them too.
_HELM: Final = re.compile(
    r"\{\{[^}\n]*(\.(Values|Release|Chart|Capabilities|Files|Template)\b|\b(include|define|template|tpl)\s)|\{\{-?\s*[`\"]\{\{"
)
_MENTIONED: Final = re.compile(rf"{re.escape(GROUP)}/(v1beta1|v1alpha1)\b")
_ALONE: Final = re.compile(r"""[ ]*(?:-[ ]+)*["']?apiVersion["']?[ ]*:[ ]*["']?[a-z0-9./-]+["']?,?[ ]*(?:\#.*)?""")
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Change:
    """One line that changes, or several changes in one."""

    line: int
    """From 1."""
    before: str
    after: str
    title: str
    """Of the manifest: `ExternalSecret payments/stripe`."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of one text."""

    text: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    """What a person has to do."""


class _Edit(NamedTuple):
    """Characters of a file, and what is to stand there instead."""

    start: int
    end: int
    written: str
    title: str


def rewrite(text: str, file: str) -> Rewritten:
    """A file's text in `v1`. Helm templates stay as they are, and so do manifests that `v1` would refuse."""
    if GROUP not in text or not ("v1beta1" in text or "v1alpha1" in text):
        return Rewritten(text, (), ())
    if match := _HELM.search(text):
        return Rewritten(text, (), (_helm(text, file, match.start()),))
    edits: list[_Edit] = []
    problems: list[Problem] = []
    for start, end in _documents(text):
        document = _Document(text[start:end], start, text.count("\n", 0, start), file)
        document.migrate()
        edits += document.edits.values()
        problems += document.problems
    return Rewritten(_edited(text, sorted(edits)), tuple(_changes(text, sorted(edits))), tuple(problems))


def _helm(text: str, file: str, at: int) -> Problem:
    line = text.count("\n", 0, at) + 1
    return Problem(
        file, line, at - text.rfind("\n", 0, at), "", "is a Helm template, and no manifest before it is rendered",
        f"change `{OLD}` in it by hand, and run this on what `helm template` writes to see what else there is",
    )  # fmt: skip


def _documents(text: str) -> Iterator[tuple[int, int]]:
    begins = sorted({0, *(match.start() for match in _BEGINS.finditer(text))})
    for start, end in zip(begins, [*begins[1:], len(text)], strict=True):
        if GROUP in text[start:end]:
            yield start, end


class _Document:
    """One document of a file."""

    def __init__(self, text: str, start: int, lines_before: int, file: str) -> None:
        self.text = text
        self.start = start
        self.lines_before = lines_before
        self.file = file
        self.edits: dict[int, _Edit] = {}
        """By where they begin: an alias leads to the same place twice."""
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def migrate(self) -> None:
        try:
            root = read(self.text)
        except yaml.MarkedYAMLError as error:
            self._unreadable(error)
            return
        if root is None:
            return
        items = root.each("items") if root.says("kind").endswith("List") else iter([root])
        for manifest in items:
            self._manifest(manifest)
        self._elsewhere(root)

    def _manifest(self, manifest: Written) -> None:
        version, kind = manifest.get("apiVersion"), manifest.says("kind")
        if version is None or version.text not in {OLD, f"{GROUP}/v1alpha1"}:
            return
        self._seen.add(version.start)
        if version.text != OLD:
            if kind in KINDS:
                self._problem(
                    version, "apiVersion", "v1alpha1 is two versions behind",
                    "write it as v1beta1 first (only `dataFrom` differs: its items stand under `extract`)",
                )  # fmt: skip
            return
        if kind not in KINDS:
            self._problem(
                version, "apiVersion", f"{OLD} never had a kind of this name",
                "correct it: PushSecret is `v1alpha1`, and generators have a group of their own",
            )  # fmt: skip
            return
        found = list(differences(kind, manifest))
        for difference in found:
            left = " (the manifest stays v1beta1 until then)" if difference.blocks else ""
            self._problem(difference.at, difference.where, difference.message, difference.remedy + left)
        if not any(difference.blocks for difference in found):
            quote = self.text[version.start]
            written = f"{quote}{NEW}{quote}" if quote in "\"'" else NEW
            edit = _Edit(self.start + version.start, self.start + version.end, written, _title(manifest))
            self.edits.setdefault(edit.start, edit)

    def _elsewhere(self, root: Written) -> None:
        """What names the old version without being a manifest of it: patches, owners, policies, annotations."""
        for match in _MENTIONED.finditer(self.text):
            if match[1] == "v1alpha1" or any(0 <= match.start() - start <= 1 for start in self._seen):
                continue
            line_start = self.text.rfind("\n", 0, match.start()) + 1
            before = self.text[line_start : match.start()]
            if "#" in before and re.search(r"(^|\s)#", before):
                continue  # a comment
            line = self.text.count("\n", 0, match.start())
            at = Written(match.start(), match.end(), line, match.start() - line_start)
            self._problem(
                at, "", f"names {OLD} within another thing",
                "see whether it is a copy that somebody keeps (an annotation, an owner), or a reference to be changed",
            )  # fmt: skip
        for selector in _selectors(root):
            self._problem(selector, "", f"selects by group {GROUP} and version v1beta1", "change its version to v1")

    def _unreadable(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark
        at = Written(0, 0, mark.line if mark else 0, mark.column if mark else 0)
        template = "{{" in self.text
        self._problem(
            at, "", "is a template, and no YAML before it is rendered" if template else "is no YAML",
            f"change `{OLD}` in it by hand" if template else "correct it, and run this again",
        )  # fmt: skip

    def _problem(self, at: Written, where: str, message: str, remedy: str) -> None:
        line = self.lines_before + at.line + 1
        self.problems.append(Problem(self.file, line, at.column + 1, where, message, remedy))


def _selectors(root: Written) -> Iterator[Written]:
    """Maps with `group` and `version`, as in patches of Kustomize."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if node.says("group") == GROUP and node.says("version") == "v1beta1":
            yield node
        waiting += [*(node.fields or {}).values(), *(node.items or [])]


def _title(manifest: Written) -> str:
    names = [manifest.says("metadata", key) for key in ("namespace", "name")]
    return f"{manifest.says('kind')} {'/'.join(name for name in names if _NAME.fullmatch(name))}".rstrip()


def _edited(text: str, edits: list[_Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], edit.written]
        at = edit.end
    return "".join([*parts, text[at:]])


def _changes(text: str, edits: list[_Edit]) -> Iterator[Change]:
    """The lines that change. Of a line with more on it than the version, only the version is shown: in JSON on one
    line, a Secret may stand beside it."""
    for start, end, written, title in edits:
        begins = text.rfind("\n", 0, start) + 1
        ends = text.find("\n", start)
        line = text[begins : ends if ends >= 0 else len(text)].rstrip("\r")
        if _ALONE.fullmatch(line) and line.isprintable():
            before, after = line, line[: start - begins] + written + line[end - begins :]
        else:
            before, after = f"... {text[start:end]} ...", f"... {written} ..."
        yield Change(text.count("\n", 0, start) + 1, before, after, title)
