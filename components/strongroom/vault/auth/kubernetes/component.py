"""Kubernetes auth as components: the auth method of one cluster, and its roles."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.deployment import deploy_roles, token_inputs
from strongroom.vault.auth.kubernetes.plan import KubernetesMethod, KubernetesRole
from strongroom.vault.auth.references import resolved


class VaultKubernetesAuthArgs(TypedDict):
    """A Kubernetes auth method. `ca_pem` and `token_reviewer_jwt` are given together, or the server is a pod there."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `cluster-prod`."""
    kubernetes_host: pulumi.Input[str]
    """The URL of the cluster's API server."""
    ca_pem: NotRequired[pulumi.Input[str]]
    """The certificate authority of the API server, PEM."""
    token_reviewer_jwt: NotRequired[pulumi.Input[str]]
    """A token that may create TokenReviews. Kept as a Pulumi secret; prefer a short-lived one."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultKubernetesAuth(pulumi.ComponentResource):
    """A Kubernetes auth method: the server asks the cluster about each token that logs in."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""

    def __init__(self, name: str, args: VaultKubernetesAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultKubernetesAuth", name, None, opts)
        ca_pem, reviewer = args.get("ca_pem"), args.get("token_reviewer_jwt")
        if (ca_pem is None) != (reviewer is None):
            raise ValueError(
                f"{name}: {'token_reviewer_jwt' if ca_pem else 'ca_pem'} is missing; outside the cluster the server "
                "needs both, as a pod of the cluster it has its own"
            )
        method = vault.AuthBackend(
            f"{name}-method",
            type="kubernetes",
            path=args["mount"],
            description=args.get("description", "service accounts of one cluster"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        vault.kubernetes.AuthBackendConfig(
            f"{name}-config",
            backend=method.path,
            kubernetes_host=args["kubernetes_host"],
            # Else a server that happens to be a pod of another cluster would send that cluster's token here.
            disable_local_ca_jwt=reviewer is not None,
            kubernetes_ca_cert=ca_pem,
            token_reviewer_jwt=None if reviewer is None else pulumi.Output.secret(reviewer),
            opts=leaf(self, deleted_with=method),
        )
        self.mount_resource, self.mount = method, method.path
        self.register_outputs({"mount": self.mount})


class VaultKubernetesRoleArgs(TypedDict):
    """Which service account logs in as this role. Names are plain: they are checked before anything runs."""

    namespace: str
    """The exact namespace; no pattern."""
    service_account: str
    """The exact service account; no pattern."""
    audience: pulumi.Input[str]
    """The `aud` that a token must carry."""
    policies: pulumi.Input[list[str]]
    """The policies its token carries; the server's `default` is not among them unless named."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultKubernetesRolesArgs(TypedDict):
    """Roles of one auth method."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    roles: dict[str, VaultKubernetesRoleArgs]
    """The roles by name."""


class VaultKubernetesRoles(pulumi.ComponentResource):
    """Kubernetes roles that belong together, such as all of one cluster."""

    def __init__(self, name: str, args: VaultKubernetesRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultKubernetesRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            for what in (role_args["namespace"], role_args["service_account"]):
                # The server takes `*` for any text, which would admit other workloads.
                if not what or "*" in what:
                    raise ValueError(f"{name}: role {role}: {what!r} is no exact name; name one namespace and account")
            vault.kubernetes.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role_name=role,
                bound_service_account_namespaces=[role_args["namespace"]],
                bound_service_account_names=[role_args["service_account"]],
                audience=role_args["audience"],
                # Known before the first login, so that an entity can be declared. The uid would tell an account
                # from one of the same name that was made anew, but this role takes either.
                alias_name_source="serviceaccount_name",
                **token_inputs(role_args),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The Kubernetes methods of a plan."""
    for record in plan.of(KubernetesMethod):
        method = VaultKubernetesAuth(f"auth-{record.mount}", _method_args(record, stage), component_options(stage))
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles."""
    deploy_roles(plan, stage, KubernetesRole, VaultKubernetesRoles, _role_args)


def _method_args(record: KubernetesMethod, stage: Stage) -> VaultKubernetesAuthArgs:
    args: VaultKubernetesAuthArgs = {
        "mount": record.mount,
        "kubernetes_host": record.kubernetes_host,
        "protect_data": record.protect,
    }
    if record.token_reviewer_jwt_from is None:
        return args
    reviewer = resolved(stage, record.token_reviewer_jwt_from, f"auth method {record.mount}: token_reviewer_jwt")
    return {**args, "ca_pem": record.ca_pem, "token_reviewer_jwt": reviewer}


def _role_args(record: KubernetesRole) -> dict[str, Any]:
    return {
        "namespace": record.namespace,
        "service_account": record.service_account,
        "audience": record.audience,
    }
