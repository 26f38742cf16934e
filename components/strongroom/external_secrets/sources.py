"""Secrets that nobody stores: which generator of the operator makes them, by kind of secret."""

from collections.abc import Callable, Mapping
from typing import Final

from strongroom.external_secrets.delivered import Delivered
from strongroom.external_secrets.generators import dynamic
from strongroom.external_secrets.generators.reference import GeneratorRef
from strongroom.plan.scope import Scope

GENERATORS: Final[Mapping[str, Callable[[Scope, Delivered], GeneratorRef]]] = dict.fromkeys(
    dynamic.KINDS, dynamic.reference
)
"""Kind of secret (`Secret.kind`) -> the generator that a delivery of such a secret has."""
__all__ = ["GENERATORS", "GeneratorRef"]
