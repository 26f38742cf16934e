"""libyaml's errors in words that say what to change."""

import re
from typing import Final

import yaml

from strongroom.spec.problems import Problem

# libyaml's text -> (ours, remedy). Its texts are constants and never repeat the file's content.
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "mapping values are not allowed in this context": (
        "a ':' stands where no key can begin",
        "put a text that holds ': ' in quotes, or check the indentation",
    ),
    "block sequence entries are not allowed in this context": (
        "a list item '-' cannot begin here",
        "begin the list on its own line",
    ),
    "did not find expected key": (
        "a key and ':' should stand here",
        "check the indentation, and put a text with special characters in quotes",
    ),
    "did not find expected '-' indicator": ("the list goes on with '-', or ends by less indentation", ""),
    "did not find expected ',' or ']'": ("the list that begins with '[' is not closed", "add ',' or ']'"),
    "did not find expected ',' or '}'": ("the map that begins with '{' is not closed", "add ',' or '}'"),
    "did not find expected node content": ("a value should stand here", "check the brackets"),
    "found unexpected end of stream": ("the quotes are not closed", "close them"),
    "found unknown escape character": (
        "this '\\' begins no known escape",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    "found invalid Unicode character escape code": ("the escape names no character", "write the character itself"),
    "found character that cannot start any token": (
        "an unquoted text cannot begin with this character",
        "put it in quotes",
    ),
    "found incompatible YAML document": (
        "the file declares another version of YAML",
        "remove the line with '%'",
    ),
    "did not find expected alphabetic or numeric character": (
        "an unquoted text cannot begin with '*' or '&'",
        "put it in quotes",
    ),
    "did not find expected comment or line break": (
        "a block text begins on the line after '|' or '>'",
        "break the line there, or put the text in quotes",
    ),
    "did not find expected <document start>": (
        "the document has ended before this",
        "check the indentation and quotes, and keep one document in a file",
    ),
}


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """The problem behind an error of libyaml."""
    mark = error.problem_mark or error.context_mark
    if error.problem == "found unexpected end of stream":
        mark = error.context_mark or mark  # where the quotes open says more than where the file ends
    if mark is None:
        return Problem(file, 0, 0, "", f"is not YAML: {error.problem}")
    lines = re.split(r"\r\n|\r|\n", text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    message, remedy = _WORDS.get(error.problem or "", (f"is not YAML: {error.problem}", ""))
    if "\t" in re.match(r"[\s-]*", line)[0]:  # type: ignore[index]  # matches the empty text, too
        message, remedy = "a tab is used for indentation", _tab_remedy(lines)
    elif re.search(r"(^|[:\-,\[])\s*\{\{", line):
        remedy = 'a placeholder needs quotes around the whole text: "{{ environment }}"'
    elif error.context_mark is not None and error.context_mark.line != mark.line:
        message += f" (in what begins at line {error.context_mark.line + 1})"
    return Problem(file, mark.line + 1, mark.column + 1, "", message, remedy)


def _tab_remedy(lines: list[str]) -> str:
    count = sum(1 for line in lines if re.match(r" *\t", line))
    return f"use spaces ({count} lines begin with a tab)" if count > 1 else "use spaces"
