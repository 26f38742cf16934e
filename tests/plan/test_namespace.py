"""A namespace: what may be written, what is planned, and what it separates."""

from pathlib import Path

import pytest

from strongroom.plan.logins import logins
from strongroom.vault.namespace.plan import VaultNamespace
from strongroom.vault.pki.plan import PkiAuthority
from support.docs import example
from support.projects import COMMON, DEV, PROD, ProjectFolder


def _in(folder: ProjectFolder, namespace: str, file: str = PROD) -> ProjectFolder:
    return folder.append(file, f"vault: {{flavour: openbao, namespace: {namespace}}}\n")


def test_an_environment_makes_its_namespace_and_lies_within(folder: ProjectFolder) -> None:
    plan = _in(folder, "{path: shop/prod, metadata: {owner: platform}}").plan("prod")
    assert plan.namespace == "shop/prod"
    assert plan.of(VaultNamespace) == (
        VaultNamespace(slice="platform", parent="shop", name="prod", metadata=(("owner", "platform"),), protect=True),
    )
    assert plan.cut("payments").namespace == "shop/prod"
    assert '"namespace": "shop/prod"' in plan.as_json()


def test_a_namespace_of_somebody_else_is_used_and_not_made(folder: ProjectFolder) -> None:
    plan = _in(folder, "{path: prod, make: false}").plan("prod")
    assert plan.namespace == "prod"
    assert plan.of(VaultNamespace) == ()


def test_without_one_nothing_speaks_of_namespaces(folder: ProjectFolder) -> None:
    assert "namespace" not in folder.plan("prod").as_json().replace("kubernetes_namespace", "").replace(
        '"namespace": "payments"', ""
    ).replace('"namespace": "identity"', "")


def test_a_login_says_in_which_namespace_it_is(folder: ProjectFolder) -> None:
    plan = _in(folder, "{path: prod}").plan("prod")
    assert {login["namespace"] for login in logins(plan).values()} == {"prod"}
    assert not [login for login in logins(folder.plan("dev")).values() if "namespace" in login]


def test_what_certificates_say_of_the_server_has_the_namespace_in_it(folder: ProjectFolder) -> None:
    pki = "{root: {common_name: R, ttl: 3650d}, intermediate: {common_name: I, ttl: 365d}, base_url: 'https://v.example/'}"
    folder.append(PROD, f"vault: {{engines: {{pki: {pki}}}}}\n")
    assert {a.api_url for a in folder.plan("prod").of(PkiAuthority)} == {"https://v.example/v1"}
    folder.replace(PROD, "vault: {", "vault: {flavour: openbao, namespace: {path: shop/prod}, ")
    assert {a.api_url for a in folder.plan("prod").of(PkiAuthority)} == {"https://v.example/v1/shop/prod"}


def test_two_environments_may_have_the_same_mounts_in_namespaces_of_their_own(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "kv: {vault_kv: {}}", "kv: {vault_kv: {mount: kv}}")
    folder.replace(COMMON, "kv-{{ environment }}/metadata", "kv/metadata")
    assert "is mounted at 'kv', which belongs to environment dev" in folder.problems()[0]
    assert (
        _in(folder.append(DEV, "vault: {flavour: openbao, namespace: {path: dev}}\n"), "{path: prod}").problems() == []
    )


def test_the_settings_of_the_server_are_out_of_reach_from_a_namespace(folder: ProjectFolder) -> None:
    (found,) = folder.append(
        PROD, "vault: {flavour: openbao, namespace: {path: prod}, server: {rate_limiting: {}}}\n"
    ).problems()
    assert found == (
        "environments/prod.yaml:4:60: vault.server: prod lies in namespace 'prod', where the server's settings are "
        "out of reach; let an environment without a namespace set them"
    )


@pytest.mark.parametrize(
    ("namespace", "problem"),
    [
        ("{path: /prod}", "vault.namespace.path: the path has an empty, '.' or '..' segment"),
        ("{path: root}", "vault.namespace.path: 'root' is no name for a namespace"),
        ("{path: a/sys}", "vault.namespace.path: 'sys' is no name for a namespace"),
        ("{}", "vault.namespace: 'path' is missing"),
        ("{path: a, made: true}", "vault.namespace.made: unknown key"),
    ],
)
def test_what_cannot_be_a_namespace_is_refused(folder: ProjectFolder, namespace: str, problem: str) -> None:
    (found,) = _in(folder, namespace).problems()
    assert problem in found


def test_the_example_of_the_documentation_is_sound(tmp_path: Path) -> None:
    plan = example("vault/namespaces.md", tmp_path).plan("prod")
    assert (plan.namespace, [record.key for record in plan.of(VaultNamespace)]) == ("prod", ["/prod"])
