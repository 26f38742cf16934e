"""Secrets kept in Key Vault: names, who workloads are, and what Azure's rules refuse at plan time."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from strongroom.azure import references
from strongroom.azure.identity.plan import AzureIdentity, AzureRoleAssignment
from strongroom.azure.key_vault.keys import AzureKey
from strongroom.azure.key_vault.plan import AzureSecret, AzureVault, AzureVaultKey, flaw, in_vault
from strongroom.azure.key_vault.spec import AzureKeyVault
from strongroom.azure.names import Location, ResourceGroup, SubnetId, Uuid, VaultName
from strongroom.azure.rotation.plan import AzureEventTopic, AzureRotation
from strongroom.plan.plan import Plan
from strongroom.spec.names import SecretPath
from strongroom.vault.kv.plan import KvSecret
from support.azure import (
    AZURE,
    CATALOG,
    ENVIRONMENT,
    FILES,
    ISSUER,
    PRINCIPAL,
    PROD,
    ROTATORS,
    SUBSCRIPTION,
    VAULT,
    in_key_vault,
)
from support.projects import COMMON, DEV, PAYMENTS, ProjectFolder
from support.projects import PROD as PROD_FILE

READS, WRITES = "4633458b-17de-408a-874b-0445c86b69e6", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
SETS = "9a0b8c7d-6e5f-4a3b-8c2d-1e0f9a8b7c6d"


@pytest.fixture
def small(tmp_path: Path) -> ProjectFolder:
    """The project of most tests, with all stored values in Key Vault."""
    return in_key_vault(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> ProjectFolder:
    """A project that is in Azure altogether."""
    return ProjectFolder(tmp_path, FILES)


def _rights(plan: Plan) -> set[tuple[str, str, str]]:
    return {(a.holder, a.secret, a.role.rpartition("/")[2]) for a in plan.of(AzureRoleAssignment)}


def test_one_line_moves_a_catalog_from_vault_to_azure(small: ProjectFolder) -> None:
    before = {secret.key: secret for secret in small.plan("prod").of(AzureSecret)}
    small.replace(COMMON, "default_store: az", "default_store: kv")
    after = {secret.key: secret for secret in small.plan("prod").of(KvSecret)}
    assert before.keys() == after.keys() == {"payments/stripe", "identity/session"}
    assert not small.plan("prod").of(AzureSecret)


def test_a_secret_has_its_vaults_address_and_two_hyphens_for_a_slash(small: ProjectFolder) -> None:
    secret = next(s for s in small.plan("prod").of(AzureSecret) if s.name == "stripe")
    assert (secret.path, secret.vault, secret.place, secret.slice) == (
        "payments--stripe",
        "acme-prod",
        PROD,
        "payments",
    )
    assert secret.id == f"{VAULT}/secrets/payments--stripe"
    assert secret.expires_after_days == 90


def test_each_environment_has_a_vault_of_its_own(small: ProjectFolder) -> None:
    names = {stack: [vault.name for vault in small.plan(stack).of(AzureVault)] for stack in ("dev", "prod")}
    assert names == {"dev": ["acme-dev"], "prod": ["acme-prod"]}


def test_a_vault_of_another_environment_is_refused(small: ProjectFolder) -> None:
    small.replace(COMMON, 'vault: "acme-{{ environment }}"', "vault: acme-shared")
    found = [problem for problem in small.problems() if "acme-shared" in problem]
    assert len(found) == 2
    assert "https://acme-shared.vault.azure.net is the vault of environment" in found[0]


def test_two_stores_with_one_vault_are_refused(small: ProjectFolder) -> None:
    small.replace(COMMON, "  az: {", '  other: {azure_key_vault: {vault: "acme-{{ environment }}"}}\n  az: {')
    assert "is the vault of store az too" in "\n".join(small.problems())


@given(st.from_regex(r"[A-Za-z0-9_.-]{1,12}(/[A-Za-z0-9_.-]{1,12}){0,3}", fullmatch=True))
def test_whatever_path_is_accepted_is_a_name_of_key_vault_and_can_be_read_back(path: str) -> None:
    try:
        TypeAdapter(SecretPath).validate_python(path)
    except ValidationError:
        return
    if flaw(path, ()) is None:
        name = in_vault(path)
        assert re.fullmatch("[0-9a-zA-Z-]{1,127}", name)
        assert name.replace("--", "/") == path


@pytest.mark.parametrize(
    "path", ["payments/my_secret", "payments/v1.2", "payments/Stripe", "pay--ments/a", "a-/b", "_a"]
)
def test_a_path_that_key_vault_cannot_say_is_refused_with_the_remedy(small: ProjectFolder, path: str) -> None:
    small.replace(PAYMENTS, "  stripe:\n    fields", f"  stripe:\n    path: {path}\n    fields")
    found = "\n".join(small.problems())
    assert f"'{path}' cannot be a name in Key Vault" in found
    assert "small letters, digits, single hyphens and slashes" in found


def test_a_name_that_is_too_long_is_refused(small: ProjectFolder) -> None:
    long = "/".join(["a" * 60] * 3)
    small.replace(PAYMENTS, "  stripe:\n    fields", f"  stripe:\n    path: {long}\n    fields")
    assert "has 184 characters, the limit of Key Vault is 127" in "\n".join(small.problems())


def test_a_store_in_azure_needs_the_section_that_says_where(small: ProjectFolder) -> None:
    small.replace(COMMON, AZURE, "")
    assert "stores.az.azure_key_vault: there is no `azure` section" in "\n".join(small.problems())


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (VaultName, ["abc", "acme-prod", "a" * 24, "a1-b2"], ["ab", "a" * 25, "1ab", "a--b", "ab-", "Abc", "a_b"]),
        (Uuid, [SUBSCRIPTION, SUBSCRIPTION.upper()], ["", "acme", SUBSCRIPTION[:-1], f"{SUBSCRIPTION}\n"]),
        (Location, ["westeurope", "eastus2"], ["West Europe", "west-europe", ""]),
        (ResourceGroup, ["secrets", "Secrets_1.x-y"], ["a.", "", "a/b", "a" * 91, "ü"]),
        (
            SubnetId,
            [f"{PROD.group_id}/providers/Microsoft.Network/virtualNetworks/a/subnets/b"],
            [f"{PROD.group_id}/providers/Microsoft.Network/virtualNetworks/a", "b", f"{VAULT}/secrets/x"],
        ),
    ],
)  # fmt: skip
def test_names_of_azure_are_of_azures_form(kind: Any, good: list[str], bad: list[str]) -> None:
    adapter = TypeAdapter(kind)
    for text in good:
        assert adapter.validate_python(text)
    for text in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"soft_delete_days": 6}, "soft_delete_days"),
        ({"soft_delete_days": 91}, "soft_delete_days"),
        ({"allowed_ips": ["10.0.0.0/8"]}, "is not public"),
        ({"allowed_ips": ["0.0.0.0/0"]}, "is not public"),
        ({"allowed_ips": ["2001:db8::/32"]}, "not version 4"),
        ({"allowed_ips": ["20.0.0.1/24"]}, "is no network"),
        ({"public_network_access": False}, "nobody reaches it"),
        ({"public_network_access": False, "allowed_ips": ["20.0.0.0/24"]}, "ignores allowed_ips"),
        ({"existing": True, "sku": "premium"}, "sku is up to whoever made it"),
        ({"tags": {"strongroom:team": "x"}}, "Strongroom's own"),
        ({"tags": {"a<b": "x"}}, "the tag has '<'"),
        ({"diagnostics": {}}, "names no destination"),
        ({"keys": {"k": {"type": "rsa-hsm-3072"}}}, "only a premium vault has"),
    ],
)
def test_a_store_that_azure_would_not_accept_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        AzureKeyVault.model_validate({"vault": "acme", **settings})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"type": "ec-p256", "operations": ["encrypt"]}, "cannot encrypt"),
        ({"operations": ["sign", "sign"]}, "named twice"),
        ({"rotate_every": "6d"}, "a rotation of 6d is not possible"),
        ({"rotate_every": "36h"}, "a rotation of 36h is not possible"),
        ({"expires_after": "27d"}, "an expiry time of 27d is not possible"),
        ({"rotate_every": "90d", "expires_after": "96d"}, "less than 7 days before versions expire"),
    ],
)
def test_a_key_that_key_vault_would_not_accept_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        AzureKey.model_validate(settings)


def test_a_zone_of_another_cloud_is_refused(whole: ProjectFolder) -> None:
    whole.replace(ENVIRONMENT, "  location: westeurope\n", "  location: usgovvirginia\n  cloud: usgov\n")
    assert "name the zone privatelink.vaultcore.usgovcloudapi.net" in "\n".join(whole.problems())


def test_a_workload_is_an_identity_that_trusts_exactly_its_subject(whole: ProjectFolder) -> None:
    found = {identity.name: identity.credentials for identity in whole.plan("prod").of(AzureIdentity)}
    assert {name: [(c.issuer, c.subject) for c in trusted] for name, trusted in found.items()} == {
        "prod_payments_checkout": [(ISSUER, "system:serviceaccount:payments:checkout")],
        "prod_payments_release": [
            ("https://token.actions.githubusercontent.com", "repo:acme/payments:environment:prod")
        ],
    }


def test_rights_are_the_narrowest_roles_on_single_secrets(whole: ProjectFolder) -> None:
    plan = whole.plan("prod")
    assert _rights(plan) == {
        ("payments/checkout", "payments/stripe", READS),
        ("payments/release", "payments/stripe", WRITES),
        ("payments/batch", "payments/bank", READS),
        ("rotator renew", "payments/stripe", WRITES),
    }
    assert all(a.scope.startswith(f"{VAULT}/secrets/") for a in plan.of(AzureRoleAssignment))


def test_a_role_of_ones_own_writes_and_the_built_in_one_reads(whole: ProjectFolder) -> None:
    whole.replace(ENVIRONMENT, "    github_actions: {}\n", f"    github_actions: {{}}\n    writer_role: {SETS}\n")
    assert _rights(whole.plan("prod")) == {
        ("payments/checkout", "payments/stripe", READS),
        ("payments/release", "payments/stripe", SETS),
        ("payments/batch", "payments/bank", READS),
        ("rotator renew", "payments/stripe", READS),
        ("rotator renew", "payments/stripe", SETS),
    }


def test_names_of_assignments_are_guids_that_stay(whole: ProjectFolder) -> None:
    names = [a.name for a in whole.plan("prod").of(AzureRoleAssignment)]
    assert names == [a.name for a in whole.plan("prod").of(AzureRoleAssignment)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", name) for name in names)


def test_an_existing_identity_is_given_rights_and_not_made(whole: ProjectFolder) -> None:
    (right,) = [a for a in whole.plan("prod").of(AzureRoleAssignment) if a.holder == "payments/batch"]
    assert (right.identity, right.principal_id) == (None, "5d0c1f9e-2222-4d2b-9d65-0c7a5f3e2b11")


def test_one_identity_for_two_workloads_is_refused(whole: ProjectFolder) -> None:
    batch = "azure_managed_identity: {principal_id: 5d0c1f9e-2222-4d2b-9d65-0c7a5f3e2b11}"
    whole.replace(
        CATALOG, "runs_as: {kubernetes: {namespace: payments, service_account: checkout}}", f"runs_as: {{{batch}}}"
    )
    assert "is workload payments/batch too, and would have the rights of both" in "\n".join(whole.problems())


def test_a_rotators_identity_that_is_a_workload_too_is_refused(whole: ProjectFolder) -> None:
    whole.replace(CATALOG, "5d0c1f9e-2222-4d2b-9d65-0c7a5f3e2b11", PRINCIPAL)
    (problem,) = whole.problems()
    assert "environments/prod.yaml" in problem
    assert (
        f"rotators.renew.azure_function.principal_id: principal {PRINCIPAL} is workload payments/batch too" in problem
    )


def test_functions_of_one_app_are_rotators_with_one_identity(whole: ProjectFolder) -> None:
    again = ROTATORS.partition("\n")[2].replace("renew:", "again:")
    whole.append(ENVIRONMENT, again)
    whole.replace(
        CATALOG, "bank: {fields: [password]}", "bank: {fields: [password], rotate_every: 90d, rotator: again}"
    )
    assert whole.problems() == []


@pytest.mark.parametrize(
    ("runs_as", "says"),
    [
        ("approle: {}", "let it run as kubernetes or github_actions or azure_managed_identity"),
        ("kubernetes: {namespace: a, service_account: b}", "declare the cluster in `azure.identities.clusters`"),
        ("github_actions: {repository: a/b, ref: refs/heads/main}", "azure: {identities: {github_actions: {}}}"),
    ],
)
def test_a_workload_that_cannot_log_in_at_azure_is_refused_with_the_remedy(
    whole: ProjectFolder, runs_as: str, says: str
) -> None:
    whole.replace(ENVIRONMENT, f'    clusters:\n      main: {{issuer: "{ISSUER}"}}\n    github_actions: {{}}\n', "")
    whole.replace(ENVIRONMENT, "  identities:\n", "  identities: {}\n")
    whole.replace(
        CATALOG, "runs_as: {kubernetes: {namespace: payments, service_account: checkout}}", f"runs_as: {{{runs_as}}}"
    )
    found = [problem for problem in whole.problems() if "checkout" in problem]
    assert "is granted a secret in Azure, where nothing in prod knows it by" in found[0]
    assert says in found[0]


def test_a_second_way_to_log_in_is_enough(small: ProjectFolder) -> None:
    alone = "  settlement:\n    runs_as: {approle: {}}\n"
    also = f"    also:\n      - runs_as: {{azure_managed_identity: {{principal_id: {PRINCIPAL}}}}}\n"
    small.replace(PAYMENTS, alone, f"{alone}    environments: [prod]\n{also}")
    small.replace(PAYMENTS, "grants:\n", "grants:\n  - {workload: settlement, secret: stripe, can: [read]}\n")
    assert ("payments/settlement", "payments/stripe", READS) in _rights(small.plan("prod"))


def test_more_subjects_than_an_identity_trusts_are_refused(small: ProjectFolder) -> None:
    clusters = "".join(f'      c{n}: {{issuer: "{ISSUER}{n}/"}}\n' for n in range(20))
    small.replace(COMMON, f'      main: {{issuer: "{ISSUER}"}}\n', f'      main: {{issuer: "{ISSUER}"}}\n{clusters}')
    assert "has 21 subjects in prod, and a managed identity trusts at most 20" in "\n".join(small.problems())


def test_more_assignments_than_a_subscription_has_are_refused(
    whole: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "ASSIGNMENTS_MOST", 3)
    said = f"the grants come to 4 role assignments in subscription {SUBSCRIPTION}, which has room for 3"
    assert said in "\n".join(whole.problems())
    # A second store in another subscription has room of its own.
    whole.replace(
        ENVIRONMENT, "stores:\n", f"stores:\n  more: {{azure_key_vault: {{vault: acme-more, subscription: {SETS}}}}}\n"
    )
    whole.replace(CATALOG, "bank: {fields", "bank: {store: more, fields")
    assert whole.problems() == []
    (bank,) = [a for a in whole.plan("prod").of(AzureRoleAssignment) if a.secret == "payments/bank"]
    assert bank.scope.startswith(f"/subscriptions/{SETS}/resourceGroups/secrets-prod/")
    assert bank.role.startswith(f"/subscriptions/{SETS}/")


def test_a_rotated_secret_is_told_of_thirty_days_before_it_ends(whole: ProjectFolder) -> None:
    plan = whole.plan("prod")
    (topic,), (told,) = plan.of(AzureEventTopic), plan.of(AzureRotation)
    assert (topic.source, topic.slice) == (VAULT, "platform")
    assert (told.topic, told.name, told.slice) == (topic.name, "rotate-payments--stripe", "payments")
    stripe = next(s for s in plan.of(AzureSecret) if s.name == "stripe")
    # Key Vault tells 30 days ahead, so that a value is 90 days old when it is replaced, as `rotate_every` says.
    assert stripe.expires_after_days == 90 + 30


def test_a_rotator_without_an_end_is_refused(whole: ProjectFolder) -> None:
    whole.replace(CATALOG, ", rotate_every: 90d", "")
    assert "renew is told when the secret nears its end, and it has none" in "\n".join(whole.problems())


def test_a_topic_is_where_its_vault_is(whole: ProjectFolder) -> None:
    text = (whole.root / "stacks" / ENVIRONMENT).read_text()
    start, end = text.index("      soft_delete_days"), text.index("azure:\n  tenant")
    whole.write(ENVIRONMENT, f"{text[:start]}      existing: true\n      location: northeurope\n{text[end:]}")
    plan = whole.plan("prod")
    assert [topic.place.location for topic in plan.of(AzureEventTopic)] == ["northeurope"]
    assert {identity.place.location for identity in plan.of(AzureIdentity)} == {"westeurope"}


def test_more_rotated_secrets_than_a_topic_has_room_for_are_refused(
    whole: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "SUBSCRIPTIONS_MOST", 0)
    assert "1 secrets of one vault are rotated, and acme-prod-events has room for 0" in "\n".join(whole.problems())


def test_a_long_name_of_a_secret_still_makes_a_name_of_a_subscription(whole: ProjectFolder) -> None:
    name = "a" * 40
    whole.replace(CATALOG, "  stripe: {fields", f"  stripe: {{path: {name}/{name}/b, fields")
    (told,) = whole.plan("prod").of(AzureRotation)
    assert len(told.name) <= 64
    assert re.fullmatch("[A-Za-z0-9-]{3,64}", told.name)
    assert told.secret_in_vault == f"{name}--{name}--b"


def test_a_key_says_what_it_can_do_and_how_long(whole: ProjectFolder) -> None:
    (key,) = whole.plan("prod").of(AzureVaultKey)
    assert (key.operations, key.rotate_every_days, key.expires_after_days) == (("wrapKey", "unwrapKey"), 90, 120)


def test_slices_are_the_whole_plan(whole: ProjectFolder) -> None:
    plan = whole.plan("prod")
    assert {r.kind for r in plan.cut("platform").records} == {
        "azure.key_vault.vault",
        "azure.key_vault.key",
        "azure.rotation.topic",
    }
    assert len(plan.cut("platform").records) + len(plan.cut("payments").records) == len(plan.records)


def test_two_environments_of_one_subscription_reach_nothing_of_each_other(small: ProjectFolder) -> None:
    scopes = {
        stack: {a.scope for a in small.plan(stack).of(AzureRoleAssignment)}
        | {i.name for i in small.plan(stack).of(AzureIdentity)}
        for stack in ("dev", "prod")
    }
    assert not scopes["dev"] & scopes["prod"]
    assert not [on for on in scopes["prod"] if "dev" in on.split("/")]


def test_one_identity_in_two_environments_is_refused(small: ProjectFolder) -> None:
    runs_as = f"also:\n      - runs_as: {{azure_managed_identity: {{principal_id: {PRINCIPAL}}}}}\n"
    small.replace(PAYMENTS, "service_account: checkout}}\n", f"service_account: checkout}}}}\n    {runs_as}")
    found = [problem for problem in small.problems() if PRINCIPAL in problem]
    assert any(f"is principal {PRINCIPAL} in Azure, which is payments/checkout in environment prod" in p for p in found)
    assert any("in environment dev" in problem for problem in found)


def test_one_identity_of_rotators_in_two_environments_is_refused(small: ProjectFolder) -> None:
    small.append(COMMON, ROTATORS)
    small.replace(PAYMENTS, "rotate_every: 90d\n", "rotate_every: 90d\n    rotator: renew\n")
    found = [problem for problem in small.problems() if PRINCIPAL in problem]
    assert len(found) == 2, small.problems()
    assert all("is principal" in p and "which is rotator renew in environment" in p for p in found)


def test_an_identity_of_each_environment_is_none_of_the_others(small: ProjectFolder) -> None:
    for file, mark in ((DEV, "1"), (PROD_FILE, "2")):
        small.replace(file, "settings: {", f"settings: {{checkout_id: {mark}{PRINCIPAL[1:]}, ")
    runs_as = 'also:\n      - runs_as: {azure_managed_identity: {principal_id: "{{ settings.checkout_id }}"}}\n'
    small.replace(PAYMENTS, "service_account: checkout}}\n", f"service_account: checkout}}}}\n    {runs_as}")
    assert small.problems() == []


def test_an_environment_without_azure_is_not_asked_about_it(tmp_path: Path) -> None:
    project = ProjectFolder(tmp_path)
    assert project.problems() == []
    assert not [r for r in project.plan("prod").records if r.kind.startswith("azure.")]
