"""Connections by kind: what the server's plugins are told, and what is not sent in the clear."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from strongroom.vault.database.plugins.server import Server
from strongroom.vault.database.spec import Connection

LOGIN = {"username": "adm", "first_password": {"pulumi_config": "a"}}
PEM = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----"
SERVERS: dict[str, dict[str, Any]] = {
    "postgresql": {"host": "db.example", "database": "orders"},
    "redshift": {"host": "db.example", "database": "orders"},
    "mysql": {"host": "db.example"},
    "mongodb": {"host": "db.example"},
    "elasticsearch": {"host": "db.example"},
    "cassandra": {"hosts": ["a.example", "b.example"]},
    "redis": {"host": "db.example", "ca_pem": PEM},
    "valkey": {"host": "db.example", "ca_pem": PEM},
}


def _server(kind: str, **keys: object) -> Server:
    return Connection.model_validate({kind: {**SERVERS[kind], **LOGIN, **keys}}).server


@pytest.mark.parametrize(
    ("kind", "keys", "plugin", "block", "settings"),
    [
        ("postgresql", {"max_connection_lifetime": "1h"}, "postgresql-database-plugin", "postgresql", {
            "connection_url": "postgresql://{{username}}:{{password}}@db.example:5432/orders?sslmode=verify-full",
            "password_authentication": "scram-sha-256", "max_open_connections": 4, "max_connection_lifetime": 3600,
        }),
        ("redshift", {}, "redshift-database-plugin", "redshift", {
            "connection_url": "postgresql://{{username}}:{{password}}@db.example:5439/orders?sslmode=verify-full",
            "max_open_connections": 4,
        }),
        ("mysql", {}, "mysql-database-plugin", "mysql", {
            "connection_url": "{{username}}:{{password}}@tcp(db.example:3306)/?tls=true", "max_open_connections": 4,
        }),
        ("mysql", {"variant": "rds", "ca_pem": PEM, "host": "::1"}, "mysql-rds-database-plugin", "mysql_rds", {
            "connection_url": "{{username}}:{{password}}@tcp([::1]:3306)/", "tls_ca": PEM, "max_open_connections": 4,
        }),
        ("mysql", {"variant": "aurora"}, "mysql-aurora-database-plugin", "mysql_aurora", None),
        ("mysql", {"variant": "legacy"}, "mysql-legacy-database-plugin", "mysql_legacy", None),
        ("mongodb", {"max_open_connections": 2, "max_idle_connections": 1}, "mongodb-database-plugin", "mongodb", {
            "connection_url": "mongodb://{{username}}:{{password}}@db.example:27017/admin?tls=true",
            "max_open_connections": 2, "max_idle_connections": 1,
        }),
        ("elasticsearch", {"ca_cert_path": "/etc/ca.pem"}, "elasticsearch-database-plugin", "elasticsearch", {
            "url": "https://db.example:9200", "ca_cert": "/etc/ca.pem",
        }),
        ("cassandra", {"ca_pem": PEM}, "cassandra-database-plugin", "cassandra", {
            "hosts": ("a.example", "b.example"), "port": 9042, "tls": True, "protocol_version": 4,
            "pem_json": json.dumps({"issuing_ca": PEM}),
        }),
        ("redis", {}, "redis-database-plugin", "redis", {
            "host": "db.example", "port": 6379, "tls": True, "ca_cert": PEM,
        }),
        ("valkey", {}, "valkey-database-plugin", "", {
            "host": "db.example", "port": 6379, "tls": True, "ca_cert": PEM,
        }),
    ],
)  # fmt: skip
def test_a_plugin_is_told_what_it_takes(
    kind: str, keys: dict[str, object], plugin: str, block: str, settings: dict[str, object] | None
) -> None:
    server = _server(kind, **keys)
    assert (server.plugin, server.block) == (plugin, block)
    if settings is not None:
        assert dict(server.settings) == settings


@pytest.mark.parametrize("kind", SERVERS)
def test_a_connection_without_tls_stays_on_this_machine(kind: str) -> None:
    place = "hosts" if kind == "cassandra" else "host"
    with pytest.raises(ValidationError, match="which is not this machine"):
        _server(kind, tls="disable")
    local: object = ["127.0.0.1", "::1"] if place == "hosts" else "127.0.0.1"
    told = str(_server(kind, tls="disable", **{place: local}).settings)
    assert "verify" not in told
    assert "https" not in told
    assert "'tls', True" not in told
    assert "tls=true" not in told


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_a_plugin_that_trusts_no_authority_of_its_own_is_given_one(kind: str) -> None:
    with pytest.raises(ValidationError, match="ca_pem is missing, and with TLS"):
        _server(kind, ca_pem="")


def test_one_remote_node_of_a_cluster_needs_tls_for_all() -> None:
    with pytest.raises(ValidationError, match=r"tls is disabled for b\.example"):
        _server("cassandra", tls="disable", hosts=["127.0.0.1", "b.example"])


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("username", ["a b", "a@b", "a:b", "{{username}}", "", "a'b"])
def test_a_login_that_would_have_to_be_escaped_is_refused(kind: str, username: str) -> None:
    with pytest.raises(ValidationError, match="username"):
        _server(kind, username=username)


def test_more_idle_connections_than_open_ones_are_refused() -> None:
    with pytest.raises(ValidationError, match="max_idle_connections 5 is more than max_open_connections 4"):
        _server("postgresql", max_idle_connections=5)


def test_a_private_key_is_no_authority() -> None:
    with pytest.raises(ValidationError, match="this is a private key"):
        _server("mysql", ca_pem=PEM.replace("CERTIFICATE", "PRIVATE KEY"))


@pytest.mark.parametrize("path", ["ca.pem", "/etc/ca pem", "/etc/{{x}}"])
def test_a_path_on_the_server_is_a_plain_absolute_one(path: str) -> None:
    with pytest.raises(ValidationError, match="ca_cert_path"):
        _server("elasticsearch", ca_cert_path=path)
