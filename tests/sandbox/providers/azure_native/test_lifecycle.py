"""The stand-in for azure-native: what it keeps, and what it refuses by the vendor's models and documentation."""

import copy
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from strongroom_sandbox.providers.azure_native.provider import provider
from support.azure import PRINCIPAL, SUBSCRIPTION, TENANT
from support.azure_resources import (
    ASSIGNMENT,
    BARE,
    CREDENTIAL,
    ENDPOINT,
    GROUP_ID,
    GUID,
    IDENTITY,
    KEY,
    SETTING,
    SOUND,
    SUBSCRIPTION_TO_EVENTS,
    TOPIC,
    VAULT,
    VAULT_ID,
    ZONES,
)
from support.stand_in import Engine, Json, ProviderError, serving

pytestmark = pytest.mark.engine


def _made(engine: Engine, *tokens: str) -> dict[str, tuple[str, Json]]:
    return {token: engine.made(token, copy.deepcopy(SOUND[token]))[:2] for token in tokens}


def _changed(token: str, path: str, value: Any) -> Json:
    """The sound inputs with one thing changed; None takes it out."""
    inputs = copy.deepcopy(SOUND[token])
    *outer, last = path.split(".")
    level: Any = inputs
    for name in outer:
        level = level[int(name)] if name.isdecimal() else level.setdefault(name, {})
    if value is None:
        del level[last]
    else:
        level[last] = value
    return inputs


def _refusal(engine: Engine, token: str, inputs: Json) -> str:
    checked, failures = engine.check(token, inputs)
    if failures:
        return " ".join(failures.values())
    with pytest.raises(ProviderError) as caught:
        engine.create(token, checked)
    return str(caught.value)


def test_every_row_has_a_sound_program(store: Path) -> None:
    assert set(provider(store)._rows) == set(SOUND)


def test_what_is_made_reads_back_without_a_difference_and_can_be_imported(engine: Engine) -> None:
    for token, (identity, state) in _made(engine, *SOUND).items():
        checked, _ = engine.check(token, SOUND[token], state)
        assert engine.diff(token, identity, state, checked).get("changes") == "DIFF_NONE", token
        refreshed = engine.read(token, identity, state, checked)
        assert refreshed["id"] == identity
        assert engine.diff(token, identity, refreshed["properties"], checked).get("changes") == "DIFF_NONE", token
        imported = engine.read(token, identity)
        assert engine.diff(token, identity, imported["properties"], checked).get("changes") == "DIFF_NONE", token


def test_ids_are_azures(engine: Engine) -> None:
    made = _made(engine, VAULT, IDENTITY, CREDENTIAL, ASSIGNMENT)
    assert made[VAULT][0] == VAULT_ID
    assert made[CREDENTIAL][0].endswith(
        "/Microsoft.ManagedIdentity/userAssignedIdentities/prod_payments_checkout"
        "/federatedIdentityCredentials/kubernetes_main"
    )
    assert made[ASSIGNMENT][0] == (
        f"{VAULT_ID}/secrets/payments--stripe/providers/Microsoft.Authorization/roleAssignments/{GUID}"
    )


def test_everything_says_that_it_is_no_azure_and_no_address_leads_to_one(engine: Engine, store: Path) -> None:
    made = _made(engine, *SOUND)
    assert made[VAULT][1]["properties"]["vaultUri"] == "https://acme-prod.vault.stand-in.invalid/"
    for document in json.loads(store.read_text()).values():
        assert document["systemData"]["createdBy"] == "a stand-in of the Strongroom sandbox; this is no Azure"


def test_the_file_is_for_its_owner_only(engine: Engine, store: Path) -> None:
    _made(engine, VAULT)
    assert stat.S_IMODE(store.stat().st_mode) == 0o600


def test_bodies_have_the_levels_of_the_published_api(engine: Engine, store: Path) -> None:
    _made(engine, *SOUND)
    bodies = {document["type"]: document for document in json.loads(store.read_text()).values()}
    told = bodies["Microsoft.EventGrid/systemTopics/eventSubscriptions"]["properties"]
    assert told["destination"]["endpointType"] == "AzureFunction"
    assert told["destination"]["properties"]["maxEventsPerBatch"] == 1
    connection = bodies["Microsoft.Network/privateEndpoints"]["properties"]["privateLinkServiceConnections"][0]
    assert connection == {"name": "acme-prod", "properties": {"privateLinkServiceId": VAULT_ID, "groupIds": ["vault"]}}
    assert bodies["Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"]["properties"][
        "subject"
    ]


