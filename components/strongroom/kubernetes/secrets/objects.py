"""Single Secrets in a cluster: looked at, made, changed and deleted, as the API server has them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kubernetes.client import CoreV1Api, V1Secret

from strongroom.kubernetes.clusters import Clusters
from strongroom.kubernetes.labels import MANAGER
from strongroom.kubernetes.refusals import KubernetesError
from strongroom.kubernetes.secrets.plan import KubernetesSecret

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
ACCOUNT: Final = "kubernetes.io/service-account.name"
_PATCH: Final = "application/merge-patch+json"
_TIMED: Final[Mapping[str, Any]] = {"_request_timeout": (10, 30)}
"""Seconds to connect, and to wait for an answer."""
_ABSENT: Final = 404


class SecretObjects:
    """The Secrets of all clusters. All methods raise KubernetesError, with status 409 if one is no longer as it was."""

    def __init__(self) -> None:
        self._clusters = Clusters()

    def read(self, secret: KubernetesSecret) -> V1Secret | None:
        """The Secret; None if there is none."""
        try:
            found: V1Secret = self._ask(
                secret, "read", lambda core: core.read_namespaced_secret(secret.object_name, secret.namespace, **_TIMED)
            )
        except KubernetesError as error:
            if error.status == _ABSENT:
                return None
            raise
        return found

    def create(self, secret: KubernetesSecret, body: Mapping[str, Any], hide: Iterable[str]) -> str:
        """Makes it; returns its version."""
        about = {"name": secret.object_name, "namespace": secret.namespace, "labels": dict(secret.labels)}
        if secret.service_account:
            about["annotations"] = {ACCOUNT: secret.service_account}
        whole = {"apiVersion": "v1", "kind": "Secret", "type": secret.type, "metadata": about, **body}
        made = self._ask(
            secret,
            "make",
            lambda core: core.create_namespaced_secret(secret.namespace, whole, field_manager=MANAGER, **_TIMED),
            hide,
        )
        return str(made.metadata.resource_version)

    def patch(self, secret: KubernetesSecret, body: Mapping[str, Any], version: str, hide: Iterable[str]) -> str:
        """Changes what `body` names of that version, and nothing else; returns the new version."""
        about = {
            "resourceVersion": version,
            "labels": dict(secret.labels),
            # Of one that was taken over: what `kubectl apply` left there are the values before this write.
            "annotations": {LAST_APPLIED: None},
        }
        made = self._ask(
            secret,
            "write",
            lambda core: core.patch_namespaced_secret(
                secret.object_name,
                secret.namespace,
                {"metadata": about, **body},
                field_manager=MANAGER,
                _content_type=_PATCH,
                **_TIMED,
            ),
            hide,
        )
        return str(made.metadata.resource_version)

    def delete(self, secret: KubernetesSecret, found: V1Secret) -> None:
        """Deletes exactly what was found; nothing is wrong with its being gone already."""
        exactly = {"uid": found.metadata.uid, "resourceVersion": found.metadata.resource_version}
        try:
            self._ask(
                secret,
                "delete",
                lambda core: core.delete_namespaced_secret(
                    secret.object_name, secret.namespace, body={"preconditions": exactly}, **_TIMED
                ),
            )
        except KubernetesError as error:
            if error.status != _ABSENT:
                raise

    def _ask(
        self, secret: KubernetesSecret, what: str, request: Callable[[CoreV1Api], Any], hide: Iterable[str] = ()
    ) -> Any:
        return self._clusters.ask(
            secret.place, f"{what} Secret {secret.path}", lambda client: request(CoreV1Api(client)), hide
        )
