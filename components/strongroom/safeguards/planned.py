"""What a plan will hold, and where its secrets are kept. Pure.

Whatever a plan record marks with `protect` is a holding. A mount or auth method needs no line here: its kind says the
engine. What lies within a mount, and what of it can never change, is said below.
"""

from typing import Any, Final

from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom.safeguards.holding import AUTH, Holding, Place
from strongroom.spec.problems import Loc
from strongroom.vault.database.plan import DatabaseConnection
from strongroom.vault.kv.plan import KvMount, KvSecret
from strongroom.vault.kv_v1.plan import KvV1Mount, KvV1Secret
from strongroom.vault.namespace.plan import VaultNamespace
from strongroom.vault.pki.plan import PkiAuthority
from strongroom.vault.ssh.plan import SshMount
from strongroom.vault.totp.plan import TotpKey
from strongroom.vault.transit.plan import TransitKey

NOT_HELD: Final = frozenset({"vault.audit.device"})
"""Kinds that are protected and hold nothing that could be lost: without an audit device nothing is recorded from then
on, which the protection itself prevents."""


def planned(plan: Plan) -> dict[str, Holding]:
    """The holdings of a plan, by path."""
    found = (_holding(record, plan.namespace) for record in plan.records if hasattr(record, "protect"))
    return {holding.path: holding for holding in found if holding}


def places(plan: Plan) -> dict[str, Place]:
    """Where the values of each declared secret are kept, by `team/secret`."""
    secrets: tuple[KvSecret | KvV1Secret, ...] = (*plan.of(KvSecret), *plan.of(KvV1Secret))
    return {s.key: Place(mount=s.mount, path=s.path, fields=s.fields) for s in secrets}


def kept_in(plan: Plan) -> dict[str, dict[str, Any]]:
    """The same as plain data: a stack's output, with which the next plan is compared. It holds no value."""
    return {key: {"mount": p.mount, "path": p.path, "fields": list(p.fields)} for key, p in places(plan).items()}


def _holding(record: Any, namespace: str) -> Holding | None:
    protected = bool(record.protect)
    match record:
        case TransitKey():
            return Holding(
                path=f"{record.mount}/keys/{record.name}",
                mount=record.mount,
                engine="transit",
                protected=protected,
                fixed=_traits(record, "type", "derived", "convergent_encryption"),
                not_higher={"min_decryption_version": record.min_decryption_version},
                team=record.slice,
                loc=("secrets", record.name.removeprefix(f"{record.slice}."), "encryption_key"),
            )
        case TotpKey():
            return Holding(
                path=f"{record.mount}/keys/{record.name}",
                mount=record.mount,
                engine="totp",
                protected=protected,
                team=record.slice,
                loc=("secrets", record.name.removeprefix(f"{record.slice}."), "totp"),
            )
        case VaultNamespace():
            path = f"sys/namespaces/{record.key.strip('/')}"
            return Holding(path=path, mount="", engine="namespace", protected=protected, loc=("vault", "namespace"))
        case DatabaseConnection():
            return Holding(
                path=f"{record.mount}/config/{record.name}",
                mount=record.mount,
                engine="database",
                protected=protected,
                loc=("vault", "engines", "database", "connections", record.name),
            )
    if record.kind in NOT_HELD or getattr(record, "mount", None) != record.key:
        return None
    return _mount(record, protected, namespace)


def _mount(record: Any, protected: bool, namespace: str) -> Holding:
    _, engine, *rest = record.kind.split(".")
    loc: Loc
    if engine == "auth":
        path, engine, loc = f"{AUTH}{record.mount}", rest[0], ("vault", "auth", record.mount)
    elif isinstance(record, KvMount | KvV1Mount):
        path, loc = record.mount, ("stores", record.store, f"vault_{engine}")
    else:
        path, loc = record.mount, ("vault", "engines", engine)
    fixed: dict[str, Any] = {"namespace": namespace}
    if isinstance(record, PkiAuthority):
        # An intermediate is signed anew when its lifetime changes, and keeps its key; a root cannot be.
        lifetime = () if record.signed_by else ("ttl_seconds",)
        fixed |= _traits(record, "signed_by", "common_name", "key_type", "key_bits", *lifetime)
        loc = (*loc, "intermediate" if record.signed_by else "root")
    elif isinstance(record, SshMount):
        fixed |= _traits(record, "key_type")
    not_lower = {"max_versions": record.max_versions} if isinstance(record, KvMount) else {}
    return Holding(path=path, mount=path, engine=engine, protected=protected, fixed=fixed, not_lower=not_lower, loc=loc)


def _traits(record: Record, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
