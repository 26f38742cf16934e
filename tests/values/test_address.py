"""Addresses that would show a password in an error, or cannot be read at all."""

import pytest

from strongroom.errors import WrongInputError
from strongroom.vault.connection import Server, connect

CANARY = "canary-7c20-password"


@pytest.mark.parametrize("variable", [None, f"https://operator:{CANARY}@vault.example", "https://other.example"])
@pytest.mark.parametrize(
    "configured", [f"https://operator:{CANARY}@vault.example:8200", f"http://{CANARY}@vault.example"]
)
def test_an_address_with_a_password_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, configured: str
) -> None:
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    if variable:
        monkeypatch.setenv("VAULT_ADDR", variable)
    with pytest.raises(WrongInputError, match="holds a name or password") as refused:
        connect(Server(configured))
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("address", ["https://[vault.example", "https://[not-an-address]:8200"])
def test_brackets_without_an_address_are_no_url(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    with pytest.raises(WrongInputError, match="is no URL"):
        connect(Server(address))
