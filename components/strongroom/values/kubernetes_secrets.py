"""Values in Kubernetes Secrets, with the operator's own credentials: those of the cluster's context.

Kubernetes cannot tell the keys of a Secret without its values: looking reads them into this process, and nowhere else.
A write names the state that was seen (`resourceVersion`), so that the server refuses it after a change in between. It
sends only what is new, and never as `kubectl apply` does, which keeps a copy of all values in an annotation.

What an operator needs, in the namespace: `get`, `create`, `patch` and `delete` on `secrets`.
"""

import base64
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from kubernetes.client import CoreV1Api, V1Secret

from strongroom.kubernetes.clusters import Clusters
from strongroom.kubernetes.labels import MANAGED_BY, MANAGER
from strongroom.kubernetes.refusals import KubernetesError
from strongroom.kubernetes.secrets.plan import KubernetesSecret
from strongroom.kubernetes.secrets.types import LONGEST, flaw
from strongroom.values.store import NOTHING, Stored, ValuesError, changed_meanwhile

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
ACCOUNT: Final = "kubernetes.io/service-account.name"
PATCH: Final = "application/merge-patch+json"
TIMEOUT: Final = (10, 30)
"""Seconds to connect, and to wait for an answer."""
ISSUED_WITHIN: Final = 30.0
"""Seconds in which the cluster's token controller has to have filled a Secret; it does so at once."""


