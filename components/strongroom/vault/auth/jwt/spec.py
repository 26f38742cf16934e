"""What people write about a JWT auth method."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.claims import ClaimText
from strongroom.spec.names import HttpsUrl, refuse
from strongroom.vault.auth.spec import AuthMethodBase


def _check_pem(text: str) -> str:
    text = text.strip()
    if "PRIVATE KEY" in text:
        raise refuse("this is a private key", "give the public one, and replace the key pair: it has been in a file")
    if text and not (text.startswith("-----BEGIN ") and text.endswith("-----")):
        raise refuse("needs PEM text", "it begins with -----BEGIN and ends with -----")
    # No final newline: the server returns it without, and a difference would never settle.
    return text


Pem = Annotated[str, AfterValidator(_check_pem)]


class JwtAuth(AuthMethodBase):
    """Signed tokens of one issuer: a cluster's service accounts, GitHub Actions, GitLab CI, any other OIDC issuer."""

    accepts: tuple[Literal["kubernetes", "github_actions", "gitlab_ci", "jwt"], ...] = Field(min_length=1)
    """Whose tokens this issuer signs; a workload that `runs_as` one of these logs in here."""
    audiences: tuple[ClaimText, ...] = Field(min_length=1)
    """The `aud` a token must carry. Name this server, so that a token for another system is not accepted here."""
    oidc_discovery_url: HttpsUrl | None = None
    """The issuer's URL; keys are found through `/.well-known/openid-configuration`."""
    jwks_url: HttpsUrl | None = None
    """The URL of the keys, where there is no discovery."""
    public_keys: tuple[Pem, ...] = ()
    """The keys themselves, PEM."""
    ca_pem: Pem = ""
    """The certificate authority of the URL's server. Empty: the Vault server's own trust store."""
    issuer: ClaimText | None = None
    """The `iss` a token must carry. Default: the discovery URL. Required with `jwks_url` and `public_keys`."""
    groups_claim: ClaimText | None = None
    """The claim that lists groups, such as GitLab's `groups_direct`, for `vault.identity.external_groups`. Every token
    must then carry it. Default: none."""

    @model_validator(mode="after")
    def _one_key_source(self) -> Self:
        given = [name for name in ("oidc_discovery_url", "jwks_url", "public_keys") if getattr(self, name)]
        if len(given) != 1:
            raise refuse(
                f"keys come from {' and '.join(given) or 'nowhere'}",
                "name exactly one of oidc_discovery_url, jwks_url, public_keys",
            )
        if self.issuer is None and self.oidc_discovery_url is None:
            raise refuse("issuer is missing", "without it a token of any issuer with these keys would do")
        if self.public_keys and self.ca_pem:
            raise refuse("ca_pem has no meaning with public_keys", "leave it out")
        return self
