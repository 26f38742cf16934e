"""The PKI engine: a root, the authority that issues, and a role for each secret that is certificates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.pki.spec import KEY_BITS, PkiEngine

WHAT: Final = "TLS certificates"
LEASED: Final = False
VERBS: Final[Mapping[str, str]] = {"issue": "issue/{role}", "sign": "sign/{role}", "revoke": "revoke-with-key"}
"""Verb -> path below the mount. `revoke` takes the certificate's own private key as proof: nobody revokes another's."""


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
    base_url: str
    """Where clients find the server; empty: certificates do not say."""
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


def engine_of(scope: Scope) -> PkiEngine | None:
    """The environment's engine, if it has one."""
    return scope.environment.vault.engines.pki if scope.environment.vault else None


def mount_of(scope: Scope) -> str:
    """Where certificates are issued."""
    engine = engine_of(scope)
    return engine.mount if engine and engine.mount else naming.mount_of("pki", scope.name)


def mounts_of(scope: Scope) -> tuple[str, ...]:
    """The mounts of root and intermediate, if there is an engine."""
    mount = mount_of(scope)
    return (f"{mount}-root", mount) if engine_of(scope) else ()


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capabilities that one verb on one secret needs."""
    yield f"{mount_of(scope)}/{VERBS[verb].format(role=naming.role_of(*secret))}", ("update",)


def plan(scope: Scope) -> Iterator[Record]:
    engine = engine_of(scope)
    if engine is None:
        return
    root, mount = mounts_of(scope)
    for path, signed_by, authority in ((root, "", engine.root), (mount, root, engine.intermediate)):
        yield PkiAuthority(
            slice=PLATFORM,
            mount=path,
            signed_by=signed_by,
            common_name=authority.common_name,
            ttl_seconds=authority.ttl,
            key_type=authority.key_type,
            key_bits=authority.key_bits or {"ec": 384, "rsa": 4096}[authority.key_type],
            base_url=(engine.base_url or "").rstrip("/"),
            crl_expiry_seconds=engine.crl.expiry,
            crl_rebuild_before_seconds=engine.crl.rebuild_before,
            ocsp=engine.crl.ocsp,
            ocsp_expiry_seconds=engine.crl.ocsp_expiry,
            tidy_interval_seconds=engine.tidy.interval,
            tidy_safety_buffer_seconds=engine.tidy.safety_buffer,
            protect=scope.environment.protect,
        )
    for (team, name), secret in scope.secrets.items():
        if certificate := secret.certificate:
            yield PkiRole(
                slice=team,
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
