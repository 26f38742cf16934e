"""Unknown, missing or wrongly typed inputs are errors that name property, reason and remedy; no server is asked."""

import pytest

from support.stand_in import Engine, ProviderError, secret

MOUNT = "vault:index/mount:Mount"
POLICY = "vault:index/policy:Policy"
CONNECTION = "vault:database/secretBackendConnection:SecretBackendConnection"
ENDPOINT = "vault:generic/endpoint:Endpoint"
KEY = "vault:transit/secretBackendKey:SecretBackendKey"


def test_an_unknown_input_is_refused_with_the_nearest_known_one(offline: Engine) -> None:
    _, failures = offline.check(MOUNT, {"path": "kv", "type": "kv", "descripton": "typo"})
    assert failures == {"descripton": f"{MOUNT} has no input 'descripton': did you mean 'description'?"}


def test_an_unknown_input_that_resembles_none_is_refused_with_those_there_are(offline: Engine) -> None:
    _, failures = offline.check(POLICY, {"name": "p", "policy": "", "zzz": 1})
    assert failures["zzz"].endswith("remove it, or use one of allowOverwrite, name, namespace, policy")


def test_a_missing_input_is_refused_with_its_type(offline: Engine) -> None:
    _, failures = offline.check(MOUNT, {"path": "kv"})
    assert failures == {"type": f"{MOUNT} needs 'type', a string: set it"}


def test_null_counts_as_missing(offline: Engine) -> None:
    _, failures = offline.check(MOUNT, {"path": "kv", "type": None})
    assert failures.keys() == {"type"}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"description": 3}, "must be a string, not a whole number"),
        ({"description": ["a"]}, "must be a string, not a list"),
        ({"defaultLeaseTtlSeconds": "1h"}, "must be a whole number, not a string"),
        ({"defaultLeaseTtlSeconds": 1.5}, "must be a whole number, not a number with a fraction"),
        ({"defaultLeaseTtlSeconds": True}, "must be a whole number, not a boolean"),
        ({"sealWrap": "true"}, "must be a boolean, not a string"),
        ({"allowedManagedKeys": "key"}, "must be a list (a string each), not a string"),
        ({"options": ["version"]}, "must be a map (a string each), not a list"),
    ],
)
def test_a_wrong_type_is_refused(offline: Engine, wrong: dict[str, object], reason: str) -> None:
    _, failures = offline.check(MOUNT, {"path": "kv", "type": "kv", **wrong})
    ((name, text),) = failures.items()
    assert name in wrong
    assert reason in text
    assert text.endswith("change its type")


def test_items_of_lists_and_maps_are_checked_too(offline: Engine) -> None:
    inputs = {"path": "kv", "type": "kv", "allowedManagedKeys": ["a", 1], "options": {"version": 2}}
    _, failures = offline.check(MOUNT, inputs)
    assert failures.keys() == {"allowedManagedKeys[1]", "options.version"}


def test_nested_inputs_are_checked_too(offline: Engine) -> None:
    block = {"connectionUrl": "postgresql://", "maxOpenConnection": 2, "maxIdleConnections": "2"}
    _, failures = offline.check(CONNECTION, {"backend": "db", "name": "c", "postgresql": block})
    assert failures.keys() == {"postgresql.maxOpenConnection", "postgresql.maxIdleConnections"}
    assert "did you mean 'maxOpenConnections'?" in failures["postgresql.maxOpenConnection"]


def test_all_that_is_wrong_is_told_at_once(offline: Engine) -> None:
    _, failures = offline.check(MOUNT, {"pth": "kv", "sealWrap": 1})
    assert failures.keys() == {"pth", "path", "type", "sealWrap"}


def test_unknown_values_fit_every_type(offline: Engine) -> None:
    later = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    inputs, failures = offline.check(MOUNT, {"path": later, "type": "kv", "sealWrap": later, "options": later})
    assert not failures
    assert inputs["sealWrap"] == later


def test_a_secret_of_the_wrong_type_is_not_shown(offline: Engine) -> None:
    inputs = {"backend": "db", "name": "c", "postgresql": {"password": secret(["hunter2"])}}
    _, failures = offline.check(CONNECTION, inputs)
    assert failures.keys() == {"postgresql.password"}
    assert "hunter2" not in str(failures)


def test_a_type_without_a_row_is_refused_with_the_nearest_one(offline: Engine) -> None:
    with pytest.raises(ProviderError, match=r"does not serve 'vault:index/mounts:Mounts'.*vault:index/mount:Mount"):
        offline.check("vault:index/mounts:Mounts", {})


def test_a_resource_below_a_component_is_found_by_its_own_type(offline: Engine) -> None:
    inputs, failures = offline.check(f"strongroom:index:Team${POLICY}", {"name": "p", "policy": "x"})
    assert not failures
    assert inputs["name"] == "p"


def test_a_schema_is_refused_with_what_to_do_without(offline: Engine) -> None:
    with pytest.raises(ProviderError, match=r"no schema.*--generate-code=false"):
        offline.schema()


