"""What counts as a difference, and what it leads to; no server is asked."""

import pytest

from support.stand_in import UNKNOWN, Engine, Json

MOUNT = "vault:index/mount:Mount"
AUTH = "vault:index/authBackend:AuthBackend"
POLICY = "vault:index/policy:Policy"
ROLE = "vault:appRole/authBackendRole:AuthBackendRole"
DATABASE_ROLE = "vault:database/secretBackendRole:SecretBackendRole"
CONNECTION = "vault:database/secretBackendConnection:SecretBackendConnection"
ENDPOINT = "vault:generic/endpoint:Endpoint"


def _changes(answer: Json) -> dict[str, str]:
    """Kinds by path; ADD is the protocol's zero and left out of its JSON."""
    return {path: change.get("kind", "ADD") for path, change in answer.get("detailedDiff", {}).items()}


def test_the_same_again_is_no_difference(offline: Engine) -> None:
    answer = offline.diff(POLICY, "p", {"name": "p", "policy": "x", "namespace": None}, {"name": "p", "policy": "x"})
    assert answer["changes"] == "DIFF_NONE"


def test_what_a_program_ignores_is_no_difference_also_within_a_block(offline: Engine) -> None:
    state = {"backend": "d", "name": "c", "postgresql": {"connectionUrl": "u", "passwordAuthentication": ""}}
    inputs = {
        "backend": "d",
        "name": "c",
        "verifyConnection": True,
        "postgresql": {"connectionUrl": "u", "passwordAuthentication": "password"},
    }
    changes = {"postgresql.passwordAuthentication": "UPDATE", "verifyConnection": "ADD"}
    assert _changes(offline.diff(CONNECTION, "d/config/c", state, inputs)) == changes
    assert offline.diff(CONNECTION, "d/config/c", state, inputs, list(changes))["changes"] == "DIFF_NONE"


def test_a_changed_path_of_a_mount_is_an_update_and_a_changed_type_a_replacement(offline: Engine) -> None:
    state = {"path": "kv", "type": "kv", "description": ""}
    moved = offline.diff(MOUNT, "kv", state, {"path": "kv2", "type": "kv"})
    assert _changes(moved) == {"path": "UPDATE"}
    assert "replaces" not in moved
    replaced = offline.diff(MOUNT, "kv", state, {"path": "kv", "type": "transit"})
    assert _changes(replaced) == {"type": "UPDATE_REPLACE"}
    assert replaced["replaces"] == ["type"]


def test_a_changed_path_of_an_auth_method_replaces_only_where_moving_is_disabled(offline: Engine) -> None:
    state = {"path": "a", "type": "approle", "disableRemount": False}
    assert "replaces" not in offline.diff(AUTH, "a", state, {"path": "b", "type": "approle"})
    answer = offline.diff(AUTH, "a", state, {"path": "b", "type": "approle", "disableRemount": True})
    assert answer["replaces"] == ["path"]


@pytest.mark.parametrize(
    ("name", "zero"),
    [
        ("tokenTtl", 0),
        ("tokenTtl", None),
        ("tokenNoDefaultPolicy", False),
        ("tokenType", ""),
        ("tokenPolicies", []),
        ("aliasMetadata", {}),
    ],
)
def test_left_out_is_the_same_as_the_zero_of_its_type(offline: Engine, name: str, zero: object) -> None:
    state = {"backend": "a", "roleName": "r", name: zero}
    assert offline.diff(ROLE, "id", state, {"backend": "a", "roleName": "r"})["changes"] == "DIFF_NONE"


def test_a_setting_that_was_taken_away_is_a_difference(offline: Engine) -> None:
    state = {"backend": "a", "roleName": "r", "tokenTtl": 60, "tokenPolicies": ["p"]}
    answer = offline.diff(ROLE, "id", state, {"backend": "a", "roleName": "r"})
    assert _changes(answer) == {"tokenTtl": "DELETE", "tokenPolicies": "DELETE"}


def test_what_the_server_filled_in_is_no_difference(offline: Engine) -> None:
    state = {"backend": "a", "roleName": "r", "roleId": "drawn-by-the-server"}
    assert offline.diff(ROLE, "id", state, {"backend": "a", "roleName": "r"})["changes"] == "DIFF_NONE"


def test_a_setting_that_was_added_is_told_as_added(offline: Engine) -> None:
    answer = offline.diff(ROLE, "id", {"backend": "a", "roleName": "r", "tokenTtl": None}, {
        "backend": "a", "roleName": "r", "tokenTtl": 60,
    })  # fmt: skip
    assert _changes(answer) == {"tokenTtl": "ADD"}


