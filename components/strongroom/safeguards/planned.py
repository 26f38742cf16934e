"""What a plan will hold, and where its secrets are kept. Pure.

Whatever a plan record marks with `protect` is a holding. A mount or auth method needs no line here: its kind says the
engine. What lies within a mount, and what of it can never change, is said below.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom.safeguards import planned_clouds
from strongroom.safeguards.holding import AUTH, Holding, Place
from strongroom.spec.problems import Loc
from strongroom.vault.adopted.plan import AdoptedThing
from strongroom.vault.database.plan import DatabaseConnection
from strongroom.vault.kv.plan import KvMount, KvSecret
from strongroom.vault.kv_v1.plan import KvV1Mount, KvV1Secret
from strongroom.vault.namespace.plan import VaultNamespace
from strongroom.vault.pki.plan import PkiAuthority, subject
from strongroom.vault.ssh.plan import SshMount
from strongroom.vault.totp.plan import TotpKey
from strongroom.vault.transit.plan import TransitKey

NOT_HELD: Final = frozenset({"vault.audit.device", "aws.audit.trail", "external_secrets.operator.release"})
"""Kinds that are protected and hold nothing that could be lost: without an audit device or trail nothing is recorded
from then on, without an operator nothing is delivered, which the protection itself prevents."""


def planned(plan: Plan) -> dict[str, Holding]:
    """The holdings of a plan, by path."""
    records = [record for record in plan.records if hasattr(record, "protect") and record.kind not in NOT_HELD]
    found = [holding for record in records for holding in _holdings(record, plan.namespace)]
    return {holding.path: holding for holding in found}


def places(plan: Plan) -> dict[str, Place]:
    """Where the values of each declared secret are kept, by `team/secret`."""
    secrets: tuple[KvSecret | KvV1Secret, ...] = (*plan.of(KvSecret), *plan.of(KvV1Secret))
    return {s.key: Place(mount=s.mount, path=s.path, fields=s.fields) for s in secrets}


def kept_in(plan: Plan) -> dict[str, dict[str, Any]]:
    """The same as plain data: a stack's output, with which the next plan is compared. It holds no value."""
    return {key: {"mount": p.mount, "path": p.path, "fields": list(p.fields)} for key, p in places(plan).items()}


def _holdings(record: Any, namespace: str) -> Iterator[Holding]:
    protected = bool(record.protect)
    if kept := planned_clouds.holding(record):
        yield kept
        return
    match record:
        case TransitKey():
            traits = _traits(record, "type", "derived", "convergent_encryption")
            lowest = {"min_decryption_version": record.min_decryption_version}
            yield replace(_key(record, "transit", "encryption_key"), fixed=traits, not_higher=lowest)
        case TotpKey():
            yield _key(record, "totp", "totp")
        case VaultNamespace():
            path = f"sys/namespaces/{record.key.strip('/')}"
            yield Holding(path=path, engine="namespace", protected=protected, loc=("vault", "namespace"))
        case DatabaseConnection():
            yield Holding(
                path=f"{record.mount}/config/{record.name}",
                mount=record.mount,
                engine="database",
                protected=protected,
                loc=("vault", "engines", "database", "connections", record.name),
            )
        case AdoptedThing():
            yield from _adopted(record)
        case _:
            yield _mount(record, protected, namespace)
    if isinstance(record, PkiAuthority):
        # An intermediate is signed anew when its lifetime changes, and keeps its key; a root cannot be.
        traits = _traits(record, "key_type", "key_bits", *(() if record.signed_by else ("ttl_seconds",)))
        for generation in record.generations:
            yield Holding(
                path=f"{record.mount}/issuer/{subject(record.common_name, generation)}",
                mount=record.mount,
                engine="pki",
                protected=protected,
                fixed=traits,
                loc=("vault", "engines", "pki", "intermediate" if record.signed_by else "root"),
            )


def _key(record: Any, engine: str, section: str) -> Holding:
    return Holding(
        path=f"{record.mount}/keys/{record.name}",
        mount=record.mount,
        engine=engine,
        protected=bool(record.protect),
        team=record.slice,
        loc=("secrets", record.name.removeprefix(f"{record.slice}."), section),
    )


def _mount(record: Any, protected: bool, namespace: str) -> Holding:
    _, engine, *rest = record.kind.split(".")
    loc: Loc
    if engine == "auth":
        path, engine, loc = f"{AUTH}{record.mount}", rest[0], ("vault", "auth", record.mount)
    elif isinstance(record, KvMount | KvV1Mount):
        path, loc = record.mount, ("stores", record.store, f"vault_{engine}")
    else:
        # Rooms are named as in the environment file, but for those whose name an auth method has too.
        path, engine = record.mount, engine.removesuffix("_engine")
        loc = ("vault", "engines", engine)
    fixed: dict[str, Any] = {"namespace": namespace}
    if isinstance(record, SshMount):
        fixed |= _traits(record, "key_type")
    not_lower = {"max_versions": record.max_versions} if isinstance(record, KvMount) else {}
    return Holding(path=path, mount=path, engine=engine, protected=protected, fixed=fixed, not_lower=not_lower, loc=loc)


def _adopted(record: AdoptedThing) -> Iterator[Holding]:
    """What was there already, and is what its settings say."""
    is_auth, kind = record.mount.startswith(AUTH), str(record.settings.get("type", ""))
    path, engine, fixed = record.mount, kind, {}
    if record.what == "transit_key":
        path, engine, fixed = f"{record.mount}/keys/{record.name}", "transit", {"type": kind} if kind else {}
    elif record.what == "database_connection":
        path, engine = f"{record.mount}/config/{record.name}", "database"
    elif not record.what.endswith("mount"):
        return
    elif kind == "kv":
        engine = "kv" if (record.settings.get("options") or {}).get("version") == "2" else "kv_v1"
    yield Holding(
        path=path,
        mount=record.mount,
        engine=engine,
        protected=record.protect,
        fixed=fixed,
        loc=("vault", "adopted", "auth" if is_auth else "engines", record.mount.removeprefix(AUTH)),
    )


def _traits(record: Record, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
