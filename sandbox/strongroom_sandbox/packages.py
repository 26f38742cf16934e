"""Which Pulumi packages a stack needs: those of its plan, and those of what an earlier plan has left in its state."""

import json
from pathlib import Path
from typing import Final

from strongroom.plan.plan import Plan

OF_SYSTEM: Final = {
    "vault": "vault",
    "aws": "aws",
    "azure": "azure-native",
    "gcp": "gcp",
    "kubernetes": "kubernetes",
    "external_secrets": "kubernetes",
}
"""The first word of a record's kind, which names the system -> the package that makes such things."""
DISTRIBUTION: Final = "pulumi-{}"
"""The Python SDK of a package, whose release is the one to have the provider in."""


def of_plan(plan: Plan) -> frozenset[str]:
    """The packages that a plan's records are made with."""
    systems = {record.kind.partition(".")[0] for record in plan.records}
    return frozenset(package for system, package in OF_SYSTEM.items() if system in systems)


def of_state(checkpoint: Path) -> frozenset[str]:
    """The packages of what a stack has: what a plan no longer names has to be deleted by somebody."""
    if not checkpoint.exists():
        return frozenset()
    latest = json.loads(checkpoint.read_text("utf-8"))["checkpoint"].get("latest") or {}
    types = {resource["type"] for resource in latest.get("resources") or []}
    return frozenset(
        package for package in OF_SYSTEM.values() if any(type_.startswith(f"{package}:") for type_ in types)
    )
