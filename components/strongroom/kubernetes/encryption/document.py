"""What the file says that API servers read: `EncryptionConfiguration` of `apiserver.config.k8s.io/v1`.

configuration = Configuration(groups=(Group(resources=("secrets",), ring=ring),))
check(configuration, keys)   # of rules.py: raises DocumentError with all that is wrong
render(configuration, keys)  # of render.py: the file
parse(data)                  # of parse.py: the configuration and its keys apart
"""

from dataclasses import dataclass
from typing import Final

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring

IDENTITY: Final = Entry("identity")


class DocumentError(StrongroomError):
    """A configuration that an API server would refuse, or that would lose or expose what it keeps. Holds no key."""

    def __init__(self, flaws: tuple[str, ...]) -> None:
        self.flaws = flaws
        super().__init__("; ".join(flaws))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A KMS plugin that runs beside each API server and speaks version 2 of the interface.

    It has no `cachesize`: that is version 1, whose data keys are not kept.
    """

    name: str
    """What stands in etcd before each value. Another name is another plugin to the API server."""
    endpoint: str
    """Its socket: `unix:///run/kms.sock`."""
    timeout_ms: int = 3000
    """How long an API server waits for it, in milliseconds."""

    @property
    def entry(self) -> Entry:
        """As it stands in a ring."""
        return Entry("kms", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Resources that are read and written by one ring."""

    resources: tuple[str, ...]
    """`secrets`, `deployments.apps`, `*.apps`, `*.` (the core group), `*.*`."""
    ring: Ring
    plaintext: bool = False
    """Whether it is declared that they are written in plain text: in a migration, or as an exception to a wildcard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a file says, without its keys."""

    groups: tuple[Group, ...]
    """In their order: the first that fits a resource is the one."""
    plugins: tuple[Plugin, ...] = ()
    """The KMS plugins that the rings name."""

    def plugin(self, name: str) -> Plugin | None:
        """The plugin of that name."""
        return next((plugin for plugin in self.plugins if plugin.name == name), None)

    @property
    def keyed(self) -> frozenset[Entry]:
        """The entries that need a key in the file."""
        return frozenset(entry for group in self.groups for entry in group.ring.entries if entry.kind in KEYED)


def configuration_of(
    resources: tuple[str, ...], plaintext: tuple[str, ...], plugins: tuple[Plugin, ...], ring: Ring
) -> Configuration:
    """What the file of a cluster says with a ring: first what is exempt, as a wildcard would cover it."""
    exempt = (Group(resources=plaintext, ring=Ring((IDENTITY,)), plaintext=True),) if plaintext else ()
    group = Group(resources=resources, ring=ring, plaintext=ring.entries[:1] == (IDENTITY,))
    used = tuple(plugin for plugin in plugins if ring.reads(plugin.entry))
    return Configuration(groups=(*exempt, group), plugins=used)


def covers(resources: tuple[str, ...], plaintext: tuple[str, ...]) -> str:
    """What is read and written by a ring, the same for the same resources in any order."""
    exempt = f", but not {', '.join(sorted(plaintext))}" if plaintext else ""
    return ", ".join(sorted(resources)) + exempt


def parsed(resource: str) -> tuple[str, str]:
    """`(group, resource)`, either of them `*` for all; the core group is empty."""
    name, _, group = resource.partition(".")
    return group, name
