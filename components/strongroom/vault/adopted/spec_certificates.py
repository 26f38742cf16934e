"""What engines that certify were found with: TLS and SSH certificates."""

from typing import Literal

from pydantic import Field

from strongroom.spec.model import StrictBool
from strongroom.spec.names import Duration
from strongroom.vault.adopted.words import AdoptedModel, AdoptedMount, Count, FoundName, Text, Texts


class AdoptedPkiRole(AdoptedModel):
    """For which names certificates are issued, and what they are good for."""

    allowed_domains: tuple[Text, ...] = ()
    """The domains."""
    allow_any_name: StrictBool = False
    """Whether any name at all is accepted."""
    allow_bare_domains: StrictBool = False
    """Whether the domains themselves are."""
    allow_subdomains: StrictBool = False
    """Whether names below them are."""
    allow_glob_domains: StrictBool = False
    """Whether `*` in a domain is a wildcard."""
    allow_localhost: StrictBool = True
    """Whether `localhost` is accepted."""
    allow_wildcard_certificates: StrictBool = True
    """Whether a certificate may have a wildcard."""
    allow_ip_sans: StrictBool = True
    """Whether it may name addresses."""
    allowed_uri_sans: tuple[Text, ...] = ()
    """URIs that it may name."""
    allowed_other_sans: tuple[Text, ...] = ()
    """Other names."""
    allowed_domains_template: StrictBool = False
    """Whether domains may hold `{{identity…}}`."""
    enforce_hostnames: StrictBool = True
    """Whether a common name must be a host name."""
    server_flag: StrictBool = True
    """Whether it is good for servers."""
    client_flag: StrictBool = True
    """Whether it is good for clients."""
    code_signing_flag: StrictBool = False
    """Whether it is good for signing code."""
    email_protection_flag: StrictBool = False
    """Whether it is good for mail."""
    key_type: Text = "rsa"
    """The type of keys that are accepted."""
    key_bits: Count = 2048
    """Their length."""
    key_usage: tuple[Text, ...] = ("DigitalSignature", "KeyAgreement", "KeyEncipherment")
    """What the key may be used for."""
    ext_key_usage: tuple[Text, ...] = ()
    """What else."""
    ou: tuple[Text, ...] = ()
    """Organizational units of the subject."""
    organization: tuple[Text, ...] = ()
    """Organizations of the subject."""
    country: tuple[Text, ...] = ()
    """Countries of the subject."""
    locality: tuple[Text, ...] = ()
    """Localities of the subject."""
    province: tuple[Text, ...] = ()
    """Provinces of the subject."""
    require_cn: StrictBool = True
    """Whether a common name is required."""
    use_csr_common_name: StrictBool = True
    """Whether a request's own common name counts."""
    use_csr_sans: StrictBool = True
    """Whether a request's own names count."""
    use_pss: StrictBool = False
    """Whether RSA signatures are PSS."""
    signature_bits: Count = 0
    """The length of the signature's hash. 0: as the issuer's key asks for."""
    generate_lease: StrictBool = False
    """Whether certificates have leases."""
    no_store: StrictBool = False
    """Whether certificates are not kept, and cannot be revoked."""
    basic_constraints_valid_for_non_ca: StrictBool = False
    """Whether certificates say that they are no authority."""
    issuer_ref: Text = "default"
    """Who signs."""
    ttl: Duration | None = None
    """Lifetime of a certificate. Absent: that of the mount."""
    max_ttl: Duration | None = None
    """Lifetime at most. Absent: that of the mount."""
    not_before_duration: Duration | None = 30
    """How long before its issue a certificate begins."""


class AdoptedPkiUrls(AdoptedModel):
    """Where certificates say that more is to be found."""

    issuing_certificates: tuple[Text, ...] = ()
    """The issuer's certificate."""
    crl_distribution_points: tuple[Text, ...] = ()
    """What is revoked."""
    ocsp_servers: tuple[Text, ...] = ()
    """Who can be asked."""
    enable_templating: StrictBool = False
    """Whether those addresses have placeholders."""


class AdoptedPkiEngine(AdoptedMount):
    """TLS certificates. Issuers and their keys stay on the server as they are, unmanaged."""

    urls: AdoptedPkiUrls | None = None
    """Absent: none were set."""
    roles: dict[FoundName, AdoptedPkiRole] = Field(default_factory=dict)
    """The roles by name."""


class AdoptedSshRole(AdoptedModel):
    """Whose SSH keys are signed, and what for."""

    key_type: Literal["ca", "otp"]
    """Certificates, or one-time passwords."""
    default_user: Text = ""
    """The user of a request that names none."""
    allowed_users: Text = ""
    """Users, separated by commas; `*`: any."""
    allowed_domains: Text = ""
    """Domains of hosts, separated by commas."""
    allowed_extensions: Text = ""
    """Extensions that a request may ask for, separated by commas; `*`: any."""
    allowed_critical_options: Text = ""
    """Critical options that a request may ask for, separated by commas."""
    default_extensions: Texts = Field(default_factory=dict)
    """Extensions of a request that names none."""
    default_critical_options: Texts = Field(default_factory=dict)
    """Critical options of a request that names none."""
    allow_user_certificates: StrictBool = False
    """Whether users are signed for."""
    allow_host_certificates: StrictBool = False
    """Whether hosts are signed for."""
    allow_bare_domains: StrictBool = False
    """Whether the domains themselves are signed for."""
    allow_subdomains: StrictBool = False
    """Whether hosts below them are."""
    allow_user_key_ids: StrictBool = False
    """Whether a request may choose the key id."""
    allow_empty_principals: StrictBool = False
    """Whether a certificate may name nobody, which is good for everybody."""
    allowed_users_template: StrictBool = False
    """Whether users may hold `{{identity…}}`."""
    allowed_domains_template: StrictBool = False
    """Whether domains may hold `{{identity…}}`."""
    default_user_template: StrictBool = False
    """Whether the default user may."""
    default_extensions_template: StrictBool = False
    """Whether default extensions may."""
    key_id_format: Text = ""
    """How key ids are made."""
    algorithm_signer: Text = "default"
    """How certificates are signed."""
    ttl: Duration | None = None
    """Lifetime of a certificate. Absent: that of the mount."""
    max_ttl: Duration | None = None
    """Lifetime at most. Absent: that of the mount."""
    not_before_duration: Duration | None = 30
    """How long before its issue a certificate begins."""
    cidr_list: Text = ""
    """One-time passwords: for which networks, separated by commas."""
    port: Count = 0
    """One-time passwords: the port of the server."""


class AdoptedSshEngine(AdoptedMount):
    """SSH. The key that signs stays on the server as it is, unmanaged."""

    roles: dict[FoundName, AdoptedSshRole] = Field(default_factory=dict)
    """The roles by name."""
