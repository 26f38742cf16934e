"""An environment in Azure under the real engine, on the stand-in: no Azure, and as strict as its models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_sandbox.providers.frame.file_store import FileStore
from strongroom_sandbox.toolchain import Toolchain
from support.azure import ENVIRONMENT, FILES, PRINCIPAL, VAULT
from support.azure_resources import BARE
from support.cloud_engine import Deployed, deploying

pytestmark = pytest.mark.engine

STRIPE = f"{VAULT}/secrets/payments--stripe"


@pytest.fixture
def environment() -> dict[str, str]:
    """What the provider's process finds about the caller's credentials."""
    return BARE


@pytest.fixture
def deployed(toolchain: Toolchain, tmp_path: Path, environment: dict[str, str]) -> Iterator[Deployed]:
    with deploying(toolchain, tmp_path, FILES, "azure-native", environment) as deployed:
        yield deployed


def test_an_environment_is_previewed_deployed_and_settles(deployed: Deployed) -> None:
    assert set(deployed.pulumi.preview().changes) == {"create"}
    assert not deployed.resources
    assert set(deployed.pulumi.up().changes) == {"create"}
    assert deployed.pulumi.up().changed == 0
    assert deployed.pulumi.refresh().changed == 0
    assert deployed.pulumi.up("--refresh").changed == 0
    made = deployed.resources
    types = {document["type"] for document in made.values()}
    assert "Microsoft.KeyVault/vaults/secrets" not in types
    assert types == {
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.EventGrid/systemTopics",
        "Microsoft.EventGrid/systemTopics/eventSubscriptions",
        "Microsoft.Insights/diagnosticSettings",
        "Microsoft.KeyVault/vaults",
        "Microsoft.KeyVault/vaults/keys",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    }


def test_rights_are_those_of_the_grants_and_no_others(deployed: Deployed) -> None:
    deployed.pulumi.up()
    made = deployed.resources.values()
    names = {
        d["properties"]["principalId"]: d["name"]
        for d in made
        if d["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    }
    rights = {
        (
            names.get(d["properties"]["principalId"], d["properties"]["principalId"]),
            d["properties"]["scope"].rpartition("/")[2],
            d["properties"]["roleDefinitionId"].rpartition("/")[2][:8],
        )
        for d in made
        if d["type"] == "Microsoft.Authorization/roleAssignments"
    }
    reads, writes = "4633458b", "b86a8fe4"
    assert rights == {
        ("prod_payments_checkout", "payments--stripe", reads),
        ("prod_payments_release", "payments--stripe", writes),
        ("5d0c1f9e-2222-4d2b-9d65-0c7a5f3e2b11", "payments--bank", reads),
        (PRINCIPAL, "payments--stripe", writes),
    }


def test_a_grant_that_is_taken_back_takes_the_right_and_nothing_else(deployed: Deployed) -> None:
    deployed.pulumi.up()
    deployed.project.replace("catalog/payments.yaml", "  - {workload: release, secret: stripe, can: [write]}\n", "")
    changes = deployed.pulumi.up().changes
    assert changes["delete"] == 3  # the right, and the identity with the subject that it trusted
    assert not {"create", "update", "replace"} & set(changes)


def test_a_deleted_vault_of_the_same_name_is_refused_with_both_ways_out(deployed: Deployed) -> None:
    gone = {"id": "/deleted", "name": "acme-prod", "type": "Microsoft.KeyVault/locations/deletedVaults", "days": 90}
    with FileStore(deployed.file).changing() as resources:
        resources["/deleted"] = gone
    said = deployed.refused()
    assert "exists in deleted state" in said
    assert "az keyvault recover --name acme-prod" in said
    assert VAULT.lower() not in deployed.resources


def test_what_never_changes_is_refused(deployed: Deployed) -> None:
    deployed.pulumi.up()
    deployed.project.replace(ENVIRONMENT, "soft_delete_days: 30", "soft_delete_days: 31")
    assert "it can never be changed" in deployed.refused()


def test_a_vault_elsewhere_would_be_another_one_and_is_refused_by_its_protection(deployed: Deployed) -> None:
    deployed.pulumi.up()
    deployed.project.replace(ENVIRONMENT, "location: westeurope", "location: northeurope")
    assert "protect" in deployed.refused()
    assert deployed.resources[VAULT.lower()]["location"] == "westeurope"


@pytest.mark.parametrize("environment", [BARE | {"ARM_TENANT_ID": PRINCIPAL}], ids=["another tenant's"])
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_credentials_of_another_tenant_make_nothing(deployed: Deployed, preview: bool) -> None:
    said = deployed.refused(preview)
    assert f"the credentials are of tenant {PRINCIPAL}" in said
    assert "az login --tenant" in said
    assert not deployed.resources
