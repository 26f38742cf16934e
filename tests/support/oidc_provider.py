"""An identity provider for people, with the authorization code flow: OpenID Connect Core 1.0, section 3.1; RFC 7636."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from strongroom_sandbox.certificates import Authority
from support.http import Answer, Request, serving

KEY_ID = "k1"


class OidcProvider:
    """Its people and their claims, its one client, and its endpoints while `serving`."""

    def __init__(self, folder: Path, client_id: str, redirect_uris: list[str]) -> None:
        self.authority = Authority(folder / "ca")
        self.authority.prepare()
        self._tls = self.authority.issue(folder)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.client_id = client_id
        self.client_secret = secrets.token_urlsafe(32)
        self.redirect_uris = redirect_uris
        self.people: dict[str, Mapping[str, Any]] = {}
        """Subject -> further claims, such as `groups`."""
        self.url = ""
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def ca_pem(self) -> str:
        return self.authority.certificate.read_text()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The provider's URL, for as long as the block lasts."""
        with serving(self._answer, self._tls) as self.url:
            yield self.url

    def browse(self, url: str, person: str) -> dict[str, str]:
        """What a person's browser does with the address: signs in, and is sent back with these parameters.

        Raises AssertionError with the provider's reason if it does not send the browser back.
        """
        with requests.Session() as browser:
            browser.trust_env = False
            answer = browser.get(
                url, headers={"Authorization": person}, verify=str(self.authority.certificate),
                allow_redirects=False, timeout=10,
            )  # fmt: skip
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def _answer(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        match request.method, parts.path:
            case "GET", "/.well-known/openid-configuration":
                return Answer(self._discovery())
            case "GET", "/jwks.json":
                key = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
                return Answer({"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]})
            case "GET", "/authorize":
                return self._authorized(dict(parse_qsl(parts.query)), request.authorization)
            case "POST", "/token":
                return self._token(request)
        return Answer({"error": "not_found"}, 404)

    def _discovery(self) -> dict[str, Any]:
        endpoints = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in
                     (("authorization", "authorize"), ("token", "token"))}  # fmt: skip
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks.json",
            **endpoints,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _authorized(self, asked: dict[str, str], person: str) -> Answer:
        """The header stands for the sign-in page: how a person proves who he is, is the provider's own business."""
        if asked.get("client_id") != self.client_id or asked.get("redirect_uri") not in self.redirect_uris:
            return Answer({"error": "invalid_request"}, 400)
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return Answer({"error": "invalid_scope"}, 400)
        if person not in self.people:
            return Answer({"error": "access_denied"}, 403)
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "person": person}
        query = urlencode({"code": code, "state": asked["state"]})
        return Answer(None, 302, {"Location": f"{asked['redirect_uri']}?{query}"})

    def _token(self, request: Request) -> Answer:
        if not self._is_client(request):
            return Answer({"error": "invalid_client"}, 401)
        asked = self._codes.pop(request.body.get("code", ""), None)
        if asked is None or request.body.get("redirect_uri") != asked["redirect_uri"]:
            return Answer({"error": "invalid_grant"}, 400)
        if "code_challenge" in asked and asked["code_challenge"] != _challenge(request.body.get("code_verifier", "")):
            return Answer({"error": "invalid_grant"}, 400)
        now = int(time.time())
        standard = {"iss": self.url, "sub": asked["person"], "aud": self.client_id, "iat": now, "exp": now + 300}
        claims = {**standard, "nonce": asked["nonce"], **self.people[asked["person"]]}
        token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})
        body = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return Answer(body, 200, {"Content-Type": "application/json", "Cache-Control": "no-store"})

    def _is_client(self, request: Request) -> bool:
        """By HTTP Basic authentication or in the body: RFC 6749, section 2.3.1."""
        scheme, _, encoded = request.authorization.partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
            return (unquote(name), unquote(secret)) == (self.client_id, self.client_secret)
        given = (request.body.get("client_id"), request.body.get("client_secret"))
        return given == (self.client_id, self.client_secret)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
