"""From the recorded answers of real servers to what people write."""

from typing import Any

import pytest

from strongroom.adopt.found import Found, Left
from strongroom.adopt.take import take
from strongroom.vault.profile import Flavour
from strongroom.vault.refusals import ServerError
from support import by_hand
from support.answers import Answers, answers_of


def reasons(found: Found) -> dict[str, str]:
    return {left.path: left.reason for left in found.left}


def test_a_database_is_taken_as_the_overview_configures_it(answers: Answers, flavour: Flavour) -> None:
    engine = take(answers, flavour).engines["database"]["database"]
    assert engine == {
        "connections": {
            "postgres": {
                "plugin_name": "postgresql-database-plugin",
                "connection_url": "postgresql://{{username}}:{{password}}@postgres:5432/mydb",
                "username": "vault_admin",
                "allowed_roles": ["readonly"],
            }
        },
        "roles": {
            "readonly": {
                "db_name": "postgres",
                "creation_statements": [by_hand.READONLY],
                "default_ttl": "1h",
                "max_ttl": "1d",
            }
        },
    }


def test_only_what_differs_from_the_servers_defaults_is_written(answers: Answers, flavour: Flavour) -> None:
    found = take(answers, flavour)
    assert found.engines["transit"]["transit"]["keys"] == {
        "orders_key": {"type": "aes256-gcm96", "deletion_allowed": True, "auto_rotate_period": "30d"},
        "signing": {"type": "ed25519"},
    }
    assert found.engines["pki"]["pki"]["roles"]["web.servers"] == {
        "allowed_domains": ["web.example"],
        "allow_subdomains": True,
        "key_type": "ec",
        "key_bits": 256,
        "ou": ["web"],
        "max_ttl": "3d",
    }
    assert found.auth["kubernetes"]["kubernetes"]["roles"]["myapp"] == {
        "bound_service_account_names": ["myapp"],
        "bound_service_account_namespaces": ["default"],
        "token_policies": ["myapp"],
        "token_ttl": "1h",
    }
    assert found.auth["ci"]["jwt"]["tune"] == {"default_lease_ttl": "30m", "max_lease_ttl": "2h"}
    assert found.auth["ci"]["jwt"]["roles"]["deploy"]["bound_claims"] == {
        "project": ["7"],
        "ref": ["refs/heads/main", "refs/heads/release"],
    }
    assert found.token_roles == {
        "cron": {
            "allowed_policies": ["myapp"],
            "orphan": True,
            "token_period": "1d",
            "token_type": "default-service",
        }
    }


def test_policies_keep_their_text_and_the_servers_own_are_left_out(answers: Answers, flavour: Flavour) -> None:
    found = take(answers, flavour)
    assert found.policies == {"myapp": by_hand.MYAPP, "templated": by_hand.TEMPLATED}
    assert found.password_policies == {"letters": by_hand.LETTERS}


def test_identities_name_each_other_and_not_the_ids_that_the_server_drew(answers: Answers, flavour: Flavour) -> None:
    found = take(answers, flavour)
    assert found.entities == {
        "alice": {
            "policies": ["templated"],
            "metadata": {"team": "shop"},
            "aliases": [{"name": "alice", "auth": "userpass"}],
        }
    }
    assert found.groups == {"shop people": {"policies": ["myapp"], "members": ["alice"]}}


def test_entities_that_logins_made_are_counted_and_stay(answers: Answers, flavour: Flavour) -> None:
    answers.lists["identity/entity/name"].append("entity_0a1b2c3d")
    answers.reads["identity/entity/name/entity_0a1b2c3d"] = {"id": "u", "name": "entity_0a1b2c3d", "policies": []}
    found = take(answers, flavour)
    assert list(found.entities) == ["alice"]
    assert found.notes == ["1 identity entities that logins made, with nothing that somebody set, stay so"]


def test_a_group_with_a_member_that_stays_stays_too(answers: Answers, flavour: Flavour) -> None:
    answers.reads["identity/entity/name/alice"]["aliases"][0]["custom_metadata"] = {"a": "b"}
    found = take(answers, flavour)
    assert (found.entities, found.groups) == ({}, {})
    assert set(reasons(found)) >= {"identity/entity/name/alice", "identity/group/name/shop people"}