def test_the_order_of_policies_means_nothing_and_that_of_statements_something(offline: Engine) -> None:
    state = {"backend": "a", "roleName": "r", "tokenPolicies": ["a", "b"]}
    inputs = {"backend": "a", "roleName": "r", "tokenPolicies": ["b", "a"]}
    assert offline.diff(ROLE, "id", state, inputs)["changes"] == "DIFF_NONE"
    role = {"backend": "d", "name": "r", "dbName": "c"}
    answer = offline.diff(
        DATABASE_ROLE, "id", role | {"creationStatements": ["a", "b"]}, role | {"creationStatements": ["b", "a"]}
    )
    assert _changes(answer) == {"creationStatements[0]": "UPDATE", "creationStatements[1]": "UPDATE"}


def test_lists_maps_and_blocks_are_compared_item_by_item(offline: Engine) -> None:
    role = {"backend": "d", "name": "r", "dbName": "c"}
    answer = offline.diff(
        DATABASE_ROLE, "id", role | {"creationStatements": ["a"]}, role | {"creationStatements": ["a", "b"]}
    )
    assert _changes(answer) == {"creationStatements[1]": "ADD"}
    answer = offline.diff(
        MOUNT, "kv", {"path": "kv", "type": "kv", "options": {"version": "1", "x": "y"}},
        {"path": "kv", "type": "kv", "options": {"version": "2"}},
    )  # fmt: skip
    assert _changes(answer) == {"options.version": "UPDATE", "options.x": "DELETE"}
    state = {"backend": "d", "name": "c", "postgresql": {"username": "a", "maxOpenConnections": 2}}
    answer = offline.diff(
        CONNECTION, "id", state, {"backend": "d", "name": "c", "postgresql": {"username": "b", "maxOpenConnections": 2}}
    )
    assert _changes(answer) == {"postgresql.username": "UPDATE"}
    assert answer["diffs"] == ["postgresql"]


def test_json_is_compared_by_what_it_says(offline: Engine) -> None:
    state = {"path": "p", "dataJson": '{"a":1}'}
    assert offline.diff(ENDPOINT, "p", state, {"path": "p", "dataJson": '{ "a": 1 }'})["changes"] == "DIFF_NONE"
    assert _changes(offline.diff(ENDPOINT, "p", state, {"path": "p", "dataJson": '{"a": 2}'})) == {"dataJson": "UPDATE"}


def test_a_write_only_value_is_never_compared_but_its_version_is(offline: Engine) -> None:
    secret_v2 = "vault:kv/secretV2:SecretV2"
    state = {"mount": "kv", "name": "a", "dataJsonWo": None, "dataJsonWoVersion": 1}
    inputs = {"mount": "kv", "name": "a", "dataJsonWo": "{}", "dataJsonWoVersion": 1}
    assert offline.diff(secret_v2, "id", state, inputs)["changes"] == "DIFF_NONE"
    assert _changes(offline.diff(secret_v2, "id", state, inputs | {"dataJsonWoVersion": 2})) == {
        "dataJsonWoVersion": "UPDATE"
    }


def test_a_value_that_is_not_known_yet_is_a_difference(offline: Engine) -> None:
    state = {"name": "p", "policy": "x"}
    assert _changes(offline.diff(POLICY, "p", state, {"name": "p", "policy": UNKNOWN})) == {"policy": "UPDATE"}
    answer = offline.diff(POLICY, "p", state, {"name": UNKNOWN, "policy": "x"})
    assert answer["replaces"] == ["name"]


def test_a_replacement_that_keeps_a_chosen_name_deletes_first(offline: Engine) -> None:
    role = {"name": "r", "dbName": "c", "creationStatements": ["x"]}
    state, moved = role | {"backend": "a"}, role | {"backend": "b"}
    assert offline.diff(DATABASE_ROLE, "id", state, moved)["deleteBeforeReplace"] is True
    generated = moved | {"__defaults": ["name"]}
    assert "deleteBeforeReplace" not in offline.diff(DATABASE_ROLE, "id", state, generated)


class TestPreview:
    def test_a_preview_asks_no_server_and_leaves_open_what_the_server_decides(self, offline: Engine) -> None:
        identity, state = offline.create(
            MOUNT, {"path": UNKNOWN, "type": "kv", "options": {"version": "2"}}, preview=True
        )
        assert identity == ""
        assert state["type"] == "kv"
        assert state["options"] == {"version": "2"}
        assert state["path"] == UNKNOWN
        assert state["accessor"] == UNKNOWN

    def test_the_preview_of_an_update_keeps_what_will_not_change(self, offline: Engine) -> None:
        state = {"path": "kv", "type": "kv", "accessor": "kv_1", "description": "old", "sealWrap": False}
        after = offline.update(MOUNT, "kv", state, {"path": "kv", "type": "kv"}, preview=True)
        assert after["accessor"] == "kv_1"
        assert after["sealWrap"] is False
        assert after["description"] == UNKNOWN  # it was set and no longer is: the server will say

    def test_secrets_are_secret_in_a_preview_too(self, offline: Engine) -> None:
        _, state = offline.create(ENDPOINT, {"path": "p", "dataJson": "{}"}, preview=True)
        assert state["dataJson"]["value"] == "{}"
