"""Connections to databases other than PostgreSQL: written to servers that have the plugin, read, changed, deleted."""

import secrets
from collections.abc import Iterator

import pytest

from strongroom_sandbox import Sandbox
from support.flavours import only_on
from support.stand_in import Engine, Json, ProviderError, revealed, secret

MOUNT = "vault:index/mount:Mount"
CONNECTION = "vault:database/secretBackendConnection:SecretBackendConnection"
LOGIN = {"username": "adm", "password": "hunter2"}
URL = "{{username}}:{{password}}@tcp(db.example:3306)/"
BLOCKS: dict[str, tuple[Json, Json, Json]] = {
    "mysql": ({"connectionUrl": URL, "maxConnectionLifetime": 5400}, {"maxConnectionLifetime": 60}, {}),
    "mysqlAurora": ({"connectionUrl": URL, "maxOpenConnections": 4}, {"maxOpenConnections": 2}, {}),
    "mysqlRds": ({"connectionUrl": URL, "tlsCa": ""}, {"maxIdleConnections": 1}, {}),
    "mysqlLegacy": ({"connectionUrl": URL}, {"usernameTemplate": "{{random 16}}"}, {}),
    "cassandra": (
        {"hosts": ["a.example", "b.example"]},
        {"hosts": ["c.example"], "protocolVersion": 4},
        {
            "connectTimeout": 5,
            "insecureTls": False,
            "port": 9042,
            "protocolVersion": 2,
            "skipVerification": False,
            "tls": True,
        },
    ),
    "redis": (
        {"host": "db.example"},
        {"port": 6380},
        {"insecureTls": False, "port": 6379, "tls": False},
    ),
}
"""By kind: what is given, what is changed, and what the official provider's schema fills in."""


@pytest.fixture
def backend(engine: Engine) -> Iterator[str]:
    path = f"d{secrets.token_hex(6)}"
    identity, state, _ = engine.made(MOUNT, {"path": path, "type": "database"})
    yield path
    engine.delete(MOUNT, identity, revealed(state))


def _connection(backend: str, kind: str, *blocks: Json) -> Json:
    block: Json = {}
    for part in (LOGIN, *blocks):
        block |= part
    return {"backend": backend, "name": "it", "allowedRoles": ["r"], "verifyConnection": False, kind: block}


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_official_schemas_defaults_are_filled_in_and_the_password_is_secret(offline: Engine, kind: str) -> None:
    given, _, defaults = BLOCKS[kind]
    inputs, failures = offline.check(CONNECTION, _connection("d", kind, given))
    assert failures == {}
    block = dict(inputs[kind])
    assert block.pop("password") == secret("hunter2")
    assert block.pop("__defaults") == sorted(defaults)
    assert block == {"username": "adm", **given, **defaults}


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_connection_is_written_read_changed_and_deleted(
    engine: Engine, sandbox: Sandbox, backend: str, kind: str
) -> None:
    given, change, _ = BLOCKS[kind]
    identity, state, inputs = engine.made(CONNECTION, _connection(backend, kind, given))
    assert identity == f"{backend}/config/it"
    client = sandbox.vault.root_client()
    details = client.read(identity)["data"]["connection_details"]
    assert details["username"] == "adm"
    if "hosts" in given:
        assert details["hosts"] == "a.example,b.example"
    if "maxConnectionLifetime" in given:
        assert details["max_connection_lifetime"] == "5400s"
    read = engine.read(CONNECTION, identity, revealed(state), revealed(inputs))
    assert engine.diff(CONNECTION, identity, revealed(read["properties"]), revealed(inputs))["changes"] == "DIFF_NONE"

    changed, _ = engine.check(CONNECTION, _connection(backend, kind, given, change))
    assert set(engine.diff(CONNECTION, identity, revealed(state), revealed(changed))["diffs"]) == {kind}
    after = revealed(engine.update(CONNECTION, identity, revealed(state), revealed(changed)))
    assert {name: after[kind][name] for name in change} == change
    assert after[kind]["password"] == "hunter2"
    engine.delete(CONNECTION, identity, after)
    assert client.read(identity) is None


@only_on("openbao")
@pytest.mark.parametrize("kind", ["mongodb", "redshift", "elasticsearch"])
def test_a_kind_whose_plugin_the_server_lacks_is_its_own_error(engine: Engine, backend: str, kind: str) -> None:
    place = {"url": "https://db.example:9200"} if kind == "elasticsearch" else {"connectionUrl": "x"}
    with pytest.raises(ProviderError, match="plugin not found in the catalog"):
        engine.made(CONNECTION, _connection(backend, kind, place))
