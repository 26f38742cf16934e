"""What a plan would take away from what a stack holds: found by comparing, before anything is done. Pure.

Only what is about to go is looked at on the server, through `Contents`: a mount that holds nothing may go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from strongroom.plan.mounts import overlap
from strongroom.safeguards.deployed import Deployed
from strongroom.safeguards.holding import Holding, Place, Places
from strongroom.spec.problems import Loc

Command = tuple[str, ...]
"""Arguments of `strongroom`, without the options that say which stack."""

_WORTH: Final = {
    "transit": "all that was ever encrypted or signed with it, and is still needed",
    "pki": "the issuer's key: nobody trusts another one",
    "totp": "the key: all who enrolled with it enrol again",
    "database": "the connection's password, which only the server knows, and with it the credentials in use",
    "aws_secret": "its values, when its recovery window has passed, and the access of all who use it at once",
    "aws_key": "all secrets that it encrypts, when its deletion window has passed: nobody can ever read them",
    "aws_log_bucket": "the record of who used secrets, as far back as it goes",
    "azure_vault": "all secrets and keys in it, when its soft-delete days have passed, and all access at once",
    "azure_key": "all that it encrypted, when the vault's soft-delete days have passed: nobody can ever read that",
    "gcp_secret": "all its values, at once and for good, and the access of all who use it",
    "gcp_key": "all that it encrypts, when its versions are destroyed: nobody can ever read that",
    "namespace": "all that is in it, whoever made it",
}
_RESTS_ON: Final = {"ssh": "the signing key: no host and no user trusts another one"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a plan would lose."""

    path: str
    """What is lost, exactly: what `--allow-loss` takes."""
    engine: str = ""
    """The engine or auth method that it is or lies in, as of a holding; empty for a secret's values."""
    change: str
    """What the plan does, in a sentence without its full stop."""
    loses: str
    commands: tuple[Command, ...] = ()
    """What does it safely; several are alternatives. None: it can only be left alone, or be lost."""
    advice: str = ""
    """What a command cannot say."""
    allowable: bool = True
    """Whether saying that it may be lost helps."""
    removes: bool = False
    """Whether something is deleted or made anew, against which it may be protected."""
    team: str = ""
    """Whose catalog says so; empty: the environment file."""
    loc: Loc = ()
    """Where in that file."""


class Contents(Protocol):
    """What a server tells of what it holds, without any value."""

    def mounted(self) -> Mapping[str, str]:
        """The path of every mount (`auth/…` for auth methods) and its accessor; empty if nobody was asked."""

    def of(self, holding: Holding) -> str:
        """What is in a mount, or who logs in through an auth method; empty if nothing and nobody."""

    def beyond(self, mount: str, versions: int) -> str:
        """The secrets of a KV mount that have more versions than that; empty if none has."""

    def values_at(self, place: Place, otherwise: bool) -> bool:
        """Whether there is a value of a secret; `otherwise` if that cannot be known."""


def find(wanted: Mapping[str, Holding], places: Places, now: Deployed, contents: Contents) -> list[Finding]:
    """What would be lost, in order of paths.

    Args:
        wanted: The holdings of the plan, by path.
        places: Where the plan keeps the values of secrets.
        now: What the stack holds.
        contents: What the server tells, or that it cannot be asked.
    """
    found = [
        *_gone(wanted, places, now, contents),
        *_changed(wanted, now, contents),
        *_taken(wanted, now, contents),
        *_moved(wanted, places, now, contents),
    ]
    return sorted(found, key=lambda finding: (finding.path, finding.change))


def _gone(wanted: Mapping[str, Holding], places: Places, now: Deployed, contents: Contents) -> Iterator[Finding]:
    for path, holding in now.holdings.items():
        if path in wanted:
            continue
        if not holding.is_mount:
            if holding.mount in wanted or holding.mount not in now.holdings:  # else the mount itself says so
                yield _item_gone(holding, wanted, now)
        elif target := _already_at(holding, wanted, contents):
            yield _half_moved(holding, wanted[target])
        elif loses := _lost_with(holding, contents):
            yield _mount_gone(holding, loses, wanted, places, now)


def _already_at(holding: Holding, wanted: Mapping[str, Holding], contents: Contents) -> str:
    """Where a wanted mount is on the server, with all that the state has elsewhere: a move that was cut short."""
    accessors = contents.mounted()
    return next((p for p in wanted if holding.accessor and accessors.get(p) == holding.accessor), "")


