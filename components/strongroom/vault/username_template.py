"""Templates of user names: the part of Go's template language that names need, checked before a server sees it.

A name must differ from every other one, and fit into what the system takes; both follow from the text alone. A part
whose length nobody knows (a display name) has to be cut, or the name is refused on some nights only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from strongroom.spec.names import refuse

RANDOM_LEAST: Final = 10
"""Characters of `random`: two of 62^10 names never meet."""
UNBOUNDED: Final = 10**6
"""The length of a part that nobody knows."""

_CLOCK: Final = {"unix_time": 10, "unix_time_millis": 13, "uuid": 36}
_FILTERS: Final = {"lowercase", "uppercase"}
_ACTION: Final = re.compile(r"{{(.*?)}}", re.DOTALL)


@dataclass(frozen=True)
class NameTemplates:
    """What one engine knows, and what the names are for."""

    names: Mapping[str, int]
    """The names that the engine fills in, and how long each is at most."""
    plain: str
    """The characters that may stand as they are, as a class of a regular expression."""
    refuses: str
    """Who minds any other character, for error messages: `AWS does not take`."""

    def longest(self, text: str) -> int:
        """The most characters that a name from this template has. Raises PydanticCustomError for none."""
        return sum(length for _, length, _ in self._parts(text))

    def check(self, text: str) -> str:
        """The same text. Raises PydanticCustomError if its names could meet or have no known length."""
        parts = list(self._parts(text))
        for source, length, _ in parts:
            if length >= UNBOUNDED:
                raise refuse(f"username_template has {source} at full length, which has no limit", "add `| truncate 8`")
        if not any(randomness >= RANDOM_LEAST for *_, randomness in parts):
            raise refuse(
                "username_template makes the same name twice: it has too little randomness",
                f"add {{{{random 20}}}} (at least {RANDOM_LEAST}) or {{{{uuid}}}}",
            )
        return text

    @property
    def _remedy(self) -> str:
        example = next(name for name in self.names if name != ".DisplayName")
        return f"write text and actions such as {{{{{example} | truncate 20}}}}, {{{{random 20}}}}, {{{{unix_time}}}}"

    def _parts(self, text: str) -> Iterator[tuple[str, int, int]]:
        """`(source, length at most, characters of randomness)` of each part."""
        for plain in _ACTION.sub("\0", text).split("\0"):
            if not re.fullmatch(f"[{self.plain}]*", plain):
                raise refuse(f"username_template has a character that {self.refuses}", self._remedy)
            yield "", len(plain), 0
        for action in _ACTION.findall(text):
            yield self._part(action)

    def _part(self, action: str) -> tuple[str, int, int]:
        source, *filters = (part.strip() for part in action.split("|"))
        known = {**_CLOCK, **self.names}
        if match := re.fullmatch(r"random ([0-9]{1,3})", source):
            length = randomness = int(match[1])
        elif source in known:
            length, randomness = known[source], 36 if source == "uuid" else 0
        else:
            raise refuse(f"username_template has {{{{{action}}}}}, which is no part of a name", self._remedy)
        for name in filters:
            if match := re.fullmatch(r"truncate ([0-9]{1,3})", name):
                length, randomness = min(length, int(match[1])), min(randomness, int(match[1]))
            elif name not in _FILTERS:
                raise refuse(
                    f"username_template passes a part through '{name}'", "use truncate N, lowercase or uppercase"
                )
        return source, length, randomness
