"""A Kubernetes cluster as far as tokens need one: it signs those of service accounts, reviews them, and makes them on
demand. It stands in for a kube-apiserver, which the sandbox does not have yet.

Kubernetes, "Authentication" and the reference of `TokenReview`: a review is asked for with a token of one's own that
may create reviews; a token is authentic if the cluster signed it, it has not expired, its account still exists, and
it carries one of the audiences asked about (by default the API server's own). The reference of `TokenRequest`: who may
create `serviceaccounts/token` is given a token of an account that exists, for ten minutes at least.
"""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from strongroom_sandbox.certificates import Authority
from support import kubernetes_protobuf
from support.http import Answer, Request, form_or_json, serving

API_AUDIENCE: Final = "https://kubernetes.default.svc"
REVIEWS: Final = "/apis/authentication.k8s.io/v1/tokenreviews"
WHOAMI: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
OBJECTS: Final = re.compile(
    r"/(?:api/v1|apis/rbac\.authorization\.k8s\.io/v1)/namespaces/(?P<namespace>[^/?]+)"
    r"/(?P<kind>serviceaccounts|roles|rolebindings)(?:/(?P<name>[^/?]+))?(?P<token>/token)?(?:\?.*)?"
)
SHORTEST_SECONDS: Final = 600
JSON: Final = {"Content-Type": "application/json"}
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
        self.managers: set[Account] = set()
        """Who may make tokens, service accounts, roles and bindings."""
        self.asked_audiences: list[list[str]] = []
        """The audiences that each review was asked for, in order."""
        self.objects: dict[tuple[str, str, str], dict[str, Any]] = {}
        """What managers made: `(kind, namespace, name)` -> the object."""

    @property
    def ca_pem(self) -> str:
        return self.authority.certificate.read_text()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The API server's URL, for as long as the block lasts."""
        with serving(self._answer, self._tls, _decoded) as url:
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
        caller, _ = self._authentic(request.authorization.removeprefix("Bearer "), [API_AUDIENCE])
        if caller is None:
            return _status(401, "Unauthorized")
        if (request.method, request.path) == ("POST", WHOAMI):
            return Answer({**request.body, "status": {"userInfo": self._user(caller)}}, 201, JSON)
        if (request.method, request.path) == ("POST", REVIEWS):
            return self._review(request.body) if caller in self.reviewers else _status(403, "Forbidden")
        if (found := OBJECTS.fullmatch(request.path)) is None:
            return _status(404, "NotFound")
        return self._managed(request, found) if caller in self.managers else _status(403, "Forbidden")

    def _managed(self, request: Request, found: "re.Match[str]") -> Answer:
        if request.method == "POST" and found["token"]:
            return self._requested((found["namespace"], found["name"]), request.body)
        place = (found["kind"], found["namespace"], found["name"] or "")
        return self._made(place, request.body) if request.method == "POST" else self._deleted(place)

    def _review(self, body: dict[str, Any]) -> Answer:
        audiences = body["spec"].get("audiences") or []
        self.asked_audiences.append(audiences)
        account, accepted = self._authentic(body["spec"]["token"], audiences or [API_AUDIENCE])
        return Answer({**body, "status": self._reviewed(account, accepted)}, 201)

    def _requested(self, account: Account, body: dict[str, Any]) -> Answer:
        if account not in self._accounts:
            return _status(404, "NotFound")
        seconds = body["spec"].get("expirationSeconds") or 3600
        if seconds < SHORTEST_SECONDS:
            return _status(422, "Invalid")
        (audience,) = body["spec"].get("audiences") or [API_AUDIENCE]
        return Answer({**body, "status": {"token": self.token(*account, audience, seconds)}}, 201, JSON)

    def _made(self, place: tuple[str, str, str], body: dict[str, Any]) -> Answer:
        kind, namespace, _ = place
        name = body["metadata"]["name"]
        made = {**body, "metadata": {**body["metadata"], "namespace": namespace, "uid": str(uuid.uuid4())}}
        self.objects[kind, namespace, name] = made
        if kind == "serviceaccounts":
            self._accounts[namespace, name] = made["metadata"]["uid"]
        return Answer(made, 201, JSON)

    def _deleted(self, place: tuple[str, str, str]) -> Answer:
        if (gone := self.objects.pop(place, None)) is None:
            return _status(404, "NotFound")
        kind, namespace, name = place
        if kind == "serviceaccounts":
            self.delete(namespace, name)
        # What it owned goes with it, as the garbage collector sees to.
        for owned, body in list(self.objects.items()):
            if any(owner["uid"] == gone["metadata"]["uid"] for owner in body["metadata"].get("ownerReferences", ())):
                self._deleted(owned)
        return Answer({"kind": "Status", "apiVersion": "v1", "status": "Success"}, 200, JSON)

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
        return {"authenticated": True, "user": self._user(account), "audiences": audiences}

    def _user(self, account: Account) -> dict[str, Any]:
        namespace, name = account
        groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
        user = {"username": f"system:serviceaccount:{namespace}:{name}", "uid": self._accounts[account]}
        return {**user, "groups": groups}


def _status(code: int, reason: str) -> Answer:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return Answer(body, code, JSON)


def _decoded(sent: bytes, content_type: str) -> Any:
    if content_type.startswith(kubernetes_protobuf.CONTENT_TYPE):
        return kubernetes_protobuf.decoded(sent)
    return form_or_json(sent, content_type)
