"""Secrets: what of them moves on by itself."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pulumi_gcp as gcp

from ..frame.file_store import Document
from ..frame.values import Properties
from . import rules
from .cloud import Cloud, timestamp
from .policy_row import WholePolicyRow, same_policy
from .resource_row import ResourceRow


@dataclass(frozen=True, kw_only=True)
class SecretRow(ResourceRow):
    """A secret without versions."""

    def body(self, inputs: Properties) -> Document:
        """Google calls automatic replication by its whole name."""
        body = super().body(inputs)
        if "auto" in body.get("replication", {}):
            body["replication"] = {"automatic": body["replication"]["auto"]}
        return body

    def properties(self, kept: Document) -> Properties:
        """The opposite."""
        found = super().properties(kept)
        if "automatic" in found.get("replication", {}):
            found["replication"] = {"auto": found["replication"]["automatic"]}
        return found

    def kept(self, server: Cloud, body: Document, before: Document | None) -> Document:
        """A time to live is counted from the request that sets it."""
        kept = dict(body)
        if "ttl" in body:
            unchanged = before is not None and before.get("ttl") == body["ttl"]
            later = server.now() + timedelta(seconds=rules.seconds(body["ttl"]))
            kept["expireTime"] = before["expireTime"] if before and unchanged else timestamp(later)
        return kept

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        """What has expired is gone."""
        found = server.store.read(identity)
        if found and "expireTime" in found and rules.moment(found["expireTime"]) <= server.now():
            self.delete(server, identity, known)
        return super().read(server, identity, known)

    def told(self, server: Cloud, identity: str, kept: Document, known: Properties) -> Properties:
        """Google names a project by its number, and moves the next time of a rotation on when it has passed."""
        _, project, _, secret = identity.split("/")
        told: Properties = {
            "name": f"projects/{server.number(project)}/secrets/{secret}",
            "ttl": known.get("ttl"),
            "effectiveAnnotations": kept.get("annotations", {}),
        }
        if due := kept.get("rotation"):
            told["rotation"] = due | {"nextRotationTime": self._next(server, due)}
        return told

    def _next(self, server: Cloud, due: dict[str, Any]) -> str:
        time = rules.moment(due["nextRotationTime"])
        if "rotationPeriod" in due:
            period = timedelta(seconds=rules.seconds(due["rotationPeriod"]))
            if (passed := server.now() - time) >= timedelta(0):
                time += (passed // period + 1) * period
        return timestamp(time)


SECRET: Final = SecretRow(
    resource=gcp.secretmanager.Secret,
    api="secretmanager.v1",
    schema="Secret",
    name="projects/{project}/secrets/{secretId}",
    unsent=frozenset({"project", "secretId", "deletionPolicy", "deletionProtection"}),
    write_only=frozenset({"ttl", "tags"}),
    replaces=frozenset({"project", "replication", "secretId", "secretType", "tags"}),
    steady=frozenset({"name", "createTime"}),
    computed=frozenset({"expireTime", "deletionPolicy", "deletionProtection"}),
    api_rules=(
        rules.id_of("[A-Za-z0-9_-]{1,255}", "Secret Manager, projects.secrets.create"),
        rules.replication,
        rules.immutable("secretType"),
        rules.labels,
        rules.annotations,
        rules.rotation,
        rules.expiry,
        rules.aliases,
    ),
)

ACCESS: Final = WholePolicyRow(
    resource=gcp.secretmanager.SecretIamPolicy,
    api="secretmanager.v1",
    target="projects/{project}/secrets/{secretId}",
    replaces=frozenset({"project", "secretId"}),
    same={"policyData": same_policy},
)
