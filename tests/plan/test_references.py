"""Names that mean nothing, or not what they seem to: each is reported where it stands, with the nearest known one."""

from typing import get_args

import pytest

from strongroom.spec.catalog import Verb
from support.projects import COMMON, DEV, IDENTITY, PAYMENTS, PROD, ProjectFolder

*_FIRST, _LAST = map(repr, get_args(Verb))
VERBS = f"{', '.join(_FIRST)} or {_LAST}"


def test_the_sound_project_has_no_problems(folder: ProjectFolder) -> None:
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            PAYMENTS,
            "workload: checkout",
            "workload: chekout",
            "catalog/payments.yaml:14:16: grants[0].workload: there is no workload 'chekout'; did you mean 'checkout'?",
        ),
        (
            IDENTITY,
            "payments/checkout",
            "payment/checkout",
            "catalog/identity.yaml:10:16: grants[1].workload: there is no workload 'payment/checkout'; "
            "did you mean 'payments/checkout'?",
        ),
        (
            PAYMENTS,
            "workload: checkout",
            "workload: zebra",
            "catalog/payments.yaml:14:16: grants[0].workload: there is no workload 'zebra'; "
            "declare it under `workloads`",
        ),
        (
            PAYMENTS,
            "secret: stripe",
            "secret: stripes",
            "catalog/payments.yaml:14:34: grants[0].secret: team payments has no secret 'stripes'; "
            "did you mean 'stripe'?",
        ),
        (
            COMMON,
            "default_store: kv",
            "default_store: kv2",
            "environments/common.yaml:1:16: default_store: there is no store 'kv2'; did you mean 'kv'?",
        ),
        (
            COMMON,
            "identity/login",
            "identity/logn",
            "environments/common.yaml:27:19: vault.policies.inventory.workloads[0]: "
            "there is no workload 'identity/logn'; did you mean 'identity/login'?",
        ),
        (
            PAYMENTS,
            "rotate_every: 90d",
            "environments: [prd]",
            "catalog/payments.yaml:10:20: secrets.stripe.environments[0]: there is no environment 'prd'; "
            "did you mean 'prod'?",
        ),
        (
            "Pulumi.prod.yaml",
            "environment: prod",
            "environment: prdo",
            "Pulumi.prod.yaml:2:27: config.'strongroom:environment': there is no environment 'prdo'; "
            "did you mean 'prod'?",
        ),
        (
            DEV,
            "extends: common",
            "extends: comon",
            "environments/dev.yaml:2:10: extends: there is no file comon.yaml beside it; did you mean 'common'?",
        ),
        (
            PAYMENTS,
            "secret: orders-db, can: [read]",
            "secret: orders-db, can: [read, write]",
            "catalog/payments.yaml:15:59: grants[1].can[1]: 'write' is not possible for credentials made on demand; "
            "possible: read",
        ),
        (
            PAYMENTS,
            "secret: stripe, can: [read]",
            "secret: stripe, can: [raed]",
            f"catalog/payments.yaml:14:48: grants[0].can[0]: must be {VERBS}, found 'raed'; did you mean 'read'?",
        ),
    ],
)
def test_a_reference_to_nothing_is_reported_where_it_stands_with_the_nearest_known_name(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert folder.replace(file, old, new).problems() == [problem]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            PAYMENTS,
            "rotate_every: 90d",
            "store: archiv",
            "catalog/payments.yaml:10:12: secrets.stripe.store: there is no store 'archiv' in {}; "
            "did you mean 'archive'?",
        ),
        (
            PAYMENTS,
            "connection: orders",
            "connection: order",
            "catalog/payments.yaml:12:28: secrets.orders-db.database.connection: "
            "there is no database connection 'order' in {}; did you mean 'orders'?",
        ),
        (
            PAYMENTS,
            "runs_as: {approle: {}}",
            "runs_as: {approle: {}}\n    auth: machine",
            "catalog/payments.yaml:7:11: workloads.settlement.auth: there is no auth method 'machine' in {}; "
            "did you mean 'machines'?",
        ),
        (
            PAYMENTS,
            "runs_as: {approle: {}}",
            "runs_as: {approle: {}}\n    auth: cluster",
            "catalog/payments.yaml:7:11: workloads.settlement.auth: auth method 'cluster' of {} does not accept "
            "approle; the environment file declares: cluster (kubernetes), machines (approle)",
        ),
        (
            COMMON,
            "    machines: {approle: {}}\n",
            "",
            "catalog/payments.yaml:6:14: workloads.settlement.runs_as: no auth method of {} accepts approle; "
            "the environment file declares: cluster (kubernetes)",
        ),
        (
            COMMON,
            "    machines: {approle: {}}\n",
            "    machines: {approle: {}}\n    robots: {approle: {}}\n",
            "catalog/payments.yaml:6:14: workloads.settlement.runs_as: several auth methods of {} accept approle: "
            "machines, robots; choose one with `auth`",
        ),
    ],
)
def test_what_an_environment_lacks_is_reported_for_every_environment_that_lacks_it(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert folder.replace(file, old, new).problems() == [problem.format("dev"), problem.format("prod")]


def test_an_auth_method_that_is_chosen_settles_which_of_several_is_meant(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    machines: {approle: {}}\n", "    machines: {approle: {}}\n    robots: {approle: {}}\n")
    folder.replace(PAYMENTS, "runs_as: {approle: {}}", "runs_as: {approle: {}}\n    auth: robots")
    assert folder.problems() == []
    roles = [r.as_json() for r in folder.plan("dev").records if r.kind == "vault.auth.approle.role"]
    assert [(role["mount"], role["name"]) for role in roles] == [("robots-dev", "payments.settlement")]


def test_a_slice_that_does_not_exist_is_reported_with_the_nearest_one(folder: ProjectFolder) -> None:
    folder.append("Pulumi.prod.yaml", "  strongroom:slice: payment\n")
    assert folder.problems() == [
        "Pulumi.prod.yaml:4:21: config.'strongroom:slice': 'payment' is no slice of prod; did you mean 'payments'?"
    ]


def test_two_teams_cannot_keep_secrets_at_one_path(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "fields: [key]", "fields: [key]\n    path: shared/x")
    folder.replace(PAYMENTS, "rotate_every: 90d", "path: shared/x")
    assert folder.problems() == [
        "catalog/payments.yaml:10:11: secrets.stripe.path: is kept at 'shared/x' in store kv, as is identity/session; "
        "one secret has one owner: give it another path, or ask that team for a grant"
    ]


def test_equal_paths_in_different_stores_are_different_places(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "fields: [key]", "fields: [key]\n    path: shared/x\n    store: archive")
    folder.replace(PAYMENTS, "rotate_every: 90d", "path: shared/x")
    assert folder.problems() == []


def test_a_team_cannot_claim_a_path_where_another_teams_secrets_are_kept(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "fields: [key]", "fields: [key]\n    path: payments/legacy")
    assert folder.problems() == [
        "catalog/identity.yaml:8:11: secrets.session.path: 'payments/legacy' lies where the secrets of team payments "
        "are kept; choose another path, or ask that team for a grant"
    ]


def test_a_team_has_one_file(folder: ProjectFolder) -> None:
    folder.write("catalog/payments-2.yaml", "team: payments\nsecrets: {stripe: {fields: [a]}}\n")
    assert folder.problems() == [
        "catalog/payments.yaml:1:7: team: team payments is declared in stacks/catalog/payments-2.yaml already; "
        "one team has one file"
    ]


def test_the_same_grant_twice_is_one_too_many(folder: ProjectFolder) -> None:
    folder.append(PAYMENTS, "  - {workload: checkout, secret: stripe, can: [write]}\n")
    assert folder.problems() == [
        "catalog/payments.yaml:16:5: grants[2]: says the same as grants[0]; write one grant with all its verbs"
    ]


def test_a_workload_that_exists_elsewhere_only_is_no_dangling_reference(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "runs_as: {approle: {}}", "runs_as: {approle: {}}\n    environments: [prod]")
    assert folder.problems() == []
    for stack, expected in (("dev", []), ("prod", ["payments.settlement"])):
        assert [
            r.as_json()["name"] for r in folder.plan(stack).records if r.kind == "vault.auth.approle.role"
        ] == expected


def test_a_store_in_vault_needs_a_vault(folder: ProjectFolder) -> None:
    folder.append(PROD, "vault: null\n")
    assert folder.problems()[-2:] == [
        "environments/common.yaml:3:7: stores.kv: is kept in Vault, and there is no `vault` section; add one",
        "environments/common.yaml:4:12: stores.archive: is kept in Vault, and there is no `vault` section; add one",
    ]


def test_a_grant_on_another_teams_secret_says_where_it_belongs(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "secret: stripe", "secret: identity/session-signing")
    (problem,) = folder.problems()
    assert "granted in the catalog of the team that owns it; put this grant there" in problem


@pytest.mark.parametrize(
    ("patterns", "says"),
    [
        ('{nothing: ".+"}', "there is a pattern for 'nothing', which is no field; fields: api_key, webhook_secret"),
        ('{api_key: "["}', "the pattern is no regular expression"),
        ('{api_key: ""}', "at least 1 character"),
    ],
)
def test_a_pattern_is_a_regular_expression_for_a_field(folder: ProjectFolder, patterns: str, says: str) -> None:
    folder.replace(PAYMENTS, "    rotate_every: 90d", f"    patterns: {patterns}")
    assert any(says in problem for problem in folder.problems())
