"""The Pulumi program: one stack's plan, made real by components."""

import importlib
import os
from pathlib import Path
from typing import Final

import pulumi

from strongroom.plan.logins import logins
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.spec.stack import Stack
from strongroom.stage import Stage
from strongroom.traces import one_frame_each

DEPLOYERS: Final[tuple[tuple[str, str], ...]] = (
    ("vault.audit", "strongroom.vault.audit.component"),
    ("vault.kv", "strongroom.vault.kv.component"),
    ("vault.database", "strongroom.vault.database.component"),
    ("vault.policy", "strongroom.vault.policy.component"),
    ("vault.auth.approle", "strongroom.vault.auth.approle.component"),
    ("vault.auth.jwt", "strongroom.vault.auth.jwt.component"),
)
"""Kinds of record -> the module that deploys them, in order. Imported only where a plan has such a record, so that
a stack loads no provider SDK that it does not use."""


def run(root: Path) -> None:
    """Plans this stack from the files below `root` and registers its resources. Raises SpecError with all problems."""
    config = pulumi.Config("strongroom")
    stack = Stack(
        environment=config.require("environment"),
        slice=config.get("slice") or "all",
        settings=config.get_object("settings") or {},
    )
    deploy(Project.read(root).plan(pulumi.get_stack(), stack), Stage(secret=_secret))


def deploy(plan: Plan, stage: Stage) -> None:
    """Registers all resources of a plan."""
    kinds = {record.kind for record in plan.records}
    with one_frame_each():
        for prefix, module in DEPLOYERS:
            if any(kind == prefix or kind.startswith(f"{prefix}.") for kind in kinds):
                importlib.import_module(module).deploy(plan, stage)
    pulumi.export("environment", plan.environment)
    pulumi.export("slice", plan.slice)
    pulumi.export("logins", logins(plan))


def _secret(kind: str, name: str) -> pulumi.Output[str] | None:
    """The value behind a reference, as a Pulumi secret; None where there is none."""
    if kind == "pulumi_config":
        return pulumi.Config("strongroom").get_secret(name)
    # An empty variable is how shells and CI say that there is none; no database has an empty password.
    value = os.environ.get(name)
    return pulumi.Output.secret(value) if value else None
