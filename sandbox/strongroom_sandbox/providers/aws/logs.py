"""Log groups. Their retention has operations of its own."""

from dataclasses import dataclass

from pulumi_aws import cloudwatch

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls


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
)  # fmt: skip
