"""What cannot be made again once it is gone: mounts, auth methods, keys. Plan and state both speak of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from strongroom.spec.problems import Loc

AUTH: Final = "auth/"
Trait = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One thing that holds what only the server has."""

    path: str
    """Where it is on the server, exactly: `kv-prod`, `auth/cluster-prod`, `transit-prod/keys/payments.card`."""
    mount: str = ""
    """The mount that it is or lies in; empty: what it is part of has no mounts."""
    engine: str
    """The room: `kv`, `kv_v1`, `database`, `pki`; of an auth method the method, `jwt`."""
    protected: bool
    fixed: Mapping[str, Trait] = field(default_factory=dict)
    """What can only change by making another one in its place."""
    not_lower: Mapping[str, int] = field(default_factory=dict)
    """What loses something when it is lowered."""
    not_higher: Mapping[str, int] = field(default_factory=dict)
    """What loses something when it is raised."""
    accessor: str = ""
    """The server's own name of a mount, which stays when it is moved; only the state knows it."""
    team: str = ""
    """Whose catalog says so; empty: the environment file."""
    loc: Loc = ()
    """Where in that file; only the plan knows it."""

    @property
    def is_mount(self) -> bool:
        return self.path == self.mount

    @property
    def is_auth(self) -> bool:
        return self.path.startswith(AUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the values of a declared secret are kept."""

    mount: str
    path: str
    fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.mount}/{self.path}"


Places = Mapping[str, Place]
"""`team/secret` -> its place."""
