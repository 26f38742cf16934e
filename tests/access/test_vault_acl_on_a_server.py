"""Which rule decides: a real server is asked the same, by reading."""

from collections.abc import Iterator
from random import Random
from uuid import uuid4

import hvac
import hvac.exceptions
import pytest

from strongroom.access.vault_acl import Acl, AclRule
from strongroom_sandbox import Sandbox

pytestmark = pytest.mark.engine

SEGMENTS = ("a", "ab", "b")
PATHS = [f"{first}{rest}" for first in SEGMENTS for rest in ("", *(f"/{second}" for second in SEGMENTS), "/a/b")]
"""Of secrets below a mount of version 1, where the path of a value is what rules name."""


@pytest.fixture(scope="module")
def mount(sandbox: Sandbox) -> Iterator[str]:
    """A mount in which every path has a value."""
    root, path = sandbox.vault.root_client(), f"acl-{uuid4().hex[:8]}"
    root.sys.enable_secrets_engine("kv", path=path, options={"version": "1"})
    for each in PATHS:
        root.secrets.kv.v1.create_or_update_secret(each, {"k": "v"}, mount_point=path)
    yield path
    root.sys.disable_secrets_engine(path)


def _pattern(random: Random, mount: str) -> str:
    parts = [random.choice((*SEGMENTS, "+")) for _ in range(random.randint(1, 3))]
    return f"{mount}/{'/'.join(parts)}{random.choice(('', '', '*', '/*'))}".replace("+*", "+")


@pytest.mark.parametrize("seed", range(12))
def test_a_server_reads_what_the_rules_say_and_refuses_the_rest(sandbox: Sandbox, mount: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311  cases, the same each time
    policies = [
        [(_pattern(random, mount), random.choice(("read", "list", "deny"))) for _ in range(random.randint(1, 5))]
        for _ in range(2)
    ]
    root = sandbox.vault.root_client()
    names = [f"{mount}-{seed}-{number}" for number in range(len(policies))]
    for name, rules in zip(names, policies, strict=True):
        # One path twice in one policy is an error of its own.
        text = "\n".join(f'path "{path}" {{ capabilities = ["{can}"] }}' for path, can in dict(rules).items())
        root.sys.create_or_update_policy(name, text)
    token = root.auth.token.create(policies=names, no_default_policy=True)["auth"]["client_token"]
    client = sandbox.vault.workload_client()
    client.token = token
    acl = Acl(AclRule(path, frozenset({can})) for rules in policies for path, can in dict(rules).items())
    assert {path: _reads(client, mount, path) for path in PATHS} == {
        path: acl.allows("read", f"{mount}/{path}") for path in PATHS
    }, policies


def _reads(client: hvac.Client, mount: str, path: str) -> bool:
    try:
        client.secrets.kv.v1.read_secret(path, mount_point=mount)
    except hvac.exceptions.Forbidden:
        return False
    return True
