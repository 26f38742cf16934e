"""The roles of an authority, and which of them ACME clients may use."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf_within


class VaultPkiRoleArgs(TypedDict):
    """Certificates of one role."""

    allowed_domains: list[str]
    """The names they may be for."""
    allow_subdomains: NotRequired[pulumi.Input[bool]]
    """Whether names below them are allowed too. Default false."""
    usages: NotRequired[list[str]]
    """`server`, `client` or both. Default: `server`."""
    key_type: NotRequired[pulumi.Input[str]]
    """`ec` (the default) or `rsa`."""
    key_bits: NotRequired[pulumi.Input[int]]
    """Default 256."""
    ttl_seconds: pulumi.Input[int]
    """Lifetime of a certificate whose request names none."""
    max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultPkiRolesArgs(TypedDict):
    """Roles of one authority."""

    mount: pulumi.Input[str]
    """The authority's mount path."""
    roles: dict[str, VaultPkiRoleArgs]
    """The roles by name."""


class VaultPkiRoles(pulumi.ComponentResource):
    """Roles that issue certificates for listed names: never for any name, an address, `localhost` or `*`."""

    def __init__(self, name: str, args: VaultPkiRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultPkiRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            domains, usages = role_args["allowed_domains"], role_args.get("usages", ["server"])
            if not domains or any("*" in domain for domain in domains):
                raise ValueError(f"{name}: role {role} has domains {domains}; list each domain, without '*'")
            vault.pkisecret.SecretBackendRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                allowed_domains=domains,
                allow_bare_domains=True,
                allow_subdomains=role_args.get("allow_subdomains", False),
                allow_any_name=False,
                allow_glob_domains=False,
                allow_wildcard_certificates=False,
                allow_ip_sans=False,
                allow_localhost=False,
                server_flag="server" in usages,
                client_flag="client" in usages,
                key_type=role_args.get("key_type", "ec"),
                key_bits=role_args.get("key_bits", 256),
                ttl=pulumi.Output.from_input(role_args["ttl_seconds"]).apply(str),
                max_ttl=pulumi.Output.from_input(role_args["max_ttl_seconds"]).apply(str),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


class VaultPkiAcmeArgs(TypedDict):
    """How certificates of one authority are had by ACME."""

    mount: pulumi.Input[str]
    """The authority's mount path."""
    enabled: bool
    """Whether they are. Where this component goes away the server keeps the setting: turn it off first."""
    api_url: NotRequired[str]
    """Where clients find the API: `https://vault.example/v1`, with the namespace after it. Needed if enabled."""
    allowed_roles: NotRequired[list[str]]
    """The roles that clients may use, by exact name. Needed if enabled; each must exist."""
    allowed_issuers: NotRequired[list[str]]
    """The issuers that may issue, by exact name. Needed if enabled."""
    eab_policy: NotRequired[pulumi.Input[str]]
    """`always-required` (the default), `new-account-required` or `not-required`."""
    default_role: NotRequired[str]
    """The role of the directory that names none. Default: that directory is closed."""
    dns_resolver: NotRequired[pulumi.Input[str]]
    """`host:port` of the DNS server that challenges are looked up at. Default: that of the Vault server's machine."""
    max_ttl_seconds: NotRequired[int]
    """Lifetime at most, beside what each role says. HashiCorp Vault only. Default 0: the server's own."""


class VaultPkiAcme(pulumi.ComponentResource):
    """ACME of one authority: for listed roles, by accounts that somebody vouched for unless said otherwise."""

    def __init__(self, name: str, args: VaultPkiAcmeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultPkiAcme", name, None, opts)
        mount, roles, issuers = args["mount"], args.get("allowed_roles", []), args.get("allowed_issuers", [])
        before: list[pulumi.Resource] = []
        if args["enabled"]:
            if not roles or not issuers or "*" in {*roles, *issuers}:
                raise ValueError(f"{name}: roles {roles} of issuers {issuers} are enabled; list each, without '*'")
            if not (api_url := args.get("api_url")):
                raise ValueError(f"{name}: api_url is missing; clients are told where to find each step")
            place = pulumi.Output.concat(api_url, "/", mount)
            before.append(
                vault.pkisecret.BackendConfigCluster(
                    f"{name}-cluster", backend=mount, path=place, aia_path=place, opts=leaf_within(self, opts)
                )
            )
        default_role = args.get("default_role")
        vault.pkisecret.BackendConfigAcme(
            f"{name}-config",
            backend=mount,
            enabled=args["enabled"],
            # The server's own defaults are everybody, every role and every issuer, also any name at all.
            eab_policy=args.get("eab_policy", "always-required"),
            allowed_roles=roles or ["*"],
            allowed_issuers=issuers or ["*"],
            default_directory_policy=f"role:{default_role}" if default_role else "forbid",
            allow_role_ext_key_usage=False,
            dns_resolver=args.get("dns_resolver", ""),
            max_ttl=args.get("max_ttl_seconds") or None,
            opts=leaf_within(self, opts, depends_on=before),
        )
        self.register_outputs({})