def _half_moved(holding: Holding, target: Holding) -> Finding:
    change = f"the {_what(holding)} was moved to {target.path} on the server, and the state does not know"
    return replace(
        _finding(holding, change),
        loses="nothing, but the engine would try to make it anew, and stop half-way",
        commands=(("remount", holding.path, target.path),),
        loc=target.loc,
    )


def _lost_with(holding: Holding, contents: Contents) -> str:
    """What goes with a mount; empty if the engine may just remove it."""
    if loses := contents.of(holding):
        return loses
    # Of what is protected the engine says no itself, but only after it has made all the rest.
    protected = holding.protected and (not contents.mounted() or holding.path in contents.mounted())
    return "nothing is in it, but it is protected, and the engine would stop half-way" if protected else ""


def _what(holding: Holding) -> str:
    return "auth method" if holding.is_auth else "mount"


def _mount_gone(holding: Holding, loses: str, wanted: Mapping[str, Holding], places: Places, now: Deployed) -> Finding:
    what = _what(holding)
    heirs = _heirs(holding, wanted, places, now)
    if not heirs:
        change, loc = f"the {what} is not declared any more", _section(holding)
    else:
        change, loc = f"the {what} is declared at another path: {' or '.join(h.path for h in heirs)}", heirs[0].loc
    commands = tuple(("remount", holding.path, heir.path) for heir in heirs)
    return replace(_finding(holding, change), loses=loses, commands=commands, loc=loc, removes=True)


def _heirs(old: Holding, wanted: Mapping[str, Holding], places: Places, now: Deployed) -> list[Holding]:
    """The new mounts that may be this one at another path; of several, those that are to have most of what is in it."""
    heirs = [h for p, h in wanted.items() if p not in now.holdings and h.is_mount and _like(h, old)]
    has = _inside(old.path, now.holdings, now.secrets)
    shared = {heir.path: len(has & _inside(heir.path, wanted, places)) for heir in heirs}
    return [heir for heir in heirs if shared[heir.path] == max(shared.values())]


def _inside(mount: str, holdings: Mapping[str, Holding], places: Places) -> set[str]:
    """What a mount has by name, wherever it is: keys, issuers, connections, secrets."""
    names = {path.removeprefix(mount) for path, h in holdings.items() if h.mount == mount and not h.is_mount}
    return names | {key for key, place in places.items() if place.mount == mount}


def _like(one: Holding, other: Holding) -> bool:
    return (one.engine, one.is_auth) == (other.engine, other.is_auth)


def _section(holding: Holding) -> Loc:
    """Where a mount would be declared, if it were."""
    if holding.is_auth:
        return ("vault", "auth")
    return ("stores",) if holding.engine in ("kv", "kv_v1") else ("vault", "engines", holding.engine)


def _item_gone(holding: Holding, wanted: Mapping[str, Holding], now: Deployed) -> Finding:
    mount = wanted.get(holding.mount)
    team, _, secret = holding.path.rpartition("/")[2].partition(".") if "/keys/" in holding.path else ("", "", "")
    where: Loc = ("secrets", secret) if team else mount.loc if mount else ("vault",)
    gone = replace(_finding(holding, "it is not declared any more"), team=team, loc=where, removes=True)
    if mount or not holding.mount:
        return gone
    # Another stack has the mount. If it moved, this state follows it.
    name = holding.path.removeprefix(holding.mount)
    heirs = [h for p, h in wanted.items() if p == f"{h.mount}{name}" and _like(h, holding) and p not in now.holdings]
    if not heirs:
        return gone
    change = f"it is declared in another mount: {' or '.join(heir.mount for heir in heirs)}"
    return replace(gone, change=change, commands=tuple(("remount", holding.mount, heir.mount) for heir in heirs))


def _changed(wanted: Mapping[str, Holding], now: Deployed, contents: Contents) -> Iterator[Finding]:
    for path, old in now.holdings.items():
        new = wanted.get(path)
        if new is None:
            continue
        if new.engine != old.engine:
            yield from _another_kind(old, new, contents)
            continue
        fixed = [t for t, value in new.fixed.items() if t in old.fixed and old.fixed[t] != value]
        if fixed:
            said = ", ".join(f"{trait} from {old.fixed[trait]!r} to {new.fixed[trait]!r}" for trait in fixed)
            yield replace(
                _finding(new, f"{said} changes, which makes another one in its place"),
                advice=f"undo it, and declare a second one beside it where another {fixed[0]} is needed",
                loc=(*new.loc, fixed[0]),
                removes=True,
            )
        yield from _limits(old, new, contents)
        if old.protected and not new.protected and (not old.is_mount or contents.of(old)):
            yield replace(
                _finding(new, "its protection is taken away"),
                loses="nothing yet, and the next change may take all of it without a further question",
                team="",
                loc=("protect",),
            )