@pytest.mark.parametrize(
    ("token", "path", "value", "says"),
    [
        (VAULT, "vaultName", "ab", "cannot be called 'ab'"),
        (VAULT, "vaultName", "a" * 25, "Naming rules and restrictions for Azure resources"),
        (VAULT, "vaultName", "1acme", "cannot be called"),
        (VAULT, "vaultName", "acme--prod", "two hyphens in a row"),
        (VAULT, "vaultName", None, "needs 'vaultName'"),
        (VAULT, "location", None, "location is required by Azure's model"),
        (VAULT, "properties.sku.name", "gold", "is 'gold', and Azure's model has premium, standard"),
        (VAULT, "properties.sku.family", "Z", "is 'Z', and Azure's model has A"),
        (VAULT, "properties.networkAcls.defaultAction", "Maybe", "Azure's model has Allow, Deny"),
        (VAULT, "properties.networkAcls.bypass", "Everybody", "Azure's model has AzureServices, None"),
        (VAULT, "properties.softDeleteRetentionInDays", 6, "softDeleteRetentionInDays is 6"),
        (VAULT, "properties.softDeleteRetentionInDays", 91, "softDeleteRetentionInDays is 91"),
        (VAULT, "properties.enablePurgeProtection", False, "cannot be set to false"),
        (VAULT, "properties.tenantId", PRINCIPAL, "the subscription is in tenant"),
        (VAULT, "properties.vaultUri", "https://x", "has no input"),
        (KEY, "properties.kty", "DSA", "is 'DSA', and Azure's model has EC"),
        (KEY, "properties.keyOps", ["dance"], "is 'dance'"),
        (KEY, "properties.kty", "RSA-HSM", "a vault of SKU standard has no keys of type RSA-HSM"),
        (KEY, "keyName", "a_b", "cannot be called 'a_b'"),
        (KEY, "vaultName", "elsewhere", "ParentResourceNotFound"),
        (IDENTITY, "resourceName", "ab", "cannot be called 'ab'"),
        (IDENTITY, "location", None, "location is required"),
        (CREDENTIAL, "resourceName", "nobody", "ParentResourceNotFound"),
        (CREDENTIAL, "audiences", [], "audiences is empty"),
        (CREDENTIAL, "audiences", ["a", "b"], "more than one entry"),
        (ASSIGNMENT, "roleAssignmentName", "checkout", "cannot be called 'checkout'"),
        (ASSIGNMENT, "principalId", "checkout", "GUIDs"),
        (ASSIGNMENT, "principalType", "Robot", "principalType is 'Robot'"),
        (ASSIGNMENT, "scope", f"{VAULT_ID}-b/secrets/s", "is not there: deploy the vault first"),
        (TOPIC, "source", f"{VAULT_ID}-b", "is not there: deploy it first"),
        (TOPIC, "systemTopicName", "a.b", "cannot be called"),
        (TOPIC, "location", "northeurope", "location must match with location of the source"),
        (SUBSCRIPTION_TO_EVENTS, "eventDeliverySchema", "Morse", "eventDeliverySchema is 'Morse'"),
        (SUBSCRIPTION_TO_EVENTS, "destination.maxEventsPerBatch", "many", "must be a whole number"),
        (SUBSCRIPTION_TO_EVENTS, "destination.colour", "red", "destination.colour: Azure's model has no such property"),
        (SUBSCRIPTION_TO_EVENTS, "filter.advancedFilters.0.values", ["x"] * 26, "26 values in advanced filters"),
        (SUBSCRIPTION_TO_EVENTS, "systemTopicName", "nothing", "ParentResourceNotFound"),
        (ENDPOINT, "subnet", None, "a subnet and a connection"),
        (ENDPOINT, "privateLinkServiceConnections.0.privateLinkServiceId", f"{VAULT_ID}-b", "is not there"),
        (ZONES, "privateEndpointName", "nothing", "ParentResourceNotFound"),
        (SETTING, "workspaceId", None, "there is no destination"),
        (SETTING, "logs", None, "there is nothing to send"),
    ],
)  # fmt: skip
def test_what_azure_refuses_is_refused(engine: Engine, token: str, path: str, value: Any, says: str) -> None:
    before = list(SOUND)[: list(SOUND).index(token)]
    _made(engine, *before)
    assert says in _refusal(engine, token, _changed(token, path, value))


def test_a_name_that_a_deleted_vault_has_is_refused_with_both_ways_out(engine: Engine) -> None:
    identity, state = _made(engine, VAULT)[VAULT]
    engine.delete(VAULT, identity, state)
    assert engine.read(VAULT, identity)["id"] == ""
    refusal = _refusal(engine, VAULT, SOUND[VAULT])
    assert "exists in deleted state, until 30 days have passed" in refusal
    assert "az keyvault recover --name acme-prod" in refusal
    assert "az keyvault purge --name acme-prod" in refusal


