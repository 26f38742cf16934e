"""What secrets engines were found with, in the words of the server's API."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from strongroom.spec.model import OneOf, StrictBool, StrictInt
from strongroom.spec.names import Duration
from strongroom.vault.adopted.words import AdoptedModel, AdoptedMount, Count, FoundName, Text, Texts

SqlPlugin = Literal[
    "postgresql-database-plugin",
    "mysql-database-plugin",
    "mysql-aurora-database-plugin",
    "mysql-rds-database-plugin",
    "mysql-legacy-database-plugin",
    "redshift-database-plugin",
]


class AdoptedConnection(AdoptedModel):
    """How the server reaches one SQL database. The server keeps the password it has, and tells nobody."""

    plugin_name: SqlPlugin
    """The kind of database."""
    connection_url: Text
    """With `{{username}}` and `{{password}}` in the place of both."""
    username: Text = ""
    """The role that makes and drops the short-lived ones."""
    allowed_roles: tuple[FoundName, ...] = ()
    """The roles that may use this connection; `*`: any."""
    password_policy: Text = ""
    """The policy that passwords are made by."""
    root_rotation_statements: tuple[Text, ...] = ()
    """What changes the password of `username`."""
    max_open_connections: Count = 0
    """How many connections the server holds at most."""
    max_idle_connections: StrictInt = 0
    """How many of them idle."""
    max_connection_lifetime: Count = 0
    """For how many seconds a connection is used."""
    username_template: Text = ""
    """How names of short-lived roles are made."""
    password_authentication: Literal["password", "scram-sha-256"] = "password"  # noqa: S105
    """PostgreSQL: who hashes a password."""
    disable_escaping: StrictBool = False
    """Whether special characters in the username and password go into the URL as they are."""


class AdoptedDatabaseRole(AdoptedModel):
    """Credentials made on demand."""

    db_name: FoundName
    """The connection."""
    creation_statements: tuple[Text, ...] = Field(min_length=1)
    """What makes the role in the database."""
    revocation_statements: tuple[Text, ...] = ()
    """What removes it. Absent: the plugin's own."""
    renew_statements: tuple[Text, ...] = ()
    """What moves its expiry. Absent: the plugin's own."""
    rollback_statements: tuple[Text, ...] = ()
    """What undoes a creation that failed."""
    default_ttl: Duration | None = None
    """Lifetime unless renewed. Absent: that of the mount."""
    max_ttl: Duration | None = None
    """Lifetime at most. Absent: that of the mount."""


class AdoptedStaticRole(AdoptedModel):
    """A role of the database whose password the server changes."""

    db_name: FoundName
    """The connection."""
    username: Text
    """The database's role."""
    rotation_period: Duration | None = None
    """How often its password is changed."""
    rotation_schedule: Text = ""
    """Or when, in the words of cron."""
    rotation_window: Duration | None = None
    """How late after that at most."""
    rotation_statements: tuple[Text, ...] = ()
    """What changes it. Absent: the plugin's own."""


class AdoptedDatabaseEngine(AdoptedMount):
    """Databases."""

    connections: dict[FoundName, AdoptedConnection] = Field(default_factory=dict)
    """The connections by name."""
    roles: dict[FoundName, AdoptedDatabaseRole] = Field(default_factory=dict)
    """The roles by name."""
    static_roles: dict[FoundName, AdoptedStaticRole] = Field(default_factory=dict)
    """The static roles by name."""


class AdoptedKey(AdoptedModel):
    """A key, which never leaves the server."""

    type: Text
    """The algorithm. It can never be changed."""
    derived: StrictBool = False
    """Whether each use derives a key of its own. It can never be changed."""
    convergent_encryption: StrictBool = False
    """Whether equal plaintexts give equal ciphertexts. It can never be changed."""
    exportable: StrictBool = False
    """Whether it can be read. Once allowed, always allowed."""
    allow_plaintext_backup: StrictBool = False
    """Whether a backup holds it in plain. Once allowed, always allowed."""
    deletion_allowed: StrictBool = False
    """Whether it can be deleted, and all that it encrypted with it."""
    auto_rotate_period: Duration | None = None
    """How often the server makes a new version by itself."""
    min_decryption_version: Annotated[StrictInt, Field(ge=1)] = 1
    """The oldest version that still decrypts."""
    min_encryption_version: Count = 0
    """The oldest version that still encrypts. 0: the newest only."""


class AdoptedTransitEngine(AdoptedMount):
    """Encryption as a service."""

    keys: dict[FoundName, AdoptedKey] = Field(default_factory=dict)
    """The keys by name."""


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


class AdoptedOtherEngine(AdoptedMount):
    """An engine of which only the mount is adopted: what is in it stays as it is, unmanaged."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    """The engine's type. It can never be changed."""
    options: Texts = Field(default_factory=dict)
    """Options that belong to the type."""


class AdoptedEngine(OneOf):
    """A secrets engine as it was found; exactly one kind."""

    what: ClassVar[str] = "engine"

    database: AdoptedDatabaseEngine | None = None
    """Databases."""
    pki: AdoptedPkiEngine | None = None
    """TLS certificates."""
    ssh: AdoptedSshEngine | None = None
    """SSH."""
    transit: AdoptedTransitEngine | None = None
    """Encryption as a service."""
    other: AdoptedOtherEngine | None = None
    """Any other, its mount only."""
