"""Which name an object gets, by the official provider's rules."""

import hashlib
import secrets
from typing import Final

from ..frame.values import UNKNOWN, Properties
from . import objects

_SUFFIX_LENGTH: Final = 8


def named(inputs: Properties, old: Properties, resource_name: str, seed: bytes) -> Properties:
    """Return the inputs with a name, if the program gives none: the one it had, or a new one with a random suffix.

    That it was made up is noted in an annotation, as a replacement may then have another name.

    Args:
        old: The inputs of the resource's state; empty for a new one, and for the new one of a replacement.
        resource_name: Pulumi's name of the resource.
        seed: What the engine says that the suffix depends on.
    """
    fields = objects.metadata(inputs)
    if inputs.get("metadata") is UNKNOWN or fields.get("name") or fields.get("generateName"):
        return inputs
    if not old:
        name = generated(resource_name, seed)
    elif objects.is_true(old, objects.AUTONAMED):
        name = str(objects.name_of(old))
    else:
        return inputs
    return objects.with_annotation(objects.with_metadata(inputs, name=name), objects.AUTONAMED)


def generated(resource_name: str, seed: bytes) -> str:
    """Return `resource_name-` and eight hexadecimal digits, which depend on nothing but the seed if there is one."""
    suffix = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(_SUFFIX_LENGTH)
    return f"{resource_name}-{suffix[:_SUFFIX_LENGTH]}"


def in_namespace(inputs: Properties, namespace: str) -> Properties:
    """Return the inputs of an object in a namespace, if they name none."""
    return inputs if objects.namespace_of(inputs) else objects.with_metadata(inputs, namespace=namespace)
