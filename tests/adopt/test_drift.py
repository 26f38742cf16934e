"""What is compared, and what is said about it, without engine and server."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strongroom.adopt.take import take
from strongroom.drift.additions import AUTH_CONTENTS, CONTENTS, added_by_hand
from strongroom.drift.engine import changed_by_hand, read_refresh
from strongroom.drift.report import ADDED, CHANGED, GONE, Drift, Report
from strongroom.errors import StrongroomError
from strongroom.plan.plan import Plan
from strongroom.plan.record import PLATFORM, Record
from strongroom.vault.identity.plan import ExternalGroupRecord
from strongroom.vault.password_policy.plan import PasswordPolicy
from strongroom.vault.profile import Flavour
from support.answers import Answers, project_of
from support.toolchain import ROOT

URN = "urn:pulumi:legacy::strongroom::"


def step(op: str, type_: str, id_: str, **more: Any) -> dict[str, Any]:
    state = {"type": type_, "id": id_, "custom": True, "outputs": {"policy": "a value"}}
    return {"op": op, "urn": f"{URN}{type_}::adopted-thing", "oldState": state, **more}


def test_the_engines_answer_becomes_paths_and_properties_without_values() -> None:
    changed = {"policy": {"kind": "update", "inputDiff": False}}
    answer = {
        "steps": [
            step("refresh", "vault:index/mount:Mount", "kv"),
            step("update", "vault:index/policy:Policy", "app", detailedDiff=changed),
            step("delete", "vault:database/secretBackendRole:SecretBackendRole", "database/roles/readonly"),
            step("update", "vault:index/mount:Mount", "kv", diffReasons=["description"], detailedDiff=None),
            {"op": "update", "urn": f"{URN}strongroom:index:X::x", "oldState": {"type": "x", "custom": False}},
        ]
    }
    found = list(read_refresh(answer))
    assert found == [
        Drift("sys/policies/acl/app", CHANGED, "adopted-thing", ("policy",)),
        Drift("database/roles/readonly", GONE, "adopted-thing", ()),
        Drift("sys/mounts/kv", CHANGED, "adopted-thing", ("description",)),
    ]
    assert "a value" not in str(found)


@pytest.fixture
def plan(answers: Answers, flavour: Flavour, tmp_path: Path) -> Plan:
    return project_of(take(answers, flavour), flavour, tmp_path).plan("legacy")


def test_nothing_of_what_was_adopted_counts_as_added(answers: Answers, flavour: Flavour, plan: Plan) -> None:
    assert added_by_hand(answers, [plan], [plan], flavour) == ([], [])


@pytest.mark.parametrize(
    ("listed", "name", "path"),
    [
        ("sys/policies/acl", "backdoor", "sys/policies/acl/backdoor"),
        ("sys/policies/password", "short", "sys/policies/password/short"),
        ("auth/token/roles", "root", "auth/token/roles/root"),
        ("auth/approle/role", "other", "auth/approle/role/other"),
        ("auth/cert/certs", "other", "auth/cert/certs/other"),
        ("database/roles", "admin", "database/roles/admin"),
        ("database/static-roles", "admin", "database/static-roles/admin"),
        ("database/config", "other", "database/config/other"),
        ("transit/keys", "other", "transit/keys/other"),
        ("pki/roles", "any", "pki/roles/any"),
        ("ssh-client-signer/roles", "any", "ssh-client-signer/roles/any"),
        ("identity/group/name", "admins", "identity/group/name/admins"),
        ("sys/quotas/rate-limit", "none", "sys/quotas/rate-limit/none"),
        ("sys/quotas/lease-count", "many", "sys/quotas/lease-count/many"),
        ("identity/mfa/login-enforcement", "nobody", "identity/mfa/login-enforcement/nobody"),
    ],
)
def test_what_nobody_declared_is_found(
    answers: Answers, flavour: Flavour, plan: Plan, listed: str, name: str, path: str
) -> None:
    answers.lists.setdefault(listed, []).append(name)
    assert added_by_hand(answers, [plan], [plan], flavour) == ([Drift(path, ADDED)], [])


@pytest.mark.parametrize(
    "listed",
    [
        "sys/policies/acl",
        "auth/token/roles",
        "sys/quotas/rate-limit",
        "sys/quotas/lease-count",
        "identity/group/name",
        "identity/mfa/login-enforcement",
        "auth/approle/role",
    ],
)
def test_the_name_of_something_else_that_is_declared_hides_nothing(
    answers: Answers, flavour: Flavour, plan: Plan, listed: str
) -> None:
    declared = PasswordPolicy(slice=PLATFORM, name="shared", policy="")
    plan = Plan("legacy", "all", (*plan.records, declared))
    for place in ("sys/policies/password", listed):
        answers.lists.setdefault(place, []).append("shared")
    assert added_by_hand(answers, [plan], [plan], flavour) == ([Drift(f"{listed}/shared", ADDED)], [])


def test_what_is_about_a_mount_does_not_declare_it(answers: Answers, flavour: Flavour, plan: Plan) -> None:
    group = ExternalGroupRecord(slice=PLATFORM, name="ops", mount="people", group="ops", policies=())
    plan = Plan("legacy", "all", (*plan.records, group))
    answers.reads["sys/mounts"]["people/"] = {"type": "kv"}
    assert added_by_hand(answers, [plan], [plan], flavour) == ([Drift("sys/mounts/people", ADDED)], [])


LIES_IN: dict[str, tuple[str, str] | None] = {
    "vault.kv.mount": None,
    "vault.kv.secret": None,
    "vault.kv_v1.mount": None,
    "vault.kv_v1.secret": None,
    "vault.kv_personal.folders": None,
    "vault.database.mount": None,
    "vault.database.connection": ("database", "config"),
    "vault.database.role": ("database", "roles"),
    "vault.database.static_role": ("database", "static-roles"),
    "vault.pki.authority": None,
    "vault.pki.acme": None,
    "vault.pki.role": ("pki", "roles"),
    "vault.ssh.mount": None,
    "vault.ssh.role": ("ssh", "roles"),
    "vault.transit.mount": None,
    "vault.transit.key": ("transit", "keys"),
    "vault.totp.mount": None,
    "vault.totp.key": ("totp", "keys"),
    "vault.totp.shared_key": ("totp", "keys"),
    "vault.aws.mount": None,
    "vault.aws.role": ("aws", "roles"),
    "vault.aws.static_role": ("aws", "static-roles"),
    "vault.kubernetes_engine.cluster": None,
    "vault.kubernetes_engine.role": ("kubernetes", "roles"),
    "vault.auth.approle.method": None,
    "vault.auth.approle.role": ("auth/approle", "role"),
    "vault.auth.aws.method": None,
    "vault.auth.aws.role": ("auth/aws", "role"),
    "vault.auth.cert.method": None,
    "vault.auth.cert.role": ("auth/cert", "certs"),
    "vault.auth.jwt.method": None,
    "vault.auth.jwt.role": ("auth/jwt", "role"),
    "vault.auth.kubernetes.method": None,
    "vault.auth.kubernetes.role": ("auth/kubernetes", "role"),
    "vault.auth.oidc.method": None,
    "vault.auth.oidc.role": ("auth/oidc", "role"),
    "vault.auth.userpass.method": None,
}
"""Kind of record that is about a mount -> type of the mount and the list in it; None: the mount itself, or what drift
does not look for."""
IN_NO_MOUNT = {
    "vault.adopted",
    "vault.auth.oidc.group",
    "vault.auth.userpass.user",
    "vault.identity.external_group",
    "vault.quota.lease_count",
    "vault.quota.rate_limit",
}
"""Kinds of record that have a mount and do not lie in it."""


def _kinds(base: type[Record]) -> Iterator[type[Record]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_whatever_is_declared_in_a_mount_is_also_looked_for_there() -> None:
    for file in (ROOT / "components/strongroom/vault").rglob("*.py"):
        if file.name in ("plan.py", "static_roles.py"):
            importlib.import_module(".".join(file.relative_to(ROOT / "components").with_suffix("").parts))
    about_mounts = {
        kind.kind
        for kind in _kinds(Record)
        if kind.__module__.startswith("strongroom.") and hasattr(kind, "kind") and hasattr(kind, "mount")
    }
    assert about_mounts == LIES_IN.keys() | IN_NO_MOUNT
    for type_, contents in filter(None, LIES_IN.values()):
        known = AUTH_CONTENTS if type_.startswith("auth/") else CONTENTS
        assert contents in known[type_.removeprefix("auth/")]


def test_mounts_and_entities_with_policies_are_found_and_what_logins_made_is_not(
    answers: Answers, flavour: Flavour, plan: Plan
) -> None:
    answers.reads["sys/mounts"]["mine/"] = {"type": "kv"}
    answers.reads["sys/auth"]["mine/"] = {"type": "userpass"}
    answers.lists["identity/entity/name"] += ["mallory", "bob", "entity_0a1b2c3d"]
    answers.reads["identity/entity/name/mallory"] = {"policies": ["root-ish"]}
    answers.reads["identity/entity/name/bob"] = {"policies": []}
    answers.reads["identity/entity/name/entity_0a1b2c3d"] = {"policies": []}
    found, unchecked = added_by_hand(answers, [plan], [plan], flavour)
    assert [item.path for item in found] == ["identity/entity/name/mallory", "sys/auth/mine", "sys/mounts/mine"]
    assert unchecked == []


def test_what_another_environment_declares_is_no_addition(answers: Answers, flavour: Flavour, plan: Plan) -> None:
    policies = tuple(record for record in plan.records if getattr(record, "what", "") == "policy")
    without = Plan("legacy", "all", tuple(record for record in plan.records if record not in policies))
    other = Plan("other", "all", policies)
    assert added_by_hand(answers, [without], [without, other], flavour) == ([], [])
    found, _ = added_by_hand(answers, [without], [without], flavour)
    assert {item.path for item in found} == {"sys/policies/acl/myapp", "sys/policies/acl/templated"}


def test_where_the_token_may_not_look_is_said_and_is_not_clean(answers: Answers, flavour: Flavour, plan: Plan) -> None:
    answers.denied = {"database/roles", "sys/policies/acl"}
    found, unchecked = added_by_hand(answers, [plan], [plan], flavour)
    assert (found, unchecked) == ([], ["database/roles", "sys/policies/acl"])
    report = Report((), tuple(unchecked), ())
    assert not report.clean
    assert "unchecked  database/roles: the token may not look there; give it `list` and `read`" in report.lines("s")


def test_a_report_says_what_undoes_it_and_where_to_find_who_it_was() -> None:
    items = (Drift("sys/policies/acl/app", CHANGED, "app", ("policy",)), Drift("sys/mounts/mine", ADDED))
    text = "\n".join(Report(items, (), ("file (file /var/log/audit.log)",)).lines("prod"))
    assert "changed    sys/policies/acl/app: policy  (app)" in text
    assert "added      sys/mounts/mine\n" in text
    assert "`pulumi up --refresh --stack prod`" in text
    assert "Audit devices: file (file /var/log/audit.log)." in text
    assert json.loads(Report(items, (), ()).as_json())["drift"][0]["properties"] == ["policy"]
    assert Report((), (), ()).lines("prod") == ["Everything is as declared, and nothing else is there."]


def test_without_an_engine_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StrongroomError, match="no `pulumi` on PATH"):
        changed_by_hand(tmp_path, "prod")


@pytest.mark.parametrize("script", ["exit 255", "echo '{\"diagnostics\": []}'", "echo no JSON; echo secret-value >&2"])
def test_an_engine_that_cannot_compare_is_an_error_that_quotes_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, capfd: pytest.CaptureFixture[str]
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(StrongroomError, match=r"pulumi refresh --preview-only --non-interactive --stack prod") as error:
        changed_by_hand(tmp_path, "prod")
    assert "secret-value" not in f"{error.value}{capfd.readouterr()}"
