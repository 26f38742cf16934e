"""Secrets that nobody stores: which generator of the operator makes them, one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from strongroom.external_secrets.delivered import Delivered
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorRef:
    """A generator in the same namespace, by the names that an ExternalSecret refers to it."""

    kind: str
    """Such as `VaultDynamicSecret`."""
    name: str
    api_version: str = "generators.external-secrets.io/v1alpha1"


GENERATORS: Final[Mapping[str, Callable[[Scope, Delivered], GeneratorRef]]] = {}
"""Kind of secret (`Secret.kind`) -> the generator that a delivery of such a secret has."""
