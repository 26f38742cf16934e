"""A job's identity becomes short-lived credentials for one command."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import hvac
import pytest

from strongroom.review.identity import IdentityError, credentials, main
from strongroom_sandbox import Sandbox
from support.http import Answer, Request, serving

JOB_TOKEN = "the-jobs-own-request-token"
SHOW = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


def identity_token(audience: str) -> str:
    return f"token for {audience}"


@pytest.fixture
def job() -> Iterator[dict[str, str]]:
    """The environment of a GitHub job that has an identity."""

    def respond(request: Request) -> Answer:
        if request.authorization != f"bearer {JOB_TOKEN}":
            return Answer({}, 403)
        return Answer({"value": f"token for {request.path.partition('&audience=')[2]}"})

    with serving(respond) as address:
        yield dict(os.environ) | {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{address}/?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": JOB_TOKEN,
        }


def seen(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """What a command finds in its environment."""
    file = tmp_path / "seen.json"
    assert main([sys.executable, "-c", SHOW, str(file)], environment) == 0
    found: dict[str, str] = json.loads(file.read_text())
    return found


def test_every_cloud_gets_a_token_that_is_meant_for_it_alone(tmp_path: Path) -> None:
    provider = "projects/1/locations/global/workloadIdentityPools/github/providers/acme"
    found = credentials(
        {
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/preview",
            "AZURE_CLIENT_ID": "client",
            "AZURE_TENANT_ID": "tenant",
            "GCP_WORKLOAD_IDENTITY_PROVIDER": provider,
            "GCP_SERVICE_ACCOUNT": "preview@acme.iam.gserviceaccount.com",
        },
        identity_token,
        tmp_path,
    )
    assert Path(found["AWS_WEB_IDENTITY_TOKEN_FILE"]).read_text() == "token for sts.amazonaws.com"
    assert Path(found["AZURE_FEDERATED_TOKEN_FILE"]).read_text() == "token for api://AzureADTokenExchange"
    account = json.loads(Path(found["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())
    assert account["audience"] == f"//iam.googleapis.com/{provider}"
    token_file = Path(account["credential_source"]["file"])
    assert token_file.read_text() == f"token for https://iam.googleapis.com/{provider}"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("set_one", "missing"),
    [
        ("AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
        ("GCP_WORKLOAD_IDENTITY_PROVIDER", "GCP_SERVICE_ACCOUNT"),
        ("VAULT_AUTH_ROLE", "VAULT_ADDR"),
    ],
)
def test_half_a_configuration_names_the_other_half(set_one: str, missing: str, tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match=f"{set_one} is set and {missing} is not; set both, or none"):
        credentials({set_one: "x"}, identity_token, tmp_path)


@pytest.mark.parametrize("address", ["http://vault.example:8200", "ftp://vault.example", "vault.example:8200"])
def test_a_login_that_is_not_encrypted_is_refused_before_any_token_is_asked_for(address: str, tmp_path: Path) -> None:
    asked: list[str] = []
    with pytest.raises(IdentityError, match=r"VAULT_ADDR is .* not encrypted; use https"):
        credentials({"VAULT_ADDR": address, "VAULT_AUTH_ROLE": "x"}, lambda a: asked.append(a) or "", tmp_path)  # type: ignore[func-returns-value]
    assert asked == []


def test_the_tokens_are_gone_when_the_command_has_ended(job: dict[str, str], tmp_path: Path) -> None:
    found = seen(tmp_path, job | {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/preview"})
    assert not Path(found["AWS_WEB_IDENTITY_TOKEN_FILE"]).parent.exists()


def test_the_command_cannot_ask_for_more_tokens_and_sees_no_empty_settings(job: dict[str, str], tmp_path: Path) -> None:
    found = seen(tmp_path, job | {"AWS_ROLE_ARN": "", "VAULT_ADDR": "", "PULUMI_CONFIG_PASSPHRASE": ""})
    assert not [name for name in found if name.startswith("ACTIONS_ID_TOKEN_")]
    assert not {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "VAULT_ADDR"} & set(found)
    assert found["PULUMI_CONFIG_PASSPHRASE"] == "", "an empty passphrase is a passphrase"


def test_with_nothing_configured_the_command_runs_and_its_exit_code_is_kept() -> None:
    assert main([sys.executable, "-c", "raise SystemExit(7)"], dict(os.environ)) == 7


def test_a_job_without_identity_is_told_which_permission_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["false"], {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/preview"}) == 1
    assert "`permissions: id-token: write`" in capsys.readouterr().err


def test_a_refused_request_says_so_without_the_tokens(job: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    refused = job | {"AWS_ROLE_ARN": "x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "wrong-token"}
    assert main(["false"], refused) == 1
    said = capsys.readouterr().err
    assert "sts.amazonaws.com was answered with 403" in said
    assert "wrong-token" not in said


def test_vault_exchanges_the_identity_for_a_token_of_the_role_and_refuses_any_other(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    address, mount = sandbox.vault.address, "github-of-a-preview"
    admin = sandbox.vault.root_client()
    admin.sys.enable_auth_method("jwt", path=mount)
    admin.auth.jwt.configure(
        oidc_discovery_url=sandbox.issuer.url, oidc_discovery_ca_pem=sandbox.issuer.ca_pem, path=mount
    )
    admin.auth.jwt.create_role(
        "preview",
        role_type="jwt",
        user_claim="sub",
        allowed_redirect_uris=[],
        bound_audiences=[address],
        bound_subject="repo:acme/secrets:environment:preview-dev",
        token_policies=["default"],
        token_no_default_policy=True,
        path=mount,
    )
    settings = {
        "VAULT_ADDR": address,
        "VAULT_CACERT": str(sandbox.vault.ca_file),
        "VAULT_AUTH_MOUNT": mount,
        "VAULT_AUTH_ROLE": "preview",
    }

    def of(stack: str, audience: str) -> str:
        return sandbox.issuer.token(f"repo:acme/secrets:environment:preview-{stack}", audience, {}, 300)

    token = credentials(settings, lambda audience: of("dev", audience), tmp_path)["VAULT_TOKEN"]
    own = hvac.Client(address, token=token, verify=str(sandbox.vault.ca_file)).auth.token.lookup_self()
    assert own["data"]["policies"] == ["default"]
    with pytest.raises(IdentityError, match=r"as role 'preview' of auth/github-of-a-preview was answered with 40\d"):
        credentials(settings, lambda audience: of("prod", audience), tmp_path)
