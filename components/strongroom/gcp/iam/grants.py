"""What grants say about GCP: for each secret, who may do what with it. Nothing is granted on the project. Pure."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from strongroom.gcp.iam.members import members_of
from strongroom.gcp.place import place_of
from strongroom.plan.scope import Key, Scope, remembered

READER: Final = "roles/secretmanager.secretAccessor"
"""`secretmanager.versions.access`: IAM, "Secret Manager roles and permissions"."""
WRITER: Final = "roles/secretmanager.secretVersionAdder"
"""`secretmanager.versions.add`: it adds, and sees and destroys nothing."""
MANAGER: Final = "roles/secretmanager.secretVersionManager"
"""`secretmanager.versions.add`, `.destroy`, `.disable`, `.enable`, `.get`, `.list`: for who brings values."""
DISABLING: Final = ("secretmanager.versions.disable", "secretmanager.versions.get", "secretmanager.versions.list")
"""What `delete` needs: the newest version is disabled, and can be enabled again. The only ready-made role with it,
MANAGER, also adds versions and destroys them for good, so a role is made."""
PRINCIPALS_MAX: Final = 1500
"""Principals in one policy, each counted as often as it is named: IAM, "Policy"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpBinding:
    """Who has one role on a secret."""

    role: str
    members: tuple[str, ...]


def disabler_id(environment: str) -> str:
    """The id of the role that disables versions. An id of a role has no hyphens, and an environment no `_`."""
    return f"strongroom.{environment.replace('-', '_')}.disabler"


def roles(scope: Scope) -> dict[str, str]:
    """The verbs on a stored value, and the role for each."""
    disabler = f"projects/{place_of(scope).project}/roles/{disabler_id(scope.name)}"
    return {"read": READER, "write": WRITER, "delete": disabler}


@remembered
def access(scope: Scope, secret: Key) -> tuple[GcpBinding, ...]:
    """The whole policy of one secret: its grants, whoever rotates it, who reads what is there to change it, and who
    brings values."""
    found: dict[str, set[str]] = defaultdict(set)
    role_of = roles(scope)
    for grant in scope.grants_on[secret]:
        for verb in role_of.keys() & set(grant.can):
            found[role_of[verb]].update(members_of(scope, grant.workload))
    rotator = scope.environment.rotators.get(scope.secrets[secret].rotator or "")
    if rotator and rotator.gcp_topic:
        for role in (READER, WRITER):
            found[role].add(f"serviceAccount:{rotator.gcp_topic.subscriber}")
    if operators := scope.environment.gcp and scope.environment.gcp.operators:
        for role in (READER, MANAGER):
            found[role].update(operators)
    return tuple(GcpBinding(role=role, members=tuple(sorted(who))) for role, who in sorted(found.items()) if who)
