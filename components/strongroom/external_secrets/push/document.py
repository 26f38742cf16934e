"""The manifest of a PushSecret, as plain data: External Secrets Operator, "PushSecret"."""

from typing import Final

from strongroom.external_secrets.document import GROUP, Manifest, go_duration
from strongroom.external_secrets.push.records import PushSecret

API_VERSION: Final = f"{GROUP}/v1alpha1"


def push_secret(record: PushSecret) -> Manifest:
    """A PushSecret. Only keys that are named leave the cluster, and nothing is deleted in the store when it goes: that
    would be all versions at once, for good."""
    spec: Manifest = {
        "updatePolicy": record.update_policy,
        "deletionPolicy": "None",
        "refreshInterval": go_duration(record.refresh_seconds),
        "secretStoreRefs": [{"name": record.store, "kind": "SecretStore"}],
        "selector": {"secret": {"name": record.name}},
        "data": [
            {"match": {"secretKey": key.secret_key, "remoteRef": {"remoteKey": key.key, "property": key.property}}}
            for key in record.keys
        ],
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "PushSecret",
        "metadata": {"name": record.name, "namespace": record.namespace},
        "spec": spec,
    }
