"""Policies by hand, deployed by the real engine: the server enforces what only a text can say."""

from typing import Any

import hvac.exceptions
import pytest

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy
from support.workloads import environment, login, runs_as

pytestmark = pytest.mark.engine

KV = "kv-byhand"
TEXT = f"""
# Comments stay in the YAML.
path "{KV}/data/shop/smtp" {{
  policy = "read"                  # the old shorthand
  min_wrapping_ttl = "1m"
  max_wrapping_ttl = 3600
}}
path "{KV}/metadata/shop/smtp" {{
  capabilities = ["create", "update"]
  allowed_parameters = {{ "Max_Versions" = ["5", "6*"] }}
  required_parameters = ["max_versions"]
}}
"""
JSON = f'{{"path": {{"{KV}/data/shop/ldap": {{"capabilities": ["read"]}}}}}}'
CATALOG: dict[str, Any] = {
    "team": "shop",
    "workloads": {"report": runs_as("report"), "other": runs_as("other")},
    "secrets": {"smtp": {"fields": ["password"]}, "ldap": {"fields": ["password"]}},
}


@pytest.fixture(scope="module")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Deployed:
    by_hand = environment(sandbox, "byhand", {})
    by_hand["vault"]["policies"] = {
        "wrapped": {"reason": "values are only handed out wrapped", "text": TEXT, "workloads": ["shop/report"]},
        "plain": {"reason": "the same language as JSON", "text": JSON, "workloads": ["shop/other"]},
    }
    made = deploy(sandbox, toolchain, tmp_path_factory.mktemp("byhand"), by_hand, [CATALOG])
    for name in ("smtp", "ldap"):
        sandbox.vault.root_client().write_data(
            f"{KV}/data/shop/{name}", data={"data": {"password": "x"}, "options": {"cas": 0}}
        )
    return made


def test_the_server_holds_what_the_text_says_in_its_normal_form(sandbox: Sandbox, deployed: Deployed) -> None:
    text = sandbox.vault.root_client().sys.read_acl_policy("byhand.platform.wrapped")["data"]["policy"]
    assert 'capabilities = ["list", "read"]\n  max_wrapping_ttl = "3600s"\n  min_wrapping_ttl = "60s"\n' in text
    assert '    "max_versions" = ["5", "6*"]\n' in text
    assert "old shorthand" not in text


def test_a_value_is_only_handed_out_wrapped_and_for_as_long_as_allowed(sandbox: Sandbox, deployed: Deployed) -> None:
    report = login(sandbox, deployed, "shop/report")
    path = f"/v1/{KV}/data/shop/smtp"
    for refused in (None, "30s", "2h"):
        with pytest.raises(hvac.exceptions.Forbidden):
            report.adapter.get(path, wrap_ttl=refused)
    token = report.adapter.get(path, wrap_ttl="10m")["wrap_info"]["token"]
    holder = sandbox.vault.workload_client()
    holder.token = token
    assert holder.sys.unwrap()["data"]["data"] == {"password": "x"}


def test_parameters_are_limited_to_what_the_text_allows(sandbox: Sandbox, deployed: Deployed) -> None:
    report = login(sandbox, deployed, "shop/report")
    path = f"/v1/{KV}/metadata/shop/smtp"
    report.adapter.post(path, json={"max_versions": "5"})
    for refused in ({"max_versions": "7"}, {}, {"max_versions": "5", "cas_required": False}):
        with pytest.raises(hvac.exceptions.Forbidden):
            report.adapter.post(path, json=refused)


def test_a_policy_in_json_is_one_like_any_other(sandbox: Sandbox, deployed: Deployed) -> None:
    other = login(sandbox, deployed, "shop/other")
    assert other.read(f"{KV}/data/shop/ldap")["data"]["data"] == {"password": "x"}
    with pytest.raises(hvac.exceptions.Forbidden):
        other.read(f"{KV}/data/shop/smtp")


def test_another_up_changes_nothing(deployed: Deployed) -> None:
    result = deployed.up()
    assert result.changed == 0, result.console.read_text()
