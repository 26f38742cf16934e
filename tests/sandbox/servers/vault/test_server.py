"""The server with Vault's API: TLS, sealed when it stops, audited, and deployed to by somebody who is not root."""

import json
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hvac
import pytest
import requests
from hvac.exceptions import Forbidden, InvalidRequest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers import deployer
from support.sandbox import running

AUDIT_DEVICE = {"openbao": "file-sandbox/", "vault": "operator/"}


@pytest.fixture
def deploy(sandbox: Sandbox) -> hvac.Client:
    return sandbox.vault.client()


@contextmanager
def mounted(client: hvac.Client, path: str) -> Iterator[None]:
    client.sys.enable_secrets_engine("kv", path, options={"version": "2"})
    # A new KV v2 mount upgrades itself in the background and answers 400 meanwhile.
    for _ in range(100):
        try:
            client.secrets.kv.v2.read_configuration(mount_point=path)
            break
        except InvalidRequest:
            time.sleep(0.05)
    try:
        yield
    finally:
        client.sys.disable_secrets_engine(path)


def test_a_client_without_the_authority_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        requests.get(f"{sandbox.vault.address}/v1/sys/health", timeout=10)


def test_its_certificate_passes_the_strict_checks_of_rfc_5280(sandbox: Sandbox) -> None:
    context = ssl.create_default_context(cafile=str(sandbox.vault.ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python 3.13 asks for them by default
    with (
        socket.create_connection(("127.0.0.1", sandbox.vault.port())) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as secure,
    ):
        assert secure.version() == "TLSv1.3"


def test_an_old_version_of_tls_is_refused(sandbox: Sandbox) -> None:
    context = ssl.create_default_context(cafile=str(sandbox.vault.ca_file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", sandbox.vault.port())) as connection,
        pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"),
    ):
        context.wrap_socket(connection, server_hostname="127.0.0.1")


def test_it_is_initialised_unsealed_and_active(sandbox: Sandbox) -> None:
    health = sandbox.vault.client().sys.read_health_status(method="GET")
    assert (health["initialized"], health["sealed"], health["standby"]) == (True, False, False)


def test_the_deployer_is_an_orphan_that_lives_as_long_as_it_is_used_and_is_not_root(deploy: hvac.Client) -> None:
    token = deploy.auth.token.lookup_self()["data"]
    assert token["policies"] == ["default", deployer.POLICY_NAME]
    assert (token["orphan"], token["renewable"], token["period"]) == (True, True, 768 * 3600)


def test_the_deployer_can_do_what_a_deployment_needs(deploy: hvac.Client, flavour: Flavour) -> None:
    with mounted(deploy, "deployer/kv"):
        deploy.sys.tune_mount_configuration("deployer/kv", description="tuned")
        deploy.secrets.kv.v2.configure(max_versions=5, mount_point="deployer/kv")
        deploy.secrets.kv.v2.create_or_update_secret("team/one", {"field": "value"}, mount_point="deployer/kv")
        assert deploy.secrets.kv.v2.list_secrets("", mount_point="deployer/kv")["data"]["keys"] == ["team/"]
        deploy.secrets.kv.v2.delete_metadata_and_all_versions("team/one", mount_point="deployer/kv")
    deploy.sys.enable_auth_method("approle", path="deployer-approle")
    deploy.auth.approle.create_or_update_approle("one", mount_point="deployer-approle")
    assert deploy.auth.approle.read_role_id("one", mount_point="deployer-approle")["data"]["role_id"]
    deploy.sys.disable_auth_method("deployer-approle")
    deploy.sys.create_or_update_acl_policy("deployer-policy", 'path "x" { capabilities = ["read"] }')
    deploy.sys.delete_acl_policy("deployer-policy")
    assert AUDIT_DEVICE[flavour] in deploy.sys.list_enabled_audit_devices()["data"]


def test_a_mount_can_be_moved_by_the_deployer(deploy: hvac.Client) -> None:
    with mounted(deploy, "deployer-moved"):
        moved = deploy.adapter.post(
            "/v1/sys/remount", json={"from": "deployer-before", "to": "deployer-after"}, raise_exception=False
        )
        assert moved.status_code == 400  # there is nothing to move, but it may ask


def test_the_deployer_can_make_a_child_of_its_token_as_the_official_provider_does(deploy: hvac.Client) -> None:
    child = deploy.auth.token.create(ttl="20m")["auth"]
    assert child["orphan"] is False
    assert child["token_policies"] == ["default", deployer.POLICY_NAME]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "sys/seal", None),
        ("PUT", "sys/step-down", None),
        ("PUT", "sys/rotate", None),
        ("GET", "sys/raw/core/mounts", None),
        ("GET", "sys/config/state/sanitized", None),
        ("PUT", "sys/leases/revoke-force/kv", None),
        ("GET", "sys/storage/raft/snapshot", None),
        ("POST", "auth/token/create-orphan", {"policies": ["default"]}),
        ("POST", "auth/token/create", {"policies": ["root"]}),
        ("POST", "auth/token/create", {"policies": ["somebody-elses"]}),
        ("POST", "auth/token/create", {"no_parent": True}),
        ("LIST", "auth/token/accessors", None),
    ],
)
def test_the_deployer_may_not_do_what_only_an_operator_may(
    deploy: hvac.Client, method: str, path: str, body: dict[str, object] | None
) -> None:
    answer = deploy.adapter.request(method.lower(), f"/v1/{path}", json=body, raise_exception=False)
    assert answer.status_code in {400, 403}, answer.text
    assert (
        "permission denied" in answer.text
        or "root or sudo privileges required" in answer.text
        or ("child policies must be subset of parent" in answer.text)
    )


