"""Secrets Manager: containers, who may read them, and when they rotate. Never a value; see the package."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import secretsmanager

from ..frame.errors import StandInError
from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws, AwsError
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy

_NAMES: Final = {
    "arn": "ARN SecretId",
    "secretArn": "SecretId ARN",
    "secretId": "SecretId ARN",
    "policy": "ResourcePolicy",
    "replicas": "AddReplicaRegions ReplicationStatus",
}


_SCHEDULED: Final = (
    "it is scheduled for deletion, and keeps its name until then: "
    "`aws secretsmanager restore-secret --secret-id {name}` and import it, or delete it for good with "
    "`aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery`"
)


@dataclass(frozen=True, kw_only=True)
class SecretRow(OperationRow):
    """A secret without a value. Its replicas are its own, and go before it."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it; of a name that is still taken by a deleted secret, say how to get either back."""
        try:
            return super().create(server, inputs)
        except AwsError as error:
            if error.code not in ("ResourceExistsException", "InvalidRequestException"):
                raise
            name = str(inputs["name"])
            told = self.at(server, inputs).find("secretsmanager", "describe_secret", SecretId=name) or {}
            if "DeletedDate" not in told:
                raise
            raise StandInError(f"{error}; {_SCHEDULED.format(name=name)}") from None

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change settings, then the replicas one by one."""
        super().update(server, identity, state, inputs)
        before, after = _regions(state), _regions(inputs)
        here = self.at(server, state)
        if gone := sorted(region for region in before if before[region] != after.get(region)):
            here.call("secretsmanager", "remove_regions_from_replication", SecretId=identity, RemoveReplicaRegions=gone)
        if new := [wanted for region, wanted in after.items() if before.get(region) != wanted]:
            here.call(
                "secretsmanager",
                "replicate_secret_to_regions",
                SecretId=identity,
                AddReplicaRegions=new,
                ForceOverwriteReplicaSecret=bool(inputs.get("forceOverwriteReplicaSecret")),
            )

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Schedule the deletion; at once and for good only if the recovery window is 0."""
        here = self.at(server, state)
        if here.find("secretsmanager", "describe_secret", SecretId=identity) is None:
            return
        if replicas := sorted(_regions(state)):
            here.call(
                "secretsmanager", "remove_regions_from_replication", SecretId=identity, RemoveReplicaRegions=replicas
            )
        days = state.get("recoveryWindowInDays")
        how = {"ForceDeleteWithoutRecovery": True} if days == 0 else {"RecoveryWindowInDays": days or 30}
        here.find("secretsmanager", "delete_secret", SecretId=identity, **how)

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it; one that is scheduled for deletion is gone, and keeps its name until then."""
        told = self.at(server, known).find("secretsmanager", "describe_secret", SecretId=identity)
        return None if told is None or "DeletedDate" in told else super().read(server, identity, known)


@dataclass(frozen=True, kw_only=True)
class RotationRow(OperationRow):
    """When a secret rotates. With a function, AWS calls it at once to see that it works."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Let it rotate, if there is a value to rotate."""
        secret = str(inputs["secretId"])
        told = self.at(server, inputs).call("secretsmanager", "describe_secret", SecretId=secret)
        if not any("AWSCURRENT" in stages for stages in (told.get("VersionIdsToStages") or {}).values()):
            raise StandInError(
                f"{told['Name']} has no value yet, so that there is nothing to rotate: put the first value, then repeat"
            )
        return super().create(server, inputs)

    def parameters(self, server: Aws, call: Call, properties: Properties) -> dict[str, Any]:
        """Moto takes a schedule and forgets it, and that the secret rotates: it is told a number of days too."""
        asked = super().parameters(server, call, properties)
        rules = asked.get("RotationRules") or {}
        if "ScheduleExpression" in rules:
            asked["RotationRules"] = {"AutomaticallyAfterDays": 1, **rules}
        return asked

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it; a secret that does not rotate has none."""
        here = self.at(server, known)
        told = here.find("secretsmanager", "describe_secret", SecretId=identity)
        if told is None or "DeletedDate" in told:
            return None
        state = self.understood(told) | self.parsed(identity)
        given = known.get("rotationRules") or {}
        if given.get("scheduleExpression") or given.get("duration"):
            state["rotationRules"] = {name: value for name, value in given.items() if not name.startswith("__")}
        return self.settled(here, state, known) if state.get("rotationEnabled") else None

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Switch it off. Moto refuses that where there is no function, as for managed rotation: then it stays on."""
        if state.get("rotationLambdaArn"):
            super().delete(server, identity, state)


