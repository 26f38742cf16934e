"""The Pulumi program: one stack's plan, made real by components."""

import importlib
import os
from pathlib import Path
from typing import Final

import pulumi
from pulumi.runtime.config import is_config_secret
from pydantic import ValidationError

from strongroom.aws.iam.plan import roles as aws_roles
from strongroom.errors import StrongroomError
from strongroom.extras import load
from strongroom.kubernetes.secrets.plan import where
from strongroom.plan.logins import logins
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.safeguards.planned import kept_in
from strongroom.spec.problems import SpecError
from strongroom.spec.stack import Stack
from strongroom.stage import Stage
from strongroom.traces import one_frame_each

DEPLOYERS: Final[tuple[tuple[str, str], ...]] = (
    ("aws", "strongroom.aws.provider:check"),
    ("gcp", "strongroom.gcp.provider:check"),
    ("azure", "strongroom.azure.provider:check"),
    ("kubernetes", "strongroom.kubernetes.provider:check"),
    ("external_secrets", "strongroom.kubernetes.provider:check"),
    ("external_secrets", "strongroom.external_secrets.seen:check"),
    ("vault.namespace", "strongroom.vault.namespace.component"),
    ("vault.audit", "strongroom.vault.audit.component"),
    ("vault.server_settings", "strongroom.vault.server_settings.component"),
    ("vault.adopted", "strongroom.vault.adopted.component"),
    ("vault.kv", "strongroom.vault.kv.component"),
    ("vault.kv_v1", "strongroom.vault.kv_v1.component"),
    ("vault.password_policy", "strongroom.vault.password_policy.component"),
    ("vault.database", "strongroom.vault.database.component"),
    ("vault.kubernetes_engine", "strongroom.vault.kubernetes_engine.component"),
    ("vault.pki", "strongroom.vault.pki.component"),
    ("vault.ssh", "strongroom.vault.ssh.component"),
    ("vault.totp", "strongroom.vault.totp.component"),
    ("vault.transit", "strongroom.vault.transit.component"),
    ("vault.aws", "strongroom.vault.aws.component"),
    ("vault.auth.approle.method", "strongroom.vault.auth.approle.component:deploy_methods"),
    ("vault.auth.aws.method", "strongroom.vault.auth.aws.component:deploy_methods"),
    ("vault.auth.jwt.method", "strongroom.vault.auth.jwt.component:deploy_methods"),
    ("vault.auth.kubernetes.method", "strongroom.vault.auth.kubernetes.component:deploy_methods"),
    ("vault.auth.oidc.method", "strongroom.vault.auth.oidc.component:deploy_methods"),
    ("vault.auth.userpass.method", "strongroom.vault.auth.userpass.component:deploy_methods"),
    ("vault.auth.cert.method", "strongroom.vault.auth.cert.component:deploy_methods"),
    ("vault.policy", "strongroom.vault.policy.component"),
    ("vault.auth.approle", "strongroom.vault.auth.approle.component"),
    ("vault.auth.aws", "strongroom.vault.auth.aws.component"),
    ("vault.auth.jwt", "strongroom.vault.auth.jwt.component"),
    ("vault.auth.kubernetes", "strongroom.vault.auth.kubernetes.component"),
    ("vault.auth.oidc", "strongroom.vault.auth.oidc.component"),
    ("vault.auth.userpass", "strongroom.vault.auth.userpass.component"),
    ("vault.auth.cert", "strongroom.vault.auth.cert.component"),
    ("vault.identity", "strongroom.vault.identity.component"),
    ("vault.mfa", "strongroom.vault.mfa.component"),
    ("vault.token_role", "strongroom.vault.token_role.component"),
    ("vault.quota", "strongroom.vault.quota.component"),
    ("aws.kms.key", "strongroom.aws.kms.component"),
    ("aws.secrets_manager.secret", "strongroom.aws.secrets_manager.component"),
    ("aws.iam", "strongroom.aws.iam.deploy"),
    ("aws.rotation", "strongroom.aws.rotation.deploy"),
    ("aws.audit", "strongroom.aws.audit.deploy"),
    ("aws.parameters", "strongroom.aws.parameters.component"),
    ("gcp.audit", "strongroom.gcp.audit.component"),
    ("gcp.iam", "strongroom.gcp.iam.component"),
    ("gcp.kms", "strongroom.gcp.kms.component"),
    ("gcp.rotation", "strongroom.gcp.rotation.component"),
    ("gcp.secret_manager", "strongroom.gcp.secret_manager.component"),
    ("azure.key_vault.vault", "strongroom.azure.key_vault.component"),
    ("azure.key_vault.key", "strongroom.azure.key_vault.keys_component"),
    ("azure.identity", "strongroom.azure.identity.component"),
    ("azure.rotation", "strongroom.azure.rotation.component"),
    ("kubernetes.secrets.deployed", "strongroom.kubernetes.secrets.component"),
    ("kubernetes.access", "strongroom.kubernetes.access.component"),
    ("kubernetes.encryption", "strongroom.kubernetes.encryption.component"),
    ("external_secrets.operator.release", "strongroom.external_secrets.operator.component"),
    ("external_secrets.operator.tokens", "strongroom.external_secrets.operator.tokens"),
    ("external_secrets.generator", "strongroom.external_secrets.generators.component"),
    ("external_secrets", "strongroom.external_secrets.component"),
    ("external_secrets.cluster", "strongroom.external_secrets.cluster.component"),
    ("external_secrets.push", "strongroom.external_secrets.push.component"),
)
"""Kinds of record -> the function that deploys them, `deploy` unless another is named, in order. Imported only where a
plan has such a record, so that a stack loads no provider SDK that it does not use. Auth methods come before policies,
which may refer to their accessors, and policies before the roles that name them."""


