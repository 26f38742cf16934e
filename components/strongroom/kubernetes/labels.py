"""What objects in a cluster say of whose they are."""

from typing import Final

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
"""Kubernetes, "Recommended Labels"."""
MANAGER: Final = "strongroom"
"""Also the name under which fields of objects are managed: Kubernetes, "Server-Side Apply", field managers."""


def labels(environment: str, team: str, **further: str) -> dict[str, str]:
    """The labels of an object. Environment, team and what else is named here are names, which labels can hold."""
    own = {"environment": environment, "team": team, **further}
    return {MANAGED_BY: MANAGER, **{f"strongroom/{name}": value for name, value in sorted(own.items())}}
