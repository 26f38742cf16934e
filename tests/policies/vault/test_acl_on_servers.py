"""Matching and precedence against real servers, which decide by doing the operation.

Only reads of a version 1 KV engine are asked for: they are one operation on one path, without an existence check.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hvac
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom_policies.vault.acl import merge, reach
from strongroom_policies.vault.document import DocumentError, read
from strongroom_policies.vault.paths import Pattern
from strongroom_sandbox import Sandbox
from support import flavours

flavour, sandbox = flavours.flavour, flavours.sandbox  # these tests run on both servers

READ = frozenset(["read"])
SEGMENTS = ["a", "ab", "b"]
RULES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([*SEGMENTS, "+"]), min_size=1, max_size=3).map("/".join),
        st.sampled_from(["", "*", "/*"]),
        st.booleans(),
    ).filter(lambda rule: "+*" not in rule[0] + rule[1]),
    min_size=1,
    max_size=6,
)
PATHS = ["a", "ab", "a/a", "a/b", "ab/a", "b/ab", "a/a/a", "a/b/a", "a/ab/b", "b/a/ab", "a/b/a/b"]


@dataclass(frozen=True)
class Server:
    """A KV engine of version 1 and tokens for it."""

    client: Any
    mount: str

    def token(self, *policies: str) -> str:
        names = [f"{self.mount}-{number}" for number in range(len(policies))]
        for name, text in zip(names, policies, strict=True):
            self.client.sys.create_or_update_policy(name, text)
        created = self.client.auth.token.create(policies=names, no_default_policy=True, ttl="5m")
        return str(created["auth"]["client_token"])

    def may_read(self, token: str, path: str) -> bool:
        other = hvac.Client(url=self.client.url, token=token, verify=self.client.session.verify)
        try:
            other.read(f"{self.mount}/{path}")
        except hvac.exceptions.Forbidden:
            return False
        return True


@pytest.fixture(scope="module")
def server(sandbox: Sandbox) -> Iterator[Server]:
    client = sandbox.vault.root_client()
    mount = f"acl-{secrets.token_hex(4)}"
    client.sys.enable_secrets_engine("kv", path=mount, options={"version": "1"})
    yield Server(client, mount)
    client.sys.disable_secrets_engine(mount)


# Sixty policy sets times eleven paths; without a deadline because the server takes the time it takes.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RULES, RULES)
def test_the_rule_that_decides_is_the_one_that_decides_on_the_server(
    server: Server, one: list[tuple[str, str, bool]], two: list[tuple[str, str, bool]]
) -> None:
    texts = ["\n".join(stanza(server.mount, *rule) for rule in rules) for rules in (one, two)]
    rules = merge((str(number), read(text)) for number, text in enumerate(texts))
    token = server.token(*texts)
    for path in PATHS:
        expected = bool(list(reach(rules, READ, [Pattern.parse(f"{server.mount}/{path}")])))
        assert server.may_read(token, path) == expected, f"{path} with\n{texts[0]}\n--\n{texts[1]}"


def stanza(mount: str, path: str, end: str, allow: bool) -> str:
    return f'path "{mount}/{path}{end}" {{ capabilities = ["{"read" if allow else "deny"}"] }}'


@pytest.mark.parametrize(
    "text",
    [
        'path "M/a" { policy = "read" }',
        'path "/M/a" { capabilities = ["read",] }',
        '{"path": {"M/a": {"capabilities": ["read"]}, "M/a": {"capabilities": ["list"]}}}',
        'path "M/a" { capabilities = ["read"] }\npath "/M/a" { capabilities = ["deny"] }',
        'path "M/+" { capabilities = ["read"] }\npath "M/*" { capabilities = ["deny"] }',
        'path "+/a" { capabilities = ["read"] }',
        'path "M/a*/b" { capabilities = ["read"] }',
        'path "M/a" { capabilities = ["deny", "read"] }',
        'path "//M/a" { capabilities = ["read"] }',
    ],
)
def test_a_text_that_can_be_read_means_the_same_to_the_server(server: Server, text: str) -> None:
    text = text.replace("M", server.mount)
    expected = bool(list(reach(merge([("p", read(text))]), READ, [Pattern.parse(f"{server.mount}/a")])))
    assert server.may_read(server.token(text), "a") == expected


@pytest.mark.parametrize(
    "text",
    [
        'path "M/a" { capabilities = ["raed"] }',
        'path "M/+*" { capabilities = ["read"] }',
        'path = { "M/a" = { capabilities = ["read"] } }',
        'path "M/a" { capabilities = ["read" "list"] }',
        '{"path": {"M/a": [{"capabilities": ["read"]}]}}',
        'other "M/a" { capabilities = ["read"] }',
    ],
)
def test_a_text_that_the_server_refuses_cannot_be_read_either(server: Server, text: str) -> None:
    text = text.replace("M", server.mount)
    with pytest.raises(hvac.exceptions.InvalidRequest):
        server.client.sys.create_or_update_policy(f"{server.mount}-refused", text)
    with pytest.raises(DocumentError):
        read(text)
