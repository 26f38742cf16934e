"""What a project records of a service: a part of the project's own policy."""

from dataclasses import dataclass
from typing import Any

from ..frame.file_store import Document
from ..frame.row import Written
from ..frame.values import DEFAULTS, Properties
from .cloud import Cloud
from .policy_row import PolicyRow


@dataclass(frozen=True, kw_only=True)
class AuditRow(PolicyRow):
    """What a project records of one service: a part of its policy."""

    def create(self, server: Cloud, inputs: Properties) -> Written:
        """Write it."""
        name = self.name(server, inputs)
        self._set(server, name, inputs["service"], inputs["auditLogConfigs"])
        return Written(f"{name}/audit_config/{inputs['service']}")

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        """Return it; None if nothing is recorded."""
        del known
        name, _, service = identity.partition("/audit_config/")
        policy = self.policy(server, name)
        found = [c for c in (policy or {}).get("auditConfigs", ()) if c["service"] == service]
        if policy is None or not found:
            return None
        logs = [
            {"logType": c["logType"], "exemptedMembers": c.get("exemptedMembers")} for c in found[0]["auditLogConfigs"]
        ]
        etag_ = policy.get("etag", "")
        return {"project": name.split("/")[1], "service": service, "auditLogConfigs": logs, "etag": etag_}

    def update(self, server: Cloud, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        """Write it."""
        del state
        name, _, service = identity.partition("/audit_config/")
        self._set(server, name, service, inputs["auditLogConfigs"])
        return None

    def delete(self, server: Cloud, identity: str, state: Properties) -> None:
        """Record nothing any more."""
        del state
        name, _, service = identity.partition("/audit_config/")
        if self.policy(server, name) is not None:
            self._set(server, name, service, [])

    def _set(self, server: Cloud, name: str, service: str, logs: list[dict[str, Any]]) -> None:
        plain = [{key: value for key, value in log.items() if key != DEFAULTS and value} for log in logs]

        def change(policy: Document) -> None:
            others = [c for c in policy.get("auditConfigs", ()) if c["service"] != service]
            policy["auditConfigs"] = [*others, *([{"service": service, "auditLogConfigs": plain}] if plain else [])]

        self.write(server, name, change)


def same_logs(old: Any, new: Any) -> bool:
    """Whether two lists record the same, of everybody but the same."""
    return _logs(old) == _logs(new)


def _logs(configs: Any) -> dict[str, set[str]]:
    return {config["logType"]: set(config.get("exemptedMembers") or ()) for config in configs or ()}
