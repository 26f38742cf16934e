"""Templates of the names of IAM users and sessions: the part of Go's template language that names need.

A name must differ from every other one and fit into what AWS takes; both follow from the text alone.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from strongroom.spec.names import refuse

LONGEST: Final = 64
"""Characters of the name of an IAM user or of a session of a role: IAM, "IAM and AWS STS quotas"."""
LONGEST_OF_FEDERATION: Final = 32
"""Characters of the name of a federated session: AWS STS, GetFederationToken."""
RANDOM_LEAST: Final = 10
"""Characters of `random`: two of 62^10 names never meet."""

_SOURCES: Final = {"unix_time": 10, "unix_time_millis": 13, "uuid": 36}
_NAMES: Final = (".DisplayName", ".PolicyName")
"""Of the token and of the role; empty for federated sessions."""
_ACTION: Final = re.compile(r"{{(.*?)}}", re.DOTALL)
_WRITE: Final = "write text and actions such as {{.PolicyName | truncate 30}}, {{random 20}}, {{unix_time}}"


def _length(action: str) -> tuple[int, int]:
    """The most characters that an action gives, and how many of them are random."""
    source, *filters = (part.strip() for part in action.split("|"))
    cut = [int(match[1]) for name in filters if (match := re.fullmatch(r"truncate ([0-9]{1,3})", name))]
    if len(cut) != len([name for name in filters if name not in ("lowercase", "uppercase")]):
        raise refuse(f"username_template has {{{{{action}}}}}", "use the filters truncate N, lowercase and uppercase")
    if match := re.fullmatch(r"random ([0-9]{1,3})", source):
        length = min([int(match[1]), *cut])
        return length, length
    if source in _NAMES:
        if not cut:
            raise refuse(f"username_template has {source} at full length, which has no limit", "add `| truncate 30`")
        return min(cut), 0
    if source not in _SOURCES:
        raise refuse(f"username_template has {{{{{action}}}}}, which is no part of a name", _WRITE)
    length = min([_SOURCES[source], *cut])
    return length, length if source == "uuid" else 0


def longest(text: str) -> int:
    """The most characters that a name from this template has."""
    return len(_ACTION.sub("", text)) + sum(_length(action)[0] for action in _ACTION.findall(text))


def _check(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_+=,.@-]*", _ACTION.sub("", text)):
        raise refuse("username_template has a character that AWS does not take", _WRITE)
    if max((_length(action)[1] for action in _ACTION.findall(text)), default=0) < RANDOM_LEAST:
        raise refuse("username_template makes the same name twice: it has too little randomness", "add {{random 20}}")
    if (most := longest(text)) > LONGEST:
        raise refuse(f"username_template makes names of up to {most} characters, and AWS takes {LONGEST}", "cut parts")
    return text


UsernameTemplate = Annotated[str, AfterValidator(_check)]
"""Text with `{{…}}` actions; the names are different each time and short enough."""
