"""What a real server tells of what it holds, and what it may not be asked."""

import secrets
from collections.abc import Iterator

import hvac
import hvac.exceptions
import pytest
import requests

from strongroom.safeguards.contents import Live
from strongroom.safeguards.holding import Holding, Place
from strongroom.vault.connection import Connection, ServerError
from strongroom_sandbox import Sandbox
from strongroom_sandbox.process import wait_until
from support.flavours import only_on
from support.http import Answer, serving

CANARY = "contents-canary-of-a-password-2ee1"


class Server:
    """A server, with mounts of its own for each test."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.root = sandbox, sandbox.vault.root_client()
        self._mounts: list[tuple[bool, str]] = []

    def mount(self, engine: str, **options: str) -> Holding:
        path = f"{engine}-{secrets.token_hex(4)}"
        self.root.sys.enable_secrets_engine(engine, path=path, options=options or None)
        self._mounts.append((False, path))
        if options.get("version") == "2":  # a new one answers 400 while it upgrades itself
            wait_until(lambda: self._is_ready(path), 15.0)
        name = {"1": "kv_v1"}.get(options.get("version", ""), engine)
        return Holding(path=path, mount=path, engine=name, protected=True)

    def _is_ready(self, path: str) -> bool:
        try:
            self.root.list(f"{path}/metadata")
        except hvac.exceptions.InvalidRequest:
            return False
        return True

    def method(self, kind: str) -> Holding:
        path = f"{kind}-{secrets.token_hex(4)}"
        self.root.sys.enable_auth_method(kind, path=path)
        self._mounts.append((True, path))
        return Holding(path=f"auth/{path}", mount=f"auth/{path}", engine=kind, protected=True)

    def live(self, client: hvac.Client | None = None) -> Live:
        return Live(Connection(client or self.sandbox.vault.client()))

    def unmount(self) -> None:
        for is_auth, path in self._mounts:
            (self.root.sys.disable_auth_method if is_auth else self.root.sys.disable_secrets_engine)(path)


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    made = Server(sandbox)
    yield made
    made.unmount()


def _write_versions(server: Server, mount: str, path: str, number: int) -> None:
    for _ in range(number):
        server.root.write_data(f"{mount}/data/{path}", data={"data": {"password": CANARY}})


def test_a_kv_mount_tells_names_and_no_values(server: Server) -> None:
    for version in ("1", "2"):
        holding = server.mount("kv", version=version)
        assert server.live().of(holding) == ""
        path = f"{holding.mount}/{'data/' if version == '2' else ''}team/smtp"
        body = {"data": {"password": CANARY}} if version == "2" else {"password": CANARY}
        server.root.write_data(path, data=body)
        assert server.live().of(holding) == "secrets: team/"
        place, other = (Place(mount=holding.mount, path=f"team/{name}", fields=()) for name in ("smtp", "none"))
        assert server.live().values_at(place, otherwise=False)
        assert not server.live().values_at(other, otherwise=True)


def test_keys_issuers_and_connections_count(server: Server) -> None:
    transit, totp, pki, ssh = (server.mount(engine) for engine in ("transit", "totp", "pki", "ssh"))
    for empty in (transit, totp, pki, ssh):
        assert server.live().of(empty) == "", empty.engine
    server.root.write_data(f"{transit.path}/keys/card", data={})
    key = {"generate": True, "exported": False, "issuer": "i", "account_name": "a"}
    server.root.write_data(f"{totp.path}/keys/code", data=key)
    server.root.write_data(f"{pki.path}/root/generate/internal", data={"common_name": "Root"})
    server.root.write_data(f"{ssh.path}/config/ca", data={"generate_signing_key": True})
    assert server.live().of(transit) == "keys: card"
    assert server.live().of(totp) == "keys: code"
    assert server.live().of(pki).startswith("issuers: ")
    assert "keys: " in server.live().of(pki)
    assert server.live().of(ssh) == "its signing key"


@only_on("vault")  # OpenBao has no AWS
def test_a_key_to_aws_counts_though_there_are_no_roles(server: Server) -> None:
    engine, method = server.mount("aws"), server.method("aws")
    assert (server.live().of(engine), server.live().of(method)) == ("", "")
    server.root.write_data(f"{engine.path}/config/root", data={"region": "eu-central-1"})
    server.root.write_data(f"{method.path}/config/client", data={"sts_region": "eu-central-1"})
    assert (server.live().of(engine), server.live().of(method)) == ("", "")
    key = {"access_key": "AKIAEXAMPLE", "secret_key": CANARY}
    server.root.write_data(f"{engine.path}/config/root", data=key)
    server.root.write_data(f"{method.path}/config/client", data=key)
    assert server.live().of(engine) == "the server's own key to AWS"
    assert server.live().of(method) == "the server's own key to AWS"


def test_a_server_that_does_not_say_what_is_mounted_is_not_one_without_mounts() -> None:
    methods = Holding(path="auth/a", mount="auth/a", engine="approle", protected=False)
    engine = Holding(path="kv", mount="kv", engine="kv", protected=False)
    with serving(lambda _: Answer({"errors": []}, 404)) as url, requests.Session() as session:
        connection = Connection(hvac.Client(url=url, token="t", session=session))
        assert Live(connection).mounted() == {}
        assert Live(connection).of(engine) == "whatever is in it (the server does not say what is mounted)"
        assert "whoever logs in through it" in Live(connection).of(methods)
        with pytest.raises(ServerError, match="does not say what is mounted"):
            Live.asked(connection)


def test_an_engine_that_nobody_knows_holds_something(server: Server) -> None:
    holding = server.mount("transit")
    assert server.live().of(Holding(path=holding.path, mount=holding.path, engine="x", protected=True)) == (
        "whatever the engine x keeps"
    )


def test_an_auth_method_tells_who_logged_in(server: Server) -> None:
    approle = server.method("approle")
    server.root.write_data(f"{approle.path}/role/job", data={"token_policies": "default"})
    assert server.live().of(approle) == ""  # a role alone is made again by the next deployment
    ids = {"role_id": server.root.read(f"{approle.path}/role/job/role-id")["data"]["role_id"]}
    ids["secret_id"] = server.root.write_data(f"{approle.path}/role/job/secret-id", data={})["data"]["secret_id"]
    server.root.write_data(f"{approle.path}/login", data=ids)
    found = server.live().of(approle)
    assert f"who logged in or is expected to: {ids['role_id']}" in found
    assert "tokens in use: 1" in found
    userpass = server.method("userpass")
    assert server.live().of(userpass) == ""
    server.root.write_data(f"{userpass.path}/users/bob", data={"password": CANARY})
    assert server.live().of(userpass) == "users: bob"


def test_versions_beyond_a_number_are_counted_in_folders_too(server: Server) -> None:
    holding = server.mount("kv", version="2")
    _write_versions(server, holding.mount, "team/many", 4)
    _write_versions(server, holding.mount, "team/deep/few", 2)
    live = server.live()
    assert live.beyond(holding.mount, 4) == ""
    assert live.beyond(holding.mount, 3) == "older versions of team/many"
    assert live.beyond(holding.mount, 1) == "older versions of team/deep/few, team/many"


def test_what_is_not_there_any_more_holds_nothing(server: Server) -> None:
    gone = Holding(path="kv-gone", mount="kv-gone", engine="kv", protected=True)
    assert server.live().of(gone) == ""


def test_what_may_not_be_looked_at_counts_as_full(server: Server) -> None:
    holding = server.mount("kv", version="2")
    name = f"looks-nowhere-{secrets.token_hex(4)}"
    rules = 'path "sys/mounts" { capabilities = ["read"] }\npath "sys/auth" { capabilities = ["read"] }'
    server.root.sys.create_or_update_policy(name, rules)
    client = server.sandbox.vault.workload_client()
    client.token = server.root.auth.token.create(policies=[name], no_default_policy=True)["auth"]["client_token"]
    live = server.live(client)
    assert "what this token may not look at" in live.of(holding)
    assert "`list` on" in live.of(holding)
    place = Place(mount=holding.mount, path="a", fields=())
    assert "versions that this token may not look at" in live.beyond(holding.mount, 1)
    assert live.values_at(place, otherwise=True)
    assert not live.values_at(place, otherwise=False)
