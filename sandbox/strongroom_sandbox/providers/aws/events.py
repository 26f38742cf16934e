"""Rules of EventBridge, and what they call."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import cloudwatch

from ..frame.row import Written, words
from ..frame.values import Properties, filled_in
from . import shapes
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy

_BUS: Final = "default"


@dataclass(frozen=True, kw_only=True)
class EventRuleRow(OperationRow):
    """A rule of a bus. Putting it again with another state switches it."""

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:
        """`isEnabled` is the older word for a state."""
        inputs = super().completed(inputs, server)
        if "state" in inputs:
            return inputs
        return filled_in(inputs, state="DISABLED" if inputs.get("isEnabled") is False else "ENABLED")

    def parsed(self, identity: str) -> Properties:
        """On the default bus the id is the name alone."""
        bus, _, name = identity.rpartition("/")
        return {"name": name, "eventBusName": bus or _BUS}

    def identity(self, properties: Properties) -> str:
        """See `parsed`."""
        bus = properties.get("eventBusName") or _BUS
        return str(properties["name"]) if bus == _BUS else f"{bus}/{properties['name']}"

    def understood(self, answer: Any) -> Properties:
        """Both words for its state."""
        found = super().understood(answer)
        return found | ({"isEnabled": found["state"] == "ENABLED"} if "state" in found else {})

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it, and its tags."""
        state = super().read(server, identity, known)
        if state is None:
            return None
        here = self.at(server, known)
        tags = here.call("events", "list_tags_for_resource", ResourceARN=state["arn"])["Tags"]
        return self.settled(here, state | {"tags": shapes.tags_of(tags)}, known | {"state": state["state"]})


@dataclass(frozen=True, kw_only=True)
class EventTargetRow(OperationRow):
    """What a rule calls."""

    def parsed(self, identity: str) -> Properties:
        """`RULE-TARGET` as the official provider has it says too little; an import gives `BUS/RULE/TARGET`."""
        bus, _, rest = identity.partition("/")
        rule, _, target = rest.partition("/")
        return {"eventBusName": bus, "rule": rule, "targetId": target} if target else {}

    def identity(self, properties: Properties) -> str:
        """See `parsed`."""
        return f"{properties['rule']}-{properties['targetId']}"

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:
        """Name the target, if nobody did, by what it is."""
        inputs = super().completed(inputs, server)
        if "targetId" in inputs or not isinstance(inputs.get("arn"), str):
            return inputs
        return filled_in(inputs, targetId=inputs["arn"].rpartition(":")[2][-64:])

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Put it."""
        self._put(self.at(server, inputs), inputs)
        return Written(self.identity(inputs))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Look for it among the rule's targets."""
        here = self.at(server, known)
        about = known | self.parsed(identity)
        if "rule" not in about:
            return None
        asked = {"Rule": about["rule"], "EventBusName": about.get("eventBusName") or _BUS}
        told = here.find("events", "list_targets_by_rule", **asked)
        found = next((t for t in (told or {}).get("Targets", []) if t["Id"] == about.get("targetId")), None)
        if found is None:
            return None
        state = self.understood(found) | {
            "rule": about["rule"], "eventBusName": asked["EventBusName"], "targetId": found["Id"],
        }  # fmt: skip
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Put it again."""
        self._put(self.at(server, state), inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:  # noqa: ARG002
        """Take it from the rule."""
        here = self.at(server, state)
        bus = state.get("eventBusName") or _BUS
        here.find("events", "remove_targets", Rule=state["rule"], EventBusName=bus, Ids=[state["targetId"]])

    def _put(self, here: Aws, inputs: Properties) -> None:
        shape = here.takes("events", "put_targets").members["Targets"].member
        target: dict[str, Any] = {"Id": inputs["targetId"]}
        for name, value in inputs.items():
            member = shapes.member_of(shape, name, self.names)
            if member and value is not None:
                target[member] = shapes.sent(value, shape.members[member], name, self.names)
        here.call(
            "events", "put_targets", Rule=inputs["rule"], EventBusName=inputs.get("eventBusName") or _BUS,
            Targets=[target],
        )  # fmt: skip


def _pattern_or_schedule(inputs: Properties) -> tuple[str, str] | None:
    if inputs.get("eventPattern") is None and inputs.get("scheduleExpression") is None:
        return "eventPattern", "a rule needs eventPattern or scheduleExpression: set one"
    return None


ROWS = (
    EventRuleRow(
        resource=cloudwatch.EventRule,
        service="events",
        id="{name}",
        autonamed=True,
        makes=Call("put_rule"),
        tells=calls("describe_rule"),
        changes=calls("put_rule"),
        removes=calls("delete_rule"),
        names={"arn": "Arn ResourceARN"},
        replaces=words("eventBusName name namePrefix region"),
        defaults={"eventBusName": _BUS, "forceDestroy": False},
        computed=words("isEnabled region"),
        kept=words("forceDestroy namePrefix"),
        same={"eventPattern": same_policy},
        rules=(policy("eventPattern"), _pattern_or_schedule),
    ),
    EventTargetRow(
        resource=cloudwatch.EventTarget,
        service="events",
        id="{rule}-{targetId}",
        makes=Call("put_targets"),
        tells=(),
        names={
            "ecsTarget": "EcsParameters", "kinesisTarget": "KinesisParameters", "sqsTarget": "SqsParameters",
            "httpTarget": "HttpParameters", "inputTransformer.inputPaths": "InputPathsMap",
            "retryPolicy.maximumEventAgeInSeconds": "MaximumEventAgeInSeconds", "rule": "-", "eventBusName": "-",
        },
        replaces=words("eventBusName region rule targetId"),
        defaults={"eventBusName": _BUS, "forceDestroy": False},
        computed=words("region"),
        kept=words("appsyncTarget batchTarget forceDestroy redshiftTarget runCommandTargets sagemakerPipelineTarget"),
    ),
)  # fmt: skip
