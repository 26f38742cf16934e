"""Names of roles and their policies in IAM, which are global to an account."""

import hashlib
from typing import Final

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM

ROLE_NAME_MAX: Final = 64
"""Characters: IAM, "IAM and AWS STS quotas"."""
_HASH: Final = 10


def rotation_role_name(environment: str, rotator: str) -> str:
    """The role of what rotates: of the platform, which no team can be called, so that it never meets a workload's."""
    return role_name(environment, PLATFORM, rotator)


def policy_name(environment: str, team: str, workload: str, principal_arn: str) -> str:
    """The name of the policies of one of several principals that a workload is. Those of managed policies are global
    to an account, and the role that is made for it has policies of its own."""
    return f"{role_name(environment, team, workload)}.{_digest(principal_arn)}"


def role_name(environment: str, team: str, workload: str) -> str:
    """`<environment>.<team>.<workload>`. What is too long is cut, and ends in a hash of all of it: names that begin
    alike stay apart, and the same workload has the same name each time."""
    full = naming.policy_of(environment, team, workload)
    if len(full) <= ROLE_NAME_MAX:
        return full
    return f"{full[: ROLE_NAME_MAX - _HASH - 1].rstrip('.-')}.{_digest(full)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]
