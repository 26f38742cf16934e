"""What the stand-in does on a real server beyond reading and writing."""

import json
import os
import secrets
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from strongroom_sandbox import Sandbox
from support.database import database_admin
from support.flavours import only_on
from support.stand_in import UNKNOWN, Engine, Json, ProviderError, revealed, secret, serving

MOUNT = "vault:index/mount:Mount"
AUTH = "vault:index/authBackend:AuthBackend"
POLICY = "vault:index/policy:Policy"
SECRET = "vault:kv/secretV2:SecretV2"
ENDPOINT = "vault:generic/endpoint:Endpoint"
CONNECTION = "vault:database/secretBackendConnection:SecretBackendConnection"
APPROLE = "vault:appRole/authBackendRole:AuthBackendRole"


@contextmanager
def _ending_server() -> Iterator[str]:
    """Takes every request and ends the connection without an answer, as a server does that is killed."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _attached(address: str, folder: Path) -> Iterator[Engine]:
    (folder / "token").write_text("a-token-for-nobody")
    with serving(folder / "token", {"PATH": os.environ["PATH"]}) as engine:
        engine.configure({"address": address})
        yield engine


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"b{secrets.token_hex(6)}"


@pytest.fixture
def values(engine: Engine, name: str) -> str:
    """A KV version 2 mount."""
    engine.made(MOUNT, {"path": name, "type": "kv", "options": {"version": "2"}})
    return name


@pytest.fixture
def connection(engine: Engine, sandbox: Sandbox, name: str) -> Json:
    """Inputs of a database connection on a mount of its own, with an administrator of its own."""
    admin, password = database_admin(sandbox, name)
    engine.made(MOUNT, {"path": name, "type": "database"})
    address = f"{sandbox.postgres.host}:{sandbox.postgres.port()}"
    url = f"postgresql://{{{{username}}}}:{{{{password}}}}@{address}/orders"
    return {
        "backend": name,
        "name": "orders",
        "allowedRoles": ["readonly"],
        "postgresql": {"connectionUrl": url, "username": admin, "password": password},
    }


def test_a_moved_mount_keeps_what_is_in_it(engine: Engine, sandbox: Sandbox, values: str) -> None:
    engine.made(SECRET, {"mount": values, "name": "app", "dataJson": '{"a": "b"}'})
    state = engine.read(MOUNT, values)["properties"]
    inputs = {"path": f"{values}-moved", "type": "kv", "options": {"version": "2"}}
    after = engine.update(MOUNT, values, state, inputs)
    assert after["path"] == f"{values}-moved"
    assert after["accessor"] == state["accessor"]
    client = sandbox.vault.root_client()
    read = client.secrets.kv.v2.read_secret_version("app", mount_point=f"{values}-moved", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"a": "b"}
    # Its id is still the first path: what counts afterwards is the path in the state.
    assert engine.read(MOUNT, values, after, inputs)["id"] == values
    engine.delete(MOUNT, values, after)
    assert engine.read(MOUNT, values, after, inputs)["id"] == ""


def test_a_moved_auth_method_keeps_its_roles(engine: Engine, name: str) -> None:
    _, state, _ = engine.made(AUTH, {"path": name, "type": "approle"})
    _, role, _ = engine.made(APPROLE, {"backend": name, "roleName": "r"})
    after = engine.update(AUTH, name, revealed(state), {"path": f"{name}-moved", "type": "approle"})
    assert after["accessor"] == state["accessor"]
    found = engine.read(APPROLE, f"auth/{name}-moved/role/r")
    assert found["properties"]["roleId"] == role["roleId"]


def test_drift_on_the_server_is_seen_by_a_refresh(engine: Engine, sandbox: Sandbox, name: str) -> None:
    identity, state, inputs = engine.made(AUTH, {"path": name, "type": "approle", "tune": {"defaultLeaseTtl": "1h"}})
    sandbox.vault.root_client().sys.tune_auth_method(name, default_lease_ttl="2h")
    found = engine.read(AUTH, identity, state, inputs)
    assert found["inputs"]["tune"] == {"defaultLeaseTtl": "2h"}
    answer = engine.diff(AUTH, identity, found["properties"], inputs)
    assert answer["detailedDiff"] == {"tune.defaultLeaseTtl": {"kind": "UPDATE"}}


def test_an_import_gives_inputs_that_show_no_difference(engine: Engine, sandbox: Sandbox, name: str) -> None:
    sandbox.vault.root_client().sys.create_or_update_policy(name, 'path "x" { capabilities = ["read"] }')
    found = engine.read(POLICY, name)
    assert found["inputs"] == {"name": name, "policy": 'path "x" { capabilities = ["read"] }'}
    inputs, failures = engine.check(POLICY, found["inputs"])
    assert not failures
    assert engine.diff(POLICY, name, found["properties"], inputs)["changes"] == "DIFF_NONE"


def test_an_id_of_another_form_is_refused_with_the_form(engine: Engine) -> None:
    with pytest.raises(
        ProviderError, match=r"'nonsense' is no id of .*: its form is 'auth/\{backend\}/role/\{roleName\}'"
    ):
        engine.read(APPROLE, "nonsense")


def test_a_setting_that_was_taken_away_is_taken_away_on_the_server(engine: Engine, name: str) -> None:
    engine.made(AUTH, {"path": name, "type": "approle"})
    role = {"backend": name, "roleName": "r"}
    identity, state, _ = engine.made(APPROLE, role | {"tokenTtl": 60, "tokenPolicies": ["a"]})
    checked, _ = engine.check(APPROLE, role)
    after = engine.update(APPROLE, identity, revealed(state), checked)
    assert after["tokenTtl"] == 0
    assert engine.read(APPROLE, identity)["properties"]["tokenPolicies"] == []


def test_tuning_that_was_taken_away_is_taken_away_on_the_server(engine: Engine, sandbox: Sandbox, name: str) -> None:
    tune = {"defaultLeaseTtl": "1h", "maxLeaseTtl": "2h", "tokenType": "batch", "passthroughRequestHeaders": ["X-A"]}
    identity, state, _ = engine.made(AUTH, {"path": name, "type": "approle", "tune": tune})
    inputs = {"path": name, "type": "approle", "tune": {"maxLeaseTtl": "3h"}}
    after = engine.update(AUTH, identity, state, inputs)
    assert engine.diff(AUTH, identity, after, inputs)["changes"] == "DIFF_NONE"
    tuned = sandbox.vault.root_client().sys.read_auth_method_tuning(name)["data"]
    assert tuned["default_lease_ttl"] == 2764800  # the server's own
    assert tuned["max_lease_ttl"] == 10800
    assert tuned["token_type"] == "default-service"
    assert not tuned.get("passthrough_request_headers")


def test_the_servers_own_words_reach_the_user(engine: Engine, name: str) -> None:
    engine.made(MOUNT, {"path": name, "type": "kv"})
    with pytest.raises(
        ProviderError, match=rf"POST sys/mounts/{name}: the server at https.* answered 400: .*already in use"
    ):
        engine.made(MOUNT, {"path": name, "type": "kv"})


def test_a_policy_that_does_not_parse_is_refused_by_the_server(engine: Engine, name: str) -> None:
    with pytest.raises(ProviderError, match=r"answered 400: .*[Ff]ailed to parse"):
        engine.made(POLICY, {"name": name, "policy": "path {"})


def test_a_policy_is_not_overwritten_where_that_is_forbidden(engine: Engine, name: str) -> None:
    engine.made(POLICY, {"name": name, "policy": 'path "y" {}'})
    with pytest.raises(ProviderError, match="exists and allowOverwrite is false"):
        engine.made(POLICY, {"name": name, "policy": 'path "x" {}', "allowOverwrite": False})


def test_an_auth_method_whose_configuration_is_refused_leaves_no_mount_behind(
    engine: Engine, sandbox: Sandbox, name: str
) -> None:
    with pytest.raises(ProviderError, match="answered 400"):
        engine.made("vault:jwt/authBackend:AuthBackend", {"path": name, "jwtValidationPubkeys": ["no key"]})
    assert f"{name}/" not in sandbox.vault.root_client().sys.list_auth_methods()["data"]


def test_an_error_of_the_server_holds_no_secret(engine: Engine, connection: Json) -> None:
    password = connection["postgresql"]["password"]
    block = connection["postgresql"] | {"connectionUrl": f"postgresql://x:{password}@127.0.0.1:1/%zz"}
    with pytest.raises(ProviderError, match=r"answered \d{3}") as refused:
        engine.made(CONNECTION, connection | {"postgresql": block})
    assert password not in str(refused.value)


def test_an_error_of_the_server_holds_nothing_that_the_user_marked_secret(engine: Engine, name: str) -> None:
    with pytest.raises(ProviderError, match=r"answered \d{3}.*\[secret\]") as refused:
        engine.create(MOUNT, {"path": name, "type": secret("hunter2-engine")})
    assert "hunter2" not in str(refused.value)


def test_an_error_of_the_server_holds_nothing_that_is_inside_a_secret_text(engine: Engine, name: str) -> None:
    engine.made(MOUNT, {"path": name, "type": "transit"})
    data = json.dumps({"type": "hunter2-cipher"})
    with pytest.raises(ProviderError, match=r"answered \d{3}.*\[secret\]") as refused:
        engine.made(ENDPOINT, {"path": f"{name}/keys/k", "dataJson": data})
    assert "hunter2" not in str(refused.value)


def test_a_preview_with_unknown_values_writes_nothing(engine: Engine, sandbox: Sandbox, name: str) -> None:
    identity, state = engine.create(POLICY, {"name": name, "policy": UNKNOWN}, preview=True)
    assert (identity, state["policy"]) == ("", UNKNOWN)
    assert name not in sandbox.vault.root_client().sys.list_policies()["data"]["policies"]


def test_a_preview_of_an_update_writes_nothing(engine: Engine, sandbox: Sandbox, name: str) -> None:
    identity, state, _ = engine.made(POLICY, {"name": name, "policy": 'path "a" {}'})
    engine.update(POLICY, identity, state, {"name": name, "policy": 'path "b" {}'}, preview=True)
    assert engine.read(POLICY, identity)["properties"]["policy"] == 'path "a" {}'


def test_secret_outputs_are_secret_and_stay_so_after_a_refresh(engine: Engine, values: str) -> None:
    identity, state, inputs = engine.made(SECRET, {"mount": values, "name": "app", "dataJson": '{"a": "hunter2"}'})
    assert state["dataJson"] == secret('{"a":"hunter2"}')
    found = engine.read(SECRET, identity, revealed(state), revealed(inputs))
    assert found["properties"]["dataJson"] == secret('{"a":"hunter2"}')
    assert found["inputs"]["dataJson"] == secret('{"a":"hunter2"}')


def test_a_write_only_value_reaches_the_server_and_not_the_state(engine: Engine, sandbox: Sandbox, values: str) -> None:
    inputs = {"mount": values, "name": "app", "dataJsonWo": '{"a": "hunter2"}', "dataJsonWoVersion": 1}
    _, state, _ = engine.made(SECRET, inputs)
    assert "hunter2" not in json.dumps(state)
    client = sandbox.vault.root_client()
    assert client.secrets.kv.v2.read_secret_version("app", mount_point=values, raise_on_deleted_version=True)["data"][
        "data"
    ] == {"a": "hunter2"}


class TestRootRotation:
    """The password in the state is worthless once the server has rotated it, and nothing brings it back."""

    def test_the_old_password_is_dead_and_updates_do_not_send_it_again(
        self, engine: Engine, sandbox: Sandbox, connection: Json
    ) -> None:
        identity, state, _ = engine.made(CONNECTION, connection)
        backend = connection["backend"]
        rotate = {"path": f"{backend}/rotate-root/orders", "dataJson": "{}", "disableRead": True, "disableDelete": True}
        rotated, rotation, _ = engine.made(ENDPOINT, rotate)
        assert not _can_log_in(sandbox, connection["postgresql"])

        changed, _ = engine.check(CONNECTION, connection | {"allowedRoles": ["readonly", "owner"]})
        after = engine.update(CONNECTION, identity, revealed(state), revealed(changed))
        assert after["allowedRoles"] == ["readonly", "owner"]
        client = sandbox.vault.root_client()
        client.write_data(
            f"{backend}/roles/readonly",
            data={
                "db_name": "orders",
                "creation_statements": "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}'",
                "revocation_statements": 'DROP ROLE "{{name}}"',
            },
        )
        issued = client.read(f"{backend}/creds/readonly")  # the server still knows the current password
        assert issued["data"]["username"]

        engine.delete(ENDPOINT, rotated, revealed(rotation))  # nothing to undo
        client.sys.revoke_prefix(f"{backend}/creds")

    def test_a_password_that_the_user_changed_is_sent(self, engine: Engine, connection: Json) -> None:
        identity, state, _ = engine.made(CONNECTION, connection)
        wrong, _ = engine.check(
            CONNECTION, connection | {"postgresql": connection["postgresql"] | {"password": "wrong"}}
        )
        with pytest.raises(ProviderError, match=r"answered \d{3}"):
            engine.update(CONNECTION, identity, revealed(state), revealed(wrong))


class TestGenericEndpoint:
    def test_named_fields_of_the_answer_are_kept(self, engine: Engine, name: str) -> None:
        engine.made(MOUNT, {"path": name, "type": "transit"})
        identity, state, inputs = engine.made(
            ENDPOINT,
            {
                "path": f"{name}/keys/k",
                "dataJson": '{"exportable": true}',
                "writeFields": ["name", "latest_version"],
                "disableRead": True,
                "disableDelete": True,
            },
        )
        assert state["writeData"] == {"name": "k", "latest_version": "1"}
        assert json.loads(state["writeDataJson"]) == {"name": "k", "latest_version": 1}
        again = engine.read(ENDPOINT, identity, revealed(state), revealed(inputs))
        assert again["properties"]["writeData"] == state["writeData"]

    def test_fields_that_were_not_given_are_ignored_on_request(self, engine: Engine, name: str) -> None:
        engine.made(MOUNT, {"path": name, "type": "transit"})
        inputs = {"path": f"{name}/keys/k", "dataJson": '{"type": "aes256-gcm96"}', "ignoreAbsentFields": True}
        identity, state, checked = engine.made(ENDPOINT, inputs | {"disableDelete": True})
        assert engine.diff(ENDPOINT, identity, revealed(state), revealed(checked))["changes"] == "DIFF_NONE"


@only_on("openbao")  # of Vault, the Enterprise edition has namespaces
def test_a_namespace_is_where_the_resource_lives(engine: Engine, sandbox: Sandbox, name: str) -> None:
    client = sandbox.vault.root_client()
    client.write_data(f"sys/namespaces/{name}", data={})
    identity, state, inputs = engine.made(POLICY, {"name": name, "policy": 'path "x" {}', "namespace": name})
    assert engine.read(POLICY, identity)["id"] == ""
    assert engine.read(POLICY, identity, state, inputs)["properties"]["policy"] == 'path "x" {}'
    engine.delete(POLICY, identity, state)
    client.delete(f"sys/namespaces/{name}")


class TestBadServers:
    """One clear error, whatever is wrong with the server."""

    def test_a_server_that_does_not_answer(self, offline: Engine) -> None:
        with pytest.raises(ProviderError, match=r"http://127\.0\.0\.1:1 cannot be reached .*check the address"):
            offline.read(POLICY, "p")

    def test_one_that_ends_while_it_makes_a_mount_leaves_the_mount_to_be_looked_for(self, tmp_path: Path) -> None:
        """Creating it again could fail, as it may be there; so the engine keeps it, and the next refresh reads it."""
        with _ending_server() as address, _attached(address, tmp_path) as engine:
            with pytest.raises(ProviderError, match="ended the connection before it answered") as failed:
                engine.create(MOUNT, {"path": "values", "type": "kv"})
            assert failed.value.kept == "values"
            with pytest.raises(ProviderError, match="ended the connection before it answered") as failed:
                engine.create(POLICY, {"name": "p", "policy": ""})
            assert failed.value.kept == ""  # written again, it is the same

    def test_one_that_was_never_reached_made_nothing(self, offline: Engine) -> None:
        with pytest.raises(ProviderError, match="cannot be reached") as failed:
            offline.create(MOUNT, {"path": "values", "type": "kv"})
        assert failed.value.kept == ""

    def test_a_token_without_rights(self, sandbox: Sandbox, tmp_path: Path) -> None:
        token_file = tmp_path / "token"
        token_file.write_text("hunter2")
        with serving(token_file, _environment(sandbox)) as engine:
            engine.configure({})
            with pytest.raises(ProviderError, match="does not know the token") as refused:
                engine.read(POLICY, "p")
        assert "hunter2" not in str(refused.value)

    def test_a_server_whose_certificate_nobody_vouches_for(self, sandbox: Sandbox, root_token_file: Path) -> None:
        environment = {name: value for name, value in _environment(sandbox).items() if name != "VAULT_CACERT"}
        with serving(root_token_file, environment) as engine:
            engine.configure({})
            with pytest.raises(
                ProviderError, match=r"certificate of https://.* is not trusted .*; name its authority in VAULT_CACERT"
            ):
                engine.read(POLICY, "p")

    def test_a_provider_whose_configuration_is_not_known_yet(self, sandbox: Sandbox, root_token_file: Path) -> None:
        with serving(root_token_file, _environment(sandbox)) as engine:
            engine.configure({"address": UNKNOWN})
            with pytest.raises(ProviderError, match="not connected yet"):
                engine.read(POLICY, "p")
            assert engine.create(POLICY, {"name": "p", "policy": ""}, preview=True)[0] == ""


def _environment(sandbox: Sandbox) -> dict[str, str]:
    """Address and CA as `strongroom sandbox env` gives them."""
    return os.environ | {"VAULT_ADDR": sandbox.vault.address, "VAULT_CACERT": str(sandbox.vault.ca_file)}


def _can_log_in(sandbox: Sandbox, block: Json) -> bool:
    try:
        psycopg.connect(
            host=sandbox.postgres.host,
            port=sandbox.postgres.port(),
            user=block["username"],
            password=block["password"],
            dbname="orders",
        ).close()
    except psycopg.OperationalError:
        return False
    return True
