"""Which server the values go to: the stack's own, encrypted, and never by mistake another one."""

from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.vault.connection import Server, ServerError, connect

PROD = "https://vault.prod.example:8200"


@pytest.fixture(autouse=True)
def _operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VAULT_ADDR", "VAULT_CACERT", "VAULT_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAULT_TOKEN", "a-token")
    monkeypatch.setenv("HOME", str(tmp_path))


def test_the_stacks_address_is_used() -> None:
    assert connect(Server(PROD)).client.url == PROD


def test_without_one_it_is_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", PROD)
    assert connect(Server()).client.url == PROD


@pytest.mark.parametrize("variable", [PROD, PROD + "/", ""])
def test_both_may_be_given_if_they_agree(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("VAULT_ADDR", variable)
    assert connect(Server(PROD)).client.url == PROD


def test_a_variable_for_another_environments_server_is_refused_and_both_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VAULT_ADDR", "https://vault.dev.example:8200")
    with pytest.raises(
        WrongInputError, match=r"VAULT_ADDR is https://vault\.dev.*vault:address is https://vault\.prod"
    ):
        connect(Server(PROD))


def test_a_variable_for_another_namespace_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_NAMESPACE", "dev")
    with pytest.raises(WrongInputError, match="VAULT_NAMESPACE is dev, but the stack's vault:namespace is prod"):
        connect(Server(PROD, namespace="prod"))


def test_the_stacks_namespace_is_used() -> None:
    assert connect(Server(PROD, namespace="prod")).client.adapter.namespace == "prod"
    assert connect(Server(PROD)).client.adapter.namespace is None


def test_no_address_at_all_is_refused_with_where_to_set_it() -> None:
    with pytest.raises(WrongInputError, match="set vault:address in the stack's configuration, or VAULT_ADDR"):
        connect(Server())


@pytest.mark.parametrize("address", ["vault.example", "vault.example:8200", "https://", "unix:///run/vault.sock"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(WrongInputError, match="no URL; it looks like https://"):
        connect(Server(address))


def test_values_do_not_travel_unencrypted_unless_they_stay_on_this_machine() -> None:
    with pytest.raises(WrongInputError, match=r"^http://vault\.prod\.example:8200 is not encrypted.*use https"):
        connect(Server("http://vault.prod.example:8200"))
    assert connect(Server("http://127.0.0.1:8200")).client.url == "http://127.0.0.1:8200"


def test_the_token_comes_from_the_variable_or_else_from_the_vendors_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".vault-token").write_text("from-file\n")
    assert connect(Server(PROD)).client.token == "a-token"
    monkeypatch.setenv("VAULT_TOKEN", "with-line-break\n")
    assert connect(Server(PROD)).client.token == "with-line-break"
    monkeypatch.delenv("VAULT_TOKEN")
    assert connect(Server(PROD)).client.token == "from-file"


@pytest.mark.parametrize("file", [None, "", "\n"])
def test_without_a_token_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str | None
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "")
    if file is not None:
        (tmp_path / ".vault-token").write_text(file)
    with pytest.raises(ServerError, match="no Vault token: log in"):
        connect(Server(PROD))


def test_a_token_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    (tmp_path / ".vault-token").mkdir()
    with pytest.raises(ServerError, match=r"\.vault-token cannot be read \(IsADirectoryError\)"):
        connect(Server(PROD))


def test_the_certificate_authority_is_the_variables_or_else_the_stacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stacks, variables = tmp_path / "stack.pem", tmp_path / "variable.pem"
    stacks.touch()
    variables.touch()
    assert connect(Server(PROD, ca_file=str(stacks))).client.session.verify == str(stacks)
    monkeypatch.setenv("VAULT_CACERT", str(variables))
    assert connect(Server(PROD, ca_file=str(stacks))).client.session.verify == str(variables)


def test_a_certificate_authority_that_is_not_there_is_refused() -> None:
    with pytest.raises(WrongInputError, match=r"there is no CA certificate /nowhere/ca\.pem"):
        connect(Server(PROD, ca_file="/nowhere/ca.pem"))


def test_certificates_are_always_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_SKIP_VERIFY", "true")
    assert connect(Server(PROD)).client.session.verify is True