def test_secrets_go_to_the_team_that_their_path_names_and_those_of_nobody_to_one_of_their_own(
    answers: Answers, flavour: Flavour
) -> None:
    found = take(answers, flavour)
    assert found.stores == {
        "legacy-kv": {"vault_kv_v1": {"mount": "legacy/kv", "description": "old things"}},
        "secret": {
            "vault_kv": {"mount": "secret", "description": "", "max_versions_unset": True, "cas_required": False}
        },
    }
    assert found.secrets == {
        "adopted": {"database-readonly": {"adopted_role": {"engine": "database", "role": "readonly"}}},
        "myapp": {"config": {"fields": ["db_pass", "db_user"], "store": "secret", "path": "myapp/config"}},
    }


def test_no_value_of_a_secret_is_asked_for(answers: Answers, flavour: Flavour) -> None:
    take(answers, flavour)
    assert [
        path for path in answers.asked if "/data/" in path or "/creds/" in path or path == "legacy/kv/mail/smtp"
    ] == []


def test_audit_devices_are_taken_from_vault_and_left_in_openbaos_configuration() -> None:
    assert take(answers_of("vault"), "vault").audit == {
        "file": {"type": "file", "options": {"file_path": "/var/log/audit.log"}}
    }
    openbao = answers_of("openbao")
    openbao.reads["sys/audit"] = {"file/": {"type": "file", "path": "file/", "options": {"file_path": "/x"}}}
    found = take(openbao, "openbao")
    assert found.audit == {}
    assert reasons(found)["sys/audit/file"] == "it stands in the configuration of the server, and stays there"


def test_whatever_cannot_be_said_is_listed_with_its_reason(answers: Answers, flavour: Flavour) -> None:
    assert reasons(take(answers, flavour)) == {
        "auth/kubernetes/config": "its token_reviewer_jwt stays on the server; nobody can read it",
        "auth/userpass": "only the mount is declared: its users have passwords, which no declaration may hold",
        "legacy/kv": "1 secrets stay undeclared: version 1 tells the names of fields with their values only, which are "
        "not read",
        "pki/issuers": "1 with their keys stay on the server as they are",
        "ssh-client-signer/config/ca": "the key that signs, if there is one, stays on the server as it is",
        "totp": "only the mount is declared: what an engine of type totp holds cannot be said here",
    }


@pytest.mark.parametrize(
    ("path", "key", "value", "left", "reason"),
    [
        ("database/roles/readonly", "credential_type", "rsa_private_key", "", "it has credential_type, which cannot"),
        ("pki/roles/web.servers", "policy_identifiers", ["1.2.3"], "", "it has policy_identifiers, which cannot"),
        ("auth/approle/role/nightly_job", "alias_metadata", {"a": "b"}, "", "it has alias_metadata, which cannot"),
        ("transit/keys/signing", "imported_key", True, "", "it has imported_key, which cannot"),
        ("secret/config", "metadata_cas_required", True, "sys/mounts/secret", "it has metadata_cas_required"),
        ("sys/policies/acl/myapp", "expiration", "2030-01-01", "", "it has expiration, which cannot"),
        ("sys/policies/acl/myapp", "policy", "# \x1b[2J", "", "it has a text with control or invisible characters"),
        ("sys/policies/acl/myapp", "policy", "# {{ environment }}", "", "it has a text that looks like a placeholder"),
        ("identity/entity/name/alice", "disabled", "maybe", "", "disabled: "),
        ("auth/ci/role/deploy", "bound_claims", {"ref": ["a,b"]}, "", "a bound claim has a value that is no text, or"),
        ("auth/ci/config", "provider_config", {"provider": "azure"}, "sys/auth/ci", "it has provider_config, which"),
    ],
)
def test_a_thing_is_taken_whole_or_not_at_all(
    answers: Answers, flavour: Flavour, path: str, key: str, value: Any, left: str, reason: str
) -> None:
    before = take(answers, flavour)
    answers.reads[path][key] = value
    found = take(answers, flavour)
    assert reasons(found)[left or path].startswith(reason)
    assert set(reasons(found)) >= set(reasons(before)) - {
        path for path in reasons(before) if left.startswith("sys/") and path.startswith(left.partition("/")[2])
    }
    assert str(value) not in str(reasons(found))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://vault_admin:hunter2@postgres:5432/mydb",
        "postgresql://{{username}}:hunter2@postgres/mydb",
        "postgresql://{{username}}:hunter2@{{password}}@postgres/mydb",
        "postgresql://{{username}}:hunter2:{{password}}@postgres/mydb",
        "postgresql://postgres/mydb?user=a&password=hunter2",
        "host=postgres user=vault_admin password=hunter2",
        "host=postgres user=vault_admin PASSWORD = hunter2",
        "host=postgres password={{password}}hunter2",
        "root:hunter2@tcp(db:3306)/",
        "root:hunt/er2@tcp(db:3306)/",
        "{{username}}:hunter2@tcp(db:3306)/",
    ],
)
def test_a_connection_with_the_password_in_its_url_stays_and_the_password_is_written_nowhere(
    answers: Answers, flavour: Flavour, url: str
) -> None:
    answers.reads["database/config/postgres"]["connection_details"]["connection_url"] = url
    found = take(answers, flavour)
    reason = reasons(found)["database/config/postgres"]
    assert reason.startswith("connection_url: the password itself seems to stand in it")
    assert "hunter2" not in str(found)
    assert "er2" not in str(found)


