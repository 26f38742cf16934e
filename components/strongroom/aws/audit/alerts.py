"""Alerts as a component: rules of EventBridge in one region, and the topic they publish to."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.stage import leaf


class AwsAlertRuleArgs(TypedDict):
    """A rule."""

    name: str
    """Its name."""
    pattern: pulumi.Input[str]
    """Which events raise an alert, as JSON."""
    description: NotRequired[pulumi.Input[str]]
    """For people."""


class AwsAccessAlertsArgs(TypedDict):
    """Rules of one region, and either an existing topic or the name of one that is made."""

    rules: dict[str, AwsAlertRuleArgs]
    """The rules by a short name of their own, such as `denied`."""
    topic_arn: NotRequired[pulumi.Input[str]]
    """An existing topic, whose policy lets EventBridge publish. Default: one is made."""
    topic_name: NotRequired[str]
    """The name of the topic that is made. Default: the component's."""
    topic_policy: NotRequired[pulumi.Input[str]]
    """Who may publish to it, as JSON. Needed where one is made: without, EventBridge may not."""
    topic_key: NotRequired[pulumi.Input[str]]
    """Alias, id or ARN of the key that encrypts its messages. Not AWS's own `alias/aws/sns`, which EventBridge cannot
    use. Default: none."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AwsAccessAlerts(pulumi.ComponentResource):
    """Rules that publish CloudTrail's events to a topic."""

    topic_arn: pulumi.Output[str]
    """The topic, to subscribe to."""

    def __init__(self, name: str, args: AwsAccessAlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsAccessAlerts", name, None, opts)
        given, tags = args.get("topic_arn"), args.get("tags")
        policies: list[pulumi.Resource] = []
        if given is None:
            topic = aws.sns.Topic(
                f"{name}-topic",
                name=args.get("topic_name", name),
                kms_master_key_id=args.get("topic_key"),
                tags=tags,
                opts=leaf(self),
            )
            if (policy := args.get("topic_policy")) is not None:
                policies = [aws.sns.TopicPolicy(f"{name}-topic-policy", arn=topic.arn, policy=policy, opts=leaf(self))]
            self.topic_arn = topic.arn
        else:
            self.topic_arn = pulumi.Output.from_input(given)
        for short, rule in args["rules"].items():
            made = aws.cloudwatch.EventRule(
                f"{name}-{short}",
                name=rule["name"],
                description=rule.get("description"),
                event_pattern=rule["pattern"],
                # Reading a secret is a read-only management event, which an ENABLED rule never sees: Amazon
                # EventBridge, "Receiving read-only management events from AWS services".
                state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                tags=tags,
                opts=leaf(self),
            )
            aws.cloudwatch.EventTarget(
                f"{name}-{short}-target",
                rule=made.name,
                target_id="alerts",
                arn=self.topic_arn,
                opts=leaf(self, depends_on=policies),
            )
        self.register_outputs({"topic_arn": self.topic_arn})
