"""Environments are apart, called what their files are called, and built from others in one clear way."""

import pytest

from support.projects import COMMON, DEV, PAYMENTS, PROD, ProjectFolder

RULE = '"kv-{{ environment }}/metadata/*"'


def test_an_environment_is_called_what_its_file_is_called(folder: ProjectFolder) -> None:
    folder.replace(PROD, "environment: prod", "environment: prd")
    assert folder.problems() == [
        "environments/prod.yaml:1:14: environment: says 'prd' in a file called prod.yaml; use one name for both"
    ]


@pytest.mark.parametrize(
    ("key", "theirs", "mount", "belonging"),
    [
        ("stores: {kv: {vault_kv: {mount: kv-dev}}}", "stores.kv", "kv-dev", "which"),
        ("stores: {kv: {vault_kv: {mount: kv-dev/prod}}}", "stores.kv", "kv-dev/prod", "and 'kv-dev'"),
        ("vault: {engines: {database: {mount: database-dev}}}", "vault.engines.database", "database-dev", "which"),
        (
            "vault: {auth: {machines: {approle: {mount: machines-dev}}}}",
            "vault.auth.machines",
            "auth/machines-dev",
            "which",
        ),
        # Engines and auth methods are apart on the server, but not one kind of engine from another.
        ("stores: {kv: {vault_kv: {mount: database-dev}}}", "stores.kv", "database-dev", "which"),
    ],
)
def test_two_environments_on_one_mount_are_refused_in_both(
    folder: ProjectFolder, key: str, theirs: str, mount: str, belonging: str
) -> None:
    found = folder.append(PROD, f"{key}\n").problems()
    assert len(found) == 2
    assert "belongs to environment prod; no two environments share a mount" in found[0]
    assert f": {theirs}: is mounted at '{mount}', {belonging} belongs to environment dev" in found[1]
    assert found[1].startswith("environments/prod.yaml:4:")


def test_one_environment_cannot_use_a_mount_twice(folder: ProjectFolder) -> None:
    folder.append(PROD, "stores: {kv: {vault_kv: {mount: archive-prod}}}\n")
    assert folder.problems() == [
        "environments/common.yaml:4:12: stores.archive: is mounted at 'archive-prod', as is stores.kv; "
        "set another `mount`"
    ]


def test_a_mount_beside_another_with_the_same_beginning_is_no_overlap(folder: ProjectFolder) -> None:
    assert folder.append(PROD, "stores: {kv: {vault_kv: {mount: kv-dev-copy}}}\n").problems() == []


@pytest.mark.parametrize(
    ("pattern", "witness"),
    [
        ("*", "kv-{}/"),
        ("k*", "kv-{}/"),
        ("kv-*", "kv-{}/"),
        ("+/data/*", "kv-{}/data/"),
        ("+/data/+/x", "kv-{}/data/x/x"),
        ("auth/*", "auth/cluster-{}/"),
        ("auth/+/role/*", "auth/cluster-{}/role/"),
        ("+/creds/payments.orders-db", "kv-{}/creds/payments.orders-db"),
    ],
)
def test_a_policy_by_hand_that_reaches_another_environment_is_refused_with_a_path_that_proves_it(
    folder: ProjectFolder, pattern: str, witness: str
) -> None:
    folder.replace(COMMON, RULE, f'"{pattern}"')
    assert folder.problems() == [
        f"environments/common.yaml:24:7: vault.policies.inventory: policy {one}.platform.inventory of {one} reaches "
        f'{other}: rule "{pattern}" matches {witness.format(other)}; '
        "environments cannot reach each other: narrow the rule's path"
        for one, other in (("dev", "prod"), ("prod", "dev"))
    ]


@pytest.mark.parametrize("pattern", ["kv-+/data/*", "kv+/data/x", "a/b+"])
def test_a_plus_within_a_segment_is_refused_as_it_is_no_wildcard_there(folder: ProjectFolder, pattern: str) -> None:
    assert folder.replace(COMMON, RULE, f'"{pattern}"').problems() == [
        "environments/common.yaml:26:18: vault.policies.inventory.rules[0].path: '+' stands for one whole segment "
        "only; beside other characters it is literal; end the path in *, or write one rule for each path"
    ]


def test_a_rule_that_denies_may_cover_other_environments(folder: ProjectFolder) -> None:
    folder.replace(COMMON, f"path: {RULE}, capabilities: [list, read]", 'path: "*", capabilities: [deny]')
    assert folder.problems() == []


def test_a_rule_for_the_servers_own_paths_reaches_no_environment(folder: ProjectFolder) -> None:
    assert folder.replace(COMMON, RULE, '"sys/internal/counters/*"').problems() == []


