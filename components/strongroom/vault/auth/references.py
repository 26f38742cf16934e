"""Secrets that an auth method is given by reference."""

import pulumi

from strongroom.spec.value_source import how_to_set
from strongroom.stage import Stage


def resolved(stage: Stage, reference: tuple[str, str], what: str) -> pulumi.Output[str]:
    """The value behind a reference, as a Pulumi secret.

    Raises ValueError if there is none: to go on would take the value that the server has away from it, and end all
    logins of the method.
    """
    kind, name = reference
    if (value := stage.secret(kind, name)) is None:
        raise ValueError(f"{what} has no value; set it with {how_to_set(kind, name)}")
    return value
