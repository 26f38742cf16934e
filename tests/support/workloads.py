"""A small environment in which workloads log in with tokens of the sandbox's issuer, and their clients."""

from collections.abc import Mapping
from typing import Any

import hvac

from strongroom.vault.auth.jwt.plan import JwtRole
from strongroom_sandbox import Sandbox
from support.deployed import Deployed


def environment(sandbox: Sandbox, name: str, engines: Mapping[str, Any]) -> dict[str, Any]:
    """An unprotected environment with these engines. The name should be one that no other test uses."""
    method = {
        "accepts": ["jwt"],
        "audiences": [f"vault-{name}"],
        "oidc_discovery_url": sandbox.issuer.url,
        "ca_pem": sandbox.issuer.ca_pem,
    }
    return {
        "environment": name,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {"flavour": sandbox.vault.flavour, "auth": {"issuer": {"jwt": method}}, "engines": dict(engines)},
    }


def runs_as(subject: str) -> dict[str, Any]:
    """A workload of such an environment."""
    return {"runs_as": {"jwt": {"subject": subject}}}


def login(sandbox: Sandbox, deployed: Deployed, workload: str) -> hvac.Client:
    """The client of a workload, `team/workload`, logged in as itself."""
    role = next(role for role in deployed.plan.of(JwtRole) if role.workload == workload)
    client = sandbox.vault.workload_client()
    client.adapter.namespace = deployed.plan.namespace
    token = sandbox.issuer.token(subject=role.subject or "", audience=role.audiences[0])
    client.auth.jwt.jwt_login(role=role.name, jwt=token, path=role.mount)
    return client
