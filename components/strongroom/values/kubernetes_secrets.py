"""Values in Kubernetes Secrets, with the operator's own credentials: those of the cluster's context.

Kubernetes cannot tell the keys of a Secret without its values: looking reads them into this process, and nowhere else.
A write names the state that was seen (`resourceVersion`), so that the server refuses it after a change in between. It
sends only what is new, and never as `kubectl apply` does, which keeps a copy of all values in an annotation.

What an operator needs, in the namespace: `get`, `create`, `patch` and `delete` on `secrets`.
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from kubernetes.client import V1Secret

from strongroom.kubernetes.labels import MANAGED_BY
from strongroom.kubernetes.refusals import KubernetesError
from strongroom.kubernetes.secrets.objects import SecretObjects
from strongroom.kubernetes.secrets.plan import KubernetesSecret
from strongroom.kubernetes.secrets.types import LONGEST, flaw
from strongroom.values.store import NOTHING, Stored, ValuesError, changed_meanwhile

ISSUED_WITHIN: Final = 30.0
"""Seconds in which the cluster's token controller has to have filled a Secret; it does so at once."""
_PAUSE: Final = 0.2
_CONFLICT: Final = 409


class KubernetesSecretValues:
    """The values of Secrets in clusters."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._objects, self._sleep = SecretObjects(), sleep

    def stored(self, secret: KubernetesSecret) -> Stored:
        found = self._found(secret)
        return NOTHING if found is None else _told(secret, found)

    def write(self, secret: KubernetesSecret, values: Mapping[str, str], seen: Stored) -> str:
        found = self._unchanged(secret, seen)
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        _check(secret, {**_data(found), **data})
        body: dict[str, Any] = {"data": data, **({"immutable": True} if secret.immutable else {})}
        with _noticing_changes(secret):
            if found is None:
                return self._objects.create(secret, body, values.values())
            return self._objects.patch(secret, body, str(seen.version), values.values())

    def remove_field(self, secret: KubernetesSecret, field: str, seen: Stored) -> str:
        found = self._unchanged(secret, seen)
        _check(secret, {key: value for key, value in _data(found).items() if key != field})
        with _noticing_changes(secret):
            return self._objects.patch(secret, {"data": {field: None}}, str(seen.version), ())

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
            with _noticing_changes(secret):
                self._objects.create(secret, {}, ())
        waited = 0.0
        # One for an account that is not there is deleted by the cluster.
        while (found := self._found(secret)) is not None and waited < ISSUED_WITHIN:
            now = _told(secret, found)
            if now.fields.issuperset(secret.fields):
                return str(now.version)
            self._sleep(_PAUSE)
            waited += _PAUSE
        raise ValuesError(
            f"cluster {secret.place} has put no token into {secret.path}: is there a service account "
            f"'{secret.service_account}' in namespace {secret.namespace}? Deploy it first, then repeat"
        )

    def delete(self, secret: KubernetesSecret) -> None:
        raise ValuesError(f"Kubernetes keeps nothing of a Secret: to delete {secret.key} is to destroy it (--destroy)")

    def destroy(self, secret: KubernetesSecret) -> None:
        if found := self._found(secret):
            with _noticing_changes(secret):
                self._objects.delete(secret, found)
            left = self._objects.read(secret)
            if left and left.metadata.uid == found.metadata.uid:
                raise ValuesError(
                    f"{secret.path} in cluster {secret.place} is marked for deletion, and has its values still: it is "
                    f"held by {', '.join(left.metadata.finalizers or ()) or 'the cluster'}. Let who put that finalizer "
                    "there finish, and look again with `strongroom values status`"
                )

    def _found(self, secret: KubernetesSecret) -> V1Secret | None:
        """The Secret; None if there is none. Raises ValuesError for one that is somebody else's."""
        found = self._objects.read(secret)
        own, labels = dict(secret.labels), (found.metadata.labels or {}) if found else {}
        if found and {name: labels.get(name) for name in own} != own:
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
        if found and (refused := _unchangeable(secret, found)):
            what, remedy = refused
            raise ValuesError(
                f"{secret.path} in cluster {secret.place} {what}; nothing was written. To go on, {remedy}"
            )
        return found


@contextmanager
def _noticing_changes(secret: KubernetesSecret) -> Iterator[None]:
    """What the API server says of a Secret that is no longer the one that was seen, as every store says it."""
    try:
        yield
    except KubernetesError as error:
        if error.status == _CONFLICT:
            raise changed_meanwhile(secret) from None
        raise


def _unchangeable(secret: KubernetesSecret, found: V1Secret) -> tuple[str, str] | None:
    """Why a Secret cannot be changed, and what to do; None if it can."""
    again = f"destroy it (`strongroom values rm --destroy {secret.key}`) and put it anew"
    if found.type != secret.type:
        return f"is of type {found.type}, and is declared as {secret.type}: Kubernetes never changes a type", again
    if found.metadata.deletion_timestamp:
        return "is being deleted", "wait for that, and repeat"
    if found.immutable:
        other = "give the secret another `path`, put it there, and let its pods use that"
        return "is immutable: Kubernetes never changes its values", f"{other}; or {again}"
    return None


def _check(secret: KubernetesSecret, data: Mapping[str, str]) -> None:
    """Raises ValuesError for a Secret that Kubernetes would not take, or would take and never let grow."""
    if found := flaw(secret.type, data):
        raise ValuesError(f"{secret.key}: {found[0]}; nothing was changed. {found[1]}: bring them together")
    missing = [field for field in secret.fields if field not in data] if secret.immutable else []
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


def _data(found: V1Secret | None) -> dict[str, str]:
    return dict((found.data if found else None) or {})


def _told(secret: KubernetesSecret, found: V1Secret) -> Stored:
    fields = frozenset(_data(found))
    # What a cluster puts there beside what was declared is nobody's surplus.
    told = fields & set(secret.fields) if secret.issued else fields
    return Stored(str(found.metadata.resource_version), told, _written(found))


def _written(found: V1Secret) -> datetime | None:
    """When the values were last changed, by whomever: the server notes it for each manager of fields."""
    entries = found.metadata.managed_fields or ()
    times: list[datetime] = [entry.time for entry in entries if entry.time and "f:data" in (entry.fields_v1 or {})]
    made: datetime | None = found.metadata.creation_timestamp
    return max(times, default=made)
