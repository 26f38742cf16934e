"""Names of roles and their policies in IAM, which are global to an account."""

import hashlib
from typing import Final

from strongroom.plan import naming

ROLE_NAME_MAX: Final = 64
"""Characters: IAM, "IAM and AWS STS quotas"."""
_HASH: Final = 10


def role_name(environment: str, team: str, workload: str) -> str:
    """`<environment>.<team>.<workload>`. What is too long is cut, and ends in a hash of all of it: names that begin
    alike stay apart, and the same workload has the same name each time."""
    full = naming.policy_of(environment, team, workload)
    if len(full) <= ROLE_NAME_MAX:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()[:_HASH]
    return f"{full[: ROLE_NAME_MAX - _HASH - 1].rstrip('.-')}.{digest}"
