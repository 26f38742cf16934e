"""A state in which a mount has another path is the state that a deployment to that path would have left."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.safeguards.rewrite import moved, unprotected
from support.projects import COMMON, FILES, PAYMENTS, ProjectFolder
from support.saved_state import state_of

ENGINES = """\
    transit: {mount: TRANSIT}
    ssh: {mount: SSH, principals: {payments: [deploy]}}
    totp: {mount: TOTP}
    pki:
      mount: PKI
      root: {common_name: Root, ttl: 3650d}
      intermediate: {common_name: Issuing, ttl: 1825d}
      domains: {payments: [payments.example]}
    database:
      mount: DATABASE
"""
SECRETS = """\
  card:
    encryption_key: {}
  code:
    totp: {issuer: Payments, account: root@payments.example}
  web:
    certificate: {allowed_domains: [payments.example], ttl: 1h, max_ttl: 2h}
  shell:
    ssh_certificate: {user: {principals: [deploy]}}
  orders-db:
"""
MOUNTS = {
    "KV": "kv-dev",
    "TRANSIT": "transit-dev",
    "SSH": "ssh-dev",
    "TOTP": "totp-dev",
    "PKI": "pki-dev",
    "DATABASE": "database-dev",
    "CLUSTER": "cluster-dev",
    "MACHINES": "machines-dev",
    "PEOPLE": "people-dev",
}
AUTH = ("CLUSTER", "MACHINES", "PEOPLE")


NAMED = [
    "strongroom:index:VaultAppRoleAuth$vault:index/authBackend:AuthBackend::auth-machines-dev-method",
    "strongroom:index:VaultDatabaseEngine$vault:database/secretBackendConnection:SecretBackendConnection::database-dev-orders-connection",
    "strongroom:index:VaultDatabaseEngine$vault:index/mount:Mount::database-dev-mount",
    "strongroom:index:VaultJwtAuth$vault:jwt/authBackend:AuthBackend::auth-cluster-dev-method",
    "strongroom:index:VaultKvEngine$vault:index/mount:Mount::archive-dev-mount",
    "strongroom:index:VaultKvEngine$vault:index/mount:Mount::kv-dev-mount",
    "strongroom:index:VaultPkiAuthority$vault:index/mount:Mount::pki-dev-mount",
    "strongroom:index:VaultPkiAuthority$vault:index/mount:Mount::pki-dev-root-mount",
    "strongroom:index:VaultPkiAuthority$vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest::pki-dev-key",
    "strongroom:index:VaultPkiAuthority$vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert::pki-dev-root-key",
    "strongroom:index:VaultSshEngine$vault:index/mount:Mount::ssh-dev-mount",
    "strongroom:index:VaultSshEngine$vault:ssh/secretBackendCa:SecretBackendCa::ssh-dev-key",
    "strongroom:index:VaultTotpEngine$vault:index/mount:Mount::totp-dev-mount",
    "strongroom:index:VaultTotpKeys$vault:generic/endpoint:Endpoint::totp-dev-keys-payments.code",
    "strongroom:index:VaultTransitEngine$vault:index/mount:Mount::transit-dev-mount",
    "strongroom:index:VaultTransitKeys$vault:transit/secretBackendKey:SecretBackendKey::transit-dev-keys-payments.card",
    "strongroom:index:VaultUserpassAuth$vault:index/authBackend:AuthBackend::auth-people-dev-method",
]
"""Component, type and name of everything protected in the project below."""


def _project(folder: Path, **mounts: str) -> ProjectFolder:
    """The example project with every engine, mounted at these paths."""
    files = {name: text for name, text in FILES.items() if "prod" not in name}
    common = files[COMMON].replace("    database:\n", ENGINES, 1).replace("kv-{{ environment }}", "KV")
    common = common.replace("kv: {vault_kv: {}}", "kv: {vault_kv: {mount: KV}}")
    common = common.replace("      jwt:\n", "      jwt:\n        mount: CLUSTER\n", 1)
    common = common.replace(
        "machines: {approle: {}}", "machines: {approle: {mount: MACHINES}}\n    people: PEOPLE_AUTH"
    )
    common = common.replace("PEOPLE_AUTH", "{userpass: {mount: PEOPLE}}")
    for name, path in (MOUNTS | mounts).items():
        common = common.replace(name, path)
    files[COMMON] = common
    files[PAYMENTS] = files[PAYMENTS].replace("  orders-db:\n", SECRETS, 1)
    folder.mkdir(exist_ok=True)
    return ProjectFolder(folder, files)


def _state(folder: Path, **mounts: str) -> dict[str, Any]:
    project = _project(folder, **mounts)
    assert project.problems() == []
    return state_of(folder, "dev")


def _shape(state: dict[str, Any]) -> dict[str, Any]:
    """Everything by which the engine finds a resource again, or for which it would make another one."""
    return {
        resource["urn"]: (
            resource.get("id"),
            resource.get("parent"),
            resource.get("deletedWith"),
            sorted(resource.get("dependencies") or ()),
            {name: (resource.get("inputs") or {}).get(name) for name in ("path", "backend", "mount")},
        )
        for resource in state["deployment"]["resources"]
    }


@pytest.mark.parametrize("name", MOUNTS)
def test_it_is_the_state_that_a_deployment_to_the_other_path_would_have_left(tmp_path: Path, name: str) -> None:
    prefix = "auth/" if name in AUTH else ""
    old, new = f"{prefix}{MOUNTS[name]}", f"{prefix}elsewhere"
    before, after = _state(tmp_path / "before"), _state(tmp_path / "after", **{name: "elsewhere"})
    assert _shape(before) != _shape(after)
    if name == "PKI":  # the root's mount is named after that of the authority that issues
        before = moved(before, "pki-dev-root", "elsewhere-root")
    assert _shape(moved(before, old, new)) == _shape(after)


@pytest.mark.parametrize("name", MOUNTS)
def test_moving_it_there_and_back_leaves_the_state_as_it_was(tmp_path: Path, name: str) -> None:
    prefix = "auth/" if name in AUTH else ""
    old, new = f"{prefix}{MOUNTS[name]}", f"{prefix}elsewhere"
    before = _state(tmp_path / "before")
    assert moved(moved(before, old, new), new, old) == before


def test_a_mount_that_the_state_does_not_have_changes_nothing(tmp_path: Path) -> None:
    before = _state(tmp_path / "before")
    assert moved(before, "kv", "elsewhere") == before
    assert moved(before, "auth/kv-dev", "auth/elsewhere") == before


def test_an_engine_and_an_auth_method_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    before = _state(tmp_path / "before", KV="same", CLUSTER="same")
    engine = _state(tmp_path / "engine", KV="elsewhere", CLUSTER="same")
    method = _state(tmp_path / "method", KV="same", CLUSTER="elsewhere")
    assert _shape(moved(before, "same", "elsewhere")) == _shape(engine)
    assert _shape(moved(before, "auth/same", "auth/elsewhere")) == _shape(method)


def _slice(folder: Path, **mounts: str) -> dict[str, Any]:
    """The state of a stack that is the slice of one team."""
    _project(folder, **mounts)
    return state_of(folder, "dev", {"strongroom:environment": "dev", "strongroom:slice": "payments"})


@pytest.mark.parametrize("name", ["TRANSIT", "DATABASE", "CLUSTER", "MACHINES"])
def test_the_state_of_a_team_slice_is_rewritten_the_same_way(tmp_path: Path, name: str) -> None:
    prefix = "auth/" if name in AUTH else ""
    before, after = _slice(tmp_path / "before"), _slice(tmp_path / "after", **{name: "elsewhere"})
    assert _shape(before) != _shape(after)
    assert _shape(moved(before, f"{prefix}{MOUNTS[name]}", f"{prefix}elsewhere")) == _shape(after)


NAMES = st.sampled_from(["kv", "kv-a", "kv-a-b", "pki", "pki-root", "transit", "transit-kv", "a", "a-x", "deep/kv"])


@settings(max_examples=20, deadline=None)
@given(st.lists(NAMES, min_size=4, max_size=4, unique=True))
def test_paths_that_begin_with_one_another_are_told_apart(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("projects")
    kv, transit, database, ssh = names
    before = _project(folder / "before", KV=kv, TRANSIT=transit, DATABASE=database, SSH=ssh)
    if before.problems():  # such as one within another: a plan like that is refused
        return
    after = _state(folder / "after", KV="elsewhere", TRANSIT=transit, DATABASE=database, SSH=ssh)
    assert _shape(moved(state_of(folder / "before", "dev"), kv, "elsewhere")) == _shape(after)


def test_only_what_is_at_a_path_or_in_a_mount_is_unprotected(tmp_path: Path) -> None:
    _project(tmp_path / "before").replace("environments/dev.yaml", "protect: false\n", "")
    state = state_of(tmp_path / "before", "dev")
    protected = {r["urn"].rpartition("::")[2] for r in state["deployment"]["resources"] if r.get("protect")}
    assert len(protected) > 12
    changed, freed = unprotected(state, ["transit-dev/keys/payments.card"])
    assert [urn.rpartition("::")[2] for urn in freed] == ["transit-dev-keys-payments.card"]
    still = {r["urn"].rpartition("::")[2] for r in changed["deployment"]["resources"] if r.get("protect")}
    assert still == protected - {"transit-dev-keys-payments.card"}
    _, freed = unprotected(state, ["auth/cluster-dev", "database-dev"])
    assert {urn.rpartition("::")[2] for urn in freed} == {
        "auth-cluster-dev-method",
        "database-dev-mount",
        "database-dev-orders-connection",
    }


def test_what_holds_something_keeps_its_name_in_the_state(tmp_path: Path) -> None:
    """The engine knows a resource by its type and name: another one is another resource, and the old one is deleted. So
    whoever renames one of these in the code adds `aliases` with the name that it had, and here the new one."""
    _project(tmp_path / "before").replace("environments/dev.yaml", "protect: false\n", "")
    state = state_of(tmp_path / "before", "dev")
    named = {
        r["urn"].partition("::")[2].partition("::")[2] for r in state["deployment"]["resources"] if r.get("protect")
    }
    assert sorted(named) == NAMED
