"""The one client of our own tools, on real servers in each state in which they serve nobody."""

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from strongroom.vault.connection import Connection, NotMountedError, Server, ServerError, connect
from strongroom_sandbox.process import wait_until
from support.http import Answer, Request, serving
from support.server_certificates import HOUR, LOOPBACK, issue
from support.vault_node import Node, initialise, join, node

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("VAULT_ADDR", "VAULT_CACERT", "VAULT_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAULT_TOKEN", "a-token-of-nobody")
    monkeypatch.setenv("HOME", str(tmp_path))


class Open:
    """An unsealed node and its root token."""

    def __init__(self, node: Node, root: str) -> None:
        self.node = node
        self.root = root
        self.client = node.client(root)
        self.client.sys.enable_secrets_engine("kv", path="kv", options={"version": "1"})

    def token(self, policy: str, ttl: str = "1h", default: bool = True) -> str:
        name = f"policy-{abs(hash(policy))}"
        self.client.sys.create_or_update_policy(name, policy)
        made: str = self.client.auth.token.create(policies=[name], ttl=ttl, no_default_policy=not default)["auth"][
            "client_token"
        ]
        return made

    def as_seen_by(self, token: str) -> Connection:
        return Connection(self.node.client(token))


@pytest.fixture(scope="module")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with node(tmp_path_factory.mktemp("node")) as first:
        _, root = initialise(first)
        yield Open(first, root)


# What it is for.


def test_what_is_written_is_read_listed_and_deleted(unsealed: Open) -> None:
    server = unsealed.as_seen_by(unsealed.root)
    assert server.write("kv/a/b", {"x": "1"}) is None
    assert server.read("kv/a/b") == {"x": "1"}
    assert server.list("kv") == ["a/"]
    assert server.list("kv/a") == ["b"]
    server.delete("kv/a/b")
    server.delete("kv/a/b")
    assert server.read("kv/a/b") is None
    assert server.list("kv") == []


def test_where_nothing_is_mounted_there_is_nothing_to_read_and_no_place_to_write(unsealed: Open) -> None:
    server = unsealed.as_seen_by(unsealed.root)
    assert server.read("nowhere/x") is None
    assert server.list("nowhere") == []
    with pytest.raises(NotMountedError, match=r"nothing serves nowhere/x on http://127.*deploy what mounts it first"):
        server.write("nowhere/x", {"y": "z"})


def test_what_is_special_in_a_url_is_a_name_like_any_other(unsealed: Open) -> None:
    server = unsealed.as_seen_by(unsealed.root)
    name = "a b?c=d#e%41&ü+"
    server.write(f"kv/{name}", {"x": "1"})
    assert server.list("kv") == [name]
    assert server.read(f"kv/{name}") == {"x": "1"}
    server.delete(f"kv/{name}")


def test_everybody_may_ask_a_server_how_it_is(unsealed: Open) -> None:
    health = unsealed.as_seen_by("").health()
    assert (health["initialized"], health["sealed"], health["standby"]) == (True, False, False)


def test_a_server_is_asked_which_one_it_is_outside_of_the_namespace_that_all_else_is_in(unsealed: Open) -> None:
    within = unsealed.as_seen_by(unsealed.root).within("a-namespace-that-is-not-there")
    assert within.read("sys/mounts") is None
    assert within.profile().flavour == "openbao"


def test_a_refusal_is_in_the_servers_own_words_without_the_values_that_it_was_sent(unsealed: Open) -> None:
    server = unsealed.as_seen_by(unsealed.root)
    body = {"policy": 'path "x" { canary-1f = "y" }'}
    with pytest.raises(ServerError, match=r"POST sys/policies/acl/x: the server at http.* answered 400") as shown:
        server.request("POST", "sys/policies/acl/x", body)
    assert "canary-1f" in str(shown.value)
    with pytest.raises(ServerError, match=r"POST sys/policies/acl/x: the server at http.* answered 400") as hidden:
        server.request("POST", "sys/policies/acl/x", body, hide=["canary-1f"])
    assert "canary-1f" not in str(hidden.value)
    assert (hidden.value.status, hidden.value.__cause__, hidden.value.__context__) == (400, None, None)


