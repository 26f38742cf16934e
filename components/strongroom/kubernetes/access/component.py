"""Rights of service accounts on single Secrets as a component."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.kubernetes import provider
from strongroom.kubernetes.access.plan import SecretRole
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf

RBAC: Final = "rbac.authorization.k8s.io"


class KubernetesSecretRuleArgs(TypedDict):
    """Verbs on the Secrets of these names, and on no other."""

    verbs: list[str]
    """`get`, `patch`, `update`, `delete`. Others are refused: RBAC cannot limit `create` to a name, and `list` and
    `watch` only for who asks for one."""
    names: list[str]
    """The Secrets, one at least."""


class KubernetesServiceAccountArgs(TypedDict):
    """A service account."""

    namespace: str
    """Its namespace."""
    name: str
    """Its name."""


class KubernetesSecretRoleArgs(TypedDict):
    """A Role, and a RoleBinding of the same name."""

    namespace: str
    """Where the Secrets are. A change makes another Role."""
    name: str
    """Its name. A change makes another Role."""
    rules: list[KubernetesSecretRuleArgs]
    """What it allows."""
    accounts: list[KubernetesServiceAccountArgs]
    """Who has it; in any namespace."""
    labels: NotRequired[dict[str, str]]
    """Labels of both. Default: none."""


class KubernetesSecretAccessArgs(TypedDict):
    """Rights in one cluster."""

    roles: dict[str, KubernetesSecretRoleArgs]
    """The Roles, by a short name of their own, such as `payments.checkout`."""


class KubernetesSecretAccess(pulumi.ComponentResource):
    """What service accounts may do with single Secrets of one cluster, and no more."""

    roles: pulumi.Output[list[str]]
    """The Roles as `namespace/name`."""

    def __init__(self, name: str, args: KubernetesSecretAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        for wanted in args["roles"].values():
            _check(wanted)
        super().__init__("strongroom:index:KubernetesSecretAccess", name, None, opts)
        made = []
        for short, wanted in args["roles"].items():
            about = {"namespace": wanted["namespace"], "name": wanted["name"], "labels": wanted.get("labels")}
            role = kubernetes.rbac.v1.Role(
                f"{name}-{short}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(**about),
                rules=[
                    kubernetes.rbac.v1.PolicyRuleArgs(
                        api_groups=[""], resources=["secrets"], resource_names=rule["names"], verbs=rule["verbs"]
                    )
                    for rule in wanted["rules"]
                ],
                opts=leaf(self),
            )
            kubernetes.rbac.v1.RoleBinding(
                f"{name}-{short}-binding",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(**about),
                role_ref=kubernetes.rbac.v1.RoleRefArgs(api_group=RBAC, kind="Role", name=wanted["name"]),
                subjects=[
                    kubernetes.rbac.v1.SubjectArgs(
                        kind="ServiceAccount", namespace=account["namespace"], name=account["name"]
                    )
                    for account in wanted["accounts"]
                ],
                # No binding before its role: the API server asks whoever binds for the rights that the role gives.
                opts=leaf(self, depends_on=[role]),
            )
            made.append(role.metadata.apply(lambda told: f"{told.namespace}/{told.name}"))
        self.roles = pulumi.Output.all(*made)
        self.register_outputs({"roles": self.roles})


def _check(wanted: KubernetesSecretRoleArgs) -> None:
    """Raises ValueError for a rule that would reach more than the Secrets it names."""
    role = f"Role {wanted['namespace']}/{wanted['name']}"
    for rule in wanted["rules"]:
        if not rule["names"]:
            # To RBAC an empty list of names is all of them.
            raise ValueError(f"a rule of {role} names no Secret, and so allows all")
        if wider := sorted(set(rule["verbs"]) - {"get", "patch", "update", "delete"}):
            raise ValueError(f"verb '{wider[0]}' of {role} is none of those that are given for single Secrets")


def deploy(plan: Plan, stage: Stage) -> None:
    """The rights of a plan: a component for each cluster."""
    for place, roles in plan.grouped(SecretRole, lambda role: role.place):
        made = KubernetesSecretAccess(
            f"{plan.environment}-{place}-secret-access",
            {"roles": {f"{role.namespace}.{role.team}.{role.workload}": _args(role) for role in roles}},
            provider.options(stage, place),
        )
        stage.rights.append(made)


def _args(role: SecretRole) -> KubernetesSecretRoleArgs:
    return {
        "namespace": role.namespace,
        "name": role.name,
        "rules": [{"verbs": list(rule.verbs), "names": list(rule.names)} for rule in role.rules],
        "accounts": [{"namespace": account.namespace, "name": account.name} for account in role.accounts],
        "labels": dict(role.labels),
    }
