"""Derived policies on a real server: it reads back what was written, and lets a token do exactly what was granted."""

from typing import Any

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from strongroom.plan.scope import Scope
from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.vault.policy.plan import Policy, plan
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from support import flavours

flavour, sandbox = flavours.flavour, flavours.sandbox  # these tests run on both servers

VERBS = ("read", "write", "delete")
MOUNT = "policy-test"
on_a_server = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def root(sandbox: Sandbox) -> hvac.Client:
    client = sandbox.vault.root_client()
    if f"{MOUNT}/" not in client.sys.list_mounted_secrets_engines()["data"]:
        client.sys.enable_secrets_engine("kv", path=MOUNT, options={"version": "2"})
    return client


def _policy(
    grants: dict[str, tuple[str, ...]], by_hand: list[dict[str, Any]] | None = None, reason: str = ""
) -> list[Policy]:
    """The policies of one workload with these verbs on these secrets."""
    catalog = Catalog.model_validate(
        {
            "team": "t",
            "workloads": {"w": {"runs_as": {"approle": {}}}},
            "secrets": {name: {"fields": ["value"]} for name in grants},
            "grants": [{"workload": "w", "secret": name, "can": verbs} for name, verbs in grants.items() if verbs],
        }
    )
    policies = {"by-hand": {"reason": reason, "rules": by_hand}} if by_hand else {}
    environment = Environment.model_validate(
        {
            "environment": "test",
            "default_store": "kv",
            "stores": {"kv": {"vault_kv": {"mount": MOUNT}}},
            "vault": {"auth": {"machines": {"approle": {}}}, "policies": policies},
        }
    )
    return [record for record in plan(Scope(environment, {"t": catalog})) if isinstance(record, Policy)]


names = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
verbs = st.lists(st.sampled_from(VERBS), unique=True).map(tuple)


@given(st.dictionaries(names, verbs, min_size=1, max_size=4))
@on_a_server
def test_the_server_reads_back_every_derived_policy_and_grants_exactly_its_capabilities(
    root: hvac.Client, grants: dict[str, tuple[str, ...]]
) -> None:
    (policy,) = _policy(grants)
    root.sys.create_or_update_acl_policy(policy.name, policy.text)
    assert root.sys.read_acl_policy(policy.name)["data"]["policy"] == policy.text
    token = root.auth.token.create(policies=[policy.name], no_default_policy=True, ttl="60s")["auth"]
    assert token["policies"] == [policy.name]
    planned = {rule.path: sorted(rule.capabilities) for rule in policy.rules}
    others = [
        f"{MOUNT}/{part}/t/{name}" for part in ("data", "metadata", "delete", "undelete", "destroy") for name in grants
    ]
    others += [f"{MOUNT}/data/t", f"{MOUNT}/data/other/x", f"{MOUNT}/config", "sys/mounts", "sys/policies/acl/x"]
    asked = {path: planned.get(path, ["deny"]) for path in [*planned, *others]}
    answer = root.adapter.post("/v1/sys/capabilities", json={"token": token["client_token"], "paths": list(asked)})
    assert {path: sorted(answer["data"][path]) for path in asked} == asked
    root.auth.token.revoke(token["client_token"])


capabilities = st.lists(
    st.sampled_from(["create", "read", "update", "patch", "delete", "list", "scan", "deny"]), min_size=1, unique=True
)
segments = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='*+/{}"\\'), min_size=1, max_size=5
)
paths = st.builds(
    lambda parts, ending: "/".join(parts) + ending,
    st.lists(segments | st.just("+"), min_size=1, max_size=4),
    st.sampled_from(["", "/*", "/"]),
)


