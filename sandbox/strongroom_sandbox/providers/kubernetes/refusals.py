"""What is refused before anything is asked of the server, beyond what types say."""

from collections.abc import Iterator

from pulumi.provider.experimental.provider import CheckFailure

from ..frame.values import Properties, is_unknown
from . import objects, waiting
from .kinds import Kind


def refused(kind: Kind, inputs: Properties) -> Iterator[CheckFailure]:
    """Yield why an object cannot be made as a program wants it."""
    fields = objects.metadata(inputs)
    if kind.patch and not fields.get("name") and not is_unknown(inputs.get("metadata")):
        yield CheckFailure("metadata.name", "patch resources require the `.metadata.name` field to be set")
    if fields.get("generateName") and not fields.get("name"):
        reason = "the `.metadata.generateName` field is not supported in Server-Side Apply mode: leave it out, and the "
        yield CheckFailure("metadata.generateName", f"{reason}name is made from the resource's")
    if (never := waiting.impossible(kind, inputs)) is not None:
        yield CheckFailure("metadata.annotations", never)
