"""A certificate authority as a component: its mount, what holds for all of its certificates, and its issuers."""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf
from strongroom.vault.pki.issuers import Issuer, settle, suffix
from strongroom.vault.pki.plan import subject

ACME_REQUEST_HEADERS: Final = ["If-Modified-Since"]
ACME_RESPONSE_HEADERS: Final = ["Last-Modified", "Location", "Replay-Nonce", "Link"]
"""What a mount lets through for ACME clients: Vault, "PKI secrets engine: ACME support", "Prerequisites"."""


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
    generations: NotRequired[list[int]]
    """Its issuers by number, the oldest first; of a root, one. Default: 1."""
    issuing_generation: NotRequired[int]
    """The one that issues. Default: the last."""
    leaf_not_after_behavior: NotRequired[str]
    """`err` (the default) refuses what would outlive the issuer, `truncate` shortens it."""
    acme: NotRequired[bool]
    """Whether the mount lets the headers through that ACME needs. Default false."""
    api_url: NotRequired[str]
    """Where clients find the API, for what certificates say of lists, OCSP and issuers: `https://vault.example/v1`,
    with the namespace after it if there is one."""
    crl_expiry_seconds: NotRequired[int]
    """How long a revocation list is good for. Default 72 hours."""
    crl_rebuild_before_seconds: NotRequired[int]
    """How long before its end the next one is made. Default 12 hours."""
    ocsp: NotRequired[bool]
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
        generations = args.get("generations", [1])
        issuing = args.get("issuing_generation", generations[-1])
        if issuing not in generations:
            raise ValueError(f"{name}: issuing_generation {issuing} is none of the generations {generations}")
        acme = args.get("acme", False)
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="pki",
            description="TLS certificates",
            # Nothing in a mount lives longer than this, the authority's own certificate included.
            max_lease_ttl_seconds=args["ttl_seconds"],
            passthrough_request_headers=ACME_REQUEST_HEADERS if acme else None,
            allowed_response_headers=ACME_RESPONSE_HEADERS if acme else None,
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        # A server may refuse changes of one mount that collide with the making of its key (OpenBao: "transaction commit
        # failed"): one after the other.
        last = self._settings(name, mount, args)
        issuers: list[Issuer] = []
        for generation in generations:
            issuers.append(self._issuer(name, mount, args, generation, last))
            last = issuers[-1].last
        default = settle(
            self,
            name,
            mount,
            issuers,
            issuing,
            api_url=args.get("api_url", ""),
            ocsp=args.get("ocsp", True),
            leaf_not_after_behavior=args.get("leaf_not_after_behavior", "err"),
        )
        self.certificate = next(issuer.certificate for issuer in issuers if issuer.number == issuing)
        self.mount = default.backend
        self.mount_resource = mount
        self.register_outputs({"mount": self.mount, "certificate": self.certificate})

    def _issuer(
        self, name: str, mount: vault.Mount, args: VaultPkiAuthorityArgs, generation: int, after: pulumi.Resource
    ) -> Issuer:
        """A key and its certificate: signed by itself, or by the authority above."""
        end, shown = suffix(generation), subject(args["common_name"], generation)
        key_type, key_bits = args.get("key_type", "ec"), args.get("key_bits", 384)
        kept = leaf(self, deleted_with=mount, protect=args.get("protect_data", True), depends_on=[after])
        within = leaf(self, deleted_with=mount)
        if not (signed_by := args.get("signed_by")):
            root = vault.pkisecret.SecretBackendRootCert(
                f"{name}-key{end}",
                backend=mount.path,
                type="internal",
                common_name=shown,
                exclude_cn_from_sans=True,
                key_type=key_type,
                key_bits=key_bits,
                max_path_length=1,  # intermediates, and nothing below them
                ttl=str(args["ttl_seconds"]),
                opts=kept,
            )
            return Issuer(generation, root.issuer_id, root.certificate, root)
        request = vault.pkisecret.SecretBackendIntermediateCertRequest(
            f"{name}-key{end}",
            backend=mount.path,
            type="internal",
            common_name=shown,
            exclude_cn_from_sans=True,
            key_type=key_type,
            key_bits=key_bits,
            opts=kept,
        )
        signed = vault.pkisecret.SecretBackendRootSignIntermediate(
            f"{name}-signed{end}",
            backend=signed_by,
            csr=request.csr,
            common_name=shown,
            exclude_cn_from_sans=True,
            max_path_length=0,  # it signs no further authorities
            ttl=str(args["ttl_seconds"]),
            opts=within,
        )
        imported = vault.pkisecret.SecretBackendIntermediateSetSigned(
            f"{name}-certificate{end}", backend=mount.path, certificate=signed.certificate, opts=within
        )
        return Issuer(generation, imported.imported_issuers[0], signed.certificate, imported)

    def _settings(self, name: str, mount: vault.Mount, args: VaultPkiAuthorityArgs) -> pulumi.Resource:
        """What holds for all certificates of the mount. Returns what is made last."""
        crl = vault.pkisecret.SecretBackendCrlConfig(
            f"{name}-crl",
            backend=mount.path,
            expiry=f"{args.get('crl_expiry_seconds', 259200)}s",
            auto_rebuild=True,
            auto_rebuild_grace_period=f"{args.get('crl_rebuild_before_seconds', 43200)}s",
            ocsp_disable=not args.get("ocsp", True),
            ocsp_expiry=f"{args.get('ocsp_expiry_seconds', 43200)}s",
            opts=leaf(self, deleted_with=mount),
        )
        return vault.pkisecret.BackendConfigAutoTidy(
            f"{name}-tidy",
            backend=mount.path,
            enabled=True,
            interval_duration=str(args.get("tidy_interval_seconds", 43200)),
            safety_buffer=str(args.get("tidy_safety_buffer_seconds", 259200)),
            tidy_cert_store=True,
            tidy_revoked_certs=True,
            tidy_acme=args.get("acme", False),
            opts=leaf(self, deleted_with=mount, depends_on=[crl]),
        )
