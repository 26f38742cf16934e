"""Jinja environments, one for each output language, so that no value can leave the place it is put in.

A template is trusted, what is put into it is not: every expression passes through the language's own escaping,
an undefined name is an error, and a value that the language cannot carry safely is refused rather than altered.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

import jinja2


class UnsafeTextError(ValueError):
    """A value that cannot be written safely in the output language."""


class Written(str):
    """A part of a text that is written in its language already, and is not escaped again."""

    __slots__ = ()


def escape_hcl(value: object) -> str:
    """For the inside of a double-quoted HCL string, or a comment.

    `${` and `%{` begin an interpolation inside which even a quote is no longer a quote, so they are refused.
    """
    if isinstance(value, Written):
        return value
    text = str(value)
    for opener in ("${", "%{", "\0"):
        if opener in text:
            raise UnsafeTextError(f"{opener!r} cannot be part of an HCL string")
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def escape_sql(value: object) -> str:
    """For the inside of a double-quoted SQL identifier. Braces are refused: the server fills `{{…}}` later."""
    text = str(value)
    for part in ("{", "}", ";", "\0", "\n", "\r"):
        if part in text:
            raise UnsafeTextError(f"{part!r} cannot be part of an SQL identifier")
    return text.replace('"', '""')


ESCAPES: Final[dict[str, Callable[[object], str]]] = {"hcl": escape_hcl, "sql": escape_sql}


@cache
def environment(room: str, language: str) -> jinja2.Environment:
    """The templates of one room (a package such as `strongroom.vault.policy`) that make one language.

    Expressions are written `<< name >>`, as `{{name}}` is the servers' own placeholder in SQL and HCL alike.
    """
    return jinja2.Environment(
        loader=jinja2.PackageLoader(room),
        undefined=jinja2.StrictUndefined,
        finalize=ESCAPES[language],
        autoescape=False,  # noqa: S701  that is HTML's escaping; `finalize` applies the language's own to every expression
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        variable_start_string="<<",
        variable_end_string=">>",
    )


def render(room: str, template: str, **values: object) -> str:
    """The text of `<room>/templates/<template>.j2`; the language is the template's ending: `policy.hcl`."""
    return environment(room, template.rsplit(".", 1)[1]).get_template(f"{template}.j2").render(**values)
