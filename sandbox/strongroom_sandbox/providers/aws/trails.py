"""Trails, which record who asked for what."""

from dataclasses import dataclass

from pulumi_aws import cloudtrail

from ..frame.row import Written, words
from ..frame.values import Properties
from . import shapes
from .api import Aws
from .operation_row import Call, OperationRow, calls


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


ROWS = (
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
