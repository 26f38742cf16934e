"""Event Grid's topics and subscriptions, by azure-mgmt-eventgrid."""

from dataclasses import dataclass
from typing import Final

from azure.mgmt.eventgrid import models
from pulumi_azure_native import eventgrid

from .arm import of_type, refused
from .row import ArmRow, Names, Put

TOPICS: Final = "Microsoft.EventGrid/systemTopics"
SUBSCRIPTIONS: Final = f"{TOPICS}/eventSubscriptions"
_TOPIC: Final = (
    f"/subscriptions/{{subscriptionId}}/resourceGroups/{{resourceGroupName}}/providers/{TOPICS}/{{systemTopicName}}"
)
_SUBSCRIPTIONS_MOST: Final = 500
_VALUES_MOST: Final = 25
"""Azure Event Grid quotas and limits; Event filtering, limitations."""


@dataclass(frozen=True, kw_only=True)
class TopicRow(ArmRow):
    """What a resource tells of itself."""

    def accept(self, put: Put) -> None:
        """Refuse a second topic of one source, and one of something that is not there: System topics in Event Grid."""
        source = str(put.body.get("properties", {}).get("source", ""))
        if source.lower() not in put.resources and f"/{put.server.subscription}/" in source.lower():
            raise refused("ResourceNotFound", f"source {source} is not there", "deploy it first")
        there = put.resources.get(source.lower(), put.body)["location"]
        if there != put.body["location"]:
            raise refused(
                "InvalidRequest",
                f"System topic's location must match with location of the source {source}, which is {there}",
                "correct it",
            )
        for other in of_type(put.resources, TOPICS):
            if (
                other["id"].lower() != put.identity.lower()
                and other["properties"].get("source", "").lower() == source.lower()
            ):
                raise refused("BadRequest", f"{source} has a topic: {other['id']}", "a source has one, import it")


@dataclass(frozen=True, kw_only=True)
class SubscriptionRow(ArmRow):
    """Who is told of which events."""

    def accept(self, put: Put) -> None:
        """Refuse what is beyond Event Grid's limits: the pages above."""
        wanted = put.body.get("properties", {})
        filters = (wanted.get("filter") or {}).get("advancedFilters") or []
        values = sum(len(one.get("values") or [None]) for one in filters)
        if len(filters) > _VALUES_MOST or values > _VALUES_MOST:
            raise refused("InvalidRequest", f"{values} values in advanced filters", f"at most {_VALUES_MOST}")
        if not wanted.get("destination"):
            raise refused("InvalidRequest", "there is no destination", "say who is told")
        prefix = f"{put.identity.rpartition('/')[0].lower()}/"
        if put.before is None and sum(key.startswith(prefix) for key in put.resources) >= _SUBSCRIPTIONS_MOST:
            raise refused("InvalidRequest", f"a topic has at most {_SUBSCRIPTIONS_MOST}", "remove some")


ROWS = (
    TopicRow(
        resource=eventgrid.SystemTopic,
        path=_TOPIC,
        kind=TOPICS,
        model=models.SystemTopic,
        names=Names(r"[A-Za-z0-9-]{3,50}"),
        name="systemTopicName",
        replaces=frozenset({"systemTopicName", "resourceGroupName", "location", "source", "topicType"}),
    ),
    SubscriptionRow(
        resource=eventgrid.SystemTopicEventSubscription,
        path=f"{_TOPIC}/eventSubscriptions/{{eventSubscriptionName}}",
        kind=SUBSCRIPTIONS,
        model=models.EventSubscription,
        names=Names(r"[A-Za-z0-9-]{3,64}"),
        name="eventSubscriptionName",
        values={"eventDeliverySchema": frozenset(schema.value for schema in models.EventDeliverySchema)},
        replaces=frozenset({"eventSubscriptionName", "systemTopicName", "resourceGroupName"}),
    ),
)
