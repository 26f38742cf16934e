"""Azure's components on mocks: what is made, in which order, and what is refused before anything is."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from strongroom.azure.identity.component import AUDIENCE
from strongroom.azure.key_vault.component import AzureKeyVault
from strongroom.azure.key_vault.keys_component import AzureVaultKeys
from strongroom.plan.plan import Plan
from strongroom.program import deploy
from strongroom.stage import Stage
from support import mocks
from support.azure import (
    AZURE,
    FUNCTION_APP,
    ISSUER,
    PRINCIPAL,
    PROD,
    ROTATORS,
    SUBSCRIPTION,
    TENANT,
    VAULT,
    in_key_vault,
    reach,
)
from support.mocks import Recorded, Recording, record
from support.projects import PAYMENTS
from support.projects import PROD as PROD_FILE

ROLES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
READS, WRITES = f"{ROLES}/4633458b-17de-408a-874b-0445c86b69e6", f"{ROLES}/b86a8fe4-44ce-4948-aee5-eccb2c155cd7"


def _plan(folder: Path, slice_name: str = "all") -> Plan:
    """What of the small project is in Azure: no Vault is needed to deploy it."""
    project = in_key_vault(folder)
    project.append(PROD_FILE, ROTATORS)  # of this environment alone, as its identity may be
    project.replace(PAYMENTS, "    rotate_every: 90d", "    rotate_every: 90d\n    rotator: renew")
    plan = project.plan("prod").cut(slice_name)
    return Plan("prod", slice_name, tuple(r for r in plan.records if r.kind.startswith("azure.")))


def _deployed(plan: Plan, preview: bool = False) -> Recording:
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)), preview=preview)


def _vault(**args: Any) -> Recorded:
    given: Any = {"name": "acme", "resource_group": "g", "location": "westeurope", "tenant_id": TENANT, **args}
    return record(lambda: AzureKeyVault("it", given)).named("it-vault")


def test_a_vault_without_settings_lets_nobody_in_and_cannot_be_lost() -> None:
    vault = _vault()
    assert vault.protect
    assert vault.inputs == {
        "vaultName": "acme",
        "resourceGroupName": "g",
        "location": "westeurope",
        "properties": {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enablePurgeProtection": True,
            "enabledForDeployment": False,
            "enabledForDiskEncryption": False,
            "enabledForTemplateDeployment": False,
            "publicNetworkAccess": "Enabled",
            "networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [], "virtualNetworkRules": []},
        },
    }


def test_purge_protection_that_is_off_is_left_out_as_azure_refuses_false() -> None:
    assert "enablePurgeProtection" not in _vault(purge_protection=False).inputs["properties"]


def test_who_is_let_in_is_named() -> None:
    properties = _vault(allowed_ips=["20.0.0.0/24"], allowed_subnets=["S"], bypass_azure_services=True).inputs[
        "properties"
    ]
    assert properties["networkAcls"] == {
        "defaultAction": "Deny",
        "bypass": "AzureServices",
        "ipRules": [{"value": "20.0.0.0/24"}],
        "virtualNetworkRules": [{"id": "S"}],
    }
    assert _vault(public_network_access=False).inputs["properties"]["publicNetworkAccess"] == "Disabled"


def test_an_endpoint_and_audit_events_go_with_the_vault() -> None:
    args: Any = {
        "name": "acme",
        "resource_group": "g",
        "location": "westeurope",
        "tenant_id": TENANT,
        "private_endpoint_subnet": "SUBNET",
        "private_dns_zone": "ZONE",
        "audit_workspace": "WORKSPACE",
    }
    made = record(lambda: AzureKeyVault("it", args))
    endpoint, zone, audit = made.named("it-endpoint"), made.named("it-zone"), made.named("it-audit")
    assert endpoint.inputs["privateLinkServiceConnections"] == [
        {"name": "acme", "privateLinkServiceId": "it-vault-id", "groupIds": ["vault"]}
    ]
    assert zone.inputs["privateDnsZoneConfigs"] == [{"name": "vault", "privateDnsZoneId": "ZONE"}]
    assert audit.inputs == {
        "name": "strongroom-audit",
        "resourceUri": "it-vault-id",
        "workspaceId": "WORKSPACE",
        "logs": [{"category": "AuditEvent", "enabled": True}],
    }


@pytest.mark.parametrize(
    ("type_", "made"),
    [
        ("rsa-3072", {"kty": "RSA", "keySize": 3072}),
        ("rsa-hsm-4096", {"kty": "RSA-HSM", "keySize": 4096}),
        ("ec-p256", {"kty": "EC", "curveName": "P-256"}),
        ("ec-hsm-p521", {"kty": "EC-HSM", "curveName": "P-521"}),
    ],
)
def test_a_keys_type_is_said_in_azures_words(type_: str, made: dict[str, Any]) -> None:
    args: Any = {"vault": "acme", "resource_group": "g", "keys": {"k": {"type": type_, "operations": ["sign"]}}}
    key = record(lambda: AzureVaultKeys("it", args)).named("it-k")
    assert key.protect
    assert key.inputs["properties"] == {**made, "keyOps": ["sign"]}


def test_a_key_rotates_and_expires_by_itself() -> None:
    wanted = {"type": "rsa-2048", "operations": ["sign"], "rotate_every_days": 90, "expires_after_days": 120}
    args: Any = {"vault": "acme", "resource_group": "g", "keys": {"k": wanted}}
    assert record(lambda: AzureVaultKeys("it", args)).named("it-k").inputs["properties"]["rotationPolicy"] == {
        "attributes": {"expiryTime": "P120D"},
        "lifetimeActions": [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}}],
    }


def test_a_workload_trusts_one_subject_and_reads_single_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch)
    made = _deployed(_plan(tmp_path))
    credential = next(
        c for c in made.of("azure-native:managedidentity:FederatedIdentityCredential") if "checkout" in c.name
    )
    assert credential.inputs["issuer"] == ISSUER
    assert credential.inputs["subject"] == "system:serviceaccount:payments:checkout"
    assert credential.inputs["audiences"] == [AUDIENCE]
    rights = made.of("azure-native:authorization:RoleAssignment")
    on = f"{VAULT}/secrets/payments--stripe"
    by = {(r.inputs["principalId"], r.inputs["roleDefinitionId"]) for r in rights if r.inputs["scope"] == on}
    assert {role for _, role in by} == {READS, WRITES}
    assert by == {("PRINCIPAL", READS), (PRINCIPAL, WRITES)}
    assert not [r for r in rights if "/secrets/" not in r.inputs["scope"]]
    assert {r.inputs["principalType"] for r in rights} == {"ServicePrincipal"}


def test_rights_come_after_the_vault_and_after_who_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    made = _deployed(_plan(tmp_path))
    for right in made.of("azure-native:authorization:RoleAssignment"):
        assert "prod-az-vault" in made.waits_for(right.name)


def test_credentials_of_one_identity_are_made_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch)
    two = AZURE.replace("    clusters:\n", f'    clusters:\n      old: {{issuer: "{ISSUER}old/"}}\n')
    project = in_key_vault(tmp_path, azure=two)
    plan = project.plan("prod")
    made = _deployed(Plan("prod", "all", tuple(r for r in plan.records if r.kind.startswith("azure."))))
    first, second = sorted(
        (c for c in made.of("azure-native:managedidentity:FederatedIdentityCredential") if "checkout" in c.name),
        key=lambda credential: credential.name,
    )
    assert first.name in second.depends_on


def test_a_function_is_told_of_exactly_its_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    made = _deployed(_plan(tmp_path))
    (topic,) = made.of("azure-native:eventgrid:SystemTopic")
    assert (topic.inputs["source"], topic.inputs["topicType"]) == (VAULT, "Microsoft.KeyVault.vaults")
    (told,) = made.of("azure-native:eventgrid:SystemTopicEventSubscription")
    assert told.inputs["destination"]["resourceId"] == f"{FUNCTION_APP}/functions/rotate"
    assert told.inputs["filter"] == {
        "includedEventTypes": ["Microsoft.KeyVault.SecretNearExpiry"],
        "advancedFilters": [{"operatorType": "StringIn", "key": "subject", "values": ["payments--stripe"]}],
        "isSubjectCaseSensitive": False,
    }
    assert topic.name in made.waits_for(told.name)


def test_no_secret_of_a_vault_is_a_resource(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    assert not _deployed(_plan(tmp_path)).of("azure-native:keyvault:Secret")


def test_the_provider_is_pinned_and_has_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    made = _deployed(_plan(tmp_path))
    provider = made.named(f"azure-{SUBSCRIPTION}")
    assert provider.inputs == {"tenantId": TENANT, "subscriptionId": SUBSCRIPTION, "environment": "public"}
    assert {leaf.provider for leaf in made.leaves if leaf.type.startswith("azure-native:")} == {provider.name}


def test_a_teams_slice_names_what_another_stack_has_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    made = _deployed(_plan(tmp_path, "payments"))
    assert not made.of("azure-native:keyvault:Vault")
    assert made.of("azure-native:authorization:RoleAssignment")
    assert (
        made.of("azure-native:eventgrid:SystemTopicEventSubscription")[0].inputs["systemTopicName"]
        == "acme-prod-events"
    )


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
@pytest.mark.parametrize(
    ("what", "found"),
    [("tenantId", "11111111-2c6a-4a34-9a0e-1f6f4a1b2c3d"), ("subscriptionId", "22222222-4a71-4b7e-8a59-3c1f0b6f7a11")],
)
def test_credentials_of_somewhere_else_are_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, found: str, preview: bool
) -> None:
    reach(monkeypatch, **{what: found})
    plan, stage = _plan(tmp_path), Stage(secret=lambda *_: None)
    made: list[str] = []

    def program() -> None:
        try:
            deploy(plan, stage)
        finally:
            made.extend(stage.azure_vaults)

    with pytest.raises(pulumi.RunError, match=f"these credentials belong to {what[:-2]} {found} of Azure"):
        record(program, preview=preview)
    assert not made


def test_a_resource_group_that_cannot_be_reached_is_told_with_what_azure_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch)
    monkeypatch.setitem(mocks.TOLD, "azure-native:resources:getResourceGroup", "AuthorizationFailed")
    says = f"{PROD.group_id} in tenant {TENANT} cannot be reached.*AuthorizationFailed"
    with pytest.raises(pulumi.RunError, match=says):
        _deployed(_plan(tmp_path))


def test_what_workloads_log_in_as_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch)
    stage = Stage(secret=lambda *_: None)
    plan = _plan(tmp_path)
    record(lambda: deploy(plan, stage))
    assert sorted(stage.azure_client_ids) == ["identity/login", "payments/checkout"]


def test_an_existing_vault_is_used_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = '  az: {azure_key_vault: {vault: "acme-old-{{ environment }}", existing: true, resource_group: old}}\n'
    plan = in_key_vault(tmp_path, store=store).plan("prod")
    azure = tuple(r for r in plan.records if r.kind.startswith("azure."))
    monkeypatch.setattr("strongroom.azure.provider.check", lambda *_: None)
    made = _deployed(Plan("prod", "all", azure))
    assert not made.of("azure-native:keyvault:Vault")
    scopes = {r.inputs["scope"] for r in made.of("azure-native:authorization:RoleAssignment")}
    assert (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/old/providers/Microsoft.KeyVault/vaults/acme-old-prod/secrets/payments--stripe"
        in scopes
    )