def _another_kind(old: Holding, new: Holding, contents: Contents) -> Iterator[Finding]:
    change = f"its type changes from {old.engine} to {new.engine}"
    if new.is_auth:
        # Each kind of method is another component: to the engine the two have nothing to do with each other.
        yield replace(
            _finding(new, f"{change}, and the engine would make the new one before it removes the old one"),
            loses="nothing, but the engine would fail half-way, as the path is in use",
            advice="declare the new one under another name beside this one, and remove this one when nobody uses it",
            allowable=False,
        )
    elif loses := _lost_with(old, contents):
        yield replace(
            _finding(new, f"{change}, which makes another mount in its place"),
            loses=loses,
            advice="declare a second mount, and keep this one",
            removes=True,
        )


def _limits(old: Holding, new: Holding, contents: Contents) -> Iterator[Finding]:
    for trait, value in new.not_lower.items():
        before = old.not_lower.get(trait, value)
        if value < before and (loses := contents.beyond(new.mount, value)):
            yield replace(
                _finding(new, f"{trait} is lowered from {before} to {value}: each write drops the versions beyond it"),
                loses=loses,
                loc=(*new.loc, trait),
            )
    for trait, value in new.not_higher.items():
        before = old.not_higher.get(trait, value)
        if value > before:
            yield replace(
                _finding(new, f"{trait} is raised from {before} to {value}"),
                loses="what older versions of the key encrypted or signed can no longer be read or verified",
                advice="`rewrap` what is older first; nothing is destroyed, and lowering it again undoes it",
                loc=(*new.loc, trait),
            )


def _taken(wanted: Mapping[str, Holding], now: Deployed, contents: Contents) -> Iterator[Finding]:
    """Mounts to be made where there is one already, which the engine would find out half-way."""
    accessors = contents.mounted()
    ours = {h.accessor for h in now.holdings.values() if h.accessor}
    for path, holding in wanted.items():
        if not holding.is_mount or path in now.holdings or path in now.pending:
            continue
        for other, accessor in accessors.items():
            if overlap(path, other) and accessor not in ours:
                yield replace(
                    _finding(holding, f"there is a mount at {other} already, which this stack did not make"),
                    loses="nothing, but the engine would fail half-way",
                    advice="take it over with `pulumi import`, as docs/vault/kv.md does, or set another `mount`",
                    allowable=False,
                )


def _moved(wanted: Mapping[str, Holding], places: Places, now: Deployed, contents: Contents) -> Iterator[Finding]:
    """Secrets whose values would be left behind at their old place. (A whole mount that moves takes them along.)"""
    kept = set(map(str, places.values()))
    new_keys = [key for key in places if key not in now.secrets]
    for key, old in now.secrets.items():
        new = places.get(key)
        if str(old) in kept or (old.mount in now.holdings and old.mount not in wanted):
            continue
        heirs = {key: new} if new else {k: places[k] for k in new_keys if places[k].fields == old.fields}
        empty = {k: p for k, p in heirs.items() if not contents.values_at(p, otherwise=False)}
        if len(empty) == len(heirs) > 0 and contents.values_at(old, otherwise=True):
            first = next(iter(empty))
            team, _, name = first.partition("/")
            said = "is kept" if new else f"is not declared any more; {' or '.join(empty)} has its fields and is kept"
            waits = [p.mount for p in empty.values() if contents.mounted() and p.mount not in contents.mounted()]
            advice = f"first deploy the store with the secret where it was: there is no {waits[0]} yet" if waits else ""
            yield Finding(
                path=str(old),
                change=f"secret {key} {said} at {empty[first]}",
                loses="nothing, but its values would be left behind and whoever reads it finds none",
                commands=tuple(("values", "copy", str(old), k) for k in empty),
                advice=advice,
                team=team,
                loc=("secrets", name),
            )


def _finding(holding: Holding, change: str) -> Finding:
    """What most findings have in common."""
    worth = _RESTS_ON.get(holding.engine) if holding.is_mount else _WORTH.get(holding.engine)
    return Finding(
        path=holding.path,
        engine=holding.engine,
        change=change,
        loses=worth or "what only the server has",
        team=holding.team,
        loc=holding.loc,
    )
