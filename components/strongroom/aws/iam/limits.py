"""How statements become documents that IAM takes: "IAM and AWS STS quotas"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.access.aws.statement import text
from strongroom.aws.iam.document import Access, statements
from strongroom.aws.kms.key_ids import length

INLINE_OF_ROLE: Final = 10_240
INLINE_OF_USER: Final = 2_048
"""Characters of all inline policies of a role or user."""
MANAGED: Final = 6_144
"""Characters of a managed policy."""
TRUST: Final = 2_048
"""Characters of a role's trust policy, unless AWS has raised it for the account."""
ATTACHED: Final = 10
"""Managed policies of a role or user, unless AWS has raised it for the account."""


class LimitError(ValueError):
    """More than fits. The text says what, how much, and what to do, which a colon parts."""

    @property
    def flaw(self) -> tuple[str, str]:
        """What is wrong, and the remedy."""
        what, _, remedy = str(self).partition(": ")
        return what, remedy


@dataclass(frozen=True, slots=True)
class Documents:
    """What one workload may do, as one inline policy, or as managed policies where that is too long."""

    inline: str | None = None
    managed: tuple[str, ...] = ()


def documents(
    accesses: Sequence[Access], *, inline_limit: int = INLINE_OF_ROLE, attached_limit: int = ATTACHED
) -> Documents:
    """One inline policy if all fits into it; else managed policies, each of as many secrets as it holds, in order.

    What one secret needs is never torn apart: whoever reads a document sees all of it. Raises LimitError.
    """
    if not accesses:
        return Documents()
    whole = text(statements(accesses))
    if length(whole) <= inline_limit:
        return Documents(inline=whole)
    found: list[str] = []
    rest = accesses
    while rest:
        count = _how_many(rest)
        if count == 0:
            raise LimitError(
                f"{rest[0].names[0]} alone needs a policy of {length(text(statements(rest[:1])))} characters, and IAM "
                f"takes {MANAGED}: split the secret into several with fewer fields"
            )
        found.append(text(statements(rest[:count])))
        rest = rest[count:]
    if len(found) > attached_limit:
        raise LimitError(
            f"{len(accesses)} secrets need {len(found)} managed policies, and IAM attaches {attached_limit} at most: "
            "give some of them to a workload of its own, or keep values that are read together as fields of one secret"
        )
    return Documents(managed=tuple(found))


def _how_many(accesses: Sequence[Access]) -> int:
    """The most of the first secrets that fit into one managed policy: each one more makes it longer."""
    fits, too_many = 0, len(accesses) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if length(text(statements(accesses[:middle]))) <= MANAGED:
            fits = middle
        else:
            too_many = middle
    return fits
