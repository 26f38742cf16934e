"""Runs a command with short-lived cloud credentials: `python -m strongroom.review.identity COMMAND...`.

A GitHub job has an identity (OIDC), and no stored secret. For each cloud that is configured this asks GitHub for a
token meant for that cloud and leaves the exchange to the cloud's own SDK in the command. The tokens lie in a private
folder for as long as the command runs. Nothing configured: the command runs as it is.

| to use | set | the command gets |
| --- | --- | --- |
| AWS | AWS_ROLE_ARN | AWS_WEB_IDENTITY_TOKEN_FILE |
| Azure | AZURE_CLIENT_ID, AZURE_TENANT_ID | AZURE_FEDERATED_TOKEN_FILE |
| Google Cloud | GCP_WORKLOAD_IDENTITY_PROVIDER, GCP_SERVICE_ACCOUNT | GOOGLE_APPLICATION_CREDENTIALS |
| Vault | VAULT_ADDR, VAULT_AUTH_ROLE, VAULT_AUTH_MOUNT (default `github`), VAULT_CACERT | VAULT_TOKEN |

Sources: GitHub "Security hardening with OpenID Connect"; AWS SDKs "Assume role with web identity"; Microsoft "Workload
identity federation"; Google "Workload Identity Federation with deployment pipelines"; Vault "JWT/OIDC auth method".
"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from strongroom.spec.names import is_loopback

REQUEST_URL: Final = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN: Final = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105  the name of a variable
_SETTINGS: Final = ("AWS_", "AZURE_", "GCP_", "VAULT_")
_TIMEOUT_SECONDS: Final = 30.0

IdentityToken = Callable[[str], str]
"""From an audience to a token for it."""


class IdentityError(Exception):
    """There are no credentials. The text says why, and holds none."""


def credentials(environment: Mapping[str, str], identity_token: IdentityToken, folder: Path) -> dict[str, str]:
    """Variables for the command, for every cloud that `environment` configures; token files go to `folder`.

    Raises IdentityError if a cloud is configured by halves, Vault is not reached by TLS, or refuses the login.
    """
    found: dict[str, str] = {}
    if environment.get("AWS_ROLE_ARN"):
        found["AWS_WEB_IDENTITY_TOKEN_FILE"] = _file(folder / "aws", identity_token("sts.amazonaws.com"))
    if environment.get("AZURE_CLIENT_ID"):
        _require(environment, "AZURE_TENANT_ID", "AZURE_CLIENT_ID")
        found["AZURE_FEDERATED_TOKEN_FILE"] = _file(folder / "azure", identity_token("api://AzureADTokenExchange"))
    if provider := environment.get("GCP_WORKLOAD_IDENTITY_PROVIDER"):
        account = _require(environment, "GCP_SERVICE_ACCOUNT", "GCP_WORKLOAD_IDENTITY_PROVIDER")
        token = _file(folder / "gcp-token", identity_token(f"https://iam.googleapis.com/{provider}"))
        settings = _external_account(provider, account, token)
        found["GOOGLE_APPLICATION_CREDENTIALS"] = _file(folder / "gcp.json", settings)
    if role := environment.get("VAULT_AUTH_ROLE"):
        address = _require(environment, "VAULT_ADDR", "VAULT_AUTH_ROLE").rstrip("/")
        _require_tls(address)
        found["VAULT_TOKEN"] = _vault_login(environment, address, role, identity_token(address))
    return found


def _external_account(provider: str, account: str, token_file: str) -> str:
    impersonation = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
    return json.dumps(
        {
            "type": "external_account",
            "audience": f"//iam.googleapis.com/{provider}",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "service_account_impersonation_url": impersonation,
            "credential_source": {"file": token_file},
        }
    )


def _vault_login(environment: Mapping[str, str], address: str, role: str, token: str) -> str:
    mount = environment.get("VAULT_AUTH_MOUNT") or "github"
    request = urllib.request.Request(  # noqa: S310  the address is the platform team's own setting
        f"{address}/v1/auth/{urllib.parse.quote(mount)}/login", json.dumps({"role": role, "jwt": token}).encode()
    )
    answer = _fetch(request, f"the login at Vault as role {role!r} of auth/{mount}", environment.get("VAULT_CACERT"))
    return str(answer["auth"]["client_token"])


def github_identity_token(environment: Mapping[str, str]) -> IdentityToken:
    """Asks GitHub for the job's identity. Raises IdentityError where the job has none."""

    def ask(audience: str) -> str:
        url, bearer = environment.get(REQUEST_URL), environment.get(REQUEST_TOKEN)
        if not url or not bearer:
            raise IdentityError(f"this job has no identity ({REQUEST_URL}); it needs `permissions: id-token: write`")
        request = urllib.request.Request(  # noqa: S310  GitHub sets it
            f"{url}&audience={urllib.parse.quote(audience, safe='')}", headers={"Authorization": f"bearer {bearer}"}
        )
        return str(_fetch(request, f"the request for an identity token for {audience}")["value"])

    return ask


def _fetch(request: urllib.request.Request, what: str, ca_file: str | None = None) -> dict[str, dict[str, str]]:
    context = ssl.create_default_context(cafile=ca_file or None) if request.type == "https" else None
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS, context=context) as response:  # noqa: S310
            answer: dict[str, dict[str, str]] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        with error:
            raise IdentityError(f"{what} was answered with {error.code} {error.reason}") from None
    except (OSError, ValueError) as error:
        raise IdentityError(f"{what} failed: {error}") from None


def _require(environment: Mapping[str, str], name: str, because: str) -> str:
    if not (value := environment.get(name)):
        raise IdentityError(f"{because} is set and {name} is not; set both, or none")
    return value


def _require_tls(address: str) -> None:
    """The token would travel to where it logs in."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise IdentityError(f"VAULT_ADDR is {address}, which is not encrypted; use https")


def _file(path: Path, text: str) -> str:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return str(path)


def main(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """See the module. Returns the command's exit code; 1 with the reason if there are no credentials."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    # A variable that a workflow takes from an absent setting is empty, which SDKs take for a setting. And the command
    # gets what it needs; it is not to ask for more tokens.
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("ACTIONS_ID_TOKEN_") and (value or not name.startswith(_SETTINGS))
    }
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = credentials(kept, github_identity_token(environment), Path(folder))
        except IdentityError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        return subprocess.run(command, env=kept | found, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