@pytest.mark.parametrize(
    "url",
    [
        "{{username}}:{{password}}@tcp(db:3306)/",
        "tcp(db:3306)/",
        "postgresql://db:5432/mydb",
        "postgresql://{{username}}@db:5432/mydb?sslmode=require",
        "host=db user={{username}} password={{password}} dbname=x",
        "host=db password = '{{password}}'",
        "postgresql://db/mydb?password={{password}}&sslmode=require",
    ],
)
def test_a_connection_whose_url_has_the_password_by_its_placeholder_or_not_at_all_is_taken(
    answers: Answers, flavour: Flavour, url: str
) -> None:
    answers.reads["database/config/postgres"]["connection_details"]["connection_url"] = url
    found = take(answers, flavour)
    assert found.engines["database"]["database"]["connections"]["postgres"]["connection_url"] == url


def test_a_mount_with_settings_that_cannot_be_said_stays_with_all_in_it(answers: Answers, flavour: Flavour) -> None:
    answers.reads["sys/mounts"]["database/"]["config"]["passthrough_request_headers"] = ["X-Team"]
    found = take(answers, flavour)
    assert "database" not in found.engines
    assert reasons(found)["sys/mounts/database"] == (
        "it has passthrough_request_headers, which cannot be said here yet; the mount and all in it stay as they are"
    )


def test_what_the_token_may_not_see_is_listed(answers: Answers, flavour: Flavour) -> None:
    answers.denied = {"database/roles", "auth/approle/role/nightly_job", "secret/subkeys/myapp/config", "sys/audit"}
    found = take(answers, flavour)
    assert set(reasons(found)) >= answers.denied
    assert reasons(found)["database/roles"] == "the token may not list it: give it `list` there, and adopt again"
    assert "roles" not in found.engines["database"]["database"]


@pytest.mark.parametrize("table", ["sys/mounts", "sys/auth", "sys/policies/acl"])
def test_without_the_tables_there_is_nothing_to_take(answers: Answers, flavour: Flavour, table: str) -> None:
    answers.denied = {table}
    with pytest.raises(ServerError, match=table):
        take(answers, flavour)


def test_two_things_are_never_called_the_same(answers: Answers, flavour: Flavour) -> None:
    answers.lists["secret/metadata"] = ["My App", "my-app", "myapp/"]
    answers.reads["secret/subkeys/my-app"] = {"subkeys": {"a": None}}
    answers.reads["secret/subkeys/My App"] = {"subkeys": {"a": None}}
    answers.lists["secret/metadata/myapp"] = ["Config", "config"]
    answers.reads["secret/subkeys/myapp/Config"] = {"subkeys": {"a": None}}
    found = take(answers, flavour)
    assert {name: secret["path"] for name, secret in found.secrets["myapp"].items()} == {
        "config": "myapp/Config",
        "config-2": "myapp/config",
    }
    assert found.secrets["adopted"]["my-app"]["path"] == "my-app"
    assert Left("secret/subkeys/My App", reasons(found)["secret/subkeys/My App"]) in found.left


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("sys/quotas/rate-limit", "quotas are not taken over"),
        ("sys/quotas/lease-count", "quotas are not taken over"),
        ("identity/mfa/login-enforcement", "login MFA is not taken over"),
        ("identity/mfa/method", "login MFA is not taken over"),
        ("identity/oidc/client", "clients of the server's own OIDC provider cannot be declared"),
    ],
)
def test_what_is_not_taken_over_is_listed(answers: Answers, flavour: Flavour, place: str, reason: str) -> None:
    answers.lists[place] = ["theirs"]
    assert reasons(take(answers, flavour))[f"{place}/theirs"].startswith(reason)
    answers.denied = {place}
    assert reasons(take(answers, flavour))[place].startswith("the token may not list it")