def test_every_request_is_audited_and_no_value_is_written(sandbox: Sandbox, deploy: hvac.Client) -> None:
    value = "a-value-that-must-not-be-in-the-audit-log"
    with mounted(deploy, "audited"):
        deploy.secrets.kv.v2.create_or_update_secret("one", {"field": value}, mount_point="audited")
    entries = [json.loads(line) for line in sandbox.vault.audit_log.read_text().splitlines()]
    writes = [entry for entry in entries if entry["request"]["path"] == "audited/data/one"]
    assert {entry["type"] for entry in writes} == {"request", "response"}
    assert {entry["auth"]["display_name"] for entry in writes} == {"token-strongroom-deployer"}
    assert value not in sandbox.vault.audit_log.read_text()
    assert deploy.token not in sandbox.vault.audit_log.read_text()


def test_no_secret_file_is_readable_by_others(sandbox: Sandbox) -> None:
    home = sandbox.vault.home
    secret = [home / "keys.json", sandbox.vault.token_file, home / "tls.key", sandbox.vault.audit_log, home / "log"]
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in secret} == {p.name: "0o600" for p in secret}
    assert (home / "data").stat().st_mode & 0o777 == 0o700


def test_no_token_or_key_is_in_an_argument_an_environment_or_a_log(sandbox: Sandbox) -> None:
    keys = json.loads((sandbox.vault.home / "keys.json").read_text())
    secrets = [*keys.values(), sandbox.vault.token_file.read_text()]
    process = sandbox.vault.process
    assert process is not None
    seen = b"".join((Path("/proc") / str(process.pid) / name).read_bytes() for name in ("cmdline", "environ"))
    seen += sandbox.vault.log.read_bytes()
    assert not [secret for secret in secrets if secret.encode() in seen]


def test_a_restart_keeps_what_it_holds_and_the_deployer(tmp_path: Path, flavour: Flavour) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        token = sandbox.vault.token_file.read_text()
        sandbox.vault.client().sys.create_or_update_acl_policy("kept", 'path "x" { capabilities = ["read"] }')
        sandbox.down()
        assert sandbox.vault.state() == "stopped"
        sandbox.up(print, [flavour])
        assert "kept" in sandbox.vault.client().sys.list_acl_policies()["data"]["keys"]
        assert sandbox.vault.token_file.read_text() == token


def test_a_sealed_server_is_unsealed(tmp_path: Path, flavour: Flavour) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        process = sandbox.vault.process
        sandbox.vault.root_client().sys.seal()
        assert sandbox.vault.state() == "sealed"
        sandbox.up(print, [flavour])
        assert sandbox.vault.state() == "healthy"
        assert sandbox.vault.process == process


@pytest.mark.parametrize("running_on", [True, False], ids=["still running", "stopped"])
def test_a_server_whose_keys_were_never_saved_starts_anew(tmp_path: Path, flavour: Flavour, running_on: bool) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        before = sandbox.vault.cluster_id
        if not running_on:
            sandbox.down()
        (sandbox.vault.home / "keys.json").unlink()
        sandbox.up(print, [flavour])
        assert sandbox.vault.cluster_id != before
        assert sandbox.vault.client().auth.token.lookup_self()["data"]["orphan"] is True


def test_keys_of_a_storage_that_is_gone_are_not_taken_for_the_new_ones(tmp_path: Path, flavour: Flavour) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        sandbox.down()
        shutil.rmtree(sandbox.vault.home / "data")
        sandbox.up(print, [flavour])
        assert sandbox.vault.state() == "healthy"


def test_a_revoked_deployer_gets_a_new_token(tmp_path: Path, flavour: Flavour) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        revoked = sandbox.vault.client()
        revoked.auth.token.revoke_self()
        sandbox.up(print, [flavour])
        assert sandbox.vault.client().auth.token.lookup_self()["data"]["policies"] == [
            "default",
            deployer.POLICY_NAME,
        ]
        with pytest.raises(Forbidden):
            revoked.auth.token.lookup_self()


def test_a_lost_authority_is_replaced_and_the_server_serves_the_new_one(tmp_path: Path, flavour: Flavour) -> None:
    with running(tmp_path, flavour, flavour=flavour) as sandbox:
        (tmp_path / "ca" / "ca.pem").unlink()
        sandbox.up(print, [flavour])
        assert sandbox.vault.state() == "healthy"
