"""What people write about an OIDC auth method."""

import re
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.claims import ClaimText, ClaimValue
from strongroom.spec.model import Model
from strongroom.spec.names import HttpsUrl, Name, refuse
from strongroom.spec.value_source import ValueSource
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.auth.spec import AuthMethodBase


def _check_redirect_uri(text: str) -> str:
    # Plain HTTP to one's own machine is how command lines receive the answer: RFC 8252, section 7.3.
    own = re.fullmatch(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?", text)
    if not own and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._/-]*", text):
        raise refuse(
            "the redirect URI must begin with https://, or with http:// and localhost, and have no query or pattern",
            "for example http://localhost:8250/oidc/callback for the command line",
        )
    return text


RedirectUri = Annotated[str, AfterValidator(_check_redirect_uri)]
Scope = Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,100}$")]


class OidcRole(Model):
    """Who may log in, and what is asked of the provider. What people may do then, their groups say."""

    bound_claims: dict[ClaimText, ClaimValue] = Field(default_factory=dict)
    """Claims that a person's token must carry, and their exact values. Empty: everybody whom the provider knows."""
    user_claim: ClaimText = "sub"
    """The claim that tells people apart. `sub` is the only one that a provider never gives to somebody else."""
    groups_claim: ClaimText = "groups"
    """The claim that lists a person's groups."""
    scopes: tuple[Scope, ...] = ()
    """What to ask the provider for beside `openid`, such as `groups`."""
    redirect_uris: tuple[RedirectUri, ...] = Field(min_length=1)
    """Where the browser may bring the answer: the web interface's `https://VAULT/ui/vault/auth/MOUNT/oidc/callback`,
    the command line's `http://localhost:8250/oidc/callback`. The provider must know them too."""


class OidcAuth(AuthMethodBase):
    """People, who log in through their browser at the company's identity provider (OpenID Connect)."""

    accepts: ClassVar[tuple[str, ...]] = ("people",)

    oidc_discovery_url: HttpsUrl
    """The provider's URL, exactly as its tokens name it in `iss`."""
    ca_pem: Pem = ""
    """The certificate authority of the provider's server. Empty: the Vault server's own trust store."""
    client_id: ClaimText
    """What the provider calls this Vault server."""
    client_secret: ValueSource
    """Where the secret comes from by which the provider recognises it."""
    roles: dict[Name, OidcRole] = Field(min_length=1)
    """The roles by name."""
    default_role: Name | None = None
    """The role of whoever names none. Default: the only one."""

    @model_validator(mode="after")
    def _default(self) -> Self:
        if self.default_role is None and len(self.roles) > 1:
            raise refuse("there are several roles and no default_role", f"name one of: {', '.join(sorted(self.roles))}")
        if self.default_role is not None and self.default_role not in self.roles:
            raise refuse(
                f"default_role '{self.default_role}' is no role", f"there are: {', '.join(sorted(self.roles))}"
            )
        return self

    @property
    def role(self) -> str:
        """The default role's name."""
        return self.default_role or next(iter(self.roles))