_AWS_OWN_KEY: Final = "alias/aws/secretsmanager"


def _regions(properties: Properties) -> dict[str, dict[str, Any]]:
    return {
        block["region"]: {"Region": block["region"]}
        | ({"KmsKeyId": block["kmsKeyId"]} if block.get("kmsKeyId") else {})
        for block in properties.get("replicas") or []
    }


def _same_replicas(old: Any, new: Any) -> bool:
    """By region, and by key where one is asked for. Moto tells AWS's own key whichever was asked for."""
    before, after = _regions({"replicas": old}), _regions({"replicas": new})
    return before.keys() == after.keys() and all(
        "KmsKeyId" not in wanted or before[region].get("KmsKeyId") in (wanted["KmsKeyId"], _AWS_OWN_KEY)
        for region, wanted in after.items()
    )


def _days_or_schedule(inputs: Properties) -> tuple[str, str] | None:
    rules = inputs.get("rotationRules")
    if not isinstance(rules, dict):
        return None
    if rules.get("automaticallyAfterDays") is None and rules.get("scheduleExpression") is None:
        return "rotationRules", "rotationRules needs automaticallyAfterDays (1 to 1000) or scheduleExpression: set one"
    if rules.get("automaticallyAfterDays") is not None and rules.get("scheduleExpression") is not None:
        return "rotationRules", "automaticallyAfterDays and scheduleExpression exclude each other: remove one"
    return None


def _window(inputs: Properties) -> tuple[str, str] | None:
    days = inputs.get("recoveryWindowInDays")
    if isinstance(days, int) and days != 0 and not 7 <= days <= 30:
        return "recoveryWindowInDays", f"recoveryWindowInDays must be 0, or 7 to 30, not {days}: change it"
    return None


ROWS = (
    SecretRow(
        resource=secretsmanager.Secret,
        service="secretsmanager",
        id="{arn}",
        autonamed=True,
        makes=Call("create_secret"),
        tells=calls("describe_secret", "get_resource_policy"),
        changes=calls("update_secret", "put_resource_policy"),
        names=_NAMES,
        replaces=words("name namePrefix region type"),
        defaults={"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
        computed=words("policy replicas region type"),
        kept=words("forceOverwriteReplicaSecret namePrefix recoveryWindowInDays type"),
        same={"policy": same_policy, "replicas": _same_replicas},
        rules=(policy("policy"), _window),
    ),
    OperationRow(
        resource=secretsmanager.SecretPolicy,
        service="secretsmanager",
        id="{secretArn}",
        makes=Call("put_resource_policy"),
        tells=calls("get_resource_policy"),
        changes=calls("put_resource_policy"),
        removes=calls("delete_resource_policy"),
        exists="policy",
        names=_NAMES,
        replaces=words("region secretArn"),
        computed=words("region"),
        kept=words("blockPublicPolicy"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
    RotationRow(
        resource=secretsmanager.SecretRotation,
        service="secretsmanager",
        id="{secretId}",
        makes=Call("rotate_secret"),
        tells=calls("describe_secret"),
        changes=calls("rotate_secret"),
        removes=calls("cancel_rotate_secret"),
        names=_NAMES,
        replaces=words("region secretId"),
        defaults={"rotateImmediately": True},
        computed=words("region rotationEnabled"),
        kept=words("rotateImmediately externalSecretRotationMetadatas externalSecretRotationRoleArn"),
        rules=(_days_or_schedule,),
    ),
)
