"""What auth methods were found with, in the words of the server's API."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from strongroom.spec.model import OneOf, StrictBool, StrictInt
from strongroom.spec.names import Duration
from strongroom.spec.value_source import ValueSource
from strongroom.vault.adopted.words import (
    AdoptedAuthMount,
    AdoptedModel,
    Count,
    FoundName,
    Text,
    Texts,
    TokenRole,
)


class AdoptedAppRole(TokenRole):
    """A role of AppRole. Its role id stays as it is."""

    bind_secret_id: StrictBool = True
    """Whether a login needs a secret id."""
    secret_id_bound_cidrs: tuple[str, ...] = ()
    """The networks that a secret id may be used from."""
    secret_id_num_uses: Count = 0
    """How often a secret id may log in. 0: as often as it likes."""
    secret_id_ttl: Duration | None = None
    """How long a secret id is good. Absent: for ever."""
    local_secret_ids: StrictBool = False
    """Whether secret ids are left out of replication. It can never be changed."""


class AdoptedAppRoleAuth(AdoptedAuthMount):
    """AppRole."""

    roles: dict[FoundName, AdoptedAppRole] = Field(default_factory=dict)
    """The roles by name."""


class KubernetesConfig(AdoptedModel):
    """How the server reaches the cluster."""

    kubernetes_host: Text
    """The cluster's API server."""
    kubernetes_ca_cert: Text = ""
    """Its certificate authority, PEM. Absent: that of the pod which the server runs in."""
    token_reviewer_jwt: ValueSource | None = None
    """The token that may create TokenReviews. Absent, as adopted: the server keeps the one it has, and tells nobody."""
    pem_keys: tuple[Text, ...] = ()
    """Public keys that service account tokens are checked with."""
    issuer: Text = ""
    """The issuer that a token must name."""
    disable_iss_validation: StrictBool = True
    """Whether the issuer is left unchecked."""
    disable_local_ca_jwt: StrictBool = False
    """Whether CA and token of the pod that the server runs in are left unused."""


class AdoptedKubernetesRole(TokenRole):
    """Which service accounts log in. `*` admits any, which the policy pack warns of."""

    bound_service_account_names: tuple[Text, ...] = Field(min_length=1)
    """The service accounts."""
    bound_service_account_namespaces: tuple[Text, ...] = ()
    """Their namespaces."""
    bound_service_account_namespace_selector: Text = ""
    """Or a label selector that finds their namespaces."""
    audience: Text = ""
    """The `aud` that a token must carry."""
    alias_name_source: Literal["serviceaccount_uid", "serviceaccount_name"] = "serviceaccount_uid"
    """What an identity's alias is named by."""


class AdoptedKubernetesAuth(AdoptedAuthMount):
    """Kubernetes service accounts."""

    config: KubernetesConfig | None = None
    """Absent: it was never configured."""
    roles: dict[FoundName, AdoptedKubernetesRole] = Field(default_factory=dict)
    """The roles by name."""


class JwtConfig(AdoptedModel):
    """Whom the server believes."""

    oidc_discovery_url: Text = ""
    """Where the issuer's keys are found."""
    oidc_discovery_ca_pem: Text = ""
    """The certificate authority of that address, PEM."""
    oidc_client_id: Text = ""
    """Who the server is to the issuer, for logins by browser."""
    oidc_client_secret: ValueSource | None = None
    """Absent, as adopted: the server keeps the one it has, and tells nobody. A change of another setting of a method
    with a client id needs it, as the server takes both together only."""
    oidc_response_mode: Text = ""
    """How the issuer answers."""
    oidc_response_types: tuple[Text, ...] = ()
    """What it is asked for."""
    jwks_url: Text = ""
    """Where a key set is found."""
    jwks_ca_pem: Text = ""
    """The certificate authority of that address, PEM."""
    jwt_validation_pubkeys: tuple[Text, ...] = ()
    """Public keys that tokens are checked with, PEM."""
    jwt_supported_algs: tuple[Text, ...] = ()
    """The algorithms that are accepted."""
    bound_issuer: Text = ""
    """The issuer that a token must name."""
    default_role: Text = ""
    """The role of a login that names none."""


