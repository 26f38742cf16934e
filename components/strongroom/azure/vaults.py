"""Vaults as the caller's own credentials reach them: with a token of the declared tenant, and of no other."""

import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from azure.core.credentials import AccessToken
from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

from strongroom.azure.clouds import CLOUDS
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.azure.place import AzurePlace
from strongroom.azure.refusals import AzureRefusedError, explained, not_a_vault

T = TypeVar("T")


class PinnedCredential:
    """The caller's credentials, for one tenant. A vault says itself in which tenant it is, and whoever has a vault of
    the declared name elsewhere is given no token."""

    def __init__(self, place: AzurePlace, vault: str) -> None:
        self._inner = DefaultAzureCredential(authority=CLOUDS[place.cloud].authority)
        self._tenant, self._vault = place.tenant, vault

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> AccessToken:
        """A token of the declared tenant. Raises AzureRefusedError if one of another is asked for."""
        if tenant_id and tenant_id.lower() != self._tenant:
            raise AzureRefusedError(
                f"vault {self._vault} belongs to tenant {tenant_id}, and the environment is in tenant {self._tenant}; "
                "nothing was sent to it. Correct `azure.tenant`, or the store's `vault`",
                code="WrongTenant",
            )
        return self._inner.get_token(*scopes, claims=claims, tenant_id=self._tenant, **options)


class Vaults:
    """A client for each vault, made when it is first asked for."""

    def __init__(self) -> None:
        # Without a handler Python prints warnings; the same is in the error, with the remedy.
        logging.getLogger("azure").addHandler(logging.NullHandler())
        self._client: Callable[[AzurePlace, str, str], SecretClient] = cache(_client)

    def ask(self, secret: AzureSecret, what: str, request: Callable[[SecretClient], T], hide: Iterable[str] = ()) -> T:
        """One request about a secret; `what` names it in errors. `hide` is what no error may repeat.

        Raises AzureRefusedError with the remedy; its `code` is Key Vault's own name of what was wrong.
        """
        try:
            return request(self._client(secret.place, secret.vault, secret.vault_url))
        except AzureError as error:
            refusal = explained(error, what, secret, hide)
        except ValueError:
            # Of the client, before it asks for a token; its own text advises to switch the comparison off.
            refusal = not_a_vault(what, secret)
        # Raised out here, so that no exception is chained whose frames hold the request.
        raise refusal


def _client(place: AzurePlace, vault: str, url: str) -> SecretClient:
    # The client compares the address with the resource that the vault asks a token for, and sends nothing before.
    return SecretClient(
        vault_url=url,
        credential=PinnedCredential(place, vault),
        retry_total=6,
        # A vault never redirects: what does, is none, and is not shown a value.
        permit_redirects=False,
        connection_timeout=10,
        read_timeout=30,
    )
