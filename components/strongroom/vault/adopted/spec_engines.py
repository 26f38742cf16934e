"""What secrets engines were found with, in the words of the server's API."""

import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from strongroom.spec.model import OneOf, StrictBool, StrictInt
from strongroom.spec.names import Duration, refuse
from strongroom.vault.adopted.spec_certificates import AdoptedPkiEngine, AdoptedSshEngine
from strongroom.vault.adopted.words import AdoptedModel, AdoptedMount, Count, FoundName, Text, Texts

SqlPlugin = Literal[
    "postgresql-database-plugin",
    "mysql-database-plugin",
    "mysql-aurora-database-plugin",
    "mysql-rds-database-plugin",
    "mysql-legacy-database-plugin",
    "redshift-database-plugin",
]

_SCHEME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")
_PASSWORD_SETTING: Final = re.compile(r"password\s*=(?!\s*'?\{\{password\}\}'?(?:[\s&]|$))", re.IGNORECASE)


def _check_holds_no_password(url: str) -> str:
    # What is allowed is listed, as addresses of databases have more forms than one can name. The password may hold
    # an `@` itself, so all before the last one counts.
    who = _SCHEME.sub("", url.rpartition("@")[0]).removesuffix(":{{password}}")
    if ":" in who or _PASSWORD_SETTING.search(url):
        # Without a word of the address.
        raise refuse(
            "the password itself seems to stand in it, where only {{password}} may: put {{username}} and {{password}} "
            "in their places on the server first"
        )
    return url


class AdoptedConnection(AdoptedModel):
    """How the server reaches one SQL database. The server keeps the password it has, and tells nobody."""

    plugin_name: SqlPlugin
    """The kind of database."""
    connection_url: Annotated[Text, AfterValidator(_check_holds_no_password)]
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
