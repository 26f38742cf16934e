"""What of the catalogs exists in one environment, and how its parts refer to one another."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from strongroom.plan import naming
from strongroom.spec.catalog import Catalog, Secret, Workload
from strongroom.spec.environment import Environment, Store
from strongroom.spec.identity import Login

A = TypeVar("A")
P = ParamSpec("P")
Key = tuple[str, str]
"""`(team, name)`."""
OneOfAKind = Literal["aws", "database", "pki", "ssh", "totp", "transit"]
"""The engines that an environment has at most one of."""


@dataclass(frozen=True)
class GrantInScope:
    """A grant whose workload and secret both exist here."""

    workload: Key
    secret: Key
    can: tuple[str, ...]
    position: int
    """Its place in the list of the secret's team, for error messages."""


def qualified(team: str, name: str) -> Key:
    """`name`, or `other-team/name`, as seen from a team's own file."""
    owner, slash, item = name.partition("/")
    return (owner, item) if slash else (team, name)


def remembered(function: Callable[Concatenate["Scope", P], A]) -> Callable[Concatenate["Scope", P], A]:
    """Remembers what a function says of a scope, or of each workload or secret in it: checks, plans and the policies of
    others all ask it. For functions of plain arguments whose answer nobody changes."""

    @wraps(function)
    def answer(scope: "Scope", /, *asked: P.args, **never: P.kwargs) -> A:
        key = (function, *asked)
        if key not in scope.answers:
            scope.answers[key] = function(scope, *asked, **never)
        found: A = scope.answers[key]
        return found

    return answer


@dataclass(frozen=True)
class Scope:
    """One environment and the catalogs of all teams, by team."""

    environment: Environment
    catalogs: Mapping[str, Catalog]
    answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Of functions that are `remembered`."""

    @property
    def name(self) -> str:
        return self.environment.environment

    @cached_property
    def workloads(self) -> dict[Key, Workload]:
        """The workloads that exist here, in order of their keys."""
        return {
            (team, name): workload
            for team, catalog in sorted(self.catalogs.items())
            for name, workload in sorted(catalog.workloads.items())
            if workload.exists_in(self.name)
        }

    @cached_property
    def secrets(self) -> dict[Key, Secret]:
        """The secrets that exist here, in order of their keys."""
        return {
            (team, name): secret
            for team, catalog in sorted(self.catalogs.items())
            for name, secret in sorted(catalog.secrets.items())
            if secret.exists_in(self.name)
        }

    @cached_property
    def stored(self) -> dict[str, list[Key]]:
        """The secrets that are stored values, by the kind of their store, in order of their keys."""
        found: dict[str, list[Key]] = defaultdict(list)
        for key, secret in self.secrets.items():
            store = self.declared_store(secret)
            if secret.fields and store:  # one whose store is not declared is a problem of its own
                found[store.kind].append(key)
        return found

    @cached_property
    def grants(self) -> tuple[GrantInScope, ...]:
        """The grants that hold here: a grant follows its workload and its secret to the environments of both."""
        return tuple(self._grants())

    def _grants(self) -> Iterator[GrantInScope]:
        for team, catalog in sorted(self.catalogs.items()):
            for position, grant in enumerate(catalog.grants):
                workload, secret = qualified(team, grant.workload), (team, grant.secret)
                if grant.exists_in(self.name) and workload in self.workloads and secret in self.secrets:
                    yield GrantInScope(workload=workload, secret=secret, can=grant.can, position=position)

    @cached_property
    def grants_of(self) -> dict[Key, list[GrantInScope]]:
        """The grants of each workload, in order of their secrets."""
        found: dict[Key, list[GrantInScope]] = {key: [] for key in self.workloads}
        for grant in sorted(self.grants, key=lambda g: (g.secret, g.position)):
            found[grant.workload].append(grant)
        return found

    @cached_property
    def grants_on(self) -> dict[Key, list[GrantInScope]]:
        """The grants of each secret, in order of their workloads."""
        found: dict[Key, list[GrantInScope]] = {key: [] for key in self.secrets}
        for grant in sorted(self.grants, key=lambda g: (g.workload, g.position)):
            found[grant.secret].append(grant)
        return found

    def store_name(self, secret: Secret) -> str:
        """The name of the store that keeps a secret's values, declared or not; empty: none is named."""
        return secret.store or self.environment.default_store or ""

    def declared_store(self, secret: Secret) -> Store | None:
        """That store; None if it is not declared."""
        return self.environment.stores.get(self.store_name(secret))

    def store_of(self, secret: Secret) -> tuple[str, Store]:
        """That store with its name. Raises KeyError if it is not declared."""
        name = self.store_name(secret)
        return name, self.environment.stores[name]

    def is_in_vault(self, key: Key) -> bool:
        """Whether a secret is the business of the Vault or OpenBao server."""
        secret = self.secrets[key]
        if not secret.fields:
            return True
        store = self.declared_store(secret)
        return store is None or store.is_in_vault

    def needs_vault(self, workload: Key) -> bool:
        """Whether a workload has to log in at the Vault or OpenBao server: not if all it is granted lies elsewhere."""
        grants = self.grants_of[workload]
        if not grants:
            return self.environment.vault is not None
        return any(self.is_in_vault(grant.secret) for grant in grants)

    def auth_of(self, login: Login) -> list[str]:
        """The auth methods that a workload could log in at in this way; a valid plan has exactly one."""
        methods = self.environment.vault.auth if self.environment.vault else {}
        return [
            name
            for name, method in sorted(methods.items())
            if login.runs_as.kind in method.accepts and login.auth in (None, name)
        ]

    @property
    def has_entities(self) -> bool:
        """Whether every workload has an entity in the server's identity store."""
        return self.environment.vault is not None and self.environment.vault.identity is not None

    @property
    def namespace(self) -> str:
        """The namespace that all of it lies in, below that of the provider; empty: in that one itself."""
        vault = self.environment.vault
        return vault.namespace.path if vault and vault.namespace else ""

    def within_namespace(self, mount: str) -> str:
        """A mount as the server as a whole knows it: with the environment's namespace in front, if it has one."""
        return f"{self.namespace}/{mount}" if self.namespace else mount

    def kv_mount(self, store_name: str) -> str:
        """The mount of a KV store."""
        store = self.environment.stores[store_name]
        kv = store.vault_kv or store.vault_kv_v1
        return kv.mount if kv and kv.mount else naming.mount_of(store_name, self.name)

    def secret_path(self, key: Key) -> str:
        """The path of a secret in its store."""
        return self.secrets[key].path or naming.secret_path(*key)

    def engine_mount(self, engine: OneOfAKind) -> str:
        """The mount of an engine, declared or by its default."""
        vault = self.environment.vault
        declared = getattr(vault.engines, engine) if vault else None
        mount: str | None = declared.mount if declared else None
        return mount or naming.mount_of(engine, self.name)

    def auth_mount(self, method_name: str) -> str:
        """The mount of an auth method, without `auth/`."""
        assert self.environment.vault is not None
        return self.environment.vault.auth[method_name].value.mount or naming.mount_of(method_name, self.name)
