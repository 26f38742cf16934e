"""The resource types that are served, one row each."""

from dataclasses import dataclass
from typing import Final

import pulumi_gcp as gcp

from ..frame.file_store import Document
from ..frame.row import Row
from ..frame.values import Properties
from . import rules
from .audit_row import AuditRow, same_logs
from .cloud import Cloud
from .identities import POOL, PROVIDER, ROLE, SERVICE_AGENT
from .policy_row import BindingRow
from .resource_row import ResourceRow
from .secret_manager import ACCESS, SECRET

_TOPIC_ID: Final = r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
_KEY_ID: Final = "[A-Za-z0-9_-]{1,63}"
_STEERING: Final = frozenset({"project", "name", "deletionPolicy"})

KEY_RING: Final = ResourceRow(
    resource=gcp.kms.KeyRing,
    api="cloudkms.v1",
    schema="KeyRing",
    name="projects/{project}/locations/{location}/keyRings/{name}",
    unsent=frozenset({"project", "location", "name"}),
    replaces=frozenset({"project", "location", "name"}),
    api_rules=(rules.id_of(_KEY_ID, "Cloud KMS, projects.locations.keyRings.create"),),
    forever=True,
)
CRYPTO_KEY: Final = ResourceRow(
    resource=gcp.kms.CryptoKey,
    api="cloudkms.v1",
    schema="CryptoKey",
    name="{keyRing}/cryptoKeys/{name}",
    within="{keyRing}",
    unsent=frozenset({"keyRing", "name", "skipInitialVersionCreation", "deletionPolicy"}),
    defaults={"purpose": "ENCRYPT_DECRYPT"},
    replaces=frozenset(
        {"keyRing", "name", "purpose", "destroyScheduledDuration", "importOnly", "skipInitialVersionCreation"}
    ),
    computed=frozenset({"destroyScheduledDuration", "versionTemplate", "deletionPolicy", "cryptoKeyBackend"}),
    api_rules=(
        rules.id_of(_KEY_ID, "Cloud KMS, projects.locations.keyRings.cryptoKeys.create"),
        rules.immutable("purpose", "destroyScheduledDuration", "importOnly"),
        rules.between("rotationPeriod", 86400, 876000 * 3600, "Cloud KMS, CryptoKey"),
        rules.between("destroyScheduledDuration", 86400, 120 * 86400, "Cloud KMS, Destroy and restore key versions"),
        rules.labels,
    ),
    # The official provider destroys all versions, and forgets the key: its name is taken for good.
    forever=True,
)
TOPIC: Final = ResourceRow(
    resource=gcp.pubsub.Topic,
    api="pubsub.v1",
    schema="Topic",
    name="projects/{project}/topics/{name}",
    named=True,
    created=False,
    unsent=_STEERING,
    replaces=frozenset({"project", "name", "tags"}),
    computed=frozenset({"messageStoragePolicy", "schemaSettings", "deletionPolicy"}),
    api_rules=(
        rules.id_of(_TOPIC_ID, "Pub/Sub, Topic"),
        rules.between("messageRetentionDuration", 600, 31 * 86400, "Pub/Sub, Topic"),
        rules.labels,
    ),
)


@dataclass(frozen=True, kw_only=True)
class _SubscriptionRow(ResourceRow):
    """A subscription. One that never expires is written with an empty time to live, and sent with none."""

    def body(self, inputs: Properties) -> Document:
        """The message of a request."""
        body = super().body(inputs)
        if body.get("expirationPolicy") == {"ttl": ""}:
            body["expirationPolicy"] = {}
        return body

    def properties(self, kept: Document) -> Properties:
        """The opposite."""
        found = super().properties(kept)
        if found.get("expirationPolicy") == {}:
            found["expirationPolicy"] = {"ttl": ""}
        return found


SUBSCRIPTION: Final = _SubscriptionRow(
    resource=gcp.pubsub.Subscription,
    api="pubsub.v1",
    schema="Subscription",
    name="projects/{project}/subscriptions/{name}",
    named=True,
    created=False,
    unsent=_STEERING,
    replaces=frozenset({"project", "name", "topic", "filter", "enableMessageOrdering", "tags"}),
    computed=frozenset(
        {"ackDeadlineSeconds", "expirationPolicy", "messageRetentionDuration", "topic", "deletionPolicy"}
    ),
    api_rules=(
        rules.id_of(_TOPIC_ID, "Pub/Sub, Subscription"),
        rules.named("topic", lambda body: str(body["topic"])),
        rules.named("deadLetterTopic", lambda body: (body.get("deadLetterPolicy") or {}).get("deadLetterTopic")),
        rules.immutable("topic", "filter"),
        rules.between("messageRetentionDuration", 600, 31 * 86400, "Pub/Sub, Subscription"),
        rules.dead_letters,
        rules.labels,
    ),
)
_MEMBERS: Final = frozenset({"members"})

ROWS: Final[tuple[Row[Cloud], ...]] = (
    SECRET,
    ACCESS,
    KEY_RING,
    CRYPTO_KEY,
    BindingRow(
        resource=gcp.kms.CryptoKeyIAMBinding,
        api="cloudkms.v1",
        target="{cryptoKeyId}",
        of="cryptoKeyId",
        unordered=_MEMBERS,
        replaces=frozenset({"cryptoKeyId", "role", "condition"}),
    ),
    TOPIC,
    BindingRow(
        resource=gcp.pubsub.TopicIAMBinding,
        api="pubsub.v1",
        target="projects/{project}/topics/{topic}",
        of="topic",
        unordered=_MEMBERS,
        replaces=frozenset({"project", "topic", "role", "condition"}),
    ),
    SUBSCRIPTION,
    BindingRow(
        resource=gcp.pubsub.SubscriptionIAMBinding,
        api="pubsub.v1",
        target="projects/{project}/subscriptions/{subscription}",
        of="subscription",
        unordered=_MEMBERS,
        replaces=frozenset({"project", "subscription", "role", "condition"}),
    ),
    AuditRow(
        resource=gcp.projects.IAMAuditConfig,
        api="cloudresourcemanager.v1",
        target="projects/{project}",
        same={"auditLogConfigs": same_logs},
        replaces=frozenset({"project", "service"}),
    ),
    POOL,
    PROVIDER,
    ROLE,
    SERVICE_AGENT,
)
