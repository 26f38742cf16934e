"""What people write about password policies: how the server makes the passwords that it issues."""

import math
import string
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, StrictInt
from strongroom.spec.names import describe_character, refuse

CHARSETS: Final = {
    "lowercase": string.ascii_lowercase,
    "uppercase": string.ascii_uppercase,
    "digits": string.digits,
    "symbols": "-_.~",
}
HARMLESS: Final = frozenset(string.ascii_letters + string.digits + "-_.~!*+=^,")
"""What no SQL text, URL or JSON gives a meaning to: the servers put passwords into statements as they are."""
STRENGTH_LEAST_BITS: Final = 100
"""As many as 20 letters and digits have, which is what the server makes by default."""


def _check_characters(text: str) -> str:
    for character in text:
        if character not in HARMLESS:
            raise refuse(
                f"the characters of a password have {describe_character(character)}",
                "statements and URLs would give it a meaning; take letters, digits and -_.~!*+=^,",
            )
    if len(set(text)) != len(text):
        raise refuse("a character is named twice", "name each once: all are equally likely")
    return text


class Rule(Model):
    """Characters that a password is made from, and how many of them it has at least."""

    charset: Literal["lowercase", "uppercase", "digits", "symbols"] | None = None
    """A set by name: `a-z`, `A-Z`, `0-9`, or `-_.~`."""
    characters: Annotated[str, Field(min_length=1, max_length=72), AfterValidator(_check_characters)] | None = None
    """Or the characters themselves."""
    min_chars: Annotated[StrictInt, Field(ge=0, le=64)] = 1
    """How many of them a password has at least."""

    @model_validator(mode="after")
    def _one_set(self) -> Self:
        if (self.charset is None) == (self.characters is None):
            raise refuse("name exactly one of charset and characters")
        return self

    @property
    def alphabet(self) -> str:
        """The characters, in order."""
        return CHARSETS[self.charset] if self.charset else str(self.characters)


class PasswordPolicy(Model):
    """How long passwords are, and what they are made from: all characters of all rules, each equally likely."""

    length: Annotated[StrictInt, Field(ge=16, le=128)] = 32
    """Characters of a password."""
    rules: tuple[Rule, ...] = Field(
        default=(Rule(charset="lowercase"), Rule(charset="uppercase"), Rule(charset="digits")), min_length=1
    )
    """The characters. Default: letters of both cases and digits, at least one of each."""

    @model_validator(mode="after")
    def _can_be_made_and_not_guessed(self) -> Self:
        wanted = sum(rule.min_chars for rule in self.rules)
        if wanted > self.length:
            raise refuse(
                f"the rules want {wanted} characters, and a password has {self.length}",
                "raise length or lower min_chars",
            )
        choices = len({character for rule in self.rules for character in rule.alphabet})
        if self.length * math.log2(choices) < STRENGTH_LEAST_BITS:
            raise refuse(
                f"{self.length} characters out of {choices} make a password of "
                f"{int(self.length * math.log2(choices))} bits, which can be guessed",
                f"raise length, or add characters, for at least {STRENGTH_LEAST_BITS} bits",
            )
        return self
