"""The configuration of the provider `gcp`, as far as a stand-in honours it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pulumi_gcp
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import configuration_failures
from ..frame.file_store import FileStore
from ..frame.provider import Connector
from ..frame.values import Properties
from .cloud import Cloud

_HONOURED: Final = frozenset({"project"})
_CREDENTIALS: Final = frozenset({"credentials", "accessToken"})


class GcpConnector(Connector[Cloud]):
    """Opens the file. There are no credentials: everybody who can write the file may do everything."""

    package = "gcp"

    def __init__(self, file: Path) -> None:
        self._store = FileStore(file)

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield what a stand-in would not honour, credentials first: they would be in the state."""
        for name in sorted(configuration.keys() & _CREDENTIALS):
            yield CheckFailure(name, f"{name} would be kept in the state: log in, and leave it out")
        # The others that there are count for nothing: the SDK fills some in from the environment of whoever runs it.
        yield from configuration_failures(configuration, pulumi_gcp.ProviderArgs, _HONOURED, self.package)

    def connect(self, configuration: Properties) -> Cloud:
        """Return the cloud."""
        return Cloud(self._store, configuration.get("project"))

    def secrets(self) -> Iterable[str]:
        """Return nothing: there are none."""
        return ()
