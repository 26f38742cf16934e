"""Personal folders in files and plans: the entity's id is in the path, and nothing else is kept there."""

import pytest

from support.projects import COMMON, PAYMENTS, ProjectFolder

NOTES = "secrets:\n  notes: {personal: {}}\n"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with personal folders that two teams' workloads are granted."""
    folder.replace(PAYMENTS, "secrets:\n", NOTES)
    return folder.append(
        PAYMENTS,
        "  - {workload: settlement, secret: notes, can: [read]}\n"
        "  - {workload: identity/login, secret: notes, can: [read, write, delete]}\n",
    )


def test_a_verb_reaches_the_own_folder_and_nothing_above_it(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    policies = [record.as_json() for record in folder.plan("prod").records if record.kind == "vault.policy"]
    found = {
        policy["name"]: {r["path"]: r["capabilities"] for r in policy["rules"] if "notes" in r["path"]}
        for policy in policies
    }
    data, metadata = (f"kv-prod/{part}/payments/notes/{{{{identity.entity.id}}}}/*" for part in ("data", "metadata"))
    assert found["prod.payments.settlement"] == {data: ["read"], metadata: ["list", "read"]}
    assert found["prod.identity.login"] == {
        data: ["create", "delete", "patch", "read", "update"],
        metadata: ["list", "read"],
    }


def test_the_plan_says_where_they_are_and_the_values_channel_has_no_part_in_them(folder: ProjectFolder) -> None:
    (record,) = [r.as_json() for r in folder.plan("prod").records if r.kind == "vault.kv_personal.folders"]
    assert (record["mount"], record["path"]) == ("kv-prod", "payments/notes")
    assert "payments/notes" not in {r.key for r in folder.plan("prod").records if r.kind == "vault.kv.secret"}


def test_a_store_is_chosen_and_must_have_versions(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "{personal: {}}", "{personal: {store: archive}}")
    assert folder.problems() == []
    folder.replace(PAYMENTS, "store: archive", "store: archiv")
    assert all("secrets.notes.personal.store: there is no store 'archiv'" in each for each in folder.problems())
    folder.replace(PAYMENTS, "store: archiv", "store: old")
    folder.replace(COMMON, "  kv: {vault_kv: {}}\n", "  kv: {vault_kv: {}}\n  old: {vault_kv_v1: {}}\n")
    found = folder.problems()
    assert found
    assert all("personal.store: store 'old' of" in each and "is no KV version 2" in each for each in found)


def test_they_need_a_store(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "default_store: kv\n", "")
    assert any("secrets.notes.personal: dev has no default_store" in each for each in folder.problems())


def test_no_secret_is_kept_among_them(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "rotate_every: 90d", "path: payments/notes/stripe")
    found = folder.problems()
    assert found
    assert all(
        "secrets.stripe.path" in each and "among the personal folders of payments/notes" in each for each in found
    )


def test_rotation_and_path_have_no_meaning_for_them(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "{personal: {}}", "{personal: {}, rotate_every: 9d}")
    (problem,) = folder.problems()
    assert "rotate_every has no meaning beside personal" in problem


def test_what_makes_keys_cannot_be_granted_on_them(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "secret: notes, can: [read]}", "secret: notes, can: [encrypt]}")
    assert all("'encrypt' is not possible for personal folders" in each for each in folder.problems())
    assert folder.problems()
