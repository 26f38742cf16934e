"""The PKI engine as components: one certificate authority, and the roles that live in it."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.pki.plan import PkiAuthority, PkiRole


class VaultPkiAuthorityArgs(TypedDict):
    """A mount and the authority in it."""

    mount: pulumi.Input[str]
    """Mount path, such as `pki-prod`."""
    signed_by: NotRequired[pulumi.Input[str]]
    """The mount of the authority that signs it. Absent: it is a root and signs itself."""
    common_name: str
    """What people see as the issuer."""
    ttl_seconds: int
    """Lifetime of its certificate."""
    key_type: NotRequired[pulumi.Input[str]]
    """`ec` (the default) or `rsa`."""
    key_bits: NotRequired[pulumi.Input[int]]
    """Default 384."""
    base_url: NotRequired[str]
    """The server's address, as clients see it, for what certificates say of lists, OCSP and issuers."""
    crl_expiry_seconds: NotRequired[int]
    """How long a revocation list is good for. Default 72 hours."""
    crl_rebuild_before_seconds: NotRequired[int]
    """How long before its end the next one is made. Default 12 hours."""
    ocsp: NotRequired[pulumi.Input[bool]]
    """Whether OCSP requests are answered. Default true."""
    ocsp_expiry_seconds: NotRequired[int]
    """How long an answer may be kept. Default 12 hours."""
    tidy_interval_seconds: NotRequired[int]
    """Time between two rounds of forgetting what has expired. Default 12 hours."""
    tidy_safety_buffer_seconds: NotRequired[int]
    """How long after its end a certificate is kept. Default 72 hours."""
    protect_data: NotRequired[bool]
    """Whether mount and key are protected: another authority is trusted by nobody. Default true."""


class VaultPkiAuthority(pulumi.ComponentResource):
    """A certificate authority. Its key is made in the server and never leaves it: Pulumi sees requests and
    certificates only."""

    mount: pulumi.Output[str]
    """The mount path, known once the authority can issue."""
    certificate: pulumi.Output[str]
    """Its certificate, PEM: what clients trust, if it is the root."""

    def __init__(self, name: str, args: VaultPkiAuthorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultPkiAuthority", name, None, opts)
        protect, ttl = args.get("protect_data", True), args["ttl_seconds"]
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="pki",
            description="TLS certificates",
            # Nothing in a mount lives longer than this, the authority's own certificate included.
            max_lease_ttl_seconds=ttl,
            opts=leaf(self, protect=protect),
        )
        within = leaf(self, deleted_with=mount)
        # Addresses are written into a certificate when it is made, and a server may refuse changes of one mount that
        # collide with the making of its key (OpenBao: "transaction commit failed"): one after the other.
        settings = self._settings(name, mount, args)
        kept = leaf(self, deleted_with=mount, protect=protect, depends_on=settings)
        key_type, key_bits = args.get("key_type", "ec"), args.get("key_bits", 384)
        if signed_by := args.get("signed_by"):
            request = vault.pkisecret.SecretBackendIntermediateCertRequest(
                f"{name}-key",
                backend=mount.path,
                type="internal",
                common_name=args["common_name"],
                exclude_cn_from_sans=True,
                key_type=key_type,
                key_bits=key_bits,
                opts=kept,
            )
            signed = vault.pkisecret.SecretBackendRootSignIntermediate(
                f"{name}-signed",
                backend=signed_by,
                csr=request.csr,
                common_name=args["common_name"],
                exclude_cn_from_sans=True,
                max_path_length=0,  # it signs no further authorities
                ttl=str(ttl),
                opts=within,
            )
            imported = vault.pkisecret.SecretBackendIntermediateSetSigned(
                f"{name}-certificate", backend=mount.path, certificate=signed.certificate, opts=within
            )
            self.certificate, self.mount = signed.certificate, imported.backend
        else:
            root = vault.pkisecret.SecretBackendRootCert(
                f"{name}-key",
                backend=mount.path,
                type="internal",
                common_name=args["common_name"],
                exclude_cn_from_sans=True,
                key_type=key_type,
                key_bits=key_bits,
                max_path_length=1,  # intermediates, and nothing below them
                ttl=str(ttl),
                opts=kept,
            )
            self.certificate, self.mount = root.certificate, root.backend
        self.mount_resource = mount
        self.register_outputs({"mount": self.mount, "certificate": self.certificate})

    def _settings(self, name: str, mount: vault.Mount, args: VaultPkiAuthorityArgs) -> list[pulumi.Resource]:
        """What holds for all certificates of the mount, each made after the one before."""
        settings: list[pulumi.Resource] = []

        def following() -> pulumi.ResourceOptions:
            return leaf(self, deleted_with=mount, depends_on=settings[-1:])

        if base_url := args.get("base_url"):
            place = pulumi.Output.concat(base_url, "/v1/", mount.path)
            urls = vault.pkisecret.SecretBackendConfigUrls(
                f"{name}-urls",
                backend=mount.path,
                issuing_certificates=[pulumi.Output.concat(place, "/ca")],
                crl_distribution_points=[pulumi.Output.concat(place, "/crl")],
                ocsp_servers=[pulumi.Output.concat(place, "/ocsp")] if args.get("ocsp", True) else None,
                opts=following(),
            )
            settings.append(urls)
        crl = vault.pkisecret.SecretBackendCrlConfig(
            f"{name}-crl",
            backend=mount.path,
            expiry=f"{args.get('crl_expiry_seconds', 259200)}s",
            auto_rebuild=True,
            auto_rebuild_grace_period=f"{args.get('crl_rebuild_before_seconds', 43200)}s",
            ocsp_disable=not args.get("ocsp", True),
            ocsp_expiry=f"{args.get('ocsp_expiry_seconds', 43200)}s",
            opts=following(),
        )
        settings.append(crl)
        tidy = vault.pkisecret.BackendConfigAutoTidy(
            f"{name}-tidy",
            backend=mount.path,
            enabled=True,
            interval_duration=str(args.get("tidy_interval_seconds", 43200)),
            safety_buffer=str(args.get("tidy_safety_buffer_seconds", 259200)),
            tidy_cert_store=True,
            tidy_revoked_certs=True,
            opts=following(),
        )
        return [*settings, tidy]


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


