"""How each workload of a plan logs in: what its deployment needs to know, and no secret."""

from typing import Any

from strongroom.plan.plan import Plan
from strongroom.vault.auth.login_role import LoginRole
from strongroom.vault.auth.oidc.plan import OidcGroup
from strongroom.vault.auth.userpass.plan import UserpassUser


def logins(plan: Plan) -> dict[str, dict[str, Any]]:
    """`team/workload` -> method, mount (below `auth/`) and role, and the namespace if there is one.

    A workload that logs in in several ways has the others under `also`, all in the order of method and mount.
    """
    found = [(role.workload, role.method, role.mount, role.name) for role in plan.of(LoginRole)]
    found += [(workload, "oidc", g.mount, g.role) for g in plan.of(OidcGroup) for workload in g.workloads]
    found += [(workload, "userpass", u.mount, u.username) for u in plan.of(UserpassUser) for workload in u.workloads]
    where = {"namespace": plan.namespace} if plan.namespace else {}
    by_workload: dict[str, dict[str, Any]] = {}
    for workload, method, mount, role in sorted(found):
        login = {"method": method, "mount": mount, "role": role} | where
        if workload in by_workload:
            by_workload[workload].setdefault("also", []).append(login)
        else:
            by_workload[workload] = login
    return by_workload
