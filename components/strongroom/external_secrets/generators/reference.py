"""What an ExternalSecret says of a generator, and what a grant has to say of its secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

API_VERSION: Final = "generators.external-secrets.io/v1alpha1"
VERBS: Final[Mapping[str, str]] = {"certificate": "issue"}
"""Kind of secret -> the verb that a delivery of it needs; of all others it is `read`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorRef:
    """A generator in the same namespace, by the names that an ExternalSecret refers to it."""

    kind: str
    """Such as `VaultDynamicSecret`."""
    name: str
    api_version: str = API_VERSION