class AdoptedJwtRole(TokenRole):
    """Whose tokens log in."""

    role_type: Literal["jwt", "oidc"]
    """With a token, or by browser. It can never be changed."""
    user_claim: Text
    """The claim that an identity is named by."""
    user_claim_json_pointer: StrictBool = False
    """Whether that is a JSON pointer."""
    bound_audiences: tuple[Text, ...] = ()
    """The `aud` that a token must carry, one of them."""
    bound_subject: Text = ""
    """The `sub` that a token must carry."""
    bound_claims: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    """Claims that a token must carry, with the accepted values of each."""
    bound_claims_type: Literal["string", "glob"] = "string"
    """Whether `*` in those values is a wildcard."""
    claim_mappings: Texts = Field(default_factory=dict)
    """Claims that are copied into the metadata of an identity's alias."""
    groups_claim: Text = ""
    """The claim that names groups."""
    allowed_redirect_uris: tuple[Text, ...] = ()
    """Where a login by browser may return to."""
    oidc_scopes: tuple[Text, ...] = ()
    """What the issuer is asked for."""
    clock_skew_leeway: StrictInt = 0
    """Seconds. 0: the server's own."""
    expiration_leeway: StrictInt = 0
    """Seconds. 0: the server's own."""
    not_before_leeway: StrictInt = 0
    """Seconds. 0: the server's own."""
    max_age: StrictInt = 0
    """Seconds since the person last logged in at the issuer. 0: any."""
    verbose_oidc_logging: StrictBool = False
    """Whether received tokens are written to the server's log, which is for debugging only."""


class AdoptedJwtAuth(AdoptedAuthMount):
    """Signed tokens."""

    config: JwtConfig | None = None
    """Absent: it was never configured."""
    roles: dict[FoundName, AdoptedJwtRole] = Field(default_factory=dict)
    """The roles by name."""


class AdoptedCertRole(TokenRole):
    """Which client certificates log in."""

    certificate: Text
    """The certificate authority, or the one certificate, PEM."""
    display_name: Text = ""
    """What tokens are called in the audit log."""
    allowed_common_names: tuple[Text, ...] = ()
    """Names in the subject, `*` is a wildcard."""
    allowed_dns_sans: tuple[Text, ...] = ()
    """DNS names."""
    allowed_email_sans: tuple[Text, ...] = ()
    """Mail addresses."""
    allowed_uri_sans: tuple[Text, ...] = ()
    """URIs."""
    allowed_organizational_units: tuple[Text, ...] = ()
    """Organizational units in the subject."""
    required_extensions: tuple[Text, ...] = ()
    """`OID:value` that the certificate must have."""


class AdoptedCertAuth(AdoptedAuthMount):
    """TLS client certificates."""

    roles: dict[FoundName, AdoptedCertRole] = Field(default_factory=dict)
    """The roles by name."""


class AdoptedOtherAuth(AdoptedAuthMount):
    """A method of which only the mount is adopted: what is in it stays as it is, unmanaged."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    """The method's type. It can never be changed."""


class AdoptedAuthMethod(OneOf):
    """An auth method as it was found; exactly one kind."""

    what: ClassVar[str] = "auth method"

    approle: AdoptedAppRoleAuth | None = None
    """Role id and secret id."""
    kubernetes: AdoptedKubernetesAuth | None = None
    """Kubernetes service accounts."""
    jwt: AdoptedJwtAuth | None = None
    """Signed tokens."""
    oidc: AdoptedJwtAuth | None = None
    """People, through the browser."""
    cert: AdoptedCertAuth | None = None
    """TLS client certificates."""
    other: AdoptedOtherAuth | None = None
    """Any other, its mount only."""
