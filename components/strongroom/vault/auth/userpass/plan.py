"""Userpass: the auth method, and an identity entity for each user that has grants. No user's entry, no password."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.vault.auth.login_role import logins_at
from strongroom.vault.policy.plan import policies_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UserpassMethod(Record):
    """A userpass auth method, with limits for all tokens that it issues."""

    kind: ClassVar[str] = "vault.auth.userpass.method"
    mount: str
    token_ttl_seconds: int
    token_max_ttl_seconds: int
    protect: bool

    @property
    def key(self) -> str:
        return self.mount


@dataclass(frozen=True, slots=True, kw_only=True)
class UserpassUser(Record):
    """A user's name, and the policies of all that teams call by it.

    It is the platform's: a server knows a name of one method only once, and several teams may speak of it.
    """

    kind: ClassVar[str] = "vault.auth.userpass.user"
    mount: str
    name: str
    """Entities are global to a server, so the environment is part of the name."""
    username: str
    workloads: tuple[str, ...]
    policies: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.mount}/{self.username}"


def plan(scope: Scope) -> Iterator[Record]:
    for method_name, method in sorted(scope.environment.vault.auth.items() if scope.environment.vault else ()):
        if not (userpass := method.userpass):
            continue
        mount = scope.auth_mount(method_name)
        yield UserpassMethod(
            slice=PLATFORM,
            mount=mount,
            token_ttl_seconds=userpass.token_ttl,
            token_max_ttl_seconds=userpass.token_max_ttl,
            protect=scope.environment.protect,
        )
        for username, keys in sorted(_users(scope, method_name).items()):
            yield UserpassUser(
                slice=PLATFORM,
                mount=mount,
                name=naming.identity_of(scope.name, method_name, username),
                username=username,
                workloads=tuple("/".join(key) for key in keys),
                policies=tuple(sorted({policy for key in keys for policy in policies_of(scope, key)})),
            )


def _users(scope: Scope, method_name: str) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key, identity in logins_at(scope, method_name):
        if user := identity.userpass:
            found.setdefault(user.username, []).append(key)
    return found
