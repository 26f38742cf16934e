"""How each workload of a plan logs in: what its deployment needs to know, and no secret."""

from strongroom.plan.plan import Plan
from strongroom.vault.auth.approle.plan import AppRoleRole
from strongroom.vault.auth.aws.plan import AwsAuthRole
from strongroom.vault.auth.cert.plan import CertRole
from strongroom.vault.auth.jwt.plan import JwtRole
from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom.vault.auth.oidc.plan import OidcGroup
from strongroom.vault.auth.userpass.plan import UserpassUser


def logins(plan: Plan) -> dict[str, dict[str, str]]:
    """`team/workload` -> method, mount (below `auth/`) and role, and the namespace if there is one."""
    found = [(r.workload, "approle", r.mount, r.name) for r in plan.of(AppRoleRole)]
    found += [(r.workload, "aws", r.mount, r.name) for r in plan.of(AwsAuthRole)]
    found += [(r.workload, "jwt", r.mount, r.name) for r in plan.of(JwtRole)]
    found += [(r.workload, "cert", r.mount, r.name) for r in plan.of(CertRole)]
    found += [(r.workload, "kubernetes", r.mount, r.name) for r in plan.of(KubernetesRole)]
    found += [(workload, "oidc", g.mount, g.role) for g in plan.of(OidcGroup) for workload in g.workloads]
    found += [(workload, "userpass", u.mount, u.username) for u in plan.of(UserpassUser) for workload in u.workloads]
    where = {"namespace": plan.namespace} if plan.namespace else {}
    return {
        workload: {"method": method, "mount": mount, "role": role} | where
        for workload, method, mount, role in sorted(found)
    }
