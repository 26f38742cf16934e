"""Adopted things as records: each is one path on the server, with the settings that differ from its defaults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.model import Model
from strongroom.vault.adopted.spec import Adopted, AdoptedAlias
from strongroom.vault.adopted.spec_auth import AdoptedJwtAuth
from strongroom.vault.policy.document import parse
from strongroom.vault.policy.render import PathRule, rule_of

CONTENTS: Final[Mapping[str, str]] = {
    "connections": "database_connection",
    "roles": "role",
    "static_roles": "database_static_role",
    "keys": "transit_key",
    "urls": "pki_urls",
    "config": "config",
    "aliases": "",
    "alias": "",
    "members": "",
    "member_groups": "",
}
"""What of a mount or identity is a record of its own, and its `what`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedThing(Record):
    """One thing that was there already."""

    kind: ClassVar[str] = "vault.adopted"
    what: str
    """What it is: `mount`, `database_role`, `policy`, …"""
    mount: str
    """The mount that it is or lies in; an auth method's is `auth/<mount>`. Empty: none."""
    name: str
    """Its name there."""
    settings: Mapping[str, Any]
    """In the words of the server's API. A secret is a reference: `{"pulumi_config": key}`."""
    protect: bool

    @property
    def key(self) -> str:
        return "/".join(part for part in (self.what, self.mount, self.name) if part)

    def as_json(self) -> dict[str, Any]:
        return Record.as_json(self) | {"settings": dict(self.settings)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftThing(Record):
    """Something that stays on the server as it is. Nothing is deployed for it."""

    kind: ClassVar[str] = "vault.adopted.left"
    path: str
    reason: str

    @property
    def key(self) -> str:
        return self.path


def plan(scope: Scope) -> Iterator[Record]:
    vault = scope.environment.vault
    if vault is None or vault.adopted is None:
        return
    protect = scope.environment.protect
    for what, mount, name, settings in _things(vault.adopted):
        yield AdoptedThing(
            slice=PLATFORM, what=what, mount=mount, name=name, settings=settings, protect=protect and what in _DATA
        )
    for path, reason in vault.adopted.left.items():
        yield LeftThing(slice=PLATFORM, path=path, reason=reason)


def rules_of(policy: AdoptedThing) -> tuple[PathRule, ...]:
    """The rules of an adopted policy, whose text is whatever somebody wrote."""
    return tuple(rule_of(stanza) for stanza in parse(policy.settings["policy"])[0])


_DATA: Final = frozenset({"mount", "auth_mount", "jwt_mount", "transit_key", "database_connection"})
"""What cannot be made again as it was."""

_Thing = tuple[str, str, str, dict[str, Any]]


def mounts(adopted: Adopted) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The mounts, with where in the section each is declared."""
    yield from ((path, ("engines", path)) for path in adopted.engines)
    yield from ((f"auth/{path}", ("auth", path)) for path in adopted.auth)


def _things(adopted: Adopted) -> Iterator[_Thing]:
    for path, engine in adopted.engines.items():
        kind, value = engine.kind, engine.value
        type_ = value.type if kind == "other" else kind
        yield "mount", path, "", {**_settings(value), "type": type_}
        yield from _contents(kind, path, value)
    for path, method in adopted.auth.items():
        kind, value = method.kind, method.value
        mount = f"auth/{path}"
        if isinstance(value, AdoptedJwtAuth):
            yield (
                "jwt_mount",
                mount,
                "",
                {**_settings(value), **(_settings(value.config) if value.config else {}), "type": kind},
            )
        else:
            yield "auth_mount", mount, "", {**_settings(value), "type": value.type if kind == "other" else kind}
            if config := getattr(value, "config", None):
                yield "kubernetes_config", mount, "", _settings(config)
        for name, role in getattr(value, "roles", {}).items():
            yield f"{'jwt' if kind == 'oidc' else kind}_role", mount, name, _settings(role)
    for name, text in adopted.policies.items():
        yield "policy", "", name, {"policy": text}
    for name, text in adopted.password_policies.items():
        yield "password_policy", "", name, {"policy": text}
    for name, role in adopted.token_roles.items():
        yield "token_role", "", name, _settings(role)
    for path, device in adopted.audit.items():
        yield "audit", "", path, _settings(device)
    yield from _identity(adopted)


def _contents(kind: str, mount: str, engine: Model) -> Iterator[_Thing]:
    for field, what in CONTENTS.items():
        found = getattr(engine, field, None)
        if what and isinstance(found, dict):
            for name, item in found.items():
                yield (f"{kind}_role" if what == "role" else what), mount, name, _settings(item)
        elif what and found is not None:
            yield what, mount, "", _settings(found)


def _identity(adopted: Adopted) -> Iterator[_Thing]:
    for name, entity in adopted.entities.items():
        yield "entity", "", name, _settings(entity)
        for alias in entity.aliases:
            yield "entity_alias", f"auth/{alias.auth}", alias.name, {"entity": name}
    for name, group in adopted.groups.items():
        settings = _settings(group) | {
            key: list(found)
            for key, found in (("members", group.members), ("member_groups", group.member_groups))
            if found
        }
        yield "group", "", name, {**settings, "type": "external" if group.alias else "internal"}
        if group.alias:
            yield "group_alias", f"auth/{group.alias.auth}", group.alias.name, {"group": name}


def aliases(adopted: Adopted) -> Iterator[tuple[tuple[str | int, ...], AdoptedAlias]]:
    """Every alias, with where in the section it is declared."""
    for name, entity in adopted.entities.items():
        yield from ((("entities", name, "aliases", i, "auth"), alias) for i, alias in enumerate(entity.aliases))
    yield from ((("groups", name, "alias", "auth"), g.alias) for name, g in adopted.groups.items() if g.alias)


def _settings(model: Model) -> dict[str, Any]:
    """What is set, as plain data; records of their own are left out."""
    given = model.model_dump(exclude_defaults=True, exclude=set(CONTENTS), exclude_none=True)
    return {name: _plain(value) for name, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