# Tokens.


@pytest.mark.parametrize(
    ("method", "lacks"),
    [("GET", "`read`"), ("LIST", "`list`"), ("POST", "`create` or `update`"), ("DELETE", "`delete`")],
)
def test_a_policy_that_gives_too_little_is_told_what_it_lacks_and_where(
    unsealed: Open, method: str, lacks: str
) -> None:
    token = unsealed.token('path "kv/mine" { capabilities = ["patch"] }')
    with pytest.raises(ServerError) as refused:
        unsealed.as_seen_by(token).request(method, "kv/mine", {} if method == "POST" else None)
    address = unsealed.node.address
    assert str(refused.value) == (
        f"the token's policies do not give {lacks} on kv/mine on {address} (they give patch); "
        "add that to a policy of the token, or log in as somebody who has it"
    )


def test_a_token_that_may_not_even_ask_what_it_may_is_told_the_same(unsealed: Open) -> None:
    token = unsealed.token('path "kv/mine" { capabilities = ["patch"] }', default=False)
    with pytest.raises(ServerError, match=r"do not give `read` on kv/mine on http://[0-9.:]+; add that to a policy"):
        unsealed.as_seen_by(token).read("kv/mine")


def test_a_path_that_needs_sudo_says_so_where_the_policy_gives_all_else(unsealed: Open) -> None:
    token = unsealed.token('path "sys/audit" { capabilities = ["read", "list"] }')
    with pytest.raises(ServerError, match=r"may `read` sys/audit .* and is refused all the same: .*also needs `sudo`"):
        unsealed.as_seen_by(token).read("sys/audit")


@pytest.mark.parametrize("how", ["revoked", "expired", "never made", "none at all"])
def test_a_token_that_is_no_longer_good_is_told_so_and_no_policy_is_blamed(unsealed: Open, how: str) -> None:
    token = {"never made": "s.of-another-server", "none at all": ""}.get(how)
    if token is None:
        token = unsealed.token('path "kv/*" { capabilities = ["read"] }')
        if how == "revoked":
            unsealed.client.auth.token.revoke(token)
        else:
            # Made to expire now rather than waited for.
            unsealed.client.auth.token.renew(token, increment="1s")
            server = unsealed.as_seen_by(token)
            _until_refused(server)
    with pytest.raises(ServerError, match=r"does not know the token: it has expired, was revoked, or .*; log in again"):
        unsealed.as_seen_by(token).read("kv/x")


def _until_refused(server: Connection) -> None:
    def refused() -> bool:
        try:
            server.read("kv/x")
        except ServerError:
            return True
        return False

    assert wait_until(refused, 20)


# Servers that serve nobody.


def test_a_server_that_was_never_initialised_and_one_that_is_sealed_say_so(tmp_path: Path) -> None:
    with node(tmp_path) as first:
        server = Connection(first.client("a-token"))
        with pytest.raises(ServerError, match=f"{first.address} is sealed, or was never initialised"):
            server.read("kv/x")
        assert server.health()["initialized"] is False
        key, root = initialise(first)
        server = Connection(first.client(root))
        server.write("sys/seal")
        with pytest.raises(ServerError, match=f"^the server {first.address} is sealed, .*; unseal it and try again$"):
            server.read("kv/x")
        assert server.health()["sealed"] is True
        first.client().sys.submit_unseal_key(key)