@given(
    st.dictionaries(paths, capabilities, min_size=1, max_size=4),
    st.text(
        st.characters(exclude_categories=["C", "Z"], exclude_characters="{") | st.just(" "), min_size=10, max_size=60
    ),
)
@on_a_server
def test_the_server_accepts_every_policy_by_hand_that_the_models_accept(
    root: hvac.Client, flavour: Flavour, rules: dict[str, list[str]], reason: str
) -> None:
    # Only OpenBao knows it; for Vault the plan refuses it.
    assume(flavour == "openbao" or not any("scan" in given_ for given_ in rules.values()))
    by_hand = [{"path": path, "capabilities": given_} for path, given_ in rules.items()]
    _, policy = _policy({"a": ()}, by_hand, reason)
    root.sys.create_or_update_acl_policy(policy.name, policy.text)
    token = root.auth.token.create(policies=[policy.name], no_default_policy=True, ttl="60s")["auth"]["client_token"]
    exact = [path for path in rules if not path.endswith("*") and "+" not in path]
    if exact:
        answer = root.adapter.post("/v1/sys/capabilities", json={"token": token, "paths": exact})
        for path in exact:
            assert sorted(answer["data"][path]) == (["deny"] if "deny" in rules[path] else sorted(rules[path]))
    root.auth.token.revoke(token)


def _do(client: hvac.Client, verb: str, name: str, version: int) -> None:
    kv = client.secrets.kv.v2
    if verb == "read":
        kv.read_secret_version(f"t/{name}", mount_point=MOUNT, raise_on_deleted_version=True)
    elif verb == "write":
        kv.create_or_update_secret(f"t/{name}", {"value": "y"}, cas=version, mount_point=MOUNT)
    else:
        kv.delete_latest_version_of_secret(f"t/{name}", mount_point=MOUNT)


@pytest.mark.parametrize("granted", [(), ("read",), ("write",), ("delete",), ("read", "write"), VERBS])
def test_what_is_granted_works_and_what_is_not_is_refused(root: hvac.Client, granted: tuple[str, ...]) -> None:
    name = "does-" + ("-".join(granted) or "nothing")
    (policy,) = _policy({name: granted})
    root.sys.create_or_update_acl_policy(policy.name + name, policy.text)
    token = root.auth.token.create(policies=[policy.name + name], no_default_policy=True, ttl="300s")["auth"]
    workload = hvac.Client(url=root.url, token=token["client_token"], verify=root.session.verify)
    for verb in VERBS:
        version = _stored(root, name)
        if verb in granted:
            _do(workload, verb, name, version)
        else:
            with pytest.raises(Forbidden):
                _do(workload, verb, name, version)
    for forbidden in (
        lambda: workload.secrets.kv.v2.list_secrets("t", mount_point=MOUNT),
        lambda: workload.secrets.kv.v2.delete_metadata_and_all_versions(f"t/{name}", mount_point=MOUNT),
        lambda: workload.secrets.kv.v2.destroy_secret_versions(f"t/{name}", [1], mount_point=MOUNT),
        lambda: workload.secrets.kv.v2.undelete_secret_versions(f"t/{name}", [1], mount_point=MOUNT),
        lambda: _do(workload, "read", "another", 0),
        workload.sys.list_policies,
    ):
        with pytest.raises(Forbidden):
            forbidden()
    workload.auth.token.renew_self()
    workload.auth.token.revoke_self()


def _stored(root: hvac.Client, name: str) -> int:
    """Makes sure that there is a live version, and returns its number."""
    answer = root.secrets.kv.v2.create_or_update_secret(f"t/{name}", {"value": "x"}, mount_point=MOUNT)
    return int(answer["data"]["version"])


def test_a_missing_secret_looks_the_same_to_who_may_not_read_it(root: hvac.Client) -> None:
    (policy,) = _policy({"never-written": ("read",)})
    root.sys.create_or_update_acl_policy("never-written", policy.text)
    token = root.auth.token.create(policies=["never-written"], no_default_policy=True, ttl="300s")["auth"]
    workload = hvac.Client(url=root.url, token=token["client_token"], verify=root.session.verify)
    with pytest.raises(InvalidPath):
        _do(workload, "read", "never-written", 0)
    with pytest.raises(Forbidden):
        _do(workload, "read", "another-never-written", 0)
