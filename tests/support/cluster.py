"""A Kubernetes cluster as far as logging in needs one: it signs tokens of service accounts, and reviews them.

Kubernetes, "Authentication" and the reference of `TokenReview`: a review is asked for with a token of one's own that
may create reviews; a token is authentic if the cluster signed it, it has not expired, its account still exists, and
it carries one of the audiences asked about (by default the API server's own).
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from strongroom_sandbox.certificates import Authority
from support.http import Answer, Request, serving

API_AUDIENCE: Final = "https://kubernetes.default.svc"
REVIEWS: Final = "/apis/authentication.k8s.io/v1/tokenreviews"
Account = tuple[str, str]
"""Namespace and name of a service account."""


class Cluster:
    """Its service accounts, and its API server while `serving`."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "ca")
        self.authority.prepare()
        self._tls = self.authority.issue(folder)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._accounts: dict[Account, str] = {}
        self.reviewers: set[Account] = set()
        """Who is bound to the ClusterRole `system:auth-delegator`."""
        self.asked_audiences: list[list[str]] = []
        """The audiences that each review was asked for, in order."""

    @property
    def ca_pem(self) -> str:
        return self.authority.certificate.read_text()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The API server's URL, for as long as the block lasts."""
        with serving(self._answer, self._tls) as url:
            yield url

    def token(self, namespace: str, name: str, audience: str = API_AUDIENCE, ttl_seconds: int = 600) -> str:
        """A token bound to one audience, as `kubectl create token` gives it; the account is made if need be."""
        uid = self._accounts.setdefault((namespace, name), str(uuid.uuid4()))
        now = int(time.time())
        account = {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}}
        claims = {
            "iss": API_AUDIENCE,
            "sub": f"system:serviceaccount:{namespace}:{name}",
            "aud": [audience],
            "iat": now,
            "nbf": now,
            "exp": now + ttl_seconds,
            "kubernetes.io": account,
        }
        return jwt.encode(claims, self._key, algorithm="RS256")

    def delete(self, namespace: str, name: str) -> None:
        """Deletes a service account: its tokens are no longer authentic, however long they would have lasted."""
        del self._accounts[namespace, name]

    def _answer(self, request: Request) -> Answer:
        if (request.method, request.path) != ("POST", REVIEWS):
            return _status(404, "NotFound")
        caller, _ = self._authentic(request.authorization.removeprefix("Bearer "), [API_AUDIENCE])
        if caller is None:
            return _status(401, "Unauthorized")
        if caller not in self.reviewers:
            return _status(403, "Forbidden")
        audiences = request.body["spec"].get("audiences") or []
        self.asked_audiences.append(audiences)
        account, accepted = self._authentic(request.body["spec"]["token"], audiences or [API_AUDIENCE])
        return Answer({**request.body, "status": self._reviewed(account, accepted)}, 201)

    def _authentic(self, token: str, audiences: list[str]) -> tuple[Account | None, list[str]]:
        try:
            claims = jwt.decode(token, self._key.public_key(), algorithms=["RS256"], audience=audiences)
        except jwt.InvalidTokenError:
            return None, []
        bound = claims["kubernetes.io"]
        account = (bound["namespace"], bound["serviceaccount"]["name"])
        if self._accounts.get(account) != bound["serviceaccount"]["uid"]:
            return None, []
        return account, [audience for audience in audiences if audience in claims["aud"]]

    def _reviewed(self, account: Account | None, audiences: list[str]) -> dict[str, Any]:
        if account is None:
            return {"user": {}, "error": "invalid bearer token"}
        namespace, name = account
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        user = {"username": f"system:serviceaccount:{namespace}:{name}", "uid": self._accounts[account]}
        return {"authenticated": True, "user": {**user, "groups": groups}, "audiences": audiences}


def _status(code: int, reason: str) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return Answer(body, code, {"Content-Type": "application/json"})
