"""How long a bucket keeps what is in it: its lock and its lifecycle, as far as buckets of log files have them."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import s3

from ..frame.row import words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, calls
from .s3 import SettingRow

_OF_RULE: Final = words("id status filter expiration noncurrentVersionExpiration")
"""What of a rule of a lifecycle is served."""


@dataclass(frozen=True, kw_only=True)
class LockRow(SettingRow):
    """How long new objects are locked. A lock can lose its rule, and never be undone."""

    def body(self, inputs: Properties) -> dict[str, Any]:
        """The rule in the API's words."""
        retention = (inputs.get("rule") or {}).get("defaultRetention") or {}
        found = {name.capitalize(): retention[name] for name in ("mode", "days", "years") if retention.get(name)}
        if "Days" in found:
            found["Days"] = int(found["Days"])
        rule = {"Rule": {"DefaultRetention": found}} if found else {}
        return {"ObjectLockEnabled": "Enabled", **rule}

    def understood(self, answer: Any) -> Properties:
        """The rule in Pulumi's words."""
        retention = (answer.get("Rule") or {}).get("DefaultRetention") or {}
        rule = {"defaultRetention": {name.lower(): value for name, value in retention.items() if value}}
        return {"objectLockEnabled": answer.get("ObjectLockEnabled"), "rule": rule if retention else None}

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Take the rule away."""
        block = {self.block: {"ObjectLockEnabled": "Enabled"}}
        self.at(server, state).find("s3", "put_object_lock_configuration", Bucket=identity, **block)


@dataclass(frozen=True, kw_only=True)
class LifecycleRow(SettingRow):
    """When objects go by themselves."""

    def body(self, inputs: Properties) -> dict[str, Any]:
        """The rules in the API's words."""
        rules = []
        for rule in inputs["rules"]:
            sent: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": _prefix(rule)}}
            if days := (rule.get("expiration") or {}).get("days"):
                sent["Expiration"] = {"Days": int(days)}
            if days := (rule.get("noncurrentVersionExpiration") or {}).get("noncurrentDays"):
                sent["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(days)}
            rules.append(sent)
        return {"Rules": rules}

    def understood(self, answer: Any) -> Properties:
        """The rules in Pulumi's words."""
        rules = []
        for rule in answer.get("Rules") or []:
            told = {"id": rule["ID"], "status": rule["Status"]}
            told["filter"] = {"prefix": (rule.get("Filter") or {}).get("Prefix") or ""}
            if days := (rule.get("Expiration") or {}).get("Days"):
                told["expiration"] = {"days": days}
            if days := (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays"):
                told["noncurrentVersionExpiration"] = {"noncurrentDays": days}
            rules.append(told)
        return {"rules": rules or None}


def _prefix(rule: Any) -> str:
    return str((rule.get("filter") or {}).get("prefix") or "")


def _served(inputs: Properties) -> tuple[str, str] | None:
    for position, rule in enumerate(inputs.get("rules") or []):
        if more := sorted(rule.keys() - _OF_RULE) or sorted((rule.get("filter") or {}).keys() - {"prefix"}):
            return f"rules[{position}].{more[0]}", "the stand-in does not do that of a lifecycle: leave it out"
    return None


def _same_rules(old: Any, new: Any) -> bool:
    return _plain(old) == _plain(new)


def _plain(rules: Any) -> list[tuple[Any, ...]]:
    return [
        (
            rule.get("id"),
            rule.get("status"),
            _prefix(rule),
            int((rule.get("expiration") or {}).get("days") or 0),
            int((rule.get("noncurrentVersionExpiration") or {}).get("noncurrentDays") or 0),
        )
        for rule in rules or []
    ]


def _same_retention(old: Any, new: Any) -> bool:
    return _retention(old) == _retention(new)


def _retention(rule: Any) -> tuple[str, int, int]:
    found = (rule or {}).get("defaultRetention") or {}
    return str(found.get("mode")), int(found.get("days") or 0), int(found.get("years") or 0)


ROWS = (
    LockRow(
        resource=s3.BucketObjectLockConfiguration,
        service="s3",
        id="{bucket}",
        makes=Call("put_object_lock_configuration"),
        tells=calls("get_object_lock_configuration ObjectLockConfiguration"),
        block="ObjectLockConfiguration",
        exists="rule",
        replaces=words("bucket expectedBucketOwner objectLockEnabled region"),
        defaults={"objectLockEnabled": "Enabled"},
        computed=words("region"),
        kept=words("expectedBucketOwner token"),
        same={"rule": _same_retention},
    ),
    LifecycleRow(
        resource=s3.BucketLifecycleConfiguration,
        service="s3",
        id="{bucket}",
        makes=Call("put_bucket_lifecycle_configuration"),
        tells=calls("get_bucket_lifecycle_configuration"),
        removes=calls("delete_bucket_lifecycle"),
        block="LifecycleConfiguration",
        exists="rules",
        replaces=words("bucket expectedBucketOwner region"),
        computed=words("region transitionDefaultMinimumObjectSize"),
        kept=words("expectedBucketOwner timeouts transitionDefaultMinimumObjectSize"),
        same={"rules": _same_rules},
        rules=(_served,),
    ),
)
