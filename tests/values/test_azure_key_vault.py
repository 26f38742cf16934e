"""Values in Key Vault: the vendor's own clients, with a login of their own, against a server by the published API."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.azure.refusals import AzureRefusedError
from strongroom.errors import StrongroomError
from strongroom.values.azure_key_vault import KeyVaultValues
from strongroom.values.channel import Target, fill, put, remove, status
from strongroom.values.store import NOTHING, ValuesError
from support import canary
from support.azure import PROD, TENANT
from support.key_vault import CLIENT_SECRET, LOGIN, TOKEN, KeyVault, refusal

SECRET = AzureSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="az",
    path="payments--stripe",
    fields=("api_key", "webhook_secret"),
    rotate_every_seconds=90 * 86400,
    description="",
    place=PROD,
    vault="acme-prod",
    expires_after_days=90,
)
VALUE = "canary-of-key-vault"
ELSEWHERE = "11111111-2c6a-4a34-9a0e-1f6f4a1b2c3d"
BOTH = Target(SECRET, None)
KEY = Target(SECRET, "api_key")


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyVault]:
    server = KeyVault(tmp_path)
    server.lead(monkeypatch)
    yield server
    server.stop()


@pytest.fixture
def store(vault: KeyVault) -> KeyVaultValues:
    from azure.keyvault.secrets._shared.http_challenge_cache import clear

    clear()  # of the process: who is asked for the first time, tells its tenant
    return KeyVaultValues(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_what_is_put_is_what_an_application_reads(vault: KeyVault, store: KeyVaultValues) -> None:
    assert store.stored(SECRET) == NOTHING
    version = put(store, BOTH, {"api_key": VALUE, "webhook_secret": "ü ✓"}, NOTHING)
    assert vault.value("payments--stripe") == {"api_key": VALUE, "webhook_secret": "ü ✓"}
    now = store.stored(SECRET)
    assert (now.version, now.fields) == (version, {"api_key", "webhook_secret"})
    assert now.created is not None
    assert now.created.utcoffset() is not None


def test_a_version_says_what_it_is_whose_and_how_long_it_is_good(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    made = vault.secrets["payments--stripe"][-1]
    assert made["contentType"] == "application/json"
    assert made["tags"] == {"strongroom:team": "payments", "strongroom:item": "stripe"}
    assert made["attributes"]["exp"] == datetime(2026, 4, 1, tzinfo=UTC).timestamp()


def test_a_value_that_may_grow_old_never_expires(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, Target(replace(SECRET, expires_after_days=None), "api_key"), {"api_key": "one"}, NOTHING)
    assert "exp" not in vault.secrets["payments--stripe"][-1]["attributes"]


def test_one_field_is_written_and_the_others_stay(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, BOTH, {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    put(store, KEY, {"api_key": "three"}, store.stored(SECRET))
    assert vault.value("payments--stripe") == {"api_key": "three", "webhook_secret": "two"}
    assert len(vault.secrets["payments--stripe"]) == 2


def test_a_concurrent_write_is_noticed_and_not_overwritten(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    seen = store.stored(SECRET)
    put(store, KEY, {"api_key": "somebody else's"}, seen)
    with pytest.raises(ValuesError, match="changed by somebody else"):
        put(store, KEY, {"api_key": "two"}, seen)
    assert vault.value("payments--stripe") == {"api_key": "somebody else's"}


def test_missing_fields_are_generated_and_the_others_are_kept(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    _, made = fill(store, BOTH, lambda: "generated", replace=False)
    assert made == ("webhook_secret",)
    assert vault.value("payments--stripe") == {"api_key": "one", "webhook_secret": "generated"}
    assert status([SECRET], lambda _: store)[0].missing == ()


def test_a_field_can_be_taken_out(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, BOTH, {"api_key": "one", "webhook_secret": "two"}, NOTHING)
    remove(store, Target(SECRET, "webhook_secret"), destroy=False)
    assert vault.value("payments--stripe") == {"api_key": "one"}


def test_what_is_deleted_can_be_restored_and_its_name_is_taken(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    remove(store, BOTH, destroy=False)
    assert "payments--stripe" in vault.deleted
    assert store.stored(SECRET) == NOTHING
    with pytest.raises(
        AzureRefusedError, match=r"deleted but recoverable.*az keyvault secret recover --vault-name acme-prod"
    ):
        put(store, KEY, {"api_key": VALUE}, NOTHING)
    remove(store, BOTH, destroy=False)  # once more: nothing is there, and nothing is wrong with that


def test_destroying_purges(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    remove(store, BOTH, destroy=True)
    assert not vault.secrets
    assert not vault.deleted


def test_under_purge_protection_nothing_is_destroyed_and_nothing_deleted(
    vault: KeyVault, store: KeyVaultValues
) -> None:
    vault.purgeable = False
    put(store, KEY, {"api_key": "one"}, NOTHING)
    with pytest.raises(ValuesError, match="has purge protection: nobody can destroy payments/stripe before its time"):
        remove(store, BOTH, destroy=True)
    assert vault.value("payments--stripe") == {"api_key": "one"}


def test_what_others_wrote_in_another_form_is_left_alone(vault: KeyVault, store: KeyVaultValues) -> None:
    put(store, KEY, {"api_key": "one"}, NOTHING)
    vault.secrets["payments--stripe"][-1]["value"] = VALUE
    with pytest.raises(ValuesError, match="is no JSON object") as caught:
        put(store, KEY, {"api_key": "two"}, store.stored(SECRET))
    assert not canary.is_in(VALUE, str(caught.value))


def test_more_than_key_vault_takes_is_refused_before_it_is_sent(vault: KeyVault, store: KeyVaultValues) -> None:
    with pytest.raises(ValuesError, match=r"come to 250.. bytes, and Key Vault takes 25000"):
        put(store, KEY, {"api_key": "x" * 25_000}, NOTHING)
    assert not vault.secrets


def test_a_vault_of_another_tenant_is_shown_no_token(vault: KeyVault, store: KeyVaultValues) -> None:
    vault.tenant = ELSEWHERE
    with pytest.raises(
        AzureRefusedError, match=f"vault acme-prod belongs to tenant {ELSEWHERE}, .* is in tenant {TENANT}"
    ):
        put(store, KEY, {"api_key": VALUE}, NOTHING)
    assert LOGIN not in {host for host, _, _ in vault.requests}


def test_a_server_that_asks_for_a_token_for_another_place_is_shown_none(vault: KeyVault, store: KeyVaultValues) -> None:
    vault.resource = "https://vault.evil.example"
    says = r"\(vault acme-prod, secret payments--stripe\): .* is no vault of Azure's: .* \[NoVault\]; .*proxy"
    with pytest.raises(AzureRefusedError, match=says) as caught:
        put(store, KEY, {"api_key": VALUE}, NOTHING)
    assert caught.value.__context__ is None
    assert LOGIN not in {host for host, _, _ in vault.requests}


def test_credentials_of_another_tenant_are_refused_with_the_login_that_helps(
    vault: KeyVault, store: KeyVaultValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.lead(monkeypatch, tenant=ELSEWHERE)
    with pytest.raises(
        AzureRefusedError,
        match=f"not configured to acquire tokens for tenant .*LoginFailed.*az login --tenant {TENANT}",
    ):
        put(KeyVaultValues(), KEY, {"api_key": VALUE}, NOTHING)
    assert not vault.secrets


def test_without_credentials_the_error_says_how_to_get_some(
    store: KeyVaultValues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    says = f"no Azure credentials were found.*EnvironmentCredential.*az login --tenant {TENANT}"
    with pytest.raises(AzureRefusedError, match=says):
        store.stored(SECRET)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (refusal(403, "Forbidden", "ForbiddenByRbac"), r"write .*\[ForbiddenByRbac\]; the caller needs a role"),
        (refusal(403, "Forbidden", "ForbiddenByFirewall"), "this machine's address is not among"),
        (refusal(403, "Forbidden", "ForbiddenByConnection"), "only reached through its private endpoint"),
        (refusal(409, "Conflict", "ObjectIsBeingDeleted"), "wait a minute and repeat"),
        (refusal(500, "InternalServerError", message=f"bad {VALUE}", **{"retry-after-ms": "1"}), r"bad \[secret\]"),
        ((400, {}, {}), "HTTP status 400"),
    ],
)
def test_a_refusal_is_one_sentence_with_the_remedy_and_without_the_value(
    vault: KeyVault, store: KeyVaultValues, answer: Any, says: str
) -> None:
    store.stored(SECRET)
    vault.refuse["PUT"] = [answer] * 10
    with pytest.raises(AzureRefusedError, match=says) as caught:
        put(store, KEY, {"api_key": VALUE}, NOTHING)
    assert not canary.is_in(VALUE, str(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_value_is_not_repeated_in_the_form_in_which_it_was_sent(vault: KeyVault, store: KeyVaultValues) -> None:
    store.stored(SECRET)
    value = 'canary "of\\an ü'
    sent = json.dumps({"value": json.dumps({"api_key": value})})
    for echo in (value, json.dumps({"api_key": value}), sent):
        vault.refuse["PUT"] = [
            refusal(500, "InternalServerError", message=f"bad {echo}", **{"retry-after-ms": "1"})
        ] * 10
        with pytest.raises(AzureRefusedError, match=r"bad .*\[secret\]") as caught:
            put(store, KEY, {"api_key": value}, NOTHING)
        assert "canary" not in str(caught.value)


def test_throttling_is_waited_for(vault: KeyVault, store: KeyVaultValues) -> None:
    store.stored(SECRET)
    vault.refuse["PUT"] = [refusal(429, "Throttled", **{"retry-after-ms": "1"})] * 2
    put(store, KEY, {"api_key": "one"}, NOTHING)
    assert vault.value("payments--stripe") == {"api_key": "one"}


def test_throttling_that_does_not_end_is_named(vault: KeyVault, store: KeyVaultValues) -> None:
    store.stored(SECRET)
    vault.refuse["PUT"] = [refusal(429, "Throttled", **{"retry-after-ms": "1"})] * 20
    with pytest.raises(AzureRefusedError, match="throttles requests to this vault, and did so again each time"):
        put(store, KEY, {"api_key": VALUE}, NOTHING)


def test_a_vault_that_redirects_is_shown_nothing_more(vault: KeyVault, store: KeyVaultValues) -> None:
    store.stored(SECRET)
    vault.refuse["PUT"] = [(307, {}, {"Location": "https://evil.vault.azure.net/secrets/payments--stripe"})]
    with pytest.raises(StrongroomError):
        put(store, KEY, {"api_key": VALUE}, NOTHING)
    assert "evil.vault.azure.net" not in {host for host, _, _ in vault.requests}


def test_no_log_has_a_value_a_token_or_the_callers_own_secret(
    vault: KeyVault, store: KeyVaultValues, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        put(store, KEY, {"api_key": VALUE}, NOTHING)
        store.stored(SECRET)
    out, err = capfd.readouterr()
    for hidden in (VALUE, TOKEN, CLIENT_SECRET):
        assert not canary.is_in(hidden, f"{caplog.text}{out}{err}")


def test_the_address_follows_from_the_declared_cloud() -> None:
    assert SECRET.vault_url == "https://acme-prod.vault.azure.net"
    assert replace(SECRET, place=replace(PROD, cloud="usgov")).vault_url == "https://acme-prod.vault.usgovcloudapi.net"
    assert replace(SECRET, place=replace(PROD, cloud="china")).vault_url == "https://acme-prod.vault.azure.cn"
