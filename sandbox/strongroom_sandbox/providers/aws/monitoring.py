"""Log groups, trails, and the rules that act on what happens."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import cloudtrail, cloudwatch

from ..frame.row import Written
from ..frame.values import DEFAULTS, Properties
from . import shapes
from .api import Aws
from .operation_row import Call, OperationRow, calls, words
from .policies import policy, same_policy

_BUS: Final = "default"


@dataclass(frozen=True, kw_only=True)
class LogGroupRow(OperationRow):
    """A log group. Its retention has operations of its own."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it, and say how long entries stay."""
        here = self.at(server, inputs)
        asked = self.parameters(here, self.makes, inputs)
        here.call("logs", "create_log_group", **asked)
        self._retain(here, inputs["name"], None, inputs.get("retentionInDays"))
        return Written(str(inputs["name"]))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Look for it among those whose names begin like its own."""
        here = self.at(server, known)
        groups = here.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=identity)
        found = next((group for group in groups if group["logGroupName"] == identity), None)
        if found is None:
            return None
        arn = found["arn"].removesuffix(":*")
        tags = here.call("logs", "list_tags_for_resource", resourceArn=arn)["tags"]
        return self.settled(here, self.understood(found | {"tags": tags}) | {"arn": arn, "name": identity}, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change retention, key and tags."""
        here = self.at(server, state)
        self._retain(here, identity, state.get("retentionInDays"), inputs.get("retentionInDays"))
        before, after = state.get("kmsKeyId"), inputs.get("kmsKeyId")
        if after and after != before:
            here.call("logs", "associate_kms_key", logGroupName=identity, kmsKeyId=after)
        elif before and not after:
            here.call("logs", "disassociate_kms_key", logGroupName=identity)
        self.retag(here, state, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete it with all its entries, unless it is to stay."""
        if not state.get("skipDestroy"):
            super().delete(server, identity, state)

    def _retain(self, here: Aws, name: str, before: int | None, after: int | None) -> None:
        if after and after != before:
            here.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=after)
        elif before and not after:
            here.call("logs", "delete_retention_policy", logGroupName=name)


@dataclass(frozen=True, kw_only=True)
class EventRuleRow(OperationRow):
    """A rule of a bus. Putting it again with another state switches it."""

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:
        """`isEnabled` is the older word for a state."""
        inputs = super().completed(inputs, server)
        if "state" in inputs:
            return inputs
        state = "DISABLED" if inputs.get("isEnabled") is False else "ENABLED"
        return {**inputs, "state": state, DEFAULTS: sorted([*inputs.get(DEFAULTS, []), "state"])}

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
        noted = sorted([*inputs.get(DEFAULTS, []), "targetId"])
        return {**inputs, "targetId": inputs["arn"].rpartition(":")[2][-64:], DEFAULTS: noted}

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


@dataclass(frozen=True, kw_only=True)
class TrailRow(OperationRow):
    """A trail, which records or does not."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it; a new one does not record."""
        here = self.at(server, inputs)
        made = self.ask(here, self.makes, inputs)
        name = inputs["name"]
        if inputs.get("enableLogging", True):
            here.call("cloudtrail", "start_logging", Name=name)
        self._select(here, name, inputs)
        return Written(str(made["TrailARN"]))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it, whether it records, what it selects, and its tags."""
        here = self.at(server, known)
        told = here.call("cloudtrail", "describe_trails", trailNameList=[identity.rpartition("/")[2]])["trailList"]
        if not told:
            return None
        name = told[0]["Name"]
        state = self.understood(told[0])
        state["enableLogging"] = here.call("cloudtrail", "get_trail_status", Name=name)["IsLogging"]
        selected = here.call("cloudtrail", "get_event_selectors", TrailName=name)
        state |= {
            n: v for n, v in self.understood(selected).items() if n in ("eventSelectors", "advancedEventSelectors")
        }
        tags = here.call("cloudtrail", "list_tags", ResourceIdList=[identity])["ResourceTagList"]
        state["tags"] = shapes.tags_of(tags[0]["TagsList"]) if tags else {}
        return self.settled(here, state | {"arn": identity}, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change it, switch it, and select anew."""
        here = self.at(server, state)
        super().update(server, identity, state, inputs)
        if inputs.get("enableLogging", True) != state.get("enableLogging"):
            how = "start_logging" if inputs.get("enableLogging", True) else "stop_logging"
            here.call("cloudtrail", how, Name=inputs["name"])
        self._select(here, inputs["name"], inputs)

    def retag(self, server: Aws, state: Properties, inputs: Properties) -> None:
        """Tags are taken off as pairs here."""
        before, after = state.get("tags") or {}, inputs.get("tags") or {}
        for operation, tags in (
            ("remove_tags", {name: text for name, text in before.items() if name not in after}),
            ("add_tags", {name: text for name, text in after.items() if before.get(name) != text}),
        ):
            if tags:
                pairs = [{"Key": name, "Value": text} for name, text in tags.items()]
                server.call("cloudtrail", operation, ResourceId=state["arn"], TagsList=pairs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete it."""
        self.at(server, state).find("cloudtrail", "delete_trail", Name=identity.rpartition("/")[2])

    def _select(self, here: Aws, name: str, inputs: Properties) -> None:
        if inputs.get("eventSelectors") or inputs.get("advancedEventSelectors"):
            asked = self.parameters(here, Call("put_event_selectors"), inputs)
            here.call("cloudtrail", "put_event_selectors", **asked | {"TrailName": name})


def _pattern_or_schedule(inputs: Properties) -> tuple[str, str] | None:
    if inputs.get("eventPattern") is None and inputs.get("scheduleExpression") is None:
        return "eventPattern", "a rule needs eventPattern or scheduleExpression: set one"
    return None


ROWS = (
    LogGroupRow(
        resource=cloudwatch.LogGroup,
        service="logs",
        id="{name}",
        autonamed=True,
        makes=Call("create_log_group"),
        tells=(),
        removes=calls("delete_log_group"),
        names={"name": "logGroupName", "arn": "arn resourceArn"},
        replaces=words("logGroupClass name namePrefix region"),
        defaults={"skipDestroy": False},
        computed=words("deletionProtectionEnabled logGroupClass region"),
        kept=words("deletionProtectionEnabled namePrefix skipDestroy"),
        forgotten=words("logGroupClass"),
    ),
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
    TrailRow(
        resource=cloudtrail.Trail,
        service="cloudtrail",
        id="{arn}",
        autonamed=True,
        makes=Call("create_trail"),
        tells=(),
        changes=calls("update_trail"),
        names={
            "arn": "TrailARN ResourceId", "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn", "tags": "TagsList",
            "enableLogFileValidation": "EnableLogFileValidation LogFileValidationEnabled", "enableLogging": "IsLogging",
        },
        replaces=words("name region"),
        defaults={
            "enableLogFileValidation": False, "enableLogging": True, "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False, "isOrganizationTrail": False,
        },
        computed=words("advancedEventSelectors eventSelectors insightSelectors region"),
        forgotten=words("advancedEventSelectors cloudWatchLogsGroupArn cloudWatchLogsRoleArn insightSelectors "
                        "kmsKeyId"),
    ),
)  # fmt: skip
