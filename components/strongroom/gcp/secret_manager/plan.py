"""GCP Secret Manager: the secrets that are kept there, each a container without a value, and who may use each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from strongroom.gcp.iam.grants import GcpBinding, access
from strongroom.gcp.kms.plan import key_in
from strongroom.gcp.place import GcpPlace, place_of
from strongroom.gcp.rotation.plan import topic_name
from strongroom.gcp.secret_manager.spec import GcpSecretManager
from strongroom.plan.qualified_names import full_name
from strongroom.plan.record import Record
from strongroom.plan.scope import Key, Scope
from strongroom.plan.stored import StoredSecret, stored_in
from strongroom.spec.catalog import Secret

KIND: Final = "gcp_secret_manager"
SYSTEM: Final = "gcp"
ID_MAX: Final = 255
"""Secret Manager, "projects.secrets.create"."""
_PART: Final = re.compile(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpReplica:
    """A location that holds a copy."""

    location: str
    key: str | None
    """The full name of the key that encrypts it; None: a key of Google's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpRotation:
    """When somebody is told that a secret is due."""

    topic: str
    starts_at: str
    period_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpSecret(StoredSecret):
    """A secret of Secret Manager: one JSON object of its fields. `path` is its id."""

    kind: ClassVar[str] = "gcp.secret_manager.secret"
    place: GcpPlace
    replicas: tuple[GcpReplica, ...]
    """Empty: Google chooses (automatic replication)."""
    kms_key: str | None
    """With automatic replication, the full name of the key that encrypts it; None: a key of Google's own."""
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]
    version_destroy_ttl_seconds: int | None
    ttl_seconds: int | None
    version_aliases: tuple[tuple[str, int], ...]
    rotation: GcpRotation | None
    access: tuple[GcpBinding, ...]
    """Everybody whom the secret's own policy names; whoever is not here and is not of the project has no access."""
    protect: bool

    @property
    def replication(self) -> str:
        """Where copies are: `automatic`, or the locations. It can never be changed."""
        return ", ".join(sorted(replica.location for replica in self.replicas)) or "automatic"

    @property
    def full_name(self) -> str:
        return f"projects/{self.place.project}/secrets/{self.path}"


def name_of(scope: Scope, secret: Key, store: GcpSecretManager) -> str:
    """The full name of a secret, with slashes: `prod/payments/stripe`."""
    return full_name(scope, secret, store.prefix)


def secret_id(name: str) -> str:
    """The id for a name: `prod--payments--stripe`. No part of a sound name has two hyphens in a row, or one at an end,
    so no two names have one id."""
    return name.replace("/", "--")


def flaw(name: str, fields: tuple[str, ...]) -> tuple[str, str] | None:  # noqa: ARG001  they are within the value
    """What Secret Manager does not accept of an id, or what would make two names one."""
    for part in name.split("/"):
        if not _PART.fullmatch(part):
            return (
                f"'{part}' cannot be a part of a secret's id, in which `/` is written `--`",
                "use letters, digits, `_` and single `-` between them in the `path`",
            )
    if len(secret_id(name)) > ID_MAX:
        return (
            f"'{secret_id(name)}' has {len(secret_id(name))} characters, the limit of Secret Manager is {ID_MAX}",
            "choose a shorter path",
        )
    return None


def plan(scope: Scope) -> Iterator[Record]:
    for key, store, common in stored_in(scope, KIND):
        place = place_of(scope)
        team, name = key
        annotations = {"strongroom-description": common["description"]} if common["description"] else {}
        labels = {"strongroom-environment": scope.name, "strongroom-team": team, "strongroom-secret": name}
        yield GcpSecret(
            **common,
            place=place,
            path=secret_id(name_of(scope, key, store)),
            replicas=tuple(
                GcpReplica(location=location, key=store.key and key_in(scope, store.key, location))
                # In order: a list in another one would be other replicas to the provider, and so another secret.
                for location in sorted(store.locations)
            ),
            kms_key=key_in(scope, store.key, "global") if store.key and not store.locations else None,
            labels=tuple(sorted({**store.labels, **labels}.items())),
            annotations=tuple(sorted({**store.annotations, **annotations}.items())),
            version_destroy_ttl_seconds=store.version_destroy_ttl,
            ttl_seconds=store.expire_after,
            version_aliases=tuple(sorted(store.version_aliases.get("/".join(key), {}).items())),
            rotation=_rotation(scope, place, scope.secrets[key]),
            access=access(scope, key),
            protect=scope.environment.protect,
        )


def _rotation(scope: Scope, place: GcpPlace, secret: Secret) -> GcpRotation | None:
    if secret.rotator is None or secret.rotate_every is None:
        return None
    topic = scope.environment.rotators[secret.rotator].gcp_topic
    if topic is None:
        return None
    return GcpRotation(
        topic=f"projects/{place.project}/topics/{topic_name(scope.name, secret.rotator)}",
        starts_at=topic.starts_at,
        period_seconds=secret.rotate_every,
    )
