"""The configuration of the provider `azure-native`, as far as a stand-in honours it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import pulumi_azure_native
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import configuration_failures
from ..frame.errors import StandInError
from ..frame.file_store import FileStore
from ..frame.inputs import inputs_of
from ..frame.provider import Connector
from ..frame.values import UNKNOWN, Properties
from .arm import Arm

_HONOURED: Final = frozenset({"tenantId", "subscriptionId", "environment", "location"})
_CREDENTIALS: Final = frozenset(
    {"clientSecret", "clientCertificatePassword", "clientCertificatePath", "oidcToken", "oidcRequestToken", "clientId"}
)


class AzureConnector(Connector[Arm]):
    """Keeps resources in a file. The caller's credentials are those of ARM_TENANT_ID, if that is set: nobody's token
    is asked for, as nobody is asked anything."""

    package = "azure-native"

    def __init__(self, file: Path) -> None:
        self._store = FileStore(file)

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield a failure for all that is unknown, wrongly typed, or that only the official provider honours."""
        every = inputs_of(pulumi_azure_native.ProviderArgs)
        for name in sorted(configuration.keys() & every.keys() - _HONOURED):
            yield CheckFailure(name, _unsupported(name))
        yield from configuration_failures(configuration, pulumi_azure_native.ProviderArgs, _HONOURED, self.package)
        for name in ("tenantId", "subscriptionId"):
            value = configuration.get(name)
            if isinstance(value, str) and not _is_uuid(value):
                yield CheckFailure(name, f"{name} {value!r} is no GUID: write one")

    def connect(self, configuration: Properties) -> Arm:
        """Return a connection, unless the credentials are another tenant's: then no token would be had."""
        own = os.environ.get("ARM_TENANT_ID", "").lower()
        tenant = str(configuration.get("tenantId") or own).lower()
        subscription = configuration.get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID")
        if not tenant or not subscription or subscription is UNKNOWN:
            raise StandInError("no tenant or subscription: give the provider tenantId and subscriptionId")
        if own and own != tenant:
            raise StandInError(
                f"no token can be had for tenant {tenant}, as the credentials are of tenant {own}: log in there "
                f"(`az login --tenant {tenant}`), or correct ARM_TENANT_ID"
            )
        return Arm(self._store, tenant, str(subscription).lower())

    def secrets(self) -> Iterable[str]:
        """There are none."""
        return ()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _unsupported(name: str) -> str:
    if name in _CREDENTIALS:
        return "credentials do not belong in the configuration, where they would end in the state: remove this"
    return f"the stand-in does not honour {name!r}: remove it, or use the official provider"
