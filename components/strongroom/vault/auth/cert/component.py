"""Certificate auth as components: the auth method, and its roles."""

from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.auth.cert.plan import CertMethod, CertRole
from strongroom.vault.auth.deployment import deploy_roles, token_inputs


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
    common_name: NotRequired[str]
    """The exact common name, in addition; the identity store knows the holder by it. No pattern."""
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
            common_name = role_args.get("common_name")
            if not names or any("*" in text for text in (*names, common_name or "")):
                raise ValueError(f"{name}: role {role} is bound to {names or 'no name'}; name one exactly")
            dns_san, uri_san = role_args.get("dns_san"), role_args.get("uri_san")
            vault.CertAuthBackendRole(
                f"{name}-{role}",
                backend=args["mount"],
                name=role,
                certificate=role_args["ca_pem"],
                allowed_dns_sans=[dns_san] if dns_san else None,
                allowed_uri_sans=[uri_san] if uri_san else None,
                allowed_common_names=[common_name] if common_name else None,
                **token_inputs(role_args),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def deploy_methods(plan: Plan, stage: Stage) -> None:
    """The certificate methods of a plan."""
    for record in plan.of(CertMethod):
        method = VaultCertAuth(
            f"auth-{record.mount}",
            {"mount": record.mount, "protect_data": record.protect},
            component_options(stage),
        )
        stage.mounted(f"auth/{record.mount}", method)


def deploy(plan: Plan, stage: Stage) -> None:
    """Their roles."""
    deploy_roles(plan, stage, CertRole, VaultCertRoles, _role_args)


def _role_args(record: CertRole) -> dict[str, Any]:
    names = {"dns_san": record.dns_san, "uri_san": record.uri_san, "common_name": record.common_name}
    return {"ca_pem": record.ca_pem, **{key: name for key, name in names.items() if name}}
