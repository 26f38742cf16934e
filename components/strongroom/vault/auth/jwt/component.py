"""JWT as components: the auth method of one issuer, and the roles of one team."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.deployment import deploy_roles, token_inputs
from strongroom.vault.auth.jwt.plan import JwtMethod, JwtRole


class VaultJwtAuthArgs(TypedDict):
    """A JWT auth method. Exactly one of `oidc_discovery_url`, `jwks_url` and `public_keys` is given."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `cluster-prod`."""
    issuer: pulumi.Input[str]
    """The `iss` claim that tokens must carry."""
    oidc_discovery_url: NotRequired[pulumi.Input[str]]
    """The issuer's URL, for OIDC discovery."""
    jwks_url: NotRequired[pulumi.Input[str]]
    """The URL of the key set."""
    public_keys: NotRequired[pulumi.Input[list[str]]]
    """The keys, PEM without a final newline (the server drops it)."""
    ca_pem: NotRequired[pulumi.Input[str]]
    """The certificate authority of the URL's server. Default: the Vault server's own trust store."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultJwtAuth(pulumi.ComponentResource):
    """A JWT auth method for the signed tokens of one issuer."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""

    def __init__(self, name: str, args: VaultJwtAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultJwtAuth", name, None, opts)
        given = [key for key in ("oidc_discovery_url", "jwks_url", "public_keys") if args.get(key)]
        if len(given) != 1:
            raise ValueError(
                f"{name}: keys come from {' and '.join(given) or 'nowhere'}; "
                "name exactly one of oidc_discovery_url, jwks_url, public_keys"
            )
        ca_pem = args.get("ca_pem")
        method = vault.jwt.AuthBackend(
            f"{name}-method",
            type="jwt",
            path=args["mount"],
            description=args.get("description", "signed tokens of one issuer"),
            bound_issuer=args["issuer"],
            oidc_discovery_url=args.get("oidc_discovery_url"),
            oidc_discovery_ca_pem=ca_pem if "oidc_discovery_url" in given else None,
            jwks_url=args.get("jwks_url"),
            jwks_ca_pem=ca_pem if "jwks_url" in given else None,
            jwt_validation_pubkeys=args.get("public_keys"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount_resource = method
        self.mount = method.path.apply(lambda path: path or "jwt")
        self.register_outputs({"mount": self.mount})


class VaultJwtRoleArgs(TypedDict):
    """Whose tokens log in as this role. At least one of `subject` and `claims` is given."""

    audiences: pulumi.Input[list[str]]
    """The `aud` values of which a token must carry one."""
    subject: NotRequired[pulumi.Input[str]]
    """The exact `sub` claim."""
    claims: NotRequired[pulumi.Input[dict[str, str]]]
    """Further claims and their exact values."""
    user_claim: NotRequired[pulumi.Input[str]]
    """The claim by whose value the identity store knows who logs in. Default `sub`."""
    groups_claim: NotRequired[pulumi.Input[str]]
    """The claim that lists groups; every token must carry it. Default: none."""
    policies: pulumi.Input[list[str]]
    """The policies its token carries; the server's `default` is not among them unless named."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultJwtRolesArgs(TypedDict):
    """Roles of one auth method."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    roles: dict[str, VaultJwtRoleArgs]
    """The roles by name."""


class VaultJwtRoles(pulumi.ComponentResource):
    """JWT roles that belong together, such as all of one team."""

    def __init__(self, name: str, args: VaultJwtRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultJwtRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            if not role_args.get("subject") and not role_args.get("claims"):
                raise ValueError(
                    f"{name}: role {role} binds neither subject nor claims; every token would be this workload"
                )
            vault.jwt.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role_name=role,
                role_type="jwt",
                user_claim=role_args.get("user_claim", "sub"),
                groups_claim=role_args.get("groups_claim"),
                bound_audiences=role_args["audiences"],
                bound_subject=role_args.get("subject"),
                bound_claims=role_args.get("claims"),
                bound_claims_type="string",
                **token_inputs(role_args),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The JWT methods of a plan."""
    for record in plan.of(JwtMethod):
        method = VaultJwtAuth(f"auth-{record.mount}", _method_args(record), component_options(stage))
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles."""
    deploy_roles(plan, stage, JwtRole, VaultJwtRoles, _role_args)


def _method_args(record: JwtMethod) -> VaultJwtAuthArgs:
    args: VaultJwtAuthArgs = {"mount": record.mount, "issuer": record.issuer, "protect_data": record.protect}
    if record.oidc_discovery_url:
        args["oidc_discovery_url"] = record.oidc_discovery_url
    if record.jwks_url:
        args["jwks_url"] = record.jwks_url
    if record.public_keys:
        args["public_keys"] = list(record.public_keys)
    if record.ca_pem:
        args["ca_pem"] = record.ca_pem
    return args


def _role_args(record: JwtRole) -> dict[str, Any]:
    args: dict[str, Any] = {"audiences": list(record.audiences), "user_claim": record.user_claim}
    if record.subject:
        args["subject"] = record.subject
    if record.claims:
        args["claims"] = dict(record.claims)
    if record.groups_claim:
        args["groups_claim"] = record.groups_claim
    return args
