"""ACL policies as a component."""

from typing import TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.auth.deployment import filled
from strongroom.vault.policy.plan import Policy


class VaultPoliciesArgs(TypedDict):
    """Policies that belong together, such as all of one team."""

    policies: dict[str, pulumi.Input[str]]
    """Name -> text, HCL or JSON."""


class VaultPolicies(pulumi.ComponentResource):
    """ACL policies. A name is global to a server (or namespace), so it should say its environment."""

    def __init__(self, name: str, args: VaultPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultPolicies", name, None, opts)
        for policy, text in args["policies"].items():
            vault.Policy(f"{name}-{policy}", name=policy, policy=text, opts=leaf(self))
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The policies of a plan."""
    texts = {policy.name: _text(policy, stage) for policy in plan.of(Policy)}
    stage.policies.append(VaultPolicies("policies", {"policies": texts}, component_options(stage)))


def _text(policy: Policy, stage: Stage) -> pulumi.Input[str]:
    return filled(stage, policy.methods, policy.text_with) if policy.methods else policy.text
