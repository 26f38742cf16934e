"""The table of features against the two real servers: what it says of their versions is what they do."""

from collections.abc import Callable, Iterator

import pytest

from strongroom.vault.connection import Connection, NotMountedError, ServerError
from strongroom.vault.profile import FEATURES, Flavour, Profile
from strongroom_sandbox import Sandbox
from support.sandbox import Sandboxes

PKI, TRANSIT, DATABASE = "profile-pki", "profile-transit", "profile-database"
AWS, PROBE = "profile-aws", "profile-probe"


@pytest.fixture(scope="module", params=["openbao", "vault"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(scope="module")
def sandbox(sandboxes: Sandboxes, flavour: Flavour) -> Sandbox:
    return sandboxes(flavour)


@pytest.fixture(scope="module")
def server(sandbox: Sandbox) -> Iterator[Connection]:
    connection = Connection(sandbox.vault.root_client())
    mounts = {PKI: "pki", TRANSIT: "transit", DATABASE: "database"}
    for path, kind in mounts.items():
        connection.write(f"sys/mounts/{path}", {"type": kind})
    yield connection
    for path in mounts:
        connection.delete(f"sys/mounts/{path}")
    connection.delete(f"sys/policies/acl/{PROBE}")


def _plugin(kind: str, name: str) -> Callable[[Connection], bool]:
    return lambda server: name in ((server.read("sys/plugins/catalog") or {})[kind])


def _help(path: str, word: str = "") -> Callable[[Connection], bool]:
    """Whether a path is served, and its help names the parameter."""

    def probe(server: Connection) -> bool:
        try:
            return word in str((server.request("GET", path, query="help=1") or {})["help"])
        except NotMountedError:
            return False

    return probe


def _served(method: str, path: str) -> Callable[[Connection], bool]:
    def probe(server: Connection) -> bool:
        try:
            server.request(method, path)
        except NotMountedError:
            return False
        return True

    return probe


def _policy(stanza: str) -> Callable[[Connection], bool]:
    def probe(server: Connection) -> bool:
        try:
            server.write(f"sys/policies/acl/{PROBE}", {"policy": f'path "a/b" {{ {stanza} }}'})
        except ServerError as error:
            if error.status != 400:
                raise
            return False
        return True

    return probe


def _capability(name: str) -> Callable[[Connection], bool]:
    return _policy(f'capabilities = ["{name}"]')


def _parameter(text: str) -> Callable[[Connection], bool]:
    return _policy(f'capabilities = ["list"]\n{text}')


def _audit_by_api(server: Connection) -> bool:
    with pytest.raises(ServerError) as refused:
        server.write(f"sys/audit/{PROBE}", {"type": "no-such-type"})
    return "via API" not in refused.value.said


def _in_aws(probe: Callable[[Connection], bool]) -> Callable[[Connection], bool]:
    """With an AWS engine at AWS, which not every server has."""

    def in_engine(server: Connection) -> bool:
        try:
            server.write(f"sys/mounts/{AWS}", {"type": "aws"})
        except ServerError:  # no such engine
            return False
        try:
            return probe(server)
        finally:
            server.delete(f"sys/mounts/{AWS}")

    return in_engine


def _plugin_identity(server: Connection) -> bool:
    with pytest.raises(ServerError) as refused:
        server.write(f"{AWS}/config/root", {"identity_token_audience": "a", "role_arn": "arn:aws:iam::1:role/r"})
    return "not supported in Vault community edition" not in refused.value.said


PROBES: dict[str, Callable[[Connection], bool]] = {
    **{name: _plugin("secret", name.partition(".")[2]) for name in FEATURES if name.startswith("secrets.")},
    **{name: _plugin("auth", name.partition(".")[2]) for name in FEATURES if name.startswith("auth.")},
    **{
        name: _plugin("database", f"{name.partition('.')[2]}-database-plugin")
        for name in FEATURES
        if name.startswith("database.")
    },
    "database.rotation_schedule": _help(f"{DATABASE}/static-roles/x", "rotation_schedule"),
    "aws.static_role": _in_aws(_served("LIST", f"{AWS}/static-roles")),
    "aws.session_tags": _in_aws(_help(f"{AWS}/roles/x", "session_tags")),
    "aws.plugin_identity": _in_aws(_plugin_identity),
    "login_mfa": _served("LIST", "identity/mfa/method"),
    "pki.acme": _served("GET", f"{PKI}/config/acme"),
    "pki.acme.max_ttl": _help(f"{PKI}/config/acme", "max_ttl"),
    "pki.issuers": _served("LIST", f"{PKI}/issuers"),
    "transit.auto_rotation": _help(f"{TRANSIT}/keys/x", "auto_rotate_period"),
    "namespaces": _served("LIST", "sys/namespaces"),
    "quotas.rate_limit": _served("LIST", "sys/quotas/rate-limit"),
    "quotas.lease_count": _served("LIST", "sys/quotas/lease-count"),
    "quotas.role": _help("sys/quotas/rate-limit/x", "role"),
    "password_policies": _served("LIST", "sys/policies/password"),
    "audit.api": _audit_by_api,
    "policy.patch": _capability("patch"),
    "policy.scan": _capability("scan"),
    "policy.subscribe": _capability("subscribe"),
    "policy.recover": _capability("recover"),
    "policy.subscribe_event_types": _parameter('subscribe_event_types = ["*"]'),
    "policy.pagination_limit": _parameter("pagination_limit = 5"),
    "policy.expiration": _parameter('expiration = "2100-01-01T00:00:00Z"'),
    "policy.list_scan_response_keys_filter_path": _parameter('list_scan_response_keys_filter_path = "a/b/{{ .key }}"'),
    "policy.control_group": _parameter(
        'control_group = { factor "x" { identity { group_names = ["g"], approvals = 1 } } }'
    ),
    "policy.mfa_methods": _parameter('mfa_methods = ["m"]'),
}
ACCEPTED_WITHOUT_EFFECT = {
    ("vault", "policy.control_group"),
    ("vault", "policy.mfa_methods"),
    ("openbao", "policy.mfa_methods"),
}
"""Read in a policy and not enforced (`vault/policy.go`: only the Enterprise edition does), which is not to have it."""


def test_there_is_a_probe_for_every_row() -> None:
    assert PROBES.keys() == FEATURES.keys()


def test_a_real_server_is_recognised(server: Connection, flavour: Flavour) -> None:
    assert server.profile() == Profile(flavour, {"openbao": "2.7.2", "vault": "1.21.0"}[flavour], "community")


@pytest.mark.parametrize("feature", FEATURES)
def test_a_server_has_what_the_table_says_and_nothing_more(server: Connection, flavour: Flavour, feature: str) -> None:
    found = PROBES[feature](server)
    if (flavour, feature) in ACCEPTED_WITHOUT_EFFECT:
        assert found
        found = False
    assert found is server.profile().has(feature)
