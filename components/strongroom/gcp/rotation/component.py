"""A topic on which Secret Manager says what is due, and who is told, as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp import provider
from strongroom.gcp.rotation.plan import GcpRotationTopic as Record
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf

KEPT: str = f"{31 * 86400}s"
"""The longest that Pub/Sub keeps a message: Pub/Sub, "Subscription"."""
ACK_DEADLINE_SECONDS: int = 600
"""The longest there is: a rotation takes its time, and is not to be started twice meanwhile."""


class GcpPushArgs(TypedDict):
    """Where notifications are sent."""

    endpoint: pulumi.Input[str]
    """The URL."""
    invoker: pulumi.Input[str]
    """The service account as which Pub/Sub calls it."""
    audience: pulumi.Input[str]
    """The audience of the token that says so."""


class GcpRotationTopicArgs(TypedDict):
    """A topic and its subscription."""

    project: pulumi.Input[str]
    """The project's id."""
    name: str
    """The id of the topic and of the subscription."""
    publisher: str
    """Who says that a secret is due, as a member of IAM: Secret Manager's service agent. Nobody else may publish."""
    dead_letter_agent: str
    """Who moves what could not be delivered, as a member of IAM: Pub/Sub's service agent."""
    subscriber: str
    """Who pulls notifications where they are not pushed, and who may look through those put aside, as a member."""
    push: NotRequired[GcpPushArgs]
    """Where they are sent. Default: they wait to be pulled."""
    max_delivery_attempts: NotRequired[pulumi.Input[int]]
    """After how many attempts one is put aside, 5 to 100. Default 10."""


class GcpRotationTopic(pulumi.ComponentResource):
    """A topic with a subscription, and a second pair that keeps for 31 days what could not be delivered."""

    topic: pulumi.Output[str]
    """The topic's full name: what a secret names."""
    subscription: pulumi.Output[str]
    """The subscription's full name."""

    def __init__(self, name: str, args: GcpRotationTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpRotationTopic", name, None, opts)
        project, dead = args["project"], f"{args['name']}.dead"
        topic = gcp.pubsub.Topic(f"{name}-topic", project=project, name=args["name"], opts=leaf(self))
        self.publisher = _on_topic(self, f"{name}-publisher", project, topic, args["publisher"])
        aside = gcp.pubsub.Topic(f"{name}-dead-topic", project=project, name=dead, opts=leaf(self))
        mover = _on_topic(self, f"{name}-dead-publisher", project, aside, args["dead_letter_agent"])
        # Without a subscription of its own, what is put aside would be dropped.
        kept = gcp.pubsub.Subscription(
            f"{name}-dead-subscription",
            project=project,
            name=dead,
            topic=aside.id,
            message_retention_duration=KEPT,
            expiration_policy={"ttl": ""},  # never: rotations are months apart
            opts=leaf(self),
        )
        told = gcp.pubsub.Subscription(
            f"{name}-subscription",
            project=project,
            name=args["name"],
            topic=topic.id,
            ack_deadline_seconds=ACK_DEADLINE_SECONDS,
            message_retention_duration=KEPT,
            expiration_policy={"ttl": ""},
            retry_policy={"minimum_backoff": "10s", "maximum_backoff": "600s"},
            dead_letter_policy={
                "dead_letter_topic": aside.id,
                "max_delivery_attempts": args.get("max_delivery_attempts", 10),
            },
            push_config=_push_config(args["push"]) if "push" in args else None,
            opts=leaf(self, depends_on=[mover]),
        )
        # The agent takes a message out of the subscription when it has put it aside.
        takers = [args["dead_letter_agent"]] if "push" in args else [args["dead_letter_agent"], args["subscriber"]]
        for short, subscription, members in (("", told, takers), ("-dead", kept, [args["subscriber"]])):
            gcp.pubsub.SubscriptionIAMBinding(
                f"{name}{short}-subscribers",
                project=project,
                subscription=subscription.name,
                role="roles/pubsub.subscriber",
                members=sorted(members),
                opts=leaf(self),
            )
        self.topic, self.subscription = topic.id, told.id
        self.register_outputs({"topic": self.topic, "subscription": self.subscription})


def _on_topic(
    parent: pulumi.Resource, name: str, project: pulumi.Input[str], topic: gcp.pubsub.Topic, member: str
) -> gcp.pubsub.TopicIAMBinding:
    """The one who may publish: who else could, would start rotations."""
    return gcp.pubsub.TopicIAMBinding(
        name, project=project, topic=topic.name, role="roles/pubsub.publisher", members=[member], opts=leaf(parent)
    )


def _push_config(push: GcpPushArgs) -> gcp.pubsub.SubscriptionPushConfigArgs:
    return gcp.pubsub.SubscriptionPushConfigArgs(
        push_endpoint=push["endpoint"],
        oidc_token=gcp.pubsub.SubscriptionPushConfigOidcTokenArgs(
            service_account_email=push["invoker"], audience=push["audience"]
        ),
    )


def deploy(plan: Plan, stage: Stage) -> None:
    """The topics of a plan. No secret names a topic on which Secret Manager may not publish yet: that is refused."""
    made: list[pulumi.Resource] = []
    for record in plan.of(Record):
        args: GcpRotationTopicArgs = {
            "project": record.place.project,
            "name": record.name,
            "publisher": record.place.secret_manager_agent,
            "dead_letter_agent": record.place.pubsub_agent,
            "subscriber": f"serviceAccount:{record.subscriber}",
            "max_delivery_attempts": record.max_delivery_attempts,
        }
        if push := record.push:
            args["push"] = {"endpoint": push.endpoint, "invoker": push.invoker, "audience": push.audience}
        component = GcpRotationTopic(
            f"{plan.environment}-{record.rotator}", args, provider.options(stage, record.place)
        )
        made.append(component.publisher)
    stage.gcp_first += made
