"""Certificate auth as components: the auth method, and its roles."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.cert.plan import CertMethod, CertRole


class VaultCertAuthArgs(TypedDict):
    """A certificate auth method."""

    mount: pulumi.Input[str]
    """Mount path below `auth/`, such as `hosts-prod`."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""
    protect_data: NotRequired[bool]
    """Whether it is protected: deleting it ends every login made through it. Default true."""


class VaultCertAuth(pulumi.ComponentResource):
    """A certificate auth method. Which authority is trusted, each role says."""

    mount: pulumi.Output[str]
    """The mount path below `auth/`."""

    def __init__(self, name: str, args: VaultCertAuthArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultCertAuth", name, None, opts)
        method = vault.AuthBackend(
            f"{name}-method",
            type="cert",
            path=args["mount"],
            description=args.get("description", "TLS client certificates"),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        self.mount_resource, self.mount = method, method.path
        self.register_outputs({"mount": self.mount})


class VaultCertRoleArgs(TypedDict):
    """Whose certificates log in as this role. At least one of `dns_san` and `uri_san` is given; both must match."""

    ca_pem: pulumi.Input[str]
    """The authority that signs the certificates."""
    dns_san: NotRequired[str]
    """The exact DNS name that a certificate must be for; no pattern."""
    uri_san: NotRequired[str]
    """The exact URI that a certificate must be for, such as a SPIFFE id; no pattern."""
    policies: pulumi.Input[list[str]]
    """The policies its token carries; the server's `default` is not among them unless named."""
    token_ttl_seconds: pulumi.Input[int]
    """Lifetime of a token unless renewed."""
    token_max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultCertRolesArgs(TypedDict):
    """Roles of one auth method."""

    mount: pulumi.Input[str]
    """The auth method's mount path."""
    roles: dict[str, VaultCertRoleArgs]
    """The roles by name."""


class VaultCertRoles(pulumi.ComponentResource):
    """Certificate roles that belong together, such as all of one authority."""

    def __init__(self, name: str, args: VaultCertRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultCertRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            names = [text for text in (role_args.get("dns_san"), role_args.get("uri_san")) if text]
            # The server takes `*` for any text, and a role without names for every certificate of the authority.
            if not names or any("*" in text for text in names):
                raise ValueError(f"{name}: role {role} is bound to {names or 'no name'}; name one exactly")
            dns_san, uri_san = role_args.get("dns_san"), role_args.get("uri_san")
            vault.CertAuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                name=role,
                certificate=role_args["ca_pem"],
                allowed_dns_sans=[dns_san] if dns_san else None,
                allowed_uri_sans=[uri_san] if uri_san else None,
                token_policies=role_args["policies"],
                token_no_default_policy=True,
                token_ttl=role_args["token_ttl_seconds"],
                token_max_ttl=role_args["token_max_ttl_seconds"],
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The certificate methods of a plan and their roles."""
    for record in plan.of(CertMethod):
        method = VaultCertAuth(
            f"auth-{record.mount}",
            {"mount": record.mount, "protect_data": record.protect},
            component_options(stage),
        )
        stage.mounted(f"auth/{record.mount}", method)
    for mount, roles in plan.grouped(CertRole, lambda role: role.mount):
        VaultCertRoles(
            f"auth-{mount}-roles",
            {"mount": stage.auth_mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, after=stage.policies, within=f"auth/{mount}"),
        )


def _role_args(record: CertRole) -> VaultCertRoleArgs:
    args: VaultCertRoleArgs = {
        "ca_pem": record.ca_pem,
        "policies": list(record.policies),
        "token_ttl_seconds": record.token_ttl_seconds,
        "token_max_ttl_seconds": record.token_max_ttl_seconds,
    }
    if record.dns_san:
        args["dns_san"] = record.dns_san
    if record.uri_san:
        args["uri_san"] = record.uri_san
    return args
