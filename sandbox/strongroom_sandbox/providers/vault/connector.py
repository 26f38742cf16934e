"""The configuration of the provider `vault`, as far as a stand-in honours it."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pulumi_vault
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import configuration_failures
from ..frame.errors import StandInError
from ..frame.inputs import inputs_of
from ..frame.loopback import require_loopback
from ..frame.provider import Connector
from ..frame.values import UNKNOWN, Properties
from .api import Vault

_HONOURED = frozenset({"address", "caCertFile"})
_HARMLESS = frozenset({"skipChildToken", "skipGetVaultVersion", "maxRetries", "maxLeaseTtlSeconds"})
"""About child tokens, version probes and retries, of which a stand-in has none."""


class VaultConnector(Connector[Vault]):
    """Connects with a token from a file. Address and CA come from the configuration or VAULT_ADDR and VAULT_CACERT."""

    package = "vault"

    def __init__(self, token_file: Path) -> None:
        self._token_file = token_file
        self._token = _token(token_file)

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield a failure for all that is unknown, wrongly typed, or that only the official provider honours."""
        every = inputs_of(pulumi_vault.ProviderArgs)
        for name in sorted(configuration.keys() & every.keys() - _HONOURED - _HARMLESS):
            yield CheckFailure(name, _unsupported(name))
        # Values for `_HARMLESS` are not looked at: the engine hands booleans and numbers of a configuration on as text.
        yield from configuration_failures(configuration, pulumi_vault.ProviderArgs, _HONOURED, self.package)
        address = configuration.get("address")
        if isinstance(address, str):
            try:
                require_loopback(address)
            except StandInError as error:
                yield CheckFailure("address", str(error))

    def connect(self, configuration: Properties) -> Vault:
        """Return a client for the configured server, with what the token file holds now."""
        self._token = _token(self._token_file)
        address = configuration.get("address") or os.environ.get("VAULT_ADDR")
        if not address or address is UNKNOWN:
            raise StandInError("no address: set vault:address, or VAULT_ADDR for the stand-in's process")
        ca_file = configuration.get("caCertFile") or os.environ.get("VAULT_CACERT") or None
        if ca_file and not Path(ca_file).is_file():
            raise StandInError(f"CA file {ca_file!r} does not exist: correct vault:caCertFile or VAULT_CACERT")
        return Vault.connect(address, self._token, ca_file)

    def secrets(self) -> Iterable[str]:
        """Return the token."""
        return (self._token,)


def _token(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except OSError as error:
        raise StandInError(f"cannot read token file {str(file)!r}: {error.strerror}") from error
    if not token:
        raise StandInError(f"token file {str(file)!r} is empty: put the token of the deployer into it")
    return token


def _unsupported(name: str) -> str:
    if name == "token":
        return "the stand-in takes no token from the configuration, where it would end in the state: use --token-file"
    if name == "namespace":  # one process serves all provider instances of a run, which could name different ones
        return "the stand-in takes no namespace for all resources: give each resource its `namespace`"
    return f"the stand-in does not honour {name!r}: remove it, or use the official provider"
