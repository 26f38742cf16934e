"""What Azure refuses, in one clear sentence with the remedy, and without values."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Final

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
)

from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.errors import StrongroomError


class AzureRefusedError(StrongroomError):
    """Azure refused something, or could not be asked."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code
        """Key Vault's own name of the error, the innermost that it gives, such as `ForbiddenByRbac`."""


_REMEDIES: Final[Mapping[str, str]] = {
    "ForbiddenByRbac": "the caller needs a role on that secret, for who writes values Key Vault Secrets Officer; one "
    "that was assigned just now takes up to ten minutes to be known everywhere",
    "ForbiddenByFirewall": "this machine's address is not among the store's `allowed_ips` and `allowed_subnets`: "
    "run the command where it is, or add it",
    "ForbiddenByConnection": "the vault is only reached through its private endpoint: run the command in that network",
    "SecretDisabled": "the newest version is disabled: enable it, or make a new one, with `az keyvault secret`",
    "ObjectIsBeingDeleted": "it is being deleted right now: wait a minute and repeat",
    "Throttled": "Key Vault throttles requests to this vault, and did so again each time: wait a minute and repeat",
    "Unauthorized": "the vault does not accept the caller's token: is the account one of the environment's tenant?",
}
"""Key Vault's name of an error -> what to do. Its own sentence stands in front of it."""


def explained(error: AzureError, what: str, secret: AzureSecret, hide: Iterable[str]) -> AzureRefusedError:
    """The error as people see it. `what` is the request, `hide` what the text may not repeat."""
    where = _where(secret)
    match error:
        case ClientAuthenticationError() if error.response is None:
            code, said = _login(error)
            remedy = (
                f"the environment is in tenant {secret.place.tenant}: `az login --tenant {secret.place.tenant}`, or "
                "correct the AZURE_* variables, or run where a managed identity of it is at hand"
            )
        case HttpResponseError():
            code, said = _told(error)
            remedy = _remedy(code, secret)
        case ServiceRequestTimeoutError() | ServiceRequestError():
            code, said = "Unreachable", f"{secret.vault_url} cannot be reached"
            remedy = "is the vault deployed (the stack's platform slice), and does this network know its address?"
        case _:
            # The text of others could repeat a part of the request.
            code, said, remedy = type(error).__name__, "Azure could not be asked", ""
    for form in sorted({form for value in filter(None, hide) for form in _forms(value)}, key=len, reverse=True):
        said = said.replace(form, "[secret]")
    return AzureRefusedError(f"{what} ({where}): {said} [{code}]" + (f"; {remedy}" if remedy else ""), code)


def not_a_vault(what: str, secret: AzureSecret) -> AzureRefusedError:
    """The error for a server at a vault's address that wants a token for something else than vaults."""
    return AzureRefusedError(
        f"{what} ({_where(secret)}): what answers at {secret.vault_url} is no vault of Azure's: it asks for a token "
        "for another place, and was shown none [NoVault]; look at the proxy, at name resolution, and at `azure.cloud`",
        code="NoVault",
    )


def _where(secret: AzureSecret) -> str:
    return f"vault {secret.vault}, secret {secret.path}"


def _forms(value: str) -> Iterator[str]:
    """A value as it is, as it is in the JSON object of a secret, and as that is in the request."""
    yield value
    for ascii_in, ascii_out in product((False, True), repeat=2):
        inner = json.dumps(value, ensure_ascii=ascii_in)[1:-1]
        yield inner
        yield json.dumps(inner, ensure_ascii=ascii_out)[1:-1]


def _login(error: ClientAuthenticationError) -> tuple[str, str]:
    """What kept each kind of credentials from giving a token: what the chain says of itself has one line for each."""
    tried = [f"{kind}: {_first_sentence(why)}" for kind, why in re.findall(r"(?m)^\t(\w+): (.*)$", error.message)]
    if not tried:
        return "LoginFailed", _first_sentence(error.message)
    if all("unavailable" in why.lower() for why in tried):
        return "NoCredentials", f"no Azure credentials were found ({'; '.join(tried)})"
    return "LoginFailed", "; ".join(why for why in tried if "unavailable" not in why.lower())


def _told(error: HttpResponseError) -> tuple[str, str]:
    """The innermost name of the error, and the sentence."""
    if error.status_code == 429:
        return "Throttled", "too many requests"
    body: Mapping[str, Any] = {}
    if error.error is not None:
        body = {"code": error.error.code, "message": error.error.message, "innererror": error.error.innererror}
    code = str(body.get("code") or f"HTTP {error.status_code}")
    inner: Any = body.get("innererror")
    while isinstance(inner, Mapping) and inner:
        code, inner = str(inner.get("code") or code), inner.get("innererror")
    return code, _first_sentence(str(body.get("message") or f"the answer has HTTP status {error.status_code}"))


def _remedy(code: str, secret: AzureSecret) -> str:
    if code == "ObjectIsDeletedButRecoverable":
        names = f"--vault-name {secret.vault} --name {secret.path}"
        return (
            "a secret of that name was deleted and can still be restored: "
            f"`az keyvault secret recover {names}` brings it back, and unless the vault has purge protection "
            f"`az keyvault secret purge {names}` ends it for good"
        )
    return _REMEDIES.get(code, "")


def _first_sentence(text: str) -> str:
    """What is said, without the caller's ids and addresses that Key Vault adds on further lines, and without advice
    to programmers."""
    return text.strip().splitlines()[0].partition(". ")[0].strip().rstrip(".") if text.strip() else "nothing is said"
