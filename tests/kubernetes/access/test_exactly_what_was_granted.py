"""Whatever is granted: RBAC allows each service account exactly that, and nothing to anybody else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from strongroom.kubernetes.access.grants import VERBS
from strongroom.kubernetes.access.plan import SecretRole, plan
from strongroom.plan.scope import Scope
from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment

ENVIRONMENT = Environment.model_validate(
    {
        "environment": "prod",
        "default_store": "eu",
        "stores": {
            "eu": {"kubernetes_secrets": {"cluster": "eu", "namespaces": {"b": ["b", "b-jobs"]}}},
            "us": {"kubernetes_secrets": {"cluster": "us"}},
        },
        "clusters": {name: {"context": name, "server": f"https://{name}.example"} for name in ("eu", "us")},
    }
)
SECRETS = {
    "a": {"x": ("eu", "a", "x"), "y": ("us", "a", "y")},
    "b": {"x": ("eu", "b", "x"), "z": ("eu", "b-jobs", "other")},
}
"""Team -> secret -> cluster, namespace and name."""
DECLARED: dict[str, Any] = {
    "a": {"x": {"fields": ["f"]}, "y": {"fields": ["f"], "store": "us"}},
    "b": {"x": {"fields": ["f"]}, "z": {"fields": ["f"], "path": "b-jobs/other"}},
}
ACCOUNTS = {"a/one": ["a/one"], "a/two": ["a/two", "elsewhere/two"], "b/one": ["b/one"]}
"""Workload -> the service accounts that it is."""
EVERY_VERB = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")

GRANTS = st.dictionaries(
    st.tuples(st.sampled_from(sorted(ACCOUNTS)), st.sampled_from([(t, s) for t in SECRETS for s in SECRETS[t]])),
    st.sampled_from([("read",), ("read", "write")]),
)


def _catalog(team: str, grants: Any) -> Catalog:
    workloads = {
        workload.partition("/")[2]: _workload([account.split("/") for account in accounts])
        for workload, accounts in ACCOUNTS.items()
        if workload.startswith(f"{team}/")
    }
    given = [{"workload": w, "secret": s, "can": can} for (w, (owner, s)), can in grants.items() if owner == team]
    return Catalog.model_validate({"team": team, "workloads": workloads, "secrets": DECLARED[team], "grants": given})


def _workload(accounts: list[list[str]]) -> dict[str, Any]:
    first, *also = (
        {"runs_as": {"kubernetes": {"namespace": namespace, "service_account": name}}} for namespace, name in accounts
    )
    return {**first, "also": also}


def _allows(role: SecretRole, cluster: str, namespace: str, name: str, verb: str, account: str) -> bool:
    """As the API server decides: Kubernetes, "Using RBAC Authorization"."""
    return (
        (role.place.cluster, role.namespace) == (cluster, namespace)
        and account in map(str, role.accounts)
        and any(verb in rule.verbs and name in rule.names for rule in role.rules)
    )


@given(GRANTS)
def test_rbac_allows_exactly_what_was_granted(grants: Any) -> None:
    roles = [
        r for r in plan(Scope(ENVIRONMENT, {t: _catalog(t, grants) for t in SECRETS})) if isinstance(r, SecretRole)
    ]
    assert len({role.key for role in roles}) == len(roles)
    assert all(rule.names for role in roles for rule in role.rules)  # no names would be all names
    for workload, accounts in ACCOUNTS.items():
        for team, secrets in SECRETS.items():
            for secret, (cluster, namespace, name) in secrets.items():
                can = grants.get((workload, (team, secret)), ())
                wanted = {verb for granted in can for verb in VERBS[granted]}
                for account in accounts:
                    allowed = {
                        verb
                        for verb in EVERY_VERB
                        if any(_allows(role, cluster, namespace, name, verb, account) for role in roles)
                    }
                    assert allowed == wanted
