"""The configuration of the provider `gcp`, as far as a stand-in honours it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pulumi_gcp
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import failures
from ..frame.file_store import FileStore
from ..frame.inputs import inputs_of
from ..frame.provider import Connector
from ..frame.values import Properties
from .cloud import Cloud

_HONOURED: Final = frozenset({"project"})
_CREDENTIALS: Final = frozenset({"credentials", "accessToken"})
_ENGINE_OWN: Final = frozenset({"version", "pluginDownloadURL"})
"""What the engine itself puts into any provider's configuration."""


class GcpConnector(Connector[Cloud]):
    """Opens the file. There are no credentials: everybody who can write the file may do everything."""

    package = "gcp"

    def __init__(self, file: Path) -> None:
        self._store = FileStore(file)

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield what a stand-in would not honour, credentials first: they would be in the state."""
        asked = {name: value for name, value in configuration.items() if name not in _ENGINE_OWN}
        for name in sorted(asked.keys() & _CREDENTIALS):
            yield CheckFailure(name, f"{name} would be kept in the state: log in, and leave it out")
        every = inputs_of(pulumi_gcp.ProviderArgs)
        # The SDK fills some of them in from the environment of whoever runs the program.
        rest = {name: value for name, value in asked.items() if name in _HONOURED or name not in every}
        yield from failures(rest, {name: every[name] for name in _HONOURED}, "the provider gcp")

    def connect(self, configuration: Properties) -> Cloud:
        """Return the cloud."""
        return Cloud(self._store, configuration.get("project"))

    def secrets(self) -> Iterable[str]:
        """Return nothing: there are none."""
        return ()