def deploy(plan: Plan, stage: Stage) -> None:
    """The authorities of a plan, the root first, and their roles."""
    for record in sorted(plan.of(PkiAuthority), key=lambda record: record.signed_by != ""):
        authority = VaultPkiAuthority(record.mount, _authority_args(record, stage), component_options(stage))
        stage.mounted(record.mount, authority)
    for mount, roles in plan.grouped(PkiRole, lambda role: role.mount):
        VaultPkiRoles(
            f"{mount}-roles",
            {"mount": stage.mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, within=mount),
        )


def _authority_args(record: PkiAuthority, stage: Stage) -> VaultPkiAuthorityArgs:
    args: VaultPkiAuthorityArgs = {
        "mount": record.mount,
        "common_name": record.common_name,
        "ttl_seconds": record.ttl_seconds,
        "key_type": record.key_type,
        "key_bits": record.key_bits,
        "base_url": record.base_url,
        "crl_expiry_seconds": record.crl_expiry_seconds,
        "crl_rebuild_before_seconds": record.crl_rebuild_before_seconds,
        "ocsp": record.ocsp,
        "ocsp_expiry_seconds": record.ocsp_expiry_seconds,
        "tidy_interval_seconds": record.tidy_interval_seconds,
        "tidy_safety_buffer_seconds": record.tidy_safety_buffer_seconds,
        "protect_data": record.protect,
    }
    return {**args, "signed_by": stage.mount(record.signed_by)} if record.signed_by else args


def _role_args(record: PkiRole) -> VaultPkiRoleArgs:
    return {
        "allowed_domains": list(record.allowed_domains),
        "allow_subdomains": record.allow_subdomains,
        "usages": list(record.usages),
        "key_type": record.key_type,
        "key_bits": record.key_bits,
        "ttl_seconds": record.ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }
