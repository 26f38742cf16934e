"""Topics by which Secret Manager says that a secret is due, and who is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from strongroom.gcp.place import GcpPlace, place_of
from strongroom.gcp.rotation.spec import GcpPush
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpPushTo:
    """Where notifications are sent, and as whom."""

    endpoint: str
    invoker: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpRotationTopic(Record):
    """A topic with its subscription, and another pair for what could not be delivered."""

    kind: ClassVar[str] = "gcp.rotation.topic"
    place: GcpPlace
    name: str
    rotator: str
    subscriber: str
    push: GcpPushTo | None
    max_delivery_attempts: int

    @property
    def key(self) -> str:
        return self.rotator


def topic_name(environment: str, rotator: str) -> str:
    """The id of a topic; the environment is part of it, as they are global to a project."""
    return f"strongroom.{environment}.{rotator}"


def plan(scope: Scope) -> Iterator[Record]:
    for name, rotator in sorted(scope.environment.rotators.items()):
        if topic := rotator.gcp_topic:
            yield GcpRotationTopic(
                slice=PLATFORM,
                place=place_of(scope),
                name=topic_name(scope.name, name),
                rotator=name,
                subscriber=topic.subscriber,
                push=_push(topic.push) if topic.push else None,
                max_delivery_attempts=topic.max_delivery_attempts,
            )


def _push(push: GcpPush) -> GcpPushTo:
    # Pub/Sub, "Authentication for push subscriptions": the endpoint, unless another audience is named.
    return GcpPushTo(endpoint=push.endpoint, invoker=push.invoker, audience=push.audience or push.endpoint)