def test_a_function_is_refused(offline: Engine) -> None:
    with pytest.raises(ProviderError, match=r"has no functions.*official provider"):
        offline.invoke("vault:index/getPolicyDocument:getPolicyDocument", {})


def test_a_kind_of_database_that_the_sandbox_has_no_server_for_is_refused(offline: Engine) -> None:
    _, failures = offline.check(CONNECTION, {"backend": "db", "name": "c", "oracle": {"connectionUrl": "x"}})
    assert failures.keys() == {"oracle"}
    assert "serves (cassandra, elasticsearch," in failures["oracle"]


def test_a_connection_to_no_database_is_refused(offline: Engine) -> None:
    _, failures = offline.check(CONNECTION, {"backend": "db", "name": "c"})
    assert "none is given" in failures["postgresql"]


@pytest.mark.parametrize("text", ["{", "[1]", '"text"', "null"])
def test_data_that_is_no_json_object_is_refused(offline: Engine, text: str) -> None:
    _, failures = offline.check(ENDPOINT, {"path": "sys/x", "dataJson": text})
    assert failures == {"dataJson": "dataJson must be the JSON text of an object: use json.dumps({...})"}


def test_a_first_key_version_of_zero_is_refused(offline: Engine) -> None:
    _, failures = offline.check(KEY, {"backend": "transit", "name": "k", "minDecryptionVersion": 0})
    assert failures.keys() == {"minDecryptionVersion"}


def test_defaults_are_filled_in_and_noted(offline: Engine) -> None:
    inputs, _ = offline.check("vault:appRole/authBackendRole:AuthBackendRole", {"roleName": "r"})
    assert inputs == {
        "roleName": "r",
        "backend": "approle",
        "bindSecretId": True,
        "tokenType": "default",
        "__defaults": ["backend", "bindSecretId", "tokenType"],
    }


def test_inputs_that_the_official_provider_hides_come_back_as_secrets(offline: Engine) -> None:
    block = {"connectionUrl": "postgresql://", "password": "hunter2"}
    inputs, _ = offline.check(CONNECTION, {"backend": "db", "name": "c", "postgresql": block})
    assert inputs["postgresql"]["password"] == secret("hunter2")
    inputs, _ = offline.check(ENDPOINT, {"path": "p", "dataJson": "{}"})
    assert inputs["dataJson"] == secret("{}")


def test_what_a_user_marked_secret_stays_secret(offline: Engine) -> None:
    inputs, _ = offline.check(POLICY, {"name": "p", "policy": secret("path {}")})
    assert inputs["policy"] == secret("path {}")


def test_a_left_out_name_is_generated_once_and_kept(offline: Engine) -> None:
    first, _ = offline.check(POLICY, {"policy": ""}, name="reader")
    again, _ = offline.check(POLICY, {"policy": ""}, olds=first, name="other")
    assert first["name"].startswith("reader-")
    assert again["name"] == first["name"]
    assert first["__defaults"] == ["name"]


class TestConfiguration:
    def test_an_address_beyond_loopback_is_refused(self, offline: Engine) -> None:
        failures = offline.check_config({"address": "https://vault.example.com"})
        assert "stand-in provider for the sandbox only" in failures["address"]

    def test_an_address_beyond_loopback_is_refused_when_it_is_used_too(self, offline: Engine) -> None:
        with pytest.raises(ProviderError, match="not on loopback"):
            offline.configure({"address": "https://vault.example.com"})

    def test_a_token_is_refused_because_it_would_end_in_the_state(self, offline: Engine) -> None:
        failures = offline.check_config({"address": "https://127.0.0.1", "token": "hunter2"})
        assert "--token-file" in failures["token"]
        assert "hunter2" not in str(failures)

    def test_what_only_the_official_provider_honours_is_refused(self, offline: Engine) -> None:
        failures = offline.check_config({"skipTlsVerify": True, "namespace": "team", "authLoginJwt": {}})
        assert failures.keys() == {"skipTlsVerify", "namespace", "authLoginJwt"}

    def test_an_unknown_setting_is_refused(self, offline: Engine) -> None:
        assert "did you mean 'address'?" in offline.check_config({"adress": "https://127.0.0.1"})["adress"]

    def test_what_makes_no_difference_to_a_stand_in_is_taken(self, offline: Engine) -> None:
        settings = {"address": "https://127.0.0.1", "skipChildToken": "true", "maxRetries": "2", "version": "7.14.0"}
        assert offline.check_config(settings) == {}

    def test_a_ca_file_that_does_not_exist_is_told(self, offline: Engine) -> None:
        with pytest.raises(ProviderError, match=r"CA file '/nowhere/ca\.pem' does not exist"):
            offline.configure({"address": "https://127.0.0.1:1", "caCertFile": "/nowhere/ca.pem"})

    def test_no_address_at_all_is_told(self, offline: Engine) -> None:
        with pytest.raises(ProviderError, match="set vault:address, or VAULT_ADDR"):
            offline.configure({})
