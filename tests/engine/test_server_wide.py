"""Quotas and settings of a server as a whole: deployed, and then met by clients."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
import requests

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

RATE = 5
ORIGIN = "https://console.example"


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def send(self, method: str, path: str, body: Mapping[str, str] | None = None, **headers: str) -> requests.Response:
        """A client of the server, with whatever headers it likes."""
        vault = self.sandbox.vault
        return requests.request(
            method, f"{vault.address}/{path}", json=body, headers=headers, verify=str(vault.ca_file), timeout=10
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, sandbox: Sandbox) -> World:
    files = environment(sandbox, "wide", {})
    files["vault"] |= {
        # An hour, so that no test depends on how fast it runs.
        "quotas": {
            "greedy": {
                "rate_limit": {"mount": "auth/issuer-wide", "role": "shop.greedy", "rate": RATE, "interval": "1h"}
            }
        },
        "server": {
            "cors": {"origins": [ORIGIN], "headers": ["X-Trace-Id"]},
            "ui_headers": {"X-Frame-Options": ["DENY"]},
            "audited_headers": {"X-Request-Id": {"hmac": False}, "User-Agent": {}},
            "rate_limiting": {},
        },
    }
    catalog = {
        "team": "shop",
        "workloads": {"web": runs_as("web"), "greedy": runs_as("greedy")},
        "secrets": {"key": {"fields": ["value"]}},
        "grants": [{"workload": "web", "secret": "key", "can": ["read"]}],
    }
    return World(sandbox, deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), files, [catalog]))


def _recorded(world: World, path: str) -> list[dict[str, Any]]:
    """What the audit log says of requests to a path."""
    lines = world.sandbox.vault.audit_log.read_text("utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if entry.get("request", {}).get("path") == path]


def test_a_second_run_reports_no_changes(world: World) -> None:
    assert world.deployed.up().changes.keys() == {"same"}


def test_who_logs_in_too_often_is_refused_is_told_so_and_is_recorded(world: World) -> None:
    place, token = "auth/issuer-wide/login", world.sandbox.issuer.token(subject="greedy", audience="vault-wide")
    answers = [world.send("POST", f"v1/{place}", {"role": "shop.greedy", "jwt": token}) for _ in range(RATE + 1)]
    assert [answer.status_code for answer in answers] == [200] * RATE + [429]
    assert "rate limit quota exceeded" in answers[-1].text
    assert answers[-1].headers["X-Ratelimit-Limit"] == str(RATE)
    refused = _recorded(world, place)[-1]
    assert "rate limit quota exceeded" in str(refused["error"])
    # Others log in as before.
    assert login(world.sandbox, world.deployed, "shop/web").token


def test_headers_are_recorded_as_they_are_or_hashed(world: World) -> None:
    token = login(world.sandbox, world.deployed, "shop/web").token
    assert world.send(
        "GET", "v1/auth/token/lookup-self", **{"X-Vault-Token": token, "X-Request-Id": "seen", "User-Agent": "hidden"}
    ).ok
    headers = _recorded(world, "auth/token/lookup-self")[-1]["request"]["headers"]
    assert headers["x-request-id"] == ["seen"]
    assert headers["user-agent"][0].startswith("hmac-sha256:")
    assert "hidden" not in world.sandbox.vault.audit_log.read_text("utf-8")


def test_only_the_listed_web_page_may_talk_to_the_server(world: World) -> None:
    asked = {"Access-Control-Request-Method": "GET"}
    allowed = world.send("OPTIONS", "v1/sys/health", Origin=ORIGIN, **asked)
    assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "X-Trace-Id" in allowed.headers["Access-Control-Allow-Headers"]
    refused = world.send("OPTIONS", "v1/sys/health", Origin="https://evil.example", **asked)
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_the_web_interface_answers_with_the_headers(world: World) -> None:
    assert world.send("GET", "ui/").headers["X-Frame-Options"] == "DENY"


def test_what_somebody_changed_by_hand_is_found_and_undone(world: World) -> None:
    root = world.sandbox.vault.root_client()
    root.write_data("sys/config/cors", data={"allowed_origins": ["https://evil.example"]})
    root.delete("sys/config/auditing/request-headers/User-Agent")
    changes = world.deployed.up().changes
    assert (changes.get("update", 0), changes.get("create", 0)) == (1, 1)
    assert root.read("sys/config/cors")["data"]["allowed_origins"] == [ORIGIN]
    assert world.deployed.up().changes.keys() == {"same"}
