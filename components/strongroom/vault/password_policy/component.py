"""Password policies as a component."""

from typing import TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.password_policy.plan import PasswordPolicy


class VaultPasswordPoliciesArgs(TypedDict):
    """How a server makes passwords, in its own language."""

    policies: dict[str, pulumi.Input[str]]
    """Name on the server -> text."""


class VaultPasswordPolicies(pulumi.ComponentResource):
    """Password policies. A name is global to a server (or namespace), so it should say its environment."""

    def __init__(self, name: str, args: VaultPasswordPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultPasswordPolicies", name, None, opts)
        for policy, text in args["policies"].items():
            vault.PasswordPolicy(f"{name}-{policy}", name=policy, policy=text, opts=leaf(self))
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The password policies of a plan."""
    if policies := plan.of(PasswordPolicy):
        texts: dict[str, pulumi.Input[str]] = {policy.name: policy.policy for policy in policies}
        made = VaultPasswordPolicies("password-policies", {"policies": texts}, component_options(stage))
        stage.password_policies.append(made)
