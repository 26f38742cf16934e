"""KV version 1 stores: what is there already, and who may do what with it."""

from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.values.channel import declared, find
from strongroom.vault.kv.plan import KvMount, KvSecret
from strongroom.vault.kv_v1.plan import KvV1Mount, KvV1Secret
from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import COMMON, DEV, PAYMENTS, PROD, ProjectFolder

ARCHIVE = "  archive: {vault_kv: {max_versions: 1}}\n"
STRIPE = "    fields: [api_key, webhook_secret]\n    rotate_every: 90d\n"


def _with_legacy(folder: ProjectFolder, can: str = "read", store: str = "{}") -> ProjectFolder:
    """Secret `stripe` in a store of version 1."""
    folder.replace(COMMON, ARCHIVE, f"{ARCHIVE}  legacy: {{vault_kv_v1: {store}}}\n")
    folder.replace(PAYMENTS, STRIPE, "    fields: [api_key, webhook_secret]\n    store: legacy\n")
    return folder.replace(PAYMENTS, "secret: stripe, can: [read]", f"secret: stripe, can: [{can}]")


def test_a_store_is_a_mount_and_its_secrets_are_planned_apart_from_those_of_version_2(folder: ProjectFolder) -> None:
    assert _with_legacy(folder).problems() == []
    plan = folder.plan("prod")
    assert plan.of(KvV1Mount) == (
        KvV1Mount(slice="platform", mount="legacy-prod", store="legacy", description=None, protect=True),
    )
    assert plan.of(KvV1Secret) == (
        KvV1Secret(
            slice="payments",
            team="payments",
            name="stripe",
            store="legacy",
            mount="legacy-prod",
            path="payments/stripe",
            rotate_every_seconds=None,
            fields=("api_key", "webhook_secret"),
            description="",
        ),
    )
    assert {mount.mount for mount in plan.of(KvMount)} == {"kv-prod", "archive-prod"}
    assert {secret.key for secret in plan.of(KvSecret)} == {"identity/session"}
    assert not folder.plan("dev").of(KvV1Mount)[0].protect


@pytest.mark.parametrize(
    ("verb", "capabilities"), [("read", ("read",)), ("write", ("create", "update")), ("delete", ("delete",))]
)
def test_a_verb_gives_what_it_needs_at_the_secrets_own_path_alone(
    folder: ProjectFolder, verb: str, capabilities: tuple[str, ...]
) -> None:
    (policy,) = [p for p in _with_legacy(folder, verb).plan("prod").of(Policy) if p.name == "prod.payments.checkout"]
    rules = {rule.path: rule.capabilities for rule in policy.rules if "payments/stripe" in rule.path}
    assert rules == {"legacy-prod/payments/stripe": capabilities}


def test_paths_that_are_there_already_can_be_named(folder: ProjectFolder) -> None:
    _with_legacy(folder, store="{mount: secret}").replace(
        PAYMENTS, "store: legacy", "store: legacy\n    path: apps/pay/stripe"
    )
    folder.remove(PROD).remove("Pulumi.prod.yaml")
    (policy,) = [p for p in folder.plan("dev").of(Policy) if p.name == "dev.payments.checkout"]
    assert "secret/apps/pay/stripe" in [rule.path for rule in policy.rules]


def test_two_environments_on_one_mount_are_refused(folder: ProjectFolder) -> None:
    found = _with_legacy(folder, store="{mount: secret}").problems()
    assert len(found) == 2
    assert "stores.legacy: is mounted at 'secret', which belongs to environment" in found[0]


def test_an_age_that_the_store_does_not_know_cannot_be_limited(folder: ProjectFolder) -> None:
    _with_legacy(folder).replace(PAYMENTS, "store: legacy", "store: legacy\n    rotate_every: 90d")
    assert folder.problems() == [
        f"catalog/payments.yaml:11:19: secrets.stripe.rotate_every: store legacy of {name} is KV version 1, which does "
        "not know how old a value is; leave it out, or keep the secret in a `vault_kv` store"
        for name in ("dev", "prod")
    ]


def test_settings_of_version_2_are_refused(folder: ProjectFolder) -> None:
    (found,) = _with_legacy(folder, store="{max_versions: 3}").problems()
    assert "stores.legacy.vault_kv_v1.max_versions: unknown key" in found


def test_a_store_is_of_one_version(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "kv: {vault_kv: {}}", "kv: {vault_kv: {}, vault_kv_v1: {}}")
    (found,) = folder.problems()
    assert "store is given as vault_kv and vault_kv_v1 at once; name exactly one of: vault_kv, vault_kv_v1" in found


def test_a_store_needs_a_server(folder: ProjectFolder) -> None:
    folder.write(
        "environments/alone.yaml", "environment: alone\ndefault_store: old\nstores: {old: {vault_kv_v1: {}}}\n"
    )
    folder.remove(DEV).remove("Pulumi.dev.yaml")
    assert any("stores.old: is kept in Vault, and there is no `vault` section" in line for line in folder.problems())


def test_the_values_channel_says_why_it_does_not_write_there(folder: ProjectFolder) -> None:
    plan = _with_legacy(folder).plan("prod")
    assert {secret.key for secret in declared(plan)} == {"identity/session"}
    with pytest.raises(WrongInputError, match=r"payments/stripe is kept in a KV version 1 store.*`bao kv put`"):
        find(plan, "payments/stripe/api_key")


def test_the_example_of_the_documentation_is_sound_and_gives_what_the_page_says(tmp_path: Path) -> None:
    page = example("vault/kv.md", tmp_path)
    assert page.problems() == []
    (policy,) = [p for p in page.plan("prod").of(Policy) if p.name == "prod.shop.web"]
    assert [rule.path for rule in policy.rules if not rule.path.startswith("auth/")] == [
        "kv-prod/data/shop/stripe",
        "secret/apps/shop/smtp",
    ]
