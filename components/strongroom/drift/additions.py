"""What is on the server, where this project's environments live, and nowhere declared. A refresh cannot see it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from strongroom.adopt.auth import TAKERS as ADOPTED_AUTH
from strongroom.adopt.engines import SYSTEM
from strongroom.adopt.engines import TAKERS as ADOPTED_ENGINES
from strongroom.adopt.found import Reader
from strongroom.adopt.identity import BUILT_IN, BY_LOGIN
from strongroom.drift.report import ADDED, Drift
from strongroom.plan.plan import Plan
from strongroom.vault.adopted.plan import AdoptedThing, LeftThing
from strongroom.vault.refusals import ServerError

CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "database": ("config", "roles", "static-roles"),
    "pki": ("roles",),
    "ssh": ("roles",),
    "transit": ("keys",),
    "totp": ("keys",),
    "aws": ("roles", "static-roles"),
    "kubernetes": ("roles",),
}
"""Type of engine -> what in it is declared one by one. KV secrets are not: `strongroom values status` knows those."""
AUTH_CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "approle": ("role",),
    "kubernetes": ("role",),
    "jwt": ("role",),
    "oidc": ("role",),
    "cert": ("certs",),
    "aws": ("role",),
}
"""The same for auth methods. Users of userpass are made by hand, as their passwords are no business of a deployment."""


_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "sys/policies/acl": ("policy", "vault.policy"),
    "sys/policies/password": ("password_policy", "vault.password_policy"),
    "auth/token/roles": ("token_role", "vault.token_role"),
    "sys/quotas/rate-limit": ("vault.quota.rate_limit",),
    "sys/quotas/lease-count": ("vault.quota.lease_count",),
    "identity/mfa/login-enforcement": ("vault.mfa.enforcement",),
    "sys/audit": ("audit", "vault.audit.device"),
    "identity/entity/name": ("entity", "vault.identity.entity", "vault.auth.userpass.user"),
    "identity/group/name": ("group", "vault.identity.group", "vault.identity.external_group", "vault.auth.oidc.group"),
}
"""Where things are that lie in no mount, whichever they are about -> what an adopted one is called, kinds of record."""
_PLACE_OF: Final = {kind: place for place, kinds in _PLACES.items() for kind in kinds}
_JUDGED: Final = ("sys/audit", "identity/entity/name")
"""Of those, the ones of which not everything counts as added, or not on every server."""


@dataclass
class Declared:
    """The names that the plans of a project have."""

    mounts: set[str] = field(default_factory=set)
    """Auth methods as `auth/<mount>`."""
    whole: set[str] = field(default_factory=set)
    """Mounts that are adopted, but not what is in them."""
    within: set[tuple[str, str]] = field(default_factory=set)
    """Mount and name of what lies in a mount."""
    names: dict[str, set[str]] = field(default_factory=lambda: {place: set() for place in _PLACES})
    """Names of what lies in none, by where such things are."""
    left: set[str] = field(default_factory=set)
    """Paths that `vault.adopted.left` names."""

    @classmethod
    def of(cls, plans: Iterable[Plan]) -> "Declared":
        found = cls()
        for record in (record for plan in plans for record in plan.records):
            if isinstance(record, LeftThing):
                found.left.add(record.path)
                continue
            if isinstance(record, AdoptedThing):
                found._add_adopted(record)
                continue
            mount, name = getattr(record, "mount", ""), getattr(record, "name", "")
            if place := _PLACE_OF.get(record.kind):
                found.names[place].add(name)
            elif mount:
                place = f"auth/{mount}" if record.kind.startswith("vault.auth.") else mount
                found.mounts.add(place)
                found.within.add((place, name))
            for key in ("roles", "allowed_roles"):
                found.within |= {(mount, role) for role in getattr(record, key, ()) if isinstance(role, str)}
        return found

    def _add_adopted(self, thing: AdoptedThing) -> None:
        if thing.mount:
            self.mounts.add(thing.mount)
            self.within.add((thing.mount, thing.name))
            type_ = thing.settings.get("type")
            known = ADOPTED_AUTH if thing.mount.startswith("auth/") else ADOPTED_ENGINES
            if thing.what in ("mount", "auth_mount") and type_ not in known:
                self.whole.add(thing.mount)
        else:
            self.names[_PLACE_OF[thing.what]].add(thing.name)

    def leaves(self, path: str) -> bool:
        return any(path == left or path.startswith(f"{left}/") for left in self.left)


@dataclass
class _Look:
    """One look at the server."""

    reader: Reader
    unchecked: list[str]

    def read(self, path: str) -> dict[str, Any]:
        try:
            return self.reader.read(path) or {}
        except ServerError as error:
            self._denied(path, error)
            return {}

    def list(self, path: str) -> list[str]:
        try:
            return [name for name in self.reader.list(path) if not name.endswith("/")]
        except ServerError as error:
            self._denied(path, error)
            return []

    def _denied(self, path: str, error: ServerError) -> None:
        if error.status == 403:
            self.unchecked.append(path)
        elif error.status not in (400, 404, 405):  # a server without that feature has none of it
            raise error


def added_by_hand(
    reader: Reader, here: Iterable[Plan], everywhere: Iterable[Plan], flavour: str
) -> tuple[list[Drift], list[str]]:
    """What nobody declared, and where the token may not look.

    `here` are the plans of the environment, in whose mounts everything is looked at; `everywhere` those of all
    environments, one of which may have declared what is not this one's.
    """
    unchecked: list[str] = []
    look = _Look(reader, unchecked)
    own, declared = Declared.of(here), Declared.of(everywhere)
    paths = sorted({path for path in _undeclared(look, own, declared, flavour) if not declared.leaves(path)})
    return [Drift(path, ADDED) for path in paths], sorted(set(unchecked))


def _undeclared(look: _Look, own: Declared, declared: Declared, flavour: str) -> Iterator[str]:
    for table, prefix, contents in (("sys/mounts", "", CONTENTS), ("sys/auth", "auth/", AUTH_CONTENTS)):
        for key, mount in look.read(table).items():
            if not isinstance(mount, dict) or mount.get("type") in (*SYSTEM, "token", "ns_token"):
                continue
            place = f"{prefix}{key.rstrip('/')}"
            if place not in declared.mounts:
                yield f"{table}/{key.rstrip('/')}"
            elif place in own.mounts and place not in own.whole:
                yield from _within(look, place, contents.get(str(mount.get("type")), ()), declared)
    for place in (place for place in _PLACES if place not in _JUDGED):
        known = declared.names[place] | (BUILT_IN if place == "sys/policies/acl" else set())
        yield from (f"{place}/{name}" for name in look.list(place) if name not in known)
    if flavour == "vault":  # OpenBao takes audit devices from its configuration only
        devices = (key.rstrip("/") for key in look.read("sys/audit"))
        yield from (f"sys/audit/{name}" for name in devices if name not in declared.names["sys/audit"])
    yield from _entities(look, declared)


def _within(look: _Look, place: str, kinds: Iterable[str], declared: Declared) -> Iterator[str]:
    for kind in kinds:
        for name in look.list(f"{place}/{kind}"):
            if (place, name) not in declared.within:
                yield f"{place}/{kind}/{name}"


def _entities(look: _Look, declared: Declared) -> Iterator[str]:
    entities = "identity/entity/name"
    for name in look.list(entities):
        # Logins make entities all the time; one with policies somebody made.
        if name not in declared.names[entities] and not re.fullmatch(BY_LOGIN, name):
            path = f"{entities}/{name}"
            if look.read(path).get("policies"):
                yield path