def test_a_vaults_name_is_taken_in_every_resource_group(engine: Engine) -> None:
    _made(engine, VAULT)
    assert "VaultAlreadyExists" in _refusal(engine, VAULT, _changed(VAULT, "resourceGroupName", "others"))


def test_the_same_thing_twice_is_a_conflict(engine: Engine) -> None:
    _made(engine, VAULT, IDENTITY, ASSIGNMENT)
    assert "[Conflict]" in _refusal(engine, IDENTITY, SOUND[IDENTITY])
    other = _changed(ASSIGNMENT, "roleAssignmentName", GUID.replace("2", "3"))
    assert "RoleAssignmentExists" in _refusal(engine, ASSIGNMENT, other)


@pytest.mark.parametrize(
    ("token", "path", "value", "says"),
    [
        (VAULT, "properties.softDeleteRetentionInDays", 31, "it can never be changed"),
        (VAULT, "properties.enablePurgeProtection", None, "purge protection cannot be taken back"),
        (KEY, "properties.keyOps", ["sign"], "nothing of a key is ever changed"),
    ],
)
def test_what_never_changes_is_refused_in_an_update(
    engine: Engine, token: str, path: str, value: Any, says: str
) -> None:
    identity, state = _made(engine, VAULT, KEY)[token]
    checked, _ = engine.check(token, _changed(token, path, value), state)
    with pytest.raises(ProviderError, match=says):
        engine.update(token, identity, state, checked)


def test_what_can_change_is_changed_in_place(engine: Engine) -> None:
    identity, state = _made(engine, VAULT)[VAULT]
    checked, _ = engine.check(VAULT, _changed(VAULT, "properties.networkAcls.bypass", "AzureServices"), state)
    assert not engine.diff(VAULT, identity, state, checked).get("replaces")
    after = engine.update(VAULT, identity, state, checked)
    assert after["properties"]["networkAcls"]["bypass"] == "AzureServices"
    assert after["properties"]["vaultUri"]


@pytest.mark.parametrize(
    ("token", "path", "value", "replaced"),
    [
        (VAULT, "location", "northeurope", "location"),
        (VAULT, "vaultName", "acme-other", "vaultName"),
        (ASSIGNMENT, "principalId", PRINCIPAL.replace("3", "4"), "principalId"),
        (CREDENTIAL, "resourceName", "another", "resourceName"),
    ],
)
def test_what_makes_another_one_is_a_replacement(
    engine: Engine, token: str, path: str, value: str, replaced: str
) -> None:
    identity, state = _made(engine, VAULT, IDENTITY, CREDENTIAL, ASSIGNMENT)[token]
    checked, _ = engine.check(token, _changed(token, path, value), state)
    assert engine.diff(token, identity, state, checked)["replaces"] == [replaced]


def test_an_identity_has_the_same_ids_whenever_it_is_made(engine: Engine, store: Path) -> None:
    first = _made(engine, IDENTITY)[IDENTITY][1]["principalId"]
    store.unlink()
    assert _made(engine, IDENTITY)[IDENTITY][1]["principalId"] == first


def test_who_is_asking_and_the_resource_group_are_told(engine: Engine) -> None:
    told = engine.invoke("azure-native:authorization:getClientConfig", {})
    assert (told["tenantId"], told["subscriptionId"]) == (TENANT, SUBSCRIPTION)
    group = engine.invoke("azure-native:resources:getResourceGroup", {"resourceGroupName": "secrets"})
    assert group["id"] == GROUP_ID


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ({"clientSecret": "hunter2"}, "credentials do not belong in the configuration"),
        ({"tenantId": "acme"}, "is no GUID"),
        ({"useMsi": True}, "does not honour 'useMsi'"),
    ],
)
def test_a_configuration_that_would_not_be_honoured_is_refused(engine: Engine, configuration: Json, says: str) -> None:
    failures = engine.check_config(configuration)
    assert says in " ".join(failures.values())
    assert "hunter2" not in str(failures)


def test_credentials_of_another_tenant_get_nowhere(store: Path) -> None:
    environment = BARE | {"ARM_TENANT_ID": PRINCIPAL}
    with (
        serving(store, environment, "azure-native") as engine,
        pytest.raises(ProviderError, match="no token can be had"),
    ):
        engine.configure({"tenantId": TENANT, "subscriptionId": SUBSCRIPTION})
