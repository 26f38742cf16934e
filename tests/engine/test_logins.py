"""Logins without OIDC discovery, deployed and used: public keys, a key set's URL, AppRole, claims of a CI job."""

from typing import Any, Final, NamedTuple

import hvac
import hvac.exceptions
import jwt
import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom_sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain
from support.deployed import Deployed, deploy

pytestmark = pytest.mark.engine

ENVIRONMENT: Final = "logins"
AUDIENCE: Final = f"vault-{ENVIRONMENT}"
CLAIMS: Final = {"repository": "acme/payments", "environment": "production"}
CATALOG: Final[dict[str, Any]] = {
    "team": "payments",
    "workloads": {
        "by-key": {"auth": "static", "runs_as": {"jwt": {"subject": "by-key"}}},
        "by-url": {"auth": "keyset", "runs_as": {"jwt": {"subject": "by-url"}}},
        "release": {"runs_as": {"github_actions": CLAIMS}},
        "batch": {"runs_as": {"approle": {"secret_id_ttl": "5m"}}},
    },
}


class World(NamedTuple):
    sandbox: Sandbox
    deployed: Deployed

    def login(self, workload: str, method: str, subject: str, audience: str = AUDIENCE, **claims: str) -> list[str]:
        """The policies of the token that an identity token is exchanged for."""
        token = self.sandbox.issuer.token(subject, audience, claims)
        client = self.sandbox.vault.workload_client()
        role, path = f"payments.{workload}", f"{method}-{ENVIRONMENT}"
        policies: list[str] = client.auth.jwt.jwt_login(role=role, jwt=token, path=path)["auth"]["policies"]
        return policies


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, toolchain: Toolchain) -> World:
    issuer = sandbox.issuer
    url = f"{issuer.url}/jwks.json"
    keys = requests.get(url, verify=str(sandbox.vault.ca_file), timeout=10).json()["keys"]
    pem = jwt.PyJWK(keys[0]).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    common = {"audiences": [AUDIENCE], "issuer": issuer.url}
    auth = {
        "static": {"jwt": {**common, "accepts": ["jwt"], "public_keys": [pem]}},
        "keyset": {
            "jwt": {**common, "accepts": ["jwt", "github_actions"], "jwks_url": url, "ca_pem": issuer.ca_pem},
        },
        "machines": {"approle": {}},
    }
    environment = {
        "environment": ENVIRONMENT,
        "protect": False,
        "default_store": "kv",
        "stores": {"kv": {"vault_kv": {}}},
        "vault": {"flavour": sandbox.vault.flavour, "auth": auth},
    }
    return World(sandbox, deploy(sandbox, toolchain, tmp_path_factory.mktemp("project"), environment, [CATALOG]))


@pytest.mark.parametrize(("workload", "method"), [("by-key", "static"), ("by-url", "keyset")])
def test_a_token_of_the_issuer_gets_exactly_the_workloads_own_policy(world: World, workload: str, method: str) -> None:
    assert world.login(workload, method, subject=workload) == [f"{ENVIRONMENT}.payments.{workload}"]


@pytest.mark.parametrize(("workload", "method"), [("by-key", "static"), ("by-url", "keyset")])
@pytest.mark.parametrize(
    ("subject", "audience"), [("somebody-else", AUDIENCE), ("by-key", "vault-prod"), ("by-url", "vault-prod")]
)
def test_another_subject_or_audience_is_refused(
    world: World, workload: str, method: str, subject: str, audience: str
) -> None:
    with pytest.raises(hvac.exceptions.InvalidRequest):
        world.login(workload, method, subject, audience)


def test_a_ci_job_logs_in_with_all_its_claims_and_not_without_one(world: World) -> None:
    assert world.login("release", "keyset", "repo:x", **CLAIMS) == [f"{ENVIRONMENT}.payments.release"]
    for wrong in ({"repository": "acme/fork"}, {"environment": "pull-request"}):
        with pytest.raises(hvac.exceptions.InvalidRequest):
            world.login("release", "keyset", "repo:x", **{**CLAIMS, **wrong})


def test_a_secret_id_logs_in_once(world: World) -> None:
    operator = world.sandbox.vault.root_client().auth.approle
    at = {"role_name": "payments.batch", "mount_point": f"machines-{ENVIRONMENT}"}
    role_id = operator.read_role_id(**at)["data"]["role_id"]
    secret_id = operator.generate_secret_id(**at)["data"]["secret_id"]
    client = world.sandbox.vault.workload_client()
    login = client.auth.approle.login(role_id, secret_id, mount_point=at["mount_point"])
    assert login["auth"]["policies"] == [f"{ENVIRONMENT}.payments.batch"]
    with pytest.raises(hvac.exceptions.InvalidRequest):
        client.auth.approle.login(role_id, secret_id, mount_point=at["mount_point"])


def test_all_of_it_settles(world: World) -> None:
    """A public key comes back without its last newline: a difference that would never end."""
    assert world.deployed.up().changed == 0
