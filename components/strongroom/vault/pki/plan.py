"""The PKI engine: a root, the authority that issues, a role for each secret that is certificates, and ACME."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.pki.spec import KEY_BITS, Acme, Intermediate, PkiEngine

WHAT: Final = "TLS certificates"
LEASED: Final = False
VERBS: Final[Mapping[str, str]] = {
    "issue": "issue/{role}",
    "sign": "sign/{role}",
    "revoke": "revoke-with-key",
    "acme": "roles/{role}/acme/new-eab",
}
"""Verb -> path below the mount. `revoke` takes the certificate's own private key as proof: nobody revokes another's.
`acme` gives a key that binds an ACME account to the role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiAuthority(Record):
    """A certificate authority in a mount of its own."""

    kind: ClassVar[str] = "vault.pki.authority"
    mount: str
    signed_by: str
    """The mount of the authority above; empty: it is the root."""
    common_name: str
    ttl_seconds: int
    key_type: str
    key_bits: int
    generations: tuple[int, ...]
    """Its issuers, the oldest first."""
    issuing_generation: int
    leaf_not_after_behavior: str
    api_url: str
    """Where clients find the server; empty: certificates do not say."""
    acme: bool
    """Whether its mount lets the headers through that ACME needs."""
    crl_expiry_seconds: int
    crl_rebuild_before_seconds: int
    ocsp: bool
    ocsp_expiry_seconds: int
    tidy_interval_seconds: int
    tidy_safety_buffer_seconds: int
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiRole(Record):
    """What certificates one secret gives."""

    kind: ClassVar[str] = "vault.pki.role"
    mount: str
    name: str
    allowed_domains: tuple[str, ...]
    allow_subdomains: bool
    usages: tuple[str, ...]
    key_type: str
    key_bits: int
    ttl_seconds: int
    max_ttl_seconds: int

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiAcme(Record):
    """Whether and how certificates are had by ACME. Also a record where it is off: to leave the setting out would leave
    it as it was."""

    kind: ClassVar[str] = "vault.pki.acme"
    mount: str
    enabled: bool
    api_url: str
    eab_policy: str
    allowed_roles: tuple[str, ...]
    allowed_issuers: tuple[str, ...]
    default_role: str
    """The role of the directory that names none; empty: that one is closed."""
    dns_resolver: str
    max_ttl_seconds: int
    """Lifetime at most, beside what each role says. 0: the server's own."""

    @property
    def key(self) -> str:
        return self.mount


def issuer_name(generation: int) -> str:
    """The name of an issuer in its mount, and in the addresses that certificates say."""
    return f"generation-{generation}"


def subject(common_name: str, generation: int) -> str:
    """What people see as the issuer: those of one authority can be told apart."""
    return common_name if generation == 1 else f"{common_name} G{generation}"


def engine_of(scope: Scope) -> PkiEngine | None:
    """The environment's engine, if it has one."""
    return scope.environment.vault.engines.pki if scope.environment.vault else None


def mounts_of(scope: Scope) -> tuple[str, ...]:
    """The mounts of root and intermediate, if there is an engine."""
    mount = scope.engine_mount("pki")
    return (f"{mount}-root", mount) if engine_of(scope) else ()


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    yield f"{scope.engine_mount('pki')}/{VERBS[verb].format(role=naming.role_of(*secret))}", ("update",)


def plan(scope: Scope) -> Iterator[Record]:
    engine = engine_of(scope)
    if engine is None:
        return
    root, mount = mounts_of(scope)
    # Nothing that the root signs outlives it, and it has no successor: whoever trusts it would have to be told.
    only = Intermediate.model_construct(**dict(engine.root))
    for path, signed_by, authority in ((root, "", only), (mount, root, engine.intermediate)):
        yield PkiAuthority(
            slice=PLATFORM,
            mount=path,
            signed_by=signed_by,
            common_name=authority.common_name,
            ttl_seconds=authority.ttl,
            key_type=authority.key_type,
            key_bits=authority.key_bits or {"ec": 384, "rsa": 4096}[authority.key_type],
            generations=authority.generations,
            issuing_generation=authority.issuing,
            leaf_not_after_behavior=authority.leaf_not_after_behavior,
            api_url=_api_url(scope, engine),
            acme=engine.acme is not None and path == mount,
            crl_expiry_seconds=engine.crl.expiry,
            crl_rebuild_before_seconds=engine.crl.rebuild_before,
            ocsp=engine.crl.ocsp,
            ocsp_expiry_seconds=engine.crl.ocsp_expiry,
            tidy_interval_seconds=engine.tidy.interval,
            tidy_safety_buffer_seconds=engine.tidy.safety_buffer,
            protect=scope.environment.protect,
        )
    yield _acme(scope, engine, mount)
    for (team, name), secret in scope.secrets.items():
        if certificate := secret.certificate:
            yield PkiRole(
                # The settings of ACME, which are the platform's, name such roles, and have to find them.
                slice=PLATFORM if certificate.acme else team,
                mount=mount,
                name=naming.role_of(team, name),
                allowed_domains=certificate.allowed_domains,
                allow_subdomains=certificate.allow_subdomains,
                usages=certificate.usages,
                key_type=certificate.key_type,
                key_bits=certificate.key_bits or KEY_BITS[certificate.key_type][0],
                ttl_seconds=certificate.ttl,
                max_ttl_seconds=certificate.max_ttl,
            )


def _api_url(scope: Scope, engine: PkiEngine) -> str:
    """Where clients find the API of this environment; empty if they are not told."""
    return f"{engine.base_url.rstrip('/')}/v1/{scope.namespace}".rstrip("/") if engine.base_url else ""


def _acme(scope: Scope, engine: PkiEngine, mount: str) -> PkiAcme:
    acme = engine.acme or Acme()
    secrets = [key for key, secret in scope.secrets.items() if secret.certificate and secret.certificate.acme]
    enabled = engine.acme is not None and bool(secrets)
    owner, _, name = (acme.default_directory or "").partition("/")
    return PkiAcme(
        slice=PLATFORM,
        mount=mount,
        enabled=enabled,
        api_url=_api_url(scope, engine) if enabled else "",
        eab_policy=acme.eab_policy,
        allowed_roles=tuple(naming.role_of(*key) for key in secrets) if enabled else (),
        allowed_issuers=(issuer_name(engine.intermediate.issuing),) if enabled else (),
        default_role=naming.role_of(owner, name) if enabled and name and (owner, name) in secrets else "",
        dns_resolver=acme.dns_resolver or "",
        max_ttl_seconds=acme.max_ttl or 0,
    )
