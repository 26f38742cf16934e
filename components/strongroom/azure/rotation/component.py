"""What a vault tells of itself, and who is told, as a component."""

from typing import TypedDict

import pulumi
import pulumi_azure_native as azure_native

from strongroom.azure import provider
from strongroom.azure.rotation.plan import NEAR_EXPIRY, AzureEventTopic, AzureRotation
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class AzureVaultEventsArgs(TypedDict):
    """The topic of one vault."""

    topic: str
    """Its name."""
    source: str
    """The id of the vault."""
    resource_group: str
    """The resource group of the vault."""
    location: str
    """The location of the vault."""


class AzureVaultEvents(pulumi.ComponentResource):
    """What a vault tells of itself: Azure has one topic for each."""

    topic_id: pulumi.Output[str]
    """Its id."""

    def __init__(self, name: str, args: AzureVaultEventsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AzureVaultEvents", name, None, opts)
        self.made = azure_native.eventgrid.SystemTopic(
            f"{name}-topic",
            system_topic_name=args["topic"],
            resource_group_name=args["resource_group"],
            location=args["location"],
            source=args["source"],
            topic_type="Microsoft.KeyVault.vaults",
            opts=leaf(self),
        )
        self.topic_id = self.made.id
        self.register_outputs({"topic_id": self.topic_id})


class AzureRotationArgs(TypedDict):
    """Who is told that one secret nears its end."""

    secret: str
    """The secret's name in the vault."""
    function: str
    """The id of the function."""


class AzureSecretRotationsArgs(TypedDict):
    """Subscriptions of one topic."""

    topic: str
    """The topic."""
    resource_group: str
    """Its resource group."""
    subscriptions: dict[str, AzureRotationArgs]
    """The subscriptions by name."""


class AzureSecretRotations(pulumi.ComponentResource):
    """Functions that are told when secrets near their end, and put new values into them."""

    subscription_ids: pulumi.Output[list[str]]
    """The ids of the subscriptions."""

    def __init__(self, name: str, args: AzureSecretRotationsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AzureSecretRotations", name, None, opts)
        made = [
            azure_native.eventgrid.SystemTopicEventSubscription(
                f"{name}-{subscription}",
                event_subscription_name=subscription,
                system_topic_name=args["topic"],
                resource_group_name=args["resource_group"],
                destination=azure_native.eventgrid.AzureFunctionEventSubscriptionDestinationArgs(
                    endpoint_type="AzureFunction", resource_id=wanted["function"], max_events_per_batch=1
                ),
                event_delivery_schema="EventGridSchema",
                filter=azure_native.eventgrid.EventSubscriptionFilterArgs(
                    included_event_types=[NEAR_EXPIRY],
                    # The subject is the secret's name. Beginnings and endings would match others as well.
                    advanced_filters=[
                        azure_native.eventgrid.StringInAdvancedFilterArgs(
                            operator_type="StringIn", key="subject", values=[wanted["secret"]]
                        )
                    ],
                ),
                opts=leaf(self),
            )
            for subscription, wanted in args["subscriptions"].items()
        ]
        self.subscription_ids = pulumi.Output.all(*(subscription.id for subscription in made))
        self.register_outputs({"subscription_ids": self.subscription_ids})


def deploy(plan: Plan, stage: Stage) -> None:
    """The topics and subscriptions of a plan."""
    topics: dict[str, pulumi.Resource] = {}
    for topic in plan.of(AzureEventTopic):
        component = AzureVaultEvents(
            f"{plan.environment}-{topic.name}",
            {
                "topic": topic.name,
                "source": topic.source,
                "resource_group": topic.place.resource_group,
                "location": topic.place.location,
            },
            provider.options_in_vault(stage, topic.place, topic.vault),
        )
        topics[topic.name] = component.made
    for (name, place), rotations in plan.grouped(AzureRotation, lambda rotation: (rotation.topic, rotation.place)):
        AzureSecretRotations(
            f"{plan.environment}-{name}-rotations",
            {
                "topic": name,
                "resource_group": place.resource_group,
                "subscriptions": {r.name: {"secret": r.secret_in_vault, "function": r.function} for r in rotations},
            },
            provider.options(stage, place, [topics[name]] if name in topics else []),
        )
