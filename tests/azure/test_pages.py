"""The example of the page about Key Vault is a project that is sound, and means what the page says."""

from pathlib import Path

from strongroom.azure.identity.plan import AzureIdentity, AzureRoleAssignment
from strongroom.azure.key_vault.plan import AzureSecret, AzureVault, AzureVaultKey
from strongroom.azure.rotation.plan import AzureRotation
from support.docs import example

READS = "4633458b-17de-408a-874b-0445c86b69e6"
WRITES = "7c6d5e4f-3a2b-4c1d-9e0f-a1b2c3d4e5f6"
"""The page's own role."""


def test_the_example_is_sound_and_becomes_what_the_page_says(tmp_path: Path) -> None:
    project = example("azure/key-vault.md", tmp_path)
    # A workload with an AppRole logs in at no Vault here: what it is in Azure is enough.
    assert project.problems() == []
    plan = project.plan("prod")
    (vault,), (key,) = plan.of(AzureVault), plan.of(AzureVaultKey)
    assert (vault.name, vault.purge_protection, vault.bypass_azure_services) == ("acme-prod-secrets", True, False)
    assert (key.type, key.operations) == ("rsa-hsm-3072", ("wrapKey", "unwrapKey"))
    assert {(s.vault, s.path) for s in plan.of(AzureSecret)} == {
        ("acme-prod-secrets", "payments--stripe"),
        ("acme-prod-secrets", "payments--bank-sftp"),
        ("acme-prod-2019", "ledger"),
    }
    assert {i.name for i in plan.of(AzureIdentity)} == {"prod_payments_checkout", "prod_payments_release"}
    rights = {
        (a.holder, a.scope.partition("/vaults/")[2], a.role.rpartition("/")[2]) for a in plan.of(AzureRoleAssignment)
    }
    stripe = "acme-prod-secrets/secrets/payments--stripe"
    assert rights == {
        ("payments/checkout", stripe, READS),
        ("payments/release", stripe, READS),
        ("payments/release", stripe, WRITES),
        ("payments/reports", "acme-prod-2019/secrets/ledger", READS),
        ("payments/settlement", "acme-prod-secrets/secrets/payments--bank-sftp", READS),
        ("rotator renew", stripe, READS),
        ("rotator renew", stripe, WRITES),
    }
    assert [told.secret for told in plan.of(AzureRotation)] == ["stripe"]
