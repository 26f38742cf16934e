"""What people write about a second factor at login."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from strongroom.spec.model import Model, OneOf, StrictBool, StrictInt
from strongroom.spec.names import Duration, Host, Name, refuse
from strongroom.spec.value_source import ValueSource
from strongroom.vault.policy.path_templates import checked


def _check_username_format(text: str) -> str:
    if any(character in checked(text) for character in "{}"):
        raise refuse("braces stand around a template only", "write {{identity.entity.name}}")
    return text


UsernameFormat = Annotated[str, Field(max_length=512), AfterValidator(_check_username_format)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class TotpMfa(Model):
    """Codes of an authenticator app (RFC 6238). Each person's key is made on the server, never by a deployment."""

    issuer: Line
    """What the app calls the account."""
    algorithm: Literal["SHA1", "SHA256", "SHA512"] = "SHA1"
    """The hash. Many apps know `SHA1` only, and ignore what they are told; it is safe for this use (RFC 6238)."""
    digits: Literal[6, 8] = 6
    """How many digits a code has."""
    period: Duration = 30
    """How long a code is shown. Many apps know `30s` only."""
    skew: Literal[0, 1] = 1
    """How many periods before and after the present one are good too, for clocks that differ."""
    key_size: Annotated[StrictInt, Field(ge=20, le=64)] = 20
    """Bytes of a key."""
    max_validation_attempts: Annotated[StrictInt, Field(ge=1, le=100)] = 5
    """After how many wrong codes in a row nobody is let in as this person for a while."""


class DuoMfa(Model):
    """A push to Duo, or a passcode of it."""

    api_hostname: Host
    """The hostname of Duo's API."""
    integration_key: ValueSource
    """Where the integration key comes from."""
    secret_key: ValueSource
    """Where the secret key comes from."""
    push_info: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """What the push shows, URL-encoded: `from=vault&environment=prod`."""
    use_passcode: StrictBool = False
    """Whether a passcode is asked for instead of a push."""
    username_format: UsernameFormat = ""
    """The person's name at Duo, for example `{{identity.entity.aliases.${auth/people/@accessor}.name}}`. Empty: the
    entity's name."""


class OktaMfa(Model):
    """A push to Okta Verify."""

    org_name: Line
    """The organisation's name in Okta's URLs."""
    api_token: ValueSource
    """Where the API token comes from."""
    base_url: Host = "okta.com"
    """The domain of Okta's API."""
    primary_email: StrictBool = False
    """Whether the person is found by primary email only."""
    username_format: UsernameFormat = ""
    """The person's name at Okta. Empty: the entity's name."""


class PingidMfa(Model):
    """A push to PingID, to the person whom PingID knows by the entity's name."""

    settings_file_base64: ValueSource
    """Where PingID's settings file comes from, base64. It holds a key."""


class MfaMethod(OneOf):
    """A second factor; exactly one kind."""

    what: ClassVar[str] = "MFA method"

    totp: TotpMfa | None = None
    """Codes of an authenticator app."""
    duo: DuoMfa | None = None
    """Duo."""
    okta: OktaMfa | None = None
    """Okta Verify."""
    pingid: PingidMfa | None = None
    """PingID."""


class MfaEnforcement(Model):
    """Where a second factor is demanded. Of several enforcements that fit a login, all must be satisfied."""

    methods: tuple[Name, ...] = Field(min_length=1)
    """The methods, of which any one will do."""
    auth: tuple[Name, ...] = Field(min_length=1)
    """The auth methods at which everybody is asked: `userpass` and `oidc` ones, as no workload can answer."""


class Mfa(Model):
    """A second factor at login."""

    methods: dict[Name, MfaMethod] = Field(min_length=1)
    """The methods by name."""
    enforcements: dict[Name, MfaEnforcement] = Field(default_factory=dict)
    """Where they are demanded, by name."""
