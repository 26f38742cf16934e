"""Adopted things as resources: what each becomes, in which order, and what is never sent."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.adopted.component import deploy
from strongroom.vault.adopted.plan import AdoptedThing
from support.mocks import Recording, record


def thing(what: str, mount: str = "", name: str = "", protect: bool = False, **settings: Any) -> AdoptedThing:
    return AdoptedThing(slice="platform", what=what, mount=mount, name=name, settings=settings, protect=protect)


def deployed(*things: AdoptedThing, values: Mapping[str, str] | None = None) -> Recording:
    def secret(kind: str, name: str) -> pulumi.Output[str] | None:
        value = (values or {}).get(name)
        return pulumi.Output.secret(value) if value else None

    return record(lambda: deploy(Plan("legacy", "all", things), Stage(secret=secret)))


CONNECTION = {
    "plugin_name": "postgresql-database-plugin",
    "connection_url": "postgresql://{{username}}:{{password}}@db/x",
    "username": "vault_admin",
    "allowed_roles": ["readonly"],
}
DATABASE = (
    thing("database_role", "database", "readonly", db_name="postgres", creation_statements=["C"], default_ttl=3600),
    thing("database_connection", "database", "postgres", protect=True, **CONNECTION),
    thing("mount", "database", protect=True, type="database", max_lease_ttl=7200),
)


def test_a_database_is_a_mount_then_connections_then_roles() -> None:
    made = deployed(*DATABASE)
    mount, connection, role = made.leaves
    assert mount.inputs == {"path": "database", "type": "database", "maxLeaseTtlSeconds": 7200}
    assert connection.inputs == {
        "backend": "database",
        "name": "postgres",
        "pluginName": "postgresql-database-plugin",
        "allowedRoles": ["readonly"],
        "verifyConnection": True,
        "postgresql": {"connectionUrl": CONNECTION["connection_url"], "username": "vault_admin"},
    }
    assert role.inputs == {
        "backend": "database",
        "name": "readonly",
        "dbName": "postgres",
        "creationStatements": ["C"],
        "defaultTtl": 3600,
    }
    assert role.depends_on >= {mount.name, connection.name}
    assert (mount.protect, connection.protect, role.protect) == (True, True, False)
    assert (connection.deleted_with, role.deleted_with) == (mount.name, mount.name)


def test_what_the_server_does_not_tell_is_no_difference_and_no_password_is_sent() -> None:
    (connection,) = deployed(DATABASE[1]).leaves
    assert set(connection.ignore_changes) == {
        "postgresql.password",
        "postgresql.passwordAuthentication",
        "verifyConnection",
    }
    scram = thing("database_connection", "d", "c", **CONNECTION, password_authentication="scram-sha-256")
    (connection,) = deployed(scram).leaves
    assert "postgresql.passwordAuthentication" not in connection.ignore_changes
    mysql = thing("database_connection", "d", "c", **{**CONNECTION, "plugin_name": "mysql-aurora-database-plugin"})
    (connection,) = deployed(mysql).leaves
    assert set(connection.ignore_changes) == {"mysqlAurora.password", "verifyConnection"}
    assert "mysqlAurora" in connection.inputs


def test_lifetimes_of_an_auth_method_are_written_as_the_provider_reads_them_and_given_whole() -> None:
    tune = {"default_lease_ttl": 5400, "max_lease_ttl": 86400}
    (method,) = deployed(thing("jwt_mount", "auth/ci", type="jwt", tune=tune, bound_issuer="i")).leaves
    assert method.inputs["path"] == "ci"
    assert method.inputs["tune"] == {
        "defaultLeaseTtl": "1h30m",
        "maxLeaseTtl": "24h",
        "tokenType": "default-service",
        "listingVisibility": "",
    }


def test_roles_wait_for_their_method_and_claims_are_texts() -> None:
    role = thing("jwt_role", "auth/ci", "deploy", role_type="jwt", user_claim="sub", bound_claims={"ref": ["a", "b"]})
    method, made = deployed(role, thing("jwt_mount", "auth/ci", type="jwt")).leaves
    assert made.inputs["boundClaims"] == {"ref": "a,b"}
    assert (made.inputs["backend"], made.inputs["roleName"]) == ("ci", "deploy")
    assert method.name in made.depends_on


def test_lifetimes_of_certificates_are_whole_seconds_as_text() -> None:
    (role,) = deployed(thing("pki_role", "pki", "web", max_ttl=259200, key_usage=["KeyAgreement"], ou=["a"])).leaves
    assert (role.inputs["maxTtl"], role.inputs["keyUsages"], role.inputs["organizationUnit"]) == (
        "259200",
        ["KeyAgreement"],
        ["a"],
    )


def test_a_secret_is_sent_only_where_a_reference_is_given_and_is_one() -> None:
    method = thing("jwt_mount", "auth/people", type="oidc", oidc_client_id="v")
    assert "oidcClientSecret" not in deployed(method).leaves[0].inputs
    with_reference = thing("jwt_mount", "auth/people", type="oidc", oidc_client_secret={"pulumi_config": "key"})
    (made,) = deployed(with_reference, values={"key": "s3cr3t"}).leaves
    assert made.secrets == {"oidcClientSecret"}
    config = thing("kubernetes_config", "auth/k", kubernetes_host="h", token_reviewer_jwt={"pulumi_config": "key"})
    (made,) = deployed(config, values={"key": "s3cr3t"}).leaves
    assert made.secrets == {"tokenReviewerJwt"}
    with pytest.raises(pulumi.RunError, match="no value behind pulumi_config key; set it, or leave the reference out"):
        deployed(with_reference)


def test_identities_refer_to_what_the_server_drew() -> None:
    made = deployed(
        thing("group", name="all", type="internal", members=["alice"], member_groups=["inner"]),
        thing("group", name="inner", type="external"),
        thing("group_alias", "auth/people", "staff", group="inner"),
        thing("entity", name="alice", policies=["p"]),
        thing("entity_alias", "auth/people", "alice@example", entity="alice"),
        thing("jwt_mount", "auth/people", type="oidc"),
    )
    inputs = {leaf.name: leaf.inputs for leaf in made.leaves}
    assert inputs["adopted-group/all"]["memberEntityIds"] == ["adopted-entity/alice-id"]
    assert inputs["adopted-group/all"]["memberGroupIds"] == ["adopted-group/inner-id"]
    assert inputs["adopted-entity_alias/auth/people/alice@example"] == {
        "name": "alice@example",
        "canonicalId": "adopted-entity/alice-id",
        "mountAccessor": "auth_jwt_1",
    }
    assert inputs["adopted-group_alias/auth/people/staff"]["canonicalId"] == "adopted-group/inner-id"


def test_a_policy_is_its_text_and_nothing_else() -> None:
    text = 'path "a" { capabilities = ["read"] }\n'
    (made,) = deployed(thing("policy", name="app/read", policy=text)).leaves
    assert (made.name, made.inputs) == ("adopted-policy/app/read", {"name": "app/read", "policy": text})


@pytest.mark.parametrize(
    ("made_of", "token"),
    [
        (thing("audit", name="file", type="file", options={"file_path": "/x"}), "vault:index/audit:Audit"),
        (thing("password_policy", name="p", policy="x"), "vault:index/passwordPolicy:PasswordPolicy"),
        (thing("token_role", name="cron"), "vault:tokenauth/authBackendRole:AuthBackendRole"),
        (thing("transit_key", "t", "k", type="ed25519"), "vault:transit/secretBackendKey:SecretBackendKey"),
        (thing("ssh_role", "s", "r", key_type="ca"), "vault:ssh/secretBackendRole:SecretBackendRole"),
        (thing("pki_urls", "p"), "vault:pkiSecret/secretBackendConfigUrls:SecretBackendConfigUrls"),
        (thing("approle_role", "auth/a", "r"), "vault:appRole/authBackendRole:AuthBackendRole"),
        (thing("cert_role", "auth/c", "r", certificate="C"), "vault:index/certAuthBackendRole:CertAuthBackendRole"),
        (
            thing("kubernetes_role", "auth/k", "r", bound_service_account_names=["a"]),
            "vault:kubernetes/authBackendRole:AuthBackendRole",
        ),
        (
            thing("database_static_role", "d", "r", db_name="c", username="u"),
            "vault:database/secretBackendStaticRole:SecretBackendStaticRole",
        ),
        (thing("auth_mount", "auth/u", type="userpass"), "vault:index/authBackend:AuthBackend"),
    ],
)
def test_each_kind_of_thing_is_one_resource(made_of: AdoptedThing, token: str) -> None:
    (made,) = deployed(made_of).leaves
    assert made.type == token
