"""What Google's pages say and its descriptions of APIs do not. Each rule names the page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ..frame.file_store import Document, Resources
from .cloud import Cloud, CloudError, members, must_be_there
from .resource_row import ApiRule

AGENT_ENCRYPTS: Final = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
AGENT_PUBLISHES: Final = "roles/pubsub.publisher"
HUNDRED_YEARS: Final = 3153600000
LABEL: Final = (re.compile(r"[a-z][a-z0-9_-]{0,62}"), re.compile(r"[a-z0-9_-]{0,63}"))
ANNOTATION_KEY: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def id_of(pattern: str, page: str) -> ApiRule:
    """The last part of the name is of a form."""

    def rule(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
        last = body["name"].rpartition("/")[2]
        if not re.fullmatch(pattern, last):
            raise invalid(body, f"the id '{last}' does not match {pattern} ({page})")

    return rule


def immutable(*fields: str) -> ApiRule:
    """Fields that no request may change."""

    def rule(_cloud: Cloud, _resources: Resources, body: Document, before: Document | None) -> None:
        for name in fields:
            if before is not None and body.get(name) != before.get(name):
                raise invalid(body, f"{name} is immutable")

    return rule


def labels(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """Google Cloud, "Requirements for labels"; Secret Manager, "Secret"."""
    found: dict[str, str] = body.get("labels", {})
    if len(found) > 64:
        raise invalid(body, "more than 64 labels")
    for key, value in found.items():
        if not LABEL[0].fullmatch(key) or not LABEL[1].fullmatch(value):
            raise invalid(body, f"the label {key} is not of the right form")


def annotations(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """Secret Manager, "Secret": annotations."""
    found: dict[str, str] = body.get("annotations", {})
    for key in found:
        if not ANNOTATION_KEY.fullmatch(key):
            raise invalid(body, f"the annotation {key} is not of the right form")
    if sum(len(key.encode()) + len(value.encode()) for key, value in found.items()) >= 16 * 1024:
        raise invalid(body, "annotations of 16 KiB or more")


def replication(cloud: Cloud, resources: Resources, body: Document, before: Document | None) -> None:
    """Secret Manager, "Choose a replication policy" and "Enable customer-managed encryption keys"."""
    policy = body.get("replication", {})
    if before is not None and policy != before.get("replication"):
        raise invalid(body, "replication is immutable")
    if ("automatic" in policy) == ("userManaged" in policy):
        raise invalid(body, "replication is either automatic or userManaged")
    replicas = policy.get("userManaged", {}).get("replicas", [])
    if "userManaged" in policy and not replicas:
        raise invalid(body, "userManaged replication needs a replica")
    places = [replica.get("location") for replica in replicas]
    if len(set(places)) != len(places):
        raise invalid(body, "a location of replicas is named twice")
    encrypted = [bool(replica.get("customerManagedEncryption")) for replica in replicas]
    if any(encrypted) and not all(encrypted):
        raise invalid(body, "either all replicas have a key, or none has")
    for place, part in [("global", policy.get("automatic", {})), *zip(places, replicas, strict=True)]:
        if key := part.get("customerManagedEncryption", {}).get("kmsKeyName"):
            _usable(cloud, resources, body, place, key)


def _usable(cloud: Cloud, resources: Resources, body: Document, place: str, key: str) -> None:
    match = re.fullmatch(r"projects/[^/]+/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+", key)
    if not match or match[1] != place:
        raise invalid(body, f"the key of {place} has to lie in {place}")
    must_be_there(resources, key, f"Secret {body['name']}")
    agent = cloud.agent(body["name"].split("/")[1], "secretmanager")
    if agent not in members(resources, key, AGENT_ENCRYPTS):
        raise CloudError(
            "FAILED_PRECONDITION",
            f"Secret {body['name']}",
            f"{agent} may not use {key}: it needs {AGENT_ENCRYPTS} on it",
        )


def rotation(cloud: Cloud, resources: Resources, body: Document, before: Document | None) -> None:
    """Secret Manager, "Create rotation schedules" and "Set up notifications on a secret"."""
    topics, due = body.get("topics", []), body.get("rotation") or {}
    if len(topics) > 10:
        raise invalid(body, "more than 10 topics")
    for topic in topics:
        must_be_there(resources, topic["name"], f"Secret {body['name']}")
        agent = cloud.agent(body["name"].split("/")[1], "secretmanager")
        if agent not in members(resources, topic["name"], AGENT_PUBLISHES):
            raise CloudError(
                "FAILED_PRECONDITION",
                f"Secret {body['name']}",
                f"{agent} may not publish to {topic['name']}: it needs {AGENT_PUBLISHES} on it",
            )
    if due and not topics:
        raise invalid(body, "rotation needs topics")
    if "rotationPeriod" in due and "nextRotationTime" not in due:
        raise invalid(body, "next rotation time must be set while the rotation period is set")
    if "rotationPeriod" in due and not 3600 <= seconds(due["rotationPeriod"]) <= HUNDRED_YEARS:
        raise invalid(body, "the rotation period is between 1 hour and 100 years")
    next_time = due.get("nextRotationTime")
    if next_time and next_time != ((before or {}).get("rotation") or {}).get("nextRotationTime"):
        ahead = moment(next_time) - cloud.now()
        if not timedelta(seconds=300) <= ahead <= timedelta(seconds=HUNDRED_YEARS):
            raise invalid(body, "the next rotation time is at least 5 minutes and at most 100 years ahead")


def expiry(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """Secret Manager, "Create and manage expiring secrets", "Delay destruction of secret versions"."""
    if "ttl" in body and "expireTime" in body:
        raise invalid(body, "either ttl or expireTime")
    if "ttl" in body and not 60 <= seconds(body["ttl"]) <= HUNDRED_YEARS:
        raise invalid(body, "a secret expires in 60 seconds to 100 years")
    if "versionDestroyTtl" in body and seconds(body["versionDestroyTtl"]) < 86400:
        raise invalid(body, "versions are destroyed after 24 hours at the earliest")


def aliases(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
    """Secret Manager, "Assign an alias to a secret version". No version is ever made here, so none can be named."""
    found: dict[str, str] = body.get("versionAliases", {})
    if len(found) > 50:
        raise invalid(body, "more than 50 aliases")
    for alias, version in found.items():
        if not ALIAS.fullmatch(alias) or alias in ("latest", "NEW"):
            raise invalid(body, f"the alias {alias} is not of the right form")
        raise CloudError("FAILED_PRECONDITION", f"Secret {body['name']}", f"there is no version {version}")


def between(field: str, least: int, most: int, page: str) -> ApiRule:
    """A duration within bounds, in seconds."""

    def rule(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
        if field in body and not least <= seconds(body[field]) <= most:
            raise invalid(body, f"{field} is between {least}s and {most}s ({page})")

    return rule


def shorter(field: str, most: int, page: str) -> ApiRule:
    """A text of limited length."""

    def rule(_cloud: Cloud, _resources: Resources, body: Document, _before: Document | None) -> None:
        if len(body.get(field, "")) > most:
            raise invalid(body, f"{field} has more than {most} characters ({page})")

    return rule


def named(field: str, get: Callable[[Document], str | None]) -> ApiRule:
    """Another resource that has to be there."""

    def rule(_cloud: Cloud, resources: Resources, body: Document, _before: Document | None) -> None:
        if name := get(body):
            must_be_there(resources, name, f"{body['name']}, {field}")

    return rule


def dead_letters(cloud: Cloud, resources: Resources, body: Document, _before: Document | None) -> None:
    """Pub/Sub, "Handle message failures": 5 to 100 attempts. The agent's rights are not checked by Pub/Sub either, but
    without them nothing is ever put aside."""
    policy = body.get("deadLetterPolicy")
    if policy and not 5 <= policy.get("maxDeliveryAttempts", 5) <= 100:
        raise invalid(body, "maxDeliveryAttempts is between 5 and 100")
    if policy:
        agent = cloud.agent(body["name"].split("/")[1], "pubsub")
        if agent not in members(resources, policy["deadLetterTopic"], AGENT_PUBLISHES):
            raise CloudError(
                "FAILED_PRECONDITION",
                f"Subscription {body['name']}",
                f"{agent} may not publish to {policy['deadLetterTopic']}: nothing would be put aside",
            )


def seconds(duration: str) -> float:
    """The number of a duration such as `3600s`."""
    return float(duration.removesuffix("s"))


def moment(text: str) -> datetime:
    """A time such as `2027-01-04T03:00:00Z`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def invalid(body: Document, said: str) -> CloudError:
    what: Any = body["name"]
    return CloudError("INVALID_ARGUMENT", str(what), said)
