"""Topics, who may publish, and who is told."""

import json
from dataclasses import dataclass
from typing import Any

from pulumi_aws import sns

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy


@dataclass(frozen=True, kw_only=True)
class AttributesRow(OperationRow):
    """What it is, is said attribute by attribute, each as text."""

    setting: str
    """The operation that sets one."""
    attributes: frozenset[str]

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it with all its attributes."""
        here = self.at(server, inputs)
        asked = self.parameters(here, self.makes, inputs)
        attributes = {self._api_name(name): _text(inputs[name]) for name in sorted(self.attributes & inputs.keys())}
        fixed = dict(self.makes.fixed)
        made = here.call(
            "sns", self.makes.operation, **asked, **fixed, **({"Attributes": attributes} if attributes else {})
        )
        return Written(self.identity(inputs | self.understood(made)))

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Set every attribute that has changed."""
        here = self.at(server, state)
        for name in sorted(self.attributes):
            if self._changed(name, state, inputs):
                value = inputs.get(name, self.inputs[name].shape.zero)
                address = self._address(here, self.setting, state | self.parsed(identity))
                here.call("sns", self.setting, **address | {
                    "AttributeName": self._api_name(name), "AttributeValue": _text(value),
                })  # fmt: skip
        self.retag(here, state | self.parsed(identity), inputs)

    def _api_name(self, name: str) -> str:
        return self.names.get(name, name[0].upper() + name[1:]).split()[0]


@dataclass(frozen=True, kw_only=True)
class TopicRow(AttributesRow):
    """A topic, whose name only its ARN tells."""

    def parsed(self, identity: str) -> Properties:
        """The ARN, and the name at its end."""
        return {"arn": identity, "name": identity.rpartition(":")[2]}


@dataclass(frozen=True, kw_only=True)
class TopicPolicyRow(OperationRow):
    """A topic's policy, apart from it. Without one, the owner's account may do everything."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Set it."""
        _set_policy(self.at(server, inputs), inputs["arn"], inputs["policy"])
        return Written(str(inputs["arn"]))

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Set it again."""
        _set_policy(self.at(server, state), identity, inputs["policy"])

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Leave the owner's account."""
        here = self.at(server, state)
        if here.find("sns", "get_topic_attributes", TopicArn=identity) is not None:
            statement = {
                "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": identity,
                "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:Publish",
                           "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic"],
                "Condition": {"StringEquals": {"AWS:SourceOwner": here.account}},
            }  # fmt: skip
            _set_policy(here, identity, json.dumps({"Version": "2008-10-17", "Statement": [statement]}))


def _set_policy(here: Aws, arn: str, document: str) -> None:
    here.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


ROWS = (
    TopicRow(
        resource=sns.Topic,
        service="sns",
        id="{arn}",
        autonamed=True,
        makes=Call("create_topic"),
        tells=calls("get_topic_attributes Attributes", "list_tags_for_resource"),
        removes=calls("delete_topic"),
        setting="set_topic_attributes",
        attributes=words("contentBasedDeduplication deliveryPolicy displayName fifoTopic kmsMasterKeyId policy "
                         "signatureVersion tracingConfig"),
        names={"arn": "TopicArn ResourceArn"},
        replaces=words("fifoTopic name namePrefix region"),
        computed=words("policy region signatureVersion tracingConfig"),
        kept=words("namePrefix"),
        same={"policy": same_policy, "deliveryPolicy": same_policy},
        rules=(policy("policy"),),
        forgotten=words("signatureVersion tracingConfig"),
    ),
    TopicPolicyRow(
        resource=sns.TopicPolicy,
        service="sns",
        id="{arn}",
        makes=Call("set_topic_attributes"),
        tells=calls("get_topic_attributes Attributes"),
        names={"arn": "TopicArn"},
        replaces=words("arn region"),
        computed=words("region"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
    AttributesRow(
        resource=sns.TopicSubscription,
        service="sns",
        id="{arn}",
        makes=Call("subscribe", fixed={"ReturnSubscriptionArn": True}),
        tells=calls("get_subscription_attributes Attributes"),
        removes=calls("unsubscribe"),
        setting="set_subscription_attributes",
        attributes=words("deliveryPolicy filterPolicy filterPolicyScope rawMessageDelivery redrivePolicy "
                         "subscriptionRoleArn"),
        names={"arn": "SubscriptionArn", "topic": "TopicArn", "ownerId": "Owner"},
        replaces=words("endpoint protocol region topic"),
        defaults={"confirmationTimeoutInMinutes": 1, "endpointAutoConfirms": False, "rawMessageDelivery": False},
        computed=words("filterPolicyScope region"),
        kept=words("confirmationTimeoutInMinutes endpointAutoConfirms replayPolicy"),
        same={"filterPolicy": same_policy, "redrivePolicy": same_policy, "deliveryPolicy": same_policy},
    ),
)  # fmt: skip