def run(root: Path) -> None:
    """Plans this stack from the files below `root` and registers its resources.

    Raises pulumi.RunError with all that is wrong: the engine shows its text, and no traceback.
    """
    config = pulumi.Config("strongroom")
    if is_config_secret("strongroom:settings"):
        # They become parts of names and addresses, which plans, reports and the state show.
        raise pulumi.RunError("strongroom:settings holds an encrypted value, and settings are no place for secrets")
    try:
        stack = Stack(
            environment=config.require("environment"),
            slice=config.get("slice") or "all",
            settings=config.get_object("settings") or {},
        )
        plan = Project.read(root).plan(pulumi.get_stack(), stack)
    except (SpecError, ValidationError) as error:
        raise pulumi.RunError(str(error)) from None
    try:
        deploy(plan, Stage(secret=_secret))
    except StrongroomError as error:
        raise pulumi.RunError(str(error)) from None


def deploy(plan: Plan, stage: Stage) -> None:
    """Registers all resources of a plan."""
    kinds = {record.kind for record in plan.records}
    if plan.namespace:
        importlib.import_module("strongroom.vault.namespace.component").within(plan.namespace)
    with one_frame_each():
        for prefix, place in DEPLOYERS:
            if any(kind == prefix or kind.startswith(f"{prefix}.") for kind in kinds):
                load(prefix, place if ":" in place else f"{place}:deploy")(plan, stage)
    pulumi.export("environment", plan.environment)
    pulumi.export("slice", plan.slice)
    pulumi.export("logins", logins(plan))
    pulumi.export("secrets", kept_in(plan))
    if roles := aws_roles(plan):
        pulumi.export("aws_roles", roles)
    if secrets := where(plan):
        pulumi.export("kubernetes_secrets", secrets)
    if stage.azure_client_ids:
        pulumi.export("azure_client_ids", stage.azure_client_ids)


def _secret(kind: str, name: str) -> pulumi.Output[str] | None:
    """The value behind a reference, as a Pulumi secret; None where there is none. Raises pulumi.RunError if it lies
    in the stack's configuration in plain text."""
    if kind == "pulumi_config":
        found = pulumi.Config("strongroom").get_secret(name)
        if found is not None and not is_config_secret(f"strongroom:{name}"):
            raise pulumi.RunError(
                f"strongroom:{name} stands in plain text in the configuration of stack {pulumi.get_stack()}: replace "
                f"the value, which others may have read, and encrypt it: `pulumi config set --secret strongroom:{name}`"
            )
        return found
    # An empty variable is how shells and CI say that there is none; no database has an empty password.
    value = os.environ.get(name)
    return pulumi.Output.secret(value) if value else None
