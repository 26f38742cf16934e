"""KMS: keys, their names, their policies, and copies in other regions. A key is never deleted at once."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import kms

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy

_NAMES: Final = {
    "keyId": "KeyId",
    "bypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck",
    "customerMasterKeySpec": "KeySpec",
    "deletionWindowInDays": "PendingWindowInDays",
    "enableKeyRotation": "KeyRotationEnabled",
    "isEnabled": "Enabled",
    "keyRotationEnabled": "KeyRotationEnabled",
    "targetKeyArn": "-",
}
_DEFAULT_DAYS: Final = 30
_FULL: Final = "default"
"""The only name that a key's policy may have."""


@dataclass(frozen=True, kw_only=True)
class KeyRow(OperationRow):
    """A key of which AWS keeps the material."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it, then let it rotate, and disable it if that is asked for."""
        written = super().create(server, inputs)
        self._switch(self.at(server, inputs), written.identity, {"isEnabled": True}, inputs)
        return written

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it; one that is scheduled for deletion is gone."""
        state = super().read(server, identity, known)
        here = self.at(server, known)
        if state is None or self._metadata(here, identity)["KeyState"].startswith("Pending"):
            return None
        return state

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Enable it first if it is to be: a disabled key takes no change."""
        here = self.at(server, state)
        self._switch(here, identity, state, inputs)
        super().update(server, identity, state, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Schedule the deletion."""
        here = self.at(server, state)
        told = here.find("kms", "describe_key", KeyId=identity)
        if told and not told["KeyMetadata"]["KeyState"].startswith("Pending"):
            days = state.get("deletionWindowInDays") or _DEFAULT_DAYS
            here.call("kms", "schedule_key_deletion", KeyId=identity, PendingWindowInDays=days)

    def _metadata(self, server: Aws, identity: str) -> dict[str, Any]:
        found: dict[str, Any] = server.call("kms", "describe_key", KeyId=identity)["KeyMetadata"]
        return found

    def _switch(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        rotates, period = inputs.get("enableKeyRotation"), inputs.get("rotationPeriodInDays")
        enabled, was_enabled = _is_enabled(inputs), _is_enabled(state)
        if enabled and not was_enabled:
            server.call("kms", "enable_key", KeyId=identity)
        if rotates and (not state.get("enableKeyRotation") or period != state.get("rotationPeriodInDays")):
            how = {"RotationPeriodInDays": period} if period else {}
            server.call("kms", "enable_key_rotation", KeyId=identity, **how)
        if rotates is False and state.get("enableKeyRotation"):
            server.call("kms", "disable_key_rotation", KeyId=identity)
        if was_enabled and not enabled:
            server.call("kms", "disable_key", KeyId=identity)


@dataclass(frozen=True, kw_only=True)
class ReplicaRow(KeyRow):
    """The same key in another region: it is asked for where the first one is, and lives where the resource does."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Ask the region of the primary key."""
        here = self.at(server, inputs)
        primary = str(inputs["primaryKeyArn"])
        asked = {
            "KeyId": primary.rpartition("/")[2],
            "ReplicaRegion": here.region,
            "Description": inputs.get("description", ""),
        }
        tags = [{"TagKey": name, "TagValue": text} for name, text in (inputs.get("tags") or {}).items()]
        if inputs.get("policy"):
            asked["Policy"] = inputs["policy"]
        if tags:
            asked["Tags"] = tags
        made = here.within(primary.split(":")[3]).call("kms", "replicate_key", **asked)["ReplicaKeyMetadata"]
        # Moto copies what is a replica's own from the first key.
        here.call("kms", "update_key_description", KeyId=made["KeyId"], Description=asked["Description"])
        if inputs.get("policy"):
            here.call("kms", "put_key_policy", KeyId=made["KeyId"], PolicyName=_FULL, Policy=inputs["policy"])
        if tags:
            here.call("kms", "tag_resource", KeyId=made["KeyId"], Tags=tags)
        if inputs.get("enabled") is False:
            here.call("kms", "disable_key", KeyId=made["KeyId"])
        return Written(str(made["KeyId"]), {"keyId": str(made["KeyId"])})

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change what is a replica's own."""
        here = self.at(server, state)
        self._switch(here, identity, {"enabled": state.get("enabled")}, {"enabled": inputs.get("enabled", True)})
        OperationRow.update(self, server, identity, state, inputs)


@dataclass(frozen=True, kw_only=True)
class AliasRow(OperationRow):
    """A name for a key."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Name it; where moto gave a copy of a key the names of the first one, it has this one already."""
        here, key = self.at(server, inputs), str(inputs["targetKeyId"]).rpartition("/")[2]
        named = next((a for a in here.pages("kms", "list_aliases", "Aliases") if a["AliasName"] == inputs["name"]), {})
        if key.startswith("mrk-") and named.get("TargetKeyId") == key:
            return Written(inputs["name"])
        return super().create(server, inputs)

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Look for it among all names: nothing tells of a single one."""
        here = self.at(server, known)
        found = next((a for a in here.pages("kms", "list_aliases", "Aliases") if a["AliasName"] == identity), None)
        if found is None:
            return None
        key_arn = here.call("kms", "describe_key", KeyId=found["TargetKeyId"])["KeyMetadata"]["Arn"]
        state = {
            "name": identity, "arn": found["AliasArn"], "targetKeyId": found["TargetKeyId"], "targetKeyArn": key_arn,
        }  # fmt: skip
        return self.settled(here, state, known)


@dataclass(frozen=True, kw_only=True)
class KeyPolicyRow(OperationRow):
    """The policy of a key, apart from it. Removing it gives the key that of a new one."""

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Let the account decide alone again."""
        here = self.at(server, state)
        root = f"arn:{here.partition}:iam::{here.account}:root"
        statement = f'{{"Effect":"Allow","Principal":{{"AWS":"{root}"}},"Action":"kms:*","Resource":"*"}}'
        text = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
        here.find("kms", "put_key_policy", KeyId=identity, PolicyName=_FULL, Policy=text)


def _is_enabled(properties: Properties) -> bool:
    """A key says `isEnabled`, a replica `enabled`."""
    return bool(properties.get("isEnabled", properties.get("enabled", True)))


def _alias(inputs: Properties) -> tuple[str, str] | None:
    name = inputs.get("name")
    if isinstance(name, str) and not name.startswith("alias/"):
        return "name", f"the name of an alias starts with `alias/`, not so {name!r}: change it"
    return None


def _period(inputs: Properties) -> tuple[str, str] | None:
    days = inputs.get("rotationPeriodInDays")
    if isinstance(days, int) and not (90 <= days <= 2560 and inputs.get("enableKeyRotation")):
        return "rotationPeriodInDays", f"{days} needs enableKeyRotation, and to be 90 to 2560 days: change it"
    return None


def _window(inputs: Properties) -> tuple[str, str] | None:
    days = inputs.get("deletionWindowInDays")
    if isinstance(days, int) and not 7 <= days <= 30:
        return "deletionWindowInDays", f"deletionWindowInDays must be 7 to 30, not {days}: change it"
    return None


def _same_key(old: Any, new: Any) -> bool:
    return str(old).rpartition("key/")[2] == str(new).rpartition("key/")[2]


_POLICY: Final = Call("get_key_policy", fixed={"PolicyName": _FULL})
_PUT_POLICY: Final = Call("put_key_policy", fixed={"PolicyName": _FULL})

ROWS = (
    KeyRow(
        resource=kms.Key,
        service="kms",
        id="{keyId}",
        makes=Call("create_key", "KeyMetadata"),
        tells=(*calls("describe_key KeyMetadata", "get_key_rotation_status", "list_resource_tags"), _POLICY),
        changes=(Call("update_key_description"), _PUT_POLICY),
        names=_NAMES,
        replaces=words("customKeyStoreId customerMasterKeySpec keyUsage multiRegion region xksKeyId"),
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
        },
        computed=words("description enableKeyRotation multiRegion policy region rotationPeriodInDays"),
        kept=words("bypassPolicyLockoutSafetyCheck deletionWindowInDays customKeyStoreId xksKeyId"),
        forgotten=words("rotationPeriodInDays"),
        same={"policy": same_policy},
        rules=(policy("policy"), _period, _window),
    ),
    ReplicaRow(
        resource=kms.ReplicaKey,
        service="kms",
        id="{keyId}",
        makes=Call("replicate_key"),
        tells=(*calls("describe_key KeyMetadata", "get_key_rotation_status", "list_resource_tags"), _POLICY),
        changes=(Call("update_key_description"), _PUT_POLICY),
        names=_NAMES,
        replaces=words("primaryKeyArn region"),
        defaults={"bypassPolicyLockoutSafetyCheck": False, "enabled": True},
        computed=words("policy region"),
        kept=words("bypassPolicyLockoutSafetyCheck deletionWindowInDays primaryKeyArn"),
        same={"policy": same_policy},
        rules=(policy("policy"), _window),
    ),
    AliasRow(
        resource=kms.Alias,
        service="kms",
        id="{name}",
        makes=Call("create_alias"),
        tells=(),
        changes=calls("update_alias"),
        removes=calls("delete_alias"),
        names={"name": "AliasName"},
        replaces=words("name namePrefix region"),
        computed=words("region"),
        kept=words("namePrefix"),
        same={"targetKeyId": _same_key},
        rules=(_alias,),
    ),
    KeyPolicyRow(
        resource=kms.KeyPolicy,
        service="kms",
        id="{keyId}",
        makes=_PUT_POLICY,
        tells=(_POLICY,),
        changes=(_PUT_POLICY,),
        names=_NAMES,
        replaces=words("keyId region"),
        defaults={"bypassPolicyLockoutSafetyCheck": False},
        computed=words("region"),
        kept=words("bypassPolicyLockoutSafetyCheck"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
)