def test_a_base_that_nobody_extends_is_taken_for_a_misspelt_environment(folder: ProjectFolder) -> None:
    folder.write("environments/qa.yaml", "enviroment: qa\nextends: common\n")
    assert folder.problems() == [
        "environments/qa.yaml: is no environment, and no environment extends it; write `environment` for 'enviroment'"
    ]


def test_files_that_extend_each_other_in_a_circle_are_reported_at_each_link(folder: ProjectFolder) -> None:
    folder.append(COMMON, "extends: dev\n")
    assert folder.problems() == [
        "environments/common.yaml:28:10: extends: extends itself: dev -> common -> dev; remove one of these",
        "environments/dev.yaml:2:10: extends: extends itself: common -> dev -> common; remove one of these",
    ]


@pytest.mark.parametrize("written", ["7", "''", "../common", "[common]", "~"])
def test_extends_is_the_name_of_a_file_beside_this_one(folder: ProjectFolder, written: str) -> None:
    assert folder.replace(DEV, "extends: common", f"extends: {written}").problems() == [
        "environments/dev.yaml:2:10: extends: needs the name of a file beside this one; for example `extends: common`"
    ]


def test_an_environment_may_extend_one_that_extends_another(folder: ProjectFolder) -> None:
    folder.write("environments/live.yaml", "extends: common\nprotect: true\nstores: {archive: null}\n")
    folder.replace(PROD, "extends: common", "extends: live")
    assert folder.problems() == []
    assert [r.key for r in folder.plan("prod").records if r.kind == "vault.kv.mount"] == ["kv-prod"]
    assert [r.key for r in folder.plan("dev").records if r.kind == "vault.kv.mount"] == ["archive-dev", "kv-dev"]


def test_an_environment_without_a_stack_is_checked_too(folder: ProjectFolder) -> None:
    folder.write(
        "environments/qa.yaml", "environment: qa\nextends: common\nprotekt: true\nsettings: {orders_host: a}\n"
    )
    assert folder.problems() == ["environments/qa.yaml:3:1: protekt: unknown key; did you mean 'protect'?"]


def test_an_environment_that_waits_for_a_stacks_settings_is_not_judged_without_one(folder: ProjectFolder) -> None:
    folder.write("environments/qa.yaml", "environment: qa\nextends: common\n")
    assert folder.problems() == []


def test_a_stack_sets_what_its_environment_leaves_open(folder: ProjectFolder) -> None:
    folder.replace(PROD, "settings: {orders_host: db.prod.example}\n", "")
    assert folder.problems() == [
        "environments/common.yaml:18:19: vault.engines.database.connections.orders.postgresql.host: unknown "
        "placeholder 'settings.orders_host'; set 'orders_host' among the settings in stacks/Pulumi.<stack>.yaml"
    ]
    folder.append("Pulumi.prod.yaml", "  strongroom:settings: {orders_host: from-the-stack.example}\n")
    assert folder.problems() == []
    (connection,) = [r.as_json() for r in folder.plan("prod").records if r.kind == "vault.database.connection"]
    assert "@from-the-stack.example:5432/" in connection["settings"]["connection_url"]


def test_protection_is_on_unless_the_environment_turns_it_off(folder: ProjectFolder) -> None:
    for stack, protected in (("dev", False), ("prod", True)):
        found = [r.as_json() for r in folder.plan(stack).records]
        assert {record["protect"] for record in found if "protect" in record} == {protected}


def test_a_secret_limited_to_some_environments_is_in_no_other(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "rotate_every: 90d", "environments: [prod]")
    assert folder.problems() == []
    for stack, expected in (("dev", False), ("prod", True)):
        assert ("payments/stripe" in folder.plan(stack).as_json()) is expected


def test_a_grant_limited_to_some_environments_gives_nothing_in_others(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "secret: stripe, can: [read]", "secret: stripe, can: [read], environments: [dev]")
    assert folder.problems() == []
    for stack, expected in (("dev", True), ("prod", False)):
        policies = [r.as_json()["text"] for r in folder.plan(stack).records if r.kind == "vault.policy"]
        assert any(f"kv-{stack}/data/payments/stripe" in text for text in policies) is expected
        assert any(r.key == "payments/stripe" for r in folder.plan(stack).records)


def test_an_item_for_no_environment_at_all_is_refused(folder: ProjectFolder) -> None:
    assert folder.replace(PAYMENTS, "rotate_every: 90d", "environments: []").problems() == [
        "catalog/payments.yaml:10:19: secrets.stripe.environments: needs at least 1 of them, has 0"
    ]
