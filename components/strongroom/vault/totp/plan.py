"""The TOTP engine: its mount, a key for each secret that is one, and what each verb on a key needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope

WHAT: Final = "one-time codes"
LEASED: Final = False
VERBS: Final[Mapping[str, str]] = {"code": "read", "validate": "update"}
"""Verb -> capability. Both are on the same path: Vault, "TOTP secrets engine (API)". Who checks codes makes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpMount(Record):
    """A TOTP secrets engine."""

    kind: ClassVar[str] = "vault.totp.mount"
    mount: str
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpKey(Record):
    """A key, which the server makes and keeps."""

    kind: ClassVar[str] = "vault.totp.key"
    mount: str
    name: str
    issuer: str
    account: str
    period_seconds: int
    algorithm: str
    digits: int
    skew_periods: int
    protect: bool

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpSharedKey(Record):
    """A key that another service gave. Nothing is deployed for it: it goes straight to the engine."""

    kind: ClassVar[str] = "vault.totp.shared_key"
    fields: ClassVar[tuple[str, ...]] = ("key",)
    """What somebody has to bring."""
    rotate_every_seconds: ClassVar[int | None] = None
    """None: the other service says when."""
    team: str
    name: str
    mount: str
    path: str
    """Its name in the engine."""
    issuer: str
    account: str
    period_seconds: int
    algorithm: str
    digits: int

    @property
    def key(self) -> str:
        return f"{self.team}/{self.name}"

    @property
    def label(self) -> dict[str, str | int]:
        """What is written with the key, in the words of the API."""
        return {
            "issuer": self.issuer,
            "account_name": self.account,
            "period": self.period_seconds,
            "algorithm": self.algorithm,
            "digits": self.digits,
        }


def rules(scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The path and capability that one verb on one key needs."""
    yield f"{scope.engine_mount('totp')}/code/{naming.role_of(*secret)}", (VERBS[verb],)


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.vault is None or scope.environment.vault.engines.totp is None:
        return
    mount, protect = scope.engine_mount("totp"), scope.environment.protect
    yield TotpMount(slice=PLATFORM, mount=mount, protect=protect)
    for (team, name), secret in scope.secrets.items():
        if (wanted := secret.totp) is None:
            continue
        role = naming.role_of(team, name)
        if wanted.origin == "shared":
            yield TotpSharedKey(
                slice=team,
                team=team,
                name=name,
                mount=mount,
                path=role,
                issuer=wanted.issuer,
                account=wanted.account,
                period_seconds=wanted.period,
                algorithm=wanted.hash,
                digits=wanted.digits,
            )
        else:
            yield TotpKey(
                slice=team,
                mount=mount,
                name=role,
                issuer=wanted.issuer,
                account=wanted.account,
                period_seconds=wanted.period,
                algorithm=wanted.hash,
                digits=wanted.digits,
                skew_periods=wanted.skew,
                protect=protect,
            )
