"""Templates of user names: the part of Go's template language that names need, checked before a server sees it.

A name must differ from every other one, and fit into what the database takes; both follow from the text alone. A part
whose length nobody knows (a display name) has to be cut, or the database refuses the name on some nights only.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import AfterValidator

from strongroom.spec.names import refuse

RANDOM_LEAST: Final = 10
"""Characters of `random`: two of 62^10 names never meet."""

_UNBOUNDED: Final = 10**6
_SOURCES: Final = {".DisplayName": _UNBOUNDED, ".RoleName": 81, "unix_time": 10, "unix_time_millis": 13, "uuid": 36}
"""What a part may begin with, and how long that is at most. A role's name is two of our names and a dot."""
_FILTERS: Final = {"lowercase", "uppercase"}
_ACTION: Final = re.compile(r"{{(.*?)}}", re.DOTALL)
_WRITE: Final = "write text and actions such as {{.RoleName | truncate 20}}, {{random 20}}, {{unix_time}}, {{uuid}}"


def _parts(text: str) -> Iterator[tuple[str, int, int]]:
    """`(source, length at most, characters of randomness)` of each part. Raises PydanticCustomError."""
    for plain in _ACTION.sub("\0", text).split("\0"):
        if not re.fullmatch(r"[A-Za-z0-9_-]*", plain):
            raise refuse("username_template has a character that some database would have to quote", _WRITE)
        yield "", len(plain), 0
    for action in _ACTION.findall(text):
        source, *filters = (part.strip() for part in action.split("|"))
        if match := re.fullmatch(r"random ([0-9]{1,3})", source):
            length = randomness = int(match[1])
        elif source in _SOURCES:
            length, randomness = _SOURCES[source], 36 if source == "uuid" else 0
        else:
            raise refuse(f"username_template has {{{{{action}}}}}, which is not one of the parts of a name", _WRITE)
        for name in filters:
            if match := re.fullmatch(r"truncate ([0-9]{1,3})", name):
                length, randomness = min(length, int(match[1])), min(randomness, int(match[1]))
            elif name not in _FILTERS:
                raise refuse(
                    f"username_template passes a part through '{name}'", "use truncate N, lowercase or uppercase"
                )
        yield source, length, randomness


def longest(text: str) -> int:
    """The most characters that a name from this template has."""
    return sum(length for _, length, _ in _parts(text))


def _check(text: str) -> str:
    parts = list(_parts(text))
    for source, length, _ in parts:
        if length >= _UNBOUNDED:
            raise refuse(f"username_template has {source} at full length, which has no limit", "add `| truncate 8`")
    if not any(randomness >= RANDOM_LEAST for *_, randomness in parts):
        raise refuse(
            "username_template makes the same name twice: it has no randomness",
            f"add {{{{random 20}}}} (at least {RANDOM_LEAST}) or {{{{uuid}}}}",
        )
    return text


UsernameTemplate = Annotated[str, AfterValidator(_check)]
"""Text with `{{…}}` actions; the names are different each time and have a known length."""