class KubernetesSecretValues:
    """The values of Secrets in clusters."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clusters, self._sleep = Clusters(), sleep

    def stored(self, secret: KubernetesSecret) -> Stored:
        found = self._found(secret)
        return NOTHING if found is None else _told(secret, found)

    def write(self, secret: KubernetesSecret, values: Mapping[str, str], seen: Stored) -> str:
        found = self._unchanged(secret, seen)
        had = dict(found.data or {}) if found else {}
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        self._check(secret, {**had, **data})
        body: dict[str, Any] = {"data": data, **({"immutable": True} if secret.immutable else {})}
        if found is None:
            return self._create(secret, body, values)
        return self._patch(secret, body, seen, values)

    def remove_field(self, secret: KubernetesSecret, field: str, seen: Stored) -> str:
        found = self._unchanged(secret, seen)
        kept = {key: value for key, value in ((found.data if found else None) or {}).items() if key != field}
        self._check(secret, kept)
        return self._patch(secret, {"data": {field: None}}, seen, {})

    def issue(self, secret: KubernetesSecret, seen: Stored) -> str:
        """Lets the cluster make the values. Raises ValuesError if it has made them before."""
        if seen.fields:
            # Its claims are the names of both and the uid of the account, and RSA signs the same text the same way:
            # measured, the token of a Secret that was deleted and made again is the old one, to the last character.
            raise ValuesError(
                f"the token in {secret.path} cannot be made anew: for the same account and the same name of the Secret "
                "Kubernetes makes the same token again. Destroy it "
                f"(`strongroom values rm --destroy {secret.key}`), which ends the token, give the secret another "
                "`path`, and let the token there be made"
            )
        if self._unchanged(secret, seen) is None:
            self._create(secret, {}, {})
        waited = 0.0
        while (found := self._found(secret)) is not None:
            now = _told(secret, found)
            if now.fields.issuperset(secret.fields):
                return str(now.version)
            if waited >= ISSUED_WITHIN:
                break
            self._sleep(0.2)
            waited += 0.2
        raise ValuesError(
            f"cluster {secret.place} has put no token into {secret.path}: is there a service account "
            f"'{secret.service_account}' in namespace {secret.namespace}? Deploy it first, then repeat"
        )

    def delete(self, secret: KubernetesSecret) -> None:
        raise ValuesError(f"Kubernetes keeps nothing of a Secret: to delete {secret.key} is to destroy it (--destroy)")

    def destroy(self, secret: KubernetesSecret) -> None:
        self._delete(secret)

    # What is there

    def _found(self, secret: KubernetesSecret) -> V1Secret | None:
        """The Secret; None if there is none. Raises ValuesError for one that is somebody else's."""
        try:
            found: V1Secret = self._ask(
                secret, "read", lambda core: core.read_namespaced_secret(secret.object_name, secret.namespace, **_TIMED)
            )
        except KubernetesError as error:
            if error.status == 404:
                return None
            raise
        own, labels = dict(secret.labels), found.metadata.labels or {}
        if {name: labels.get(name) for name in own} != own:
            by = labels.get(MANAGED_BY) or "somebody else"
            as_labels = " ".join(f"{name}={value}" for name, value in secret.labels)
            raise ValuesError(
                f"cluster {secret.place} has a Secret {secret.path} that is not {secret.key}'s (managed by {by}), "
                "and was left alone. Give the secret another `path`; or, if its values are this secret's from now on: "
                f"`kubectl label --overwrite -n {secret.namespace} secret {secret.object_name} {as_labels}`"
            )
        return found

    def _unchanged(self, secret: KubernetesSecret, seen: Stored) -> V1Secret | None:
        """What is there before a write. Raises ValuesError if it is no longer what was seen, or cannot be changed."""
        found = self._found(secret)
        if (found.metadata.resource_version if found else NOTHING.version) != seen.version:
            raise changed_meanwhile(secret)
        if found is None or secret.issued:
            return found
        what, again = None, f"destroy it (`strongroom values rm --destroy {secret.key}`) and put it anew"
        if found.type != secret.type:
            what = f"is of type {found.type}, and is declared as {secret.type}: Kubernetes never changes a type"
        elif found.immutable:
            what = "is immutable: Kubernetes never changes its values"
            again = f"give the secret another `path`, put it there, and let its pods use that; or {again}"
        elif found.metadata.deletion_timestamp:
            what, again = "is being deleted", "wait for that, and repeat"
        if what:
            raise ValuesError(f"{secret.path} in cluster {secret.place} {what}; nothing was written. To go on, {again}")
        return found

    def _check(self, secret: KubernetesSecret, data: Mapping[str, str]) -> None:
        """Raises ValuesError for a Secret that Kubernetes would not take, or would take and never let grow."""
        missing = [field for field in secret.fields if field not in data] if secret.immutable else []
        if found := flaw(secret.type, data):
            raise ValuesError(f"{secret.key}: {found[0]}; nothing was changed. {found[1]}: bring them together")
        if missing:
            raise ValuesError(
                f"{secret.key} is immutable, and would be without {', '.join(missing)} for ever; nothing was written. "
                "Bring all fields at once"
            )
        if (size := sum(len(base64.b64decode(value)) for value in data.values())) > LONGEST:
            raise ValuesError(
                f"the fields of {secret.key} come to {size:,} bytes, and a Secret has room for {LONGEST:,}; nothing "
                "was written. Divide them over several secrets"
            )

    # What is changed

    def _create(self, secret: KubernetesSecret, body: Mapping[str, Any], values: Mapping[str, str]) -> str:
        about = {"name": secret.object_name, "namespace": secret.namespace, "labels": dict(secret.labels)}
        if secret.service_account:
            about["annotations"] = {ACCOUNT: secret.service_account}
        whole = {"apiVersion": "v1", "kind": "Secret", "type": secret.type, "metadata": about, **body}
        try:
            made = self._ask(
                secret,
                "make",
                lambda core: core.create_namespaced_secret(secret.namespace, whole, field_manager=MANAGER, **_TIMED),
                values,
            )
        except KubernetesError as error:
            self._raise_if_changed(secret, error)
            raise
        return str(made.metadata.resource_version)

    def _patch(self, secret: KubernetesSecret, body: Mapping[str, Any], seen: Stored, values: Mapping[str, str]) -> str:
        about = {
            "resourceVersion": seen.version,
            "labels": dict(secret.labels),
            # Of one that was taken over: what `kubectl apply` left there are the values before this write.
            "annotations": {LAST_APPLIED: None},
        }
        try:
            made = self._ask(
                secret,
                "write",
                lambda core: core.patch_namespaced_secret(
                    secret.object_name,
                    secret.namespace,
                    {"metadata": about, **body},
                    field_manager=MANAGER,
                    _content_type=PATCH,
                    **_TIMED,
                ),
                values,
            )
        except KubernetesError as error:
            self._raise_if_changed(secret, error)
            raise
        return str(made.metadata.resource_version)

    def _delete(self, secret: KubernetesSecret) -> None:
        if (found := self._found(secret)) is None:
            return
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
            self._raise_if_changed(secret, error)
            if error.status != 404:
                raise

    def _raise_if_changed(self, secret: KubernetesSecret, error: KubernetesError) -> None:
        if error.status == 409:
            raise changed_meanwhile(secret) from None

    def _ask(
        self,
        secret: KubernetesSecret,
        what: str,
        request: Callable[[CoreV1Api], Any],
        hide: Mapping[str, str] | None = None,
    ) -> Any:
        return self._clusters.ask(
            secret.place,
            f"{what} Secret {secret.path}",
            lambda client: request(CoreV1Api(client)),
            (hide or {}).values(),
        )


_TIMED: Final[Mapping[str, Any]] = {"_request_timeout": TIMEOUT}


def _told(secret: KubernetesSecret, found: V1Secret) -> Stored:
    fields = frozenset(found.data or {})
    # What a cluster puts there beside what was declared is nobody's surplus.
    return Stored(
        str(found.metadata.resource_version), fields & set(secret.fields) if secret.issued else fields, _written(found)
    )


def _written(found: V1Secret) -> datetime | None:
    """When the values were last changed, by whomever: the server notes it for each manager of fields."""
    entries = found.metadata.managed_fields or ()
    times: list[datetime] = [entry.time for entry in entries if entry.time and "f:data" in (entry.fields_v1 or {})]
    made: datetime | None = found.metadata.creation_timestamp
    return max(times, default=made)