def test_a_standby_answers_for_its_leader_and_when_that_is_gone_no_token_follows_to_it(tmp_path: Path) -> None:
    with node(tmp_path, name="second") as second:
        with node(tmp_path, name="first") as first:
            key, root = initialise(first)
            join(second, first, key)
            Connection(first.client(root)).write("sys/mounts/kv", {"type": "kv"})
            server = Connection(second.client(root))
            # A standby answers reads itself, and learns of a new mount a moment later.
            assert wait_until(lambda: _written(server), 20)
            assert wait_until(lambda: server.read("kv/x") == {"y": "z"}, 20)
        with pytest.raises(ServerError) as refused:
            server.write("kv/x", {"y": "z"})
        assert f"{second.address} is a standby that does not reach its leader" in str(refused.value)
        assert f"points on to {first.address}" in str(refused.value)
        assert "no token was sent there" in str(refused.value)


def _written(server: Connection) -> bool:
    try:
        server.write("kv/x", {"y": "z"})
    except NotMountedError:
        return False
    return True


def test_an_address_that_nobody_listens_at_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"https://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServerError, match=f"^{address} cannot be reached .*; check the address and the network$"):
            connect(Server(address)).read("kv/x")


# TLS.

FLAWS = {
    "expired": (LOOPBACK, (-2 * DAY, -DAY), "has expired; renew it, or correct this machine's clock"),
    "of the future": (LOOPBACK, (DAY, 2 * DAY), "is not valid yet; renew it, or correct this machine's clock"),
    "of another name": (x509.DNSName("vault.example"), (-HOUR, HOUR), "is for other names than 127.0.0.1; use the"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_of_the_certificate_is_named(tmp_path: Path, flaw: str) -> None:
    name, valid, words = FLAWS[flaw]
    certificate, key, authority = issue(tmp_path / "tls", name, valid)
    with node(tmp_path, (certificate, key)) as server, pytest.raises(ServerError) as refused:
        connect(Server(server.address, ca_file=str(authority))).read("kv/x")
    assert str(refused.value).startswith(f"the certificate of {server.address} {words}")


def test_a_certificate_of_an_authority_that_is_not_trusted_names_the_variable(tmp_path: Path) -> None:
    certificate, key, authority = issue(tmp_path / "tls")
    *_, another = issue(tmp_path / "another")
    with node(tmp_path, (certificate, key)) as server:
        assert connect(Server(server.address, ca_file=str(authority))).health()["initialized"] is False
        for ca_file in (str(another), None):
            with pytest.raises(ServerError, match=r"is not trusted \(.*\); name its authority in VAULT_CACERT"):
                connect(Server(server.address, ca_file=ca_file)).read("kv/x")
        # Without encryption nothing is asked either.
        plain = server.address.replace("https", "http")
        with pytest.raises(ServerError, match=f"{plain} answers 400, and wants TLS: write https:// in the address"):
            connect(Server(plain)).read("kv/x")


def test_a_listener_without_tls_is_told_from_a_bad_certificate(unsealed: Open) -> None:
    address = unsealed.node.address.replace("http", "https")
    with pytest.raises(ServerError, match=f"{address} does not speak TLS; correct the address"):
        connect(Server(address)).read("kv/x")


# What a server of the test answers, as there is no real one in that state, or it would be none.


def _without_leader(_request: Request) -> Answer:
    # The words of the real one (`respondStandby` in its http package), which it says after a start alone.
    return Answer({"errors": ["local node not active but active cluster node not found"]}, 500)


def test_a_standby_that_knows_no_leader_says_so() -> None:
    with serving(_without_leader) as address, pytest.raises(ServerError) as refused:
        connect(Server(address)).read("kv/x")
    assert str(refused.value).startswith(f"the server {address} is a standby and finds no leader (local node")


def _gateway(_request: Request) -> Answer:
    return Answer(body="Bad Gateway", status=502)


def test_a_proxy_that_answers_for_the_server_is_not_taken_for_it() -> None:
    with serving(_gateway) as address, pytest.raises(ServerError) as refused:
        connect(Server(address)).read("kv/x")
    assert f"{address} answers 502, but not as a Vault or OpenBao: is it a proxy" in str(refused.value)
