"""One file of manifests, from `v1beta1` to `v1`: the few characters that change, and what a person has to do. Pure.

Documents of other kinds are not even read, so that a Secret beside a manifest is neither touched nor shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator
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
_MENTIONED: Final = re.compile(rf"{re.escape(OLD)}\b")
# What a template of Helm may have, where no reader tells. `v1alpha1` is that of a PushSecret and of generators still.
_OLD_IN_HELM: Final = re.compile(
    rf"{re.escape(GROUP)}[^\n]*v1beta1|\bversion:[ ]*[\"']?v1beta1\b"
    rf"|{re.escape(GROUP)}/v1alpha1[\"']?\s+kind:[ ]*[\"']?(Cluster)?(ExternalSecret|SecretStore)\b"
)
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
    """Where a file has OLD, and is to have NEW. Its quotes, anchor and tag stay around it."""

    start: int
    title: str


def rewrite(text: str, file: str) -> Rewritten:
    """A file's text in `v1`. Helm templates stay as they are, and so do manifests that `v1` would refuse."""
    if GROUP not in text or not ("v1beta1" in text or "v1alpha1" in text):
        return Rewritten(text, (), ())
    if match := _HELM.search(text):
        return Rewritten(text, (), (_helm(text, file, match.start()),) if _OLD_IN_HELM.search(text) else ())
    edits: list[_Edit] = []
    problems: list[Problem] = []
    for start, end in _documents(text):
        document = _Document(text[start:end], start, text.count("\n", 0, start), file)
        document.migrate()
        edits += document.edits
        problems += document.problems
    # An alias leads to the same place twice.
    return Rewritten(_edited(text, edits), tuple(_changes(text, edits)), tuple(dict.fromkeys(problems)))


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
        self.problems: list[Problem] = []
        self._titles: dict[int, str] = {}
        """Of the manifests, by where their version is written."""
        self._kept: set[int] = set()
        """Where a version is that stays: of a manifest that `v1` refuses, and of all that share it by an alias."""

    @property
    def edits(self) -> list[_Edit]:
        """In the order of the text."""
        return [_Edit(self.start + at, title) for at, title in sorted(self._titles.items()) if at not in self._kept]

    def migrate(self) -> None:
        try:
            root = read(self.text)
        except yaml.YAMLError as error:
            self._unreadable(error)
            return
        if root is None:
            return
        for manifest in _manifests(root):
            self._manifest(manifest)
        self._elsewhere(root)

    def _manifest(self, manifest: Written) -> None:
        version, kind = manifest.get("apiVersion"), manifest.says("kind")
        known = kind.removesuffix("List") in KINDS
        if version is None or version.text not in {OLD, f"{GROUP}/v1alpha1"}:
            return
        if version.text != OLD:
            if known:
                self._problem(
                    version, "apiVersion", "v1alpha1 is two versions behind",
                    "write it as v1beta1 first (only `dataFrom` differs: its items stand under `extract`)",
                )  # fmt: skip
            return
        at = self.text.rfind(OLD, version.start, version.end)  # its anchor and tag stand before it
        if at < 0:
            self._problem(version, "apiVersion", f"is {OLD}, but written with escapes", f"write {NEW}")
            return
        self._titles.setdefault(at, _title(manifest))
        if not known:
            self._kept.add(at)
            self._problem(
                version, "apiVersion", f"{OLD} never had a kind of this name",
                "correct it: PushSecret is `v1alpha1`, and generators have a group of their own",
            )  # fmt: skip
        for difference in differences(kind, manifest) if known else ():
            left = " (the manifest stays v1beta1 until then)" if difference.blocks else ""
            self._problem(difference.at, difference.where, difference.message, difference.remedy + left)
            if difference.blocks:
                self._kept.add(at)

    def _elsewhere(self, root: Written) -> None:
        """What names the old version without being a manifest of it: patches, owners, policies, annotations."""
        for match in _MENTIONED.finditer(self.text):
            if match.start() in self._titles:
                continue
            line_start = self.text.rfind("\n", 0, match.start()) + 1
            before = self.text[line_start : match.start()]
            if "#" in before and re.search(r"(^|\s)#", before):
                continue  # a comment
            line = self.text.count("\n", 0, match.start())
            at = Written(match.start(), match.end(), line, match.start() - line_start)
            self._problem(
                at, "", f"names {OLD} within another thing",
                "see whether it is a copy that somebody keeps (an annotation, an owner), or to be changed (a patch, "
                "values)",
            )  # fmt: skip
        for selector in _selectors(root):
            self._problem(selector, "", f"selects by group {GROUP} and version v1beta1", "change its version to v1")

    def _unreadable(self, error: yaml.YAMLError) -> None:
        at, said = Written(0, 0, 0, 0), ""  # what libyaml says of an error are texts of its own, and repeats nothing
        if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
            at, said = Written(0, 0, mark.line, mark.column), error.problem or ""
        elif isinstance(error, yaml.reader.ReaderError):
            before = self.text.encode()[: error.position]
            at, said = Written(0, 0, before.count(b"\n"), len(before) - before.rfind(b"\n") - 1), error.reason
        template = "{{" in self.text
        self._problem(
            at, "", "is a template, and no YAML before it is rendered" if template else f"is no YAML: {said}",
            f"change `{OLD}` in it by hand" if template else "correct it, and run this again",
        )  # fmt: skip

    def _problem(self, at: Written, where: str, message: str, remedy: str) -> None:
        line = self.lines_before + at.line + 1
        self.problems.append(Problem(self.file, line, at.column + 1, where, message, remedy))


def _manifests(root: Written) -> Iterator[Written]:
    """A document, and of a list what is in it: kubectl takes lists of lists too."""
    return _walk(root, lambda node: node.each("items") if node.says("kind").endswith("List") else ())


def _selectors(root: Written) -> Iterator[Written]:
    """Maps with `group` and `version`, as in patches of Kustomize, or with lists of them, as in admission policies."""
    for node in _walk(root, lambda node: (*(node.fields or {}).values(), *(node.items or ()))):
        groups = {node.says("group"), *(item.text for item in node.each("apiGroups"))}
        versions = {node.says("version"), *(item.text for item in node.each("apiVersions"))}
        if GROUP in groups and "v1beta1" in versions:
            yield node


def _walk(root: Written, below: Callable[[Written], Iterable[Written]]) -> Iterator[Written]:
    """A value and what is below it, in order, each once however many aliases lead to it."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed([*below(node)])


def _title(manifest: Written) -> str:
    names = [manifest.says("metadata", key) for key in ("namespace", "name")]
    return f"{manifest.says('kind')} {'/'.join(name for name in names if _NAME.fullmatch(name))}".rstrip()


def _edited(text: str, edits: list[_Edit]) -> str:
    parts, at = [], 0
    for edit in edits:
        parts += [text[at : edit.start], NEW]
        at = edit.start + len(OLD)
    return "".join([*parts, text[at:]])


def _changes(text: str, edits: list[_Edit]) -> Iterator[Change]:
    """The lines that change. Of a line with more on it than the version, only the version is shown: in JSON on one
    line, a Secret may stand beside it."""
    for start, title in edits:
        begins = text.rfind("\n", 0, start) + 1
        ends = text.find("\n", start)
        line = text[begins : ends if ends >= 0 else len(text)].rstrip("\r")
        if _ALONE.fullmatch(line) and line.isprintable():
            before, after = line, line[: start - begins] + NEW + line[start - begins + len(OLD) :]
        else:
            before, after = f"... {OLD} ...", f"... {NEW} ..."
        yield Change(text.count("\n", 0, start) + 1, before, after, title)
