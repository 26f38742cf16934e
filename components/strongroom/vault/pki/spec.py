"""What people write about PKI: the authorities (platform team), the certificates of a secret (product team)."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from strongroom.spec.domains import Domain
from strongroom.spec.lifetimes import check_ttl
from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, HttpsUrl, MountPath, QualifiedName, TeamName, duration, refuse
from strongroom.vault.profile import Needs

KEY_BITS: Final = {"ec": (256, 384, 521), "rsa": (2048, 3072, 4096)}
"""Sizes by type; the first is the default of certificates. Vault, "PKI secrets engine (API)", key_bits."""


KeyType = Literal["ec", "rsa"]


def _check_size(key_type: str, key_bits: int) -> None:
    if key_bits and key_bits not in KEY_BITS[key_type]:
        sizes = ", ".join(map(str, KEY_BITS[key_type]))
        raise refuse(f"keys of type {key_type} do not have {key_bits} bits", f"they have {sizes}")


class Authority(Model):
    """A certificate authority. Its key is made in the server and never leaves it."""

    common_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
    """What people see as the issuer. A change makes another authority, which nobody trusts yet."""
    ttl: Duration
    """Lifetime of its certificate, from the day it is made."""
    key_type: KeyType = "ec"
    """The algorithm."""
    key_bits: StrictInt = 0
    """`ec`: 256, 384 or 521; `rsa`: 2048, 3072 or 4096. Default (0): 384 or 4096."""

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        _check_size(self.key_type, self.key_bits)
        return self


class Intermediate(Authority):
    """The authority that issues. It can have several issuers, one after the other: its generations."""

    generations: tuple[Annotated[StrictInt, Field(ge=1, le=9999)], ...] = Field(default=(1,), min_length=1)
    """Its issuers by number, each with a key and a certificate of its own. To rotate, long before the newest ends: add
    the next number. To retire one, when all that it issued has ended: take its number out."""
    issuing_generation: StrictInt | None = None
    """The one that issues. Default: the last of `generations`. The others only sign their revocation lists."""
    leaf_not_after_behavior: Literal["err", "truncate"] = "err"
    """What happens to a request that would outlive the issuer: `err` refuses it, `truncate` issues for as long as the
    issuer lives. Vault, "PKI secrets engine (API)", leaf_not_after_behavior."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.generations) != sorted(set(self.generations)):
            raise refuse(
                f"the generations {list(self.generations)} are not in order", "write each once, the oldest first"
            )
        if self.issuing_generation is not None and self.issuing_generation not in self.generations:
            raise refuse(
                f"issuing_generation {self.issuing_generation} is none of {list(self.generations)}",
                "name one of generations, or leave it out for the last",
            )
        return self

    @property
    def issuing(self) -> int:
        """The number of the generation that issues."""
        return self.issuing_generation or self.generations[-1]


class Acme(Model):
    """Certificates by ACME (RFC 8555), for clients that renew by themselves. Only of secrets that say `acme: true`."""

    eab_policy: Literal["always-required", "new-account-required", "not-required"] = "always-required"
    """Whether an account must be bound (external account binding) to a key that somebody with the verb `acme` is given.
    `not-required`: whoever passes a challenge for a name gets its certificate, unknown to Vault."""
    default_directory: QualifiedName | None = None
    """`team/secret`: whose certificates the directory `acme/directory` gives. Default: none, it is closed, and each
    secret has its own, `roles/<role>/acme/directory`."""
    max_ttl: Annotated[Duration | None, Needs("pki.acme.max_ttl")] = None
    """Lifetime at most, beside what each secret says. Default: the server's own, which is 90d on HashiCorp Vault, and
    none on OpenBao."""
    dns_resolver: Annotated[str, Field(pattern=r"^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$")] | None = None
    """`host:port` of the DNS server that challenges are looked up at. Default: that of the Vault server's machine."""


class Crl(Model):
    """How revoked certificates are made known."""

    expiry: Duration = 72 * 3600
    """How long a revocation list is good for."""
    rebuild_before: Duration = 12 * 3600
    """How long before its end the server makes the next one by itself."""
    ocsp: StrictBool = True
    """Whether the server answers OCSP requests too."""
    ocsp_expiry: Duration = 12 * 3600
    """How long an answer may be kept."""

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.rebuild_before >= self.expiry:
            raise refuse(
                f"rebuild_before {duration(self.rebuild_before)} is not shorter than expiry {duration(self.expiry)}",
                "the next list is made within the life of the one before",
            )
        return self


class Tidy(Model):
    """How the server forgets expired certificates by itself."""

    interval: Duration = 12 * 3600
    """Time between two rounds."""
    safety_buffer: Duration = 72 * 3600
    """How long after its end a certificate is kept."""


class PkiEngine(Model):
    """A root authority and, signed by it, the one that issues."""

    mount: MountPath | None = None
    """Where certificates are issued. Default: `pki-<environment>`. The root is at the same path with `-root`."""
    root: Authority
    """What clients trust. It signs the intermediate and nothing else."""
    intermediate: Intermediate
    """What issues. Its certificate ends before the root's does."""
    domains: dict[TeamName, tuple[Domain, ...]] = Field(default_factory=dict)
    """The domains that certificates of a team may be for, and all below them."""
    base_url: HttpsUrl | None = None
    """The server's address, as clients see it: certificates then say where lists, OCSP and issuers are found."""
    acme: Annotated[Acme | None, Needs("pki.acme")] = None
    """Certificates by ACME. Default: off. Needs `base_url`."""
    crl: Crl = Field(default_factory=Crl)
    """Revocation lists and OCSP."""
    tidy: Tidy = Field(default_factory=Tidy)
    """Removal of what has expired."""

    @model_validator(mode="after")
    def _nested(self) -> Self:
        if self.intermediate.ttl >= self.root.ttl:
            raise refuse(
                f"the intermediate's ttl {duration(self.intermediate.ttl)} is not shorter than the root's "
                f"{duration(self.root.ttl)}",
                "an authority cannot outlive the one that signed it",
            )
        if self.acme and not self.base_url:
            raise refuse("acme needs base_url", "clients are told where to find each step: name the server's address")
        return self


class Certificate(Model):
    """TLS certificates on demand, for listed domains."""

    allowed_domains: tuple[Domain, ...] = Field(min_length=1)
    """The names they may be for."""
    allow_subdomains: StrictBool = False
    """Whether names below `allowed_domains` are allowed too. Names with `*` never are."""
    usages: Annotated[tuple[Literal["server", "client"], ...], Field(min_length=1)] = ("server",)
    """What they are good for: TLS servers, TLS clients."""
    ttl: Duration = 24 * 3600
    """Lifetime of a certificate whose request names none."""
    max_ttl: Duration = 30 * 86400
    """Lifetime at most."""
    key_type: KeyType = "ec"
    """The algorithm."""
    key_bits: StrictInt = 0
    """`ec`: 256, 384 or 521; `rsa`: 2048, 3072 or 4096. Default (0): 256 or 2048."""
    acme: StrictBool = False
    """Whether ACME clients may have them too. Where it is on, the role belongs to the slice `platform`."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_size(self.key_type, self.key_bits)
        check_ttl(self.ttl, self.max_ttl)
        return self
