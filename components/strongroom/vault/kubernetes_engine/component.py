"""The Kubernetes secrets engine as components: a cluster, and the roles that tokens are made by."""

import json
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.references import resolved
from strongroom.vault.kubernetes_engine.plan import KubernetesCluster, KubernetesTokenRole

NEVER: Final = frozenset({"*", "escalate", "bind", "impersonate"})
"""What no rule has: with it, an account gives itself what it was not given."""


class VaultKubernetesEngineArgs(TypedDict):
    """A cluster. `ca_pem` and `service_account_jwt` are given together, or the server is a pod there."""

    mount: pulumi.Input[str]
    """Mount path, such as `kubernetes-eu-prod`."""
    kubernetes_host: pulumi.Input[str]
    """The URL of the cluster's API server."""
    ca_pem: NotRequired[pulumi.Input[str]]
    """The certificate authority of the API server, PEM."""
    service_account_jwt: NotRequired[pulumi.Input[str]]
    """The token that makes the others. Kept as a Pulumi secret; prefer a server that is a pod of the cluster."""
    protect_data: NotRequired[bool]
    """Whether it is protected: without it no lease can be ended. Default true."""


class VaultKubernetesEngine(pulumi.ComponentResource):
    """A Kubernetes secrets engine: tokens of service accounts of one cluster, made on demand."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine can make tokens."""

    def __init__(self, name: str, args: VaultKubernetesEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultKubernetesEngine", name, None, opts)
        ca_pem, token = args.get("ca_pem"), args.get("service_account_jwt")
        if (ca_pem is None) != (token is None):
            raise ValueError(
                f"{name}: {'service_account_jwt' if ca_pem else 'ca_pem'} is missing; outside the cluster the server "
                "needs both, as a pod of the cluster it has its own"
            )
        self.mount_resource = vault.kubernetes.SecretBackend(
            f"{name}-mount",
            path=args["mount"],
            description="tokens of service accounts",
            kubernetes_host=args["kubernetes_host"],
            kubernetes_ca_cert=ca_pem,
            service_account_jwt=None if token is None else pulumi.Output.secret(token),
            # Else a server that happens to be a pod of another cluster would send that cluster's token here.
            disable_local_ca_jwt=token is not None,
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount = self.mount_resource.path
        self.register_outputs({"mount": self.mount})


class VaultKubernetesTokenRoleArgs(TypedDict):
    """Tokens of one role: of a service account that exists, or of one made for each token."""

    namespaces: list[str]
    """The exact namespaces; no pattern."""
    service_account: NotRequired[str]
    """One that exists in those namespaces."""
    rules: NotRequired[str]
    """Instead: what one that is made may do, as the JSON of a Role, `{"rules": [...]}`."""
    name_prefix: NotRequired[str]
    """How the names of those begin, to tell in the cluster whose they are. Default `vault`."""
    audiences: NotRequired[list[str]]
    """Whom the tokens are for, unless a request names others. Default: the cluster's API server."""
    ttl_seconds: pulumi.Input[int]
    """Lifetime of a token whose request names none."""
    max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultKubernetesTokenRolesArgs(TypedDict):
    """Roles of one cluster."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    roles: dict[str, VaultKubernetesTokenRoleArgs]
    """The roles by name."""


class VaultKubernetesTokenRoles(pulumi.ComponentResource):
    """Roles that make tokens for listed namespaces, never with a right to give oneself rights."""

    def __init__(
        self, name: str, args: VaultKubernetesTokenRolesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:VaultKubernetesTokenRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            problem = _problem(role_args)
            if problem:
                raise ValueError(f"{name}: role {role}: {problem}")
            rules = role_args.get("rules")
            vault.kubernetes.SecretBackendRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                # As the server orders them, or each run would find a difference.
                allowed_kubernetes_namespaces=sorted(set(role_args["namespaces"])),
                service_account_name=role_args.get("service_account"),
                generated_role_rules=rules,
                # Within the one namespace. A request cannot make it a binding for the whole cluster.
                kubernetes_role_type="Role",
                # The server's own begins with whoever logged in, which may be no name that Kubernetes takes.
                name_template=f"{role_args.get('name_prefix', 'vault')}-{{{{ random 20 | lowercase }}}}"
                if rules
                else None,
                token_default_audiences=sorted(set(role_args.get("audiences", []))) or None,
                token_default_ttl=role_args["ttl_seconds"],
                token_max_ttl=role_args["max_ttl_seconds"],
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def _problem(args: VaultKubernetesTokenRoleArgs) -> str:
    """What is wrong with a role, with its remedy; empty if nothing is."""
    if not args["namespaces"] or any("*" in namespace for namespace in args["namespaces"]):
        return f"namespaces {args['namespaces']}; list each namespace, without '*'"
    if ("service_account" in args) == ("rules" in args):
        return "give either a service_account or rules"
    for rule in json.loads(args.get("rules", '{"rules": []}'))["rules"]:
        for part in ("apiGroups", "resources", "verbs"):
            if not rule.get(part) or NEVER & set(rule[part]):
                return f"a rule has {part} {rule.get(part)}; list each, without {', '.join(sorted(NEVER))}"
    return ""


def deploy(plan: Plan, stage: Stage) -> None:
    """The clusters of a plan and their roles."""
    for record in plan.of(KubernetesCluster):
        engine = VaultKubernetesEngine(record.mount, _engine_args(record, stage), component_options(stage))
        stage.mounted(record.mount, engine)
    for mount, roles in plan.grouped(KubernetesTokenRole, lambda role: role.mount):
        VaultKubernetesTokenRoles(
            f"{mount}-roles",
            {"mount": stage.mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, within=mount),
        )


def _engine_args(record: KubernetesCluster, stage: Stage) -> VaultKubernetesEngineArgs:
    args: VaultKubernetesEngineArgs = {
        "mount": record.mount,
        "kubernetes_host": record.kubernetes_host,
        "protect_data": record.protect,
    }
    if record.service_account_jwt_from is None:
        return args
    token = resolved(stage, record.service_account_jwt_from, f"cluster {record.mount}: service_account_jwt")
    return {**args, "ca_pem": record.ca_pem, "service_account_jwt": token}


def _role_args(record: KubernetesTokenRole) -> VaultKubernetesTokenRoleArgs:
    args: VaultKubernetesTokenRoleArgs = {
        "namespaces": list(record.namespaces),
        "audiences": list(record.audiences),
        "ttl_seconds": record.ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }
    if record.service_account:
        return {**args, "service_account": record.service_account}
    return {**args, "rules": record.rules, "name_prefix": record.name}
