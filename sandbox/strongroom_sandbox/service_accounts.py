"""Service accounts of the sandbox's cluster, as its platform team makes them and its nodes hand out their tokens.

No part of what is deployed: a stack finds namespaces and service accounts, as it finds a database.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jwt
import requests
from urllib3.exceptions import HTTPError

from strongroom_sandbox.files import write_secret
from strongroom_sandbox.servers.kube_apiserver import KubeApiServer
from strongroom_sandbox.servers.server import SandboxError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

REVIEWER: Final = ("vault", "vault-reviewer")
"""Namespace and name of the account with which the Vault server asks the cluster about tokens."""
REVIEWS: Final = "system:auth-delegator"
"""The ClusterRole of those who may: Kubernetes, "Using RBAC Authorization", "Other component roles"."""
REVIEWER_SECONDS: Final = 30 * 86400
"""How long its token lasts."""
TOKEN_SECONDS: Final = 600
"""The shortest lifetime that Kubernetes gives a token, and what the documentation has pods ask for."""


class ServiceAccounts:
    """The service accounts of a running cluster. What it refuses is a SandboxError."""

    def __init__(self, directory: Path, kube: KubeApiServer) -> None:
        self._kube = kube
        self.reviewer_file = directory / "vault-reviewer.token"
        """The reviewer's token (0600)."""

    def ensure(self, namespace: str, name: str) -> None:
        """Makes a service account, and its namespace, unless they are there."""
        with self._asking() as client:
            _ensure(client, namespace, name)

    def token(self, namespace: str, name: str, *audiences: str) -> str:
        """What a pod of this account is given: a token for these audiences, by default for the API server."""
        with self._asking() as client:
            return _token(client, namespace, name, audiences, TOKEN_SECONDS)

    def reviewer_token(self) -> str:
        """The token with which the Vault server reviews those of workloads: made at need, and the same until half of
        its lifetime is over, so that a second `up` has nothing to change."""
        with self._asking() as client:
            kept = self.reviewer_file.read_text() if self.reviewer_file.exists() else ""
            if kept and _seconds_left(kept) > REVIEWER_SECONDS / 2 and _is_known(client, kept):
                return kept
            _ensure(client, *REVIEWER)
            _let_review(client, *REVIEWER)
            made = _token(client, *REVIEWER, (), REVIEWER_SECONDS)
        write_secret(self.reviewer_file, made)
        return made

    @contextmanager
    def _asking(self) -> Iterator["ApiClient"]:
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415  slow to import, and only needed here

        where = f"{self._kube.name} at {self._kube.server}"
        try:
            with self._kube.client() as client:
                yield client
        except (ApiException, HTTPError) as error:
            # The text of an ApiException holds the whole answer.
            why = error.reason if isinstance(error, ApiException) else error
            raise SandboxError(f"{where} did not do what it was asked: {why}") from None


def _ensure(client: "ApiClient", namespace: str, name: str) -> None:
    from kubernetes.client import CoreV1Api  # noqa: PLC0415

    core = CoreV1Api(client)
    _unless_there(core.create_namespace, {"metadata": {"name": namespace}})
    _unless_there(core.create_namespaced_service_account, namespace, {"metadata": {"name": name}})


def _let_review(client: "ApiClient", namespace: str, name: str) -> None:
    from kubernetes.client import RbacAuthorizationV1Api  # noqa: PLC0415

    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": REVIEWS},
        "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": name}],
    }
    _unless_there(RbacAuthorizationV1Api(client).create_cluster_role_binding, binding)


def _token(client: "ApiClient", namespace: str, name: str, audiences: tuple[str, ...], seconds: int) -> str:
    from kubernetes.client import CoreV1Api  # noqa: PLC0415

    body = {"spec": {"audiences": list(audiences), "expirationSeconds": seconds}}
    asked = CoreV1Api(client).create_namespaced_service_account_token(name, namespace, body)
    return str(asked.status.token)


def _is_known(client: "ApiClient", token: str) -> bool:
    """Whether the cluster takes a token now: one that lost its data, or listens elsewhere, takes none of before."""
    from kubernetes.client import AuthenticationV1Api  # noqa: PLC0415

    return bool(AuthenticationV1Api(client).create_token_review({"spec": {"token": token}}).status.authenticated)


def _seconds_left(token: str) -> float:
    return float(jwt.decode(token, options={"verify_signature": False})["exp"]) - time.time()


def _unless_there(create: Any, *arguments: Any) -> None:
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415

    try:
        create(*arguments)
    except ApiException as error:
        if error.status != requests.codes.conflict:
            raise
