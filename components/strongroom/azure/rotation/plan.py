"""Rotation in Azure: a vault tells that a secret nears its end, and a function puts a new value into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Final

from strongroom.azure.identity.grants import roles_for
from strongroom.azure.identity.plan import assignment
from strongroom.azure.key_vault import plan as key_vault
from strongroom.azure.key_vault.plan import in_vault, vault_place
from strongroom.azure.place import AzurePlace
from strongroom.azure.rotation.spec import AzureFunction
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope, remembered

SUBSCRIPTION_MOST: Final = 64
"""Characters in the name of an event subscription: Azure, "Naming rules and restrictions for Azure resources"."""
NEAR_EXPIRY: Final = "Microsoft.KeyVault.SecretNearExpiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureEventTopic(Record):
    """What a vault tells of itself. Azure has one for each vault."""

    kind: ClassVar[str] = "azure.rotation.topic"
    place: AzurePlace
    name: str
    vault: str
    source: str
    """The id of the vault."""

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureRotation(Record):
    """One secret, and the function that is told when it nears its end."""

    kind: ClassVar[str] = "azure.rotation.subscription"
    place: AzurePlace
    topic: str
    name: str
    team: str
    secret: str
    secret_in_vault: str
    """The subject of the events."""
    function: str
    """The id of the function."""

    @property
    def key(self) -> str:
        return f"{self.team}/{self.secret}"


def rotated(scope: Scope) -> Iterator[tuple[Key, str, AzureFunction]]:
    """The secrets that functions rotate, with the names of their rotators."""
    for key in scope.stored.get(key_vault.KIND, ()):
        name = scope.secrets[key].rotator
        rotator = scope.environment.rotators.get(name or "")
        if name and rotator and rotator.azure_function:
            yield key, name, rotator.azure_function


@remembered
def records(scope: Scope) -> tuple[Record, ...]:
    """All of them, made once: the checks count them."""
    return tuple(_records(scope))


def plan(scope: Scope) -> Iterator[Record]:
    yield from records(scope)


def _records(scope: Scope) -> Iterator[Record]:
    topics: set[str] = set()
    for key, name, function in rotated(scope):
        team, secret = key
        store = scope.store_of(scope.secrets[key])[1].value
        place, topic = vault_place(scope, store), f"{store.vault}-events"
        if topic not in topics:
            topics.add(topic)
            source = place.id_of(key_vault.VAULTS, store.vault)
            yield AzureEventTopic(slice=PLATFORM, place=place, name=topic, vault=store.vault, source=source)
        path = in_vault(key_vault.name_of(scope, key, store))
        yield AzureRotation(
            slice=team,
            place=place,
            topic=topic,
            name=_short(path),
            team=team,
            secret=secret,
            secret_in_vault=path,
            function=f"{function.function_app}/functions/{function.function}",
        )
        for role in roles_for(scope, frozenset({"read", "write"})):
            yield assignment(scope, f"rotator {name}", key, role, function.principal_id)


def _short(name: str) -> str:
    """A name that a subscription can have: of a long one its beginning and a mark of the whole."""
    name = f"rotate-{name}"
    if len(name) <= SUBSCRIPTION_MOST:
        return name
    mark = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: SUBSCRIPTION_MOST - 9].rstrip('-')}-{mark}"
