"""OIDC auth as components: the auth method of one identity provider, and who gets what through it."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.deployment import accessor
from strongroom.vault.auth.oidc.plan import OidcGroup, OidcMethod, OidcRoleRecord
from strongroom.vault.auth.references import resolved


class VaultOidcAuthArgs(TypedDict):
    """An OIDC auth method."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `people-prod`."""
    oidc_discovery_url: pulumi.Input[str]
    """The provider's URL, exactly as its tokens name it."""
    client_id: pulumi.Input[str]
    """What the provider calls this server."""
    client_secret: pulumi.Input[str]
    """By which the provider recognises it. Kept as a Pulumi secret."""
    default_role: pulumi.Input[str]
    """The role of whoever names none."""
    ca_pem: NotRequired[pulumi.Input[str]]
    """The certificate authority of the provider's server. Default: the Vault server's own trust store."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultOidcAuth(pulumi.ComponentResource):
    """An OIDC auth method: people log in through their browser."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""
    accessor: pulumi.Output[str]
    """The mount's accessor, by which groups of the provider are told from those of others."""

    def __init__(self, name: str, args: VaultOidcAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultOidcAuth", name, None, opts)
        method = vault.jwt.AuthBackend(
            f"{name}-method",
            type="oidc",
            path=args["mount"],
            description=args.get("description", "people, through the identity provider"),
            oidc_discovery_url=args["oidc_discovery_url"],
            oidc_discovery_ca_pem=args.get("ca_pem"),
            oidc_client_id=args["client_id"],
            oidc_client_secret=pulumi.Output.secret(args["client_secret"]),
            default_role=args["default_role"],
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount_resource = method
        self.mount, self.accessor = method.path.apply(lambda path: path or "oidc"), method.accessor
        self.register_outputs({"mount": self.mount, "accessor": self.accessor})


class VaultOidcRoleArgs(TypedDict):
    """Who may log in."""

    bound_claims: NotRequired[pulumi.Input[dict[str, str]]]
    """Claims that a person's token must carry, and their exact values. Default: none."""
    user_claim: NotRequired[pulumi.Input[str]]
    """The claim that tells people apart. Default `sub`."""
    groups_claim: NotRequired[pulumi.Input[str]]
    """The claim that lists a person's groups. Default `groups`."""
    scopes: NotRequired[pulumi.Input[list[str]]]
    """What to ask the provider for beside `openid`."""
    redirect_uris: pulumi.Input[list[str]]
    """Where the browser may bring the answer."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultOidcGroupArgs(TypedDict):
    """What a group of the provider may do."""

    group: pulumi.Input[str]
    """Its name in the provider's tokens."""
    policies: pulumi.Input[list[str]]
    """The policies of those who are in it."""


class VaultOidcAccessArgs(TypedDict):
    """Roles of one auth method, and groups of its provider."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    accessor: pulumi.Input[str]
    """The auth method's accessor."""
    roles: dict[str, VaultOidcRoleArgs]
    """The roles by name."""
    groups: NotRequired[dict[str, VaultOidcGroupArgs]]
    """External identity groups by name; names are global to a server."""


class VaultOidcAccess(pulumi.ComponentResource):
    """Who may log in through a provider, and what its groups may do."""

    def __init__(self, name: str, args: VaultOidcAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultOidcAccess", name, None, opts)
        for role, role_args in args["roles"].items():
            vault.jwt.AuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                role_name=role,
                role_type="oidc",
                user_claim=role_args.get("user_claim", "sub"),
                groups_claim=role_args.get("groups_claim", "groups"),
                bound_claims=role_args.get("bound_claims"),
                bound_claims_type="string",
                oidc_scopes=role_args.get("scopes"),
                allowed_redirect_uris=role_args["redirect_uris"],
                # No policies, and `default` stays: the web interface asks the server what its user may do, which no
                # derived policy speaks of.
                token_ttl=role_args["token_ttl_seconds"],
                token_max_ttl=role_args["token_max_ttl_seconds"],
                opts=leaf_within(self, opts),
            )
        for group, group_args in args.get("groups", {}).items():
            identity = vault.identity.Group(
                f"{name}-group-{group}",
                name=group,
                type="external",
                policies=group_args["policies"],
                external_member_entity_ids=True,  # the server itself puts people in and takes them out, at each login
                opts=leaf(self),
            )
            vault.identity.GroupAlias(
                f"{name}-group-{group}-alias",
                name=group_args["group"],
                mount_accessor=args["accessor"],
                canonical_id=identity.id,
                opts=leaf(self, deleted_with=identity),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The OIDC methods of a plan."""
    for record in plan.of(OidcMethod):
        method = VaultOidcAuth(f"auth-{record.mount}", _method_args(record, stage), component_options(stage))
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles and groups."""
    for record in plan.of(OidcMethod):
        VaultOidcAccess(
            f"auth-{record.mount}-access",
            {
                "mount": stage.auth_mount(record.mount),
                "accessor": accessor(stage, record.mount),
                "roles": {r.name: _role_args(r) for r in plan.of(OidcRoleRecord) if r.mount == record.mount},
                "groups": {
                    g.name: {"group": g.group, "policies": list(g.policies)}
                    for g in plan.of(OidcGroup)
                    if g.mount == record.mount
                },
            },
            component_options(stage, after=stage.policies, within=f"auth/{record.mount}"),
        )


def _method_args(record: OidcMethod, stage: Stage) -> VaultOidcAuthArgs:
    args: VaultOidcAuthArgs = {
        "mount": record.mount,
        "oidc_discovery_url": record.oidc_discovery_url,
        "client_id": record.client_id,
        "client_secret": resolved(stage, record.client_secret_from, f"auth method {record.mount}: client_secret"),
        "default_role": record.default_role,
        "protect_data": record.protect,
    }
    return {**args, "ca_pem": record.ca_pem} if record.ca_pem else args


def _role_args(record: OidcRoleRecord) -> VaultOidcRoleArgs:
    args: VaultOidcRoleArgs = {
        "user_claim": record.user_claim,
        "groups_claim": record.groups_claim,
        "redirect_uris": list(record.redirect_uris),
        "token_ttl_seconds": record.token_ttl_seconds,
        "token_max_ttl_seconds": record.token_max_ttl_seconds,
    }
    if record.bound_claims:
        args["bound_claims"] = dict(record.bound_claims)
    if record.scopes:
        args["scopes"] = list(record.scopes)
    return args
