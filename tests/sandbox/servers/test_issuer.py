"""The issuer stands where a cluster or GitHub would: a store believes its tokens because it finds the keys itself."""

import base64
import json
import secrets
import socket
from collections.abc import Iterator

import hvac
import jwt
import pytest
import requests
from hvac.exceptions import InvalidRequest

from strongroom_sandbox import Sandbox

SUBJECT = "repo:acme/payments:environment:sandbox"


@pytest.fixture
def mount(sandbox: Sandbox) -> Iterator[str]:
    client = sandbox.vault.client()
    path = f"jwt-{secrets.token_hex(4)}"
    client.sys.enable_auth_method("jwt", path=path)
    client.auth.jwt.configure(
        oidc_discovery_url=sandbox.issuer.url, oidc_discovery_ca_pem=sandbox.issuer.ca_pem, path=path
    )
    client.auth.jwt.create_role(
        "release",
        role_type="jwt",
        user_claim="sub",
        allowed_redirect_uris=[],
        bound_audiences=["strongroom"],
        bound_subject=SUBJECT,
        bound_claims={"repository": "acme/payments"},
        path=path,
    )
    yield path
    client.sys.disable_auth_method(path)


def login(sandbox: Sandbox, mount: str, token: str) -> hvac.Client:
    client = hvac.Client(url=sandbox.vault.address, verify=str(sandbox.vault.ca_file), token="")
    client.auth.jwt.jwt_login("release", token, path=mount)
    return client


def claims() -> dict[str, object]:
    return {"repository": "acme/payments"}


def test_openbao_accepts_a_token_whose_keys_it_discovers_over_tls(sandbox: Sandbox, mount: str) -> None:
    client = login(sandbox, mount, sandbox.issuer.token(SUBJECT, "strongroom", claims()))
    assert client.auth.token.lookup_self()["data"]["display_name"] == f"{mount}-{SUBJECT}"


@pytest.mark.parametrize(
    ("subject", "audience", "repository", "ttl_seconds"),
    [
        ("repo:acme/other:environment:sandbox", "strongroom", "acme/payments", 600),
        (SUBJECT, "another-audience", "acme/payments", 600),
        (SUBJECT, "strongroom", "acme/other", 600),
        (SUBJECT, "strongroom", "acme/payments", -3600),
    ],
    ids=["another subject", "another audience", "another claim", "expired"],
)
def test_openbao_refuses_a_token_for_somebody_or_something_else(
    sandbox: Sandbox, mount: str, subject: str, audience: str, repository: str, ttl_seconds: int
) -> None:
    token = sandbox.issuer.token(subject, audience, {"repository": repository}, ttl_seconds)
    with pytest.raises(InvalidRequest):
        login(sandbox, mount, token)


def test_openbao_refuses_a_token_that_somebody_changed(sandbox: Sandbox, mount: str) -> None:
    header, _, signature = sandbox.issuer.token(SUBJECT, "strongroom", {"repository": "acme/other"}).split(".")
    forged = {**jwt.decode(sandbox.issuer.token(SUBJECT, "strongroom", claims()), options={"verify_signature": False})}
    payload = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    with pytest.raises(InvalidRequest):
        login(sandbox, mount, f"{header}.{payload}.{signature}")


def test_its_documents_are_served_to_those_who_know_its_authority(sandbox: Sandbox) -> None:
    discovery = f"{sandbox.issuer.url}/.well-known/openid-configuration"
    answer = requests.get(discovery, verify=str(sandbox.vault.ca_file), timeout=10)
    assert answer.json()["issuer"] == sandbox.issuer.url
    keys = requests.get(answer.json()["jwks_uri"], verify=str(sandbox.vault.ca_file), timeout=10).json()["keys"]
    assert [set(key) & {"d", "p", "q"} for key in keys] == [set()]  # the public half only
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(discovery, timeout=10)


def test_anything_else_is_not_found(sandbox: Sandbox) -> None:
    for path in ("/", "/signing.key", "/../signing.key", "/tls.key"):
        answer = requests.get(sandbox.issuer.url + path, verify=str(sandbox.vault.ca_file), timeout=10)
        assert (answer.status_code, answer.content) == (404, b"")


def test_a_client_that_connects_and_says_nothing_does_not_block_the_others(sandbox: Sandbox) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.issuer.port())):
        assert sandbox.issuer.healthy()


def test_its_keys_are_for_their_owner_only(sandbox: Sandbox) -> None:
    for name in ("signing.key", "tls.key"):
        assert (sandbox.issuer.home / name).stat().st_mode & 0o777 == 0o600
