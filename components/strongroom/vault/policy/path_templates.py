"""Templates in policy paths: parts that the server fills in for whoever asks.

    kv-prod/data/notes/{{identity.entity.id}}/*
    kv-prod/data/apps/{{identity.entity.aliases.${auth/cluster/@accessor}.metadata.service_account_namespace}}/*

An auth method is known to the server by an accessor, which it draws when the method is mounted.
`${auth/NAME/@accessor}` stands for it: NAME is the method's name in `vault.auth`, and in a plan its mount.
"""

import re
from collections.abc import Callable
from typing import Final

from strongroom.spec.names import refuse

_KEY: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
_ACCESSOR: Final = re.compile(r"\$\{auth/([A-Za-z0-9_./-]+)/@accessor\}")
# Vault, "Policies", section "Templated policies".
_KNOWN: Final = re.compile(
    rf"""identity\.(
        entity\.(id|name|metadata\.{_KEY})
        |entity\.aliases\.{_ACCESSOR.pattern}\.(id|name|metadata\.{_KEY}|custom_metadata\.{_KEY})
        |groups\.names\.[A-Za-z0-9_.-]+\.(id|metadata\.{_KEY})
        |groups\.ids\.[0-9a-f-]+\.(name|metadata\.{_KEY})
    )""",
    re.VERBOSE,
)
_TEMPLATE: Final = re.compile(r"\{\{\s*((?:[^{}]|\$\{[^{}]*\})*?)\s*\}\}")
_PLACE: Final = "_"
"""What stands for a template while the rest of a path is looked at."""


def checked(text: str) -> str:
    """The text with a plain word for each template. Refuses templates that the server would not fill."""
    for found in _TEMPLATE.finditer(text):
        if not _KNOWN.fullmatch(found[1]):
            raise refuse(
                f"the server fills in nothing for '{found[1]}'",
                "write {{identity.entity.id}}, .name or .metadata.KEY, or "
                "{{identity.entity.aliases.${auth/METHOD/@accessor}.name}} or .metadata.KEY",
            )
    return _TEMPLATE.sub(_PLACE, text)


def checked_path(path: str) -> str:
    """The same for a policy's path, where a template is one whole segment and not the first."""
    plain = checked(path)
    outside = _TEMPLATE.sub("{}", path).split("/")
    if any("{}" in segment and segment != "{}" for segment in outside):
        raise refuse(
            "a template stands for one whole segment of a path",
            "beside other characters, whoever has a longer name could have another's path",
        )
    if outside[0] == "{}":
        raise refuse("the path begins with a template, which could name any mount", "begin it with the mount")
    return plain


def is_templated(path: str) -> bool:
    return "{{" in path


def methods_in(text: str) -> list[str]:
    """The auth methods that accessors are asked of, each once, in order."""
    return list(dict.fromkeys(_ACCESSOR.findall(text)))


def with_methods(text: str, of: Callable[[str], str]) -> str:
    """The text with `of(NAME)` for each method's name."""
    return _ACCESSOR.sub(lambda found: f"${{auth/{of(found[1])}/@accessor}}", text)


def with_accessors(text: str, of: Callable[[str], str]) -> str:
    """The text with `of(MOUNT)` for each reference as a whole."""
    return _ACCESSOR.sub(lambda found: of(found[1]), text)


def widest(path: str) -> str:
    """A pattern without templates that matches at least as much: what the server fills in may hold slashes."""
    literal, template, _ = path.partition("{{")
    return f"{literal}*" if template else path
