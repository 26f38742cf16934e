"""What a product team writes: its workloads, its secrets, and who may do what with them."""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.push.spec import Push
from strongroom.kubernetes.secrets import types as kubernetes_types
from strongroom.kubernetes.secrets.spec import KubernetesObject
from strongroom.spec.identity import Login
from strongroom.spec.item import Item
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, FieldName, Name, QualifiedName, SecretPath, TeamName, refuse
from strongroom.vault.adopted.spec_access import AdoptedRole
from strongroom.vault.aws.access import AwsAccess
from strongroom.vault.database.spec import DatabaseAccess, DatabaseStaticRole
from strongroom.vault.kubernetes_engine.spec import KubernetesToken
from strongroom.vault.kv_personal.spec import PersonalFolder
from strongroom.vault.pki.spec import Certificate
from strongroom.vault.ssh.spec import SshCertificate
from strongroom.vault.totp.spec import OneTimeCodes
from strongroom.vault.transit.spec import EncryptionKey

Verb = Literal[
    "read", "write", "delete", "encrypt", "decrypt", "rewrap", "datakey", "sign", "verify", "hmac", "issue", "revoke",
    "acme", "code", "validate", "rotate",
]  # fmt: skip
"""`read` the value (or be issued credentials), `write` a new version, `delete` the newest version (recoverable).

Of an encryption key: `encrypt`, `decrypt`, `rewrap` (to the newest version, without seeing the plaintext), `datakey`
(be given a new key, as plaintext and encrypted), `sign`, `verify` (a signature or an HMAC), `hmac`. What a key can do
follows from its type.

Of a database login that stays: `rotate` its password now.

Of certificates: `issue` (one with a new key), `sign` (for a request, or an SSH public key), `revoke` (by showing its
key), `acme` (be given a key that binds an ACME account to them). Of tokens of Kubernetes service accounts: `issue`.

Of one-time codes: be given the current `code`, `validate` one."""


SECRET_KINDS: Final = {
    "fields": "the names of stored values",
    "database": "credentials on demand",
    "aws": "AWS credentials on demand",
    "personal": "a folder for each",
    "database_static_role": "a login whose password the server changes",
    "encryption_key": "a key",
    "ssh_certificate": "signed SSH keys",
    "certificate": "TLS certificates",
    "totp": "one-time codes",
    "kubernetes_token": "tokens of a service account",
    "adopted_role": "credentials of a role that was there before",
}
"""The keys of which a secret has exactly one, which say what kind of secret it is, and in words what that is."""


def _check_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise refuse(f"the pattern is no regular expression: {error}", "correct it") from None
    return text


Pattern = Annotated[str, Field(min_length=1, max_length=1018), AfterValidator(_check_pattern)]
"""A regular expression; AWS Systems Manager, "PutParameter", allows 1,024 characters, of which six anchor it."""


class Workload(Item, Login):
    """Something that runs and needs secrets."""

    also: tuple[Login, ...] = ()
    """Further ways to log in, such as a job that runs in a cluster and in CI: with the same rights and, where the
    environment has `vault.identity`, as the same entity. People and userpass users have one way only."""

    @model_validator(mode="after")
    def _one_way_for_people(self) -> Self:
        alone = {"people", "userpass"} & {login.runs_as.kind for login in self.logins}
        if self.also and alone:
            raise refuse(f"{alone.pop()} has one way to log in", "declare a workload of its own for it")
        return self

    @property
    def logins(self) -> tuple[Login, ...]:
        """All its ways to log in."""
        return (self, *self.also)


class Secret(Item):
    """Something that must not be known to everybody: named values in a store, credentials made on demand, or a key."""

    description: Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")] = ""
    """For people. Never a value."""
    fields: tuple[FieldName, ...] = ()
    """The names of its values, for example `[username, password]`. The values arrive by `strongroom values`."""
    patterns: dict[FieldName, Pattern] = Field(default_factory=dict)
    """What values of fields have to be like, as regular expressions that match them whole: `{api_key: "sk_live_.+"}`.
    `strongroom values` refuses others; Parameter Store checks them too."""
    rotate_every: Duration | None = None
    """How old a value may become; `strongroom values status` and the reports tell when it is overdue."""
    rotator: Name | None = None
    """What changes its values by itself: one of the environment's `rotators`. Default: nobody but people do."""
    store: Name | None = None
    """The store that keeps it. Default: the environment's `default_store`."""
    path: SecretPath | None = None
    """Its path in the store. Default: `<team>/<secret>`. For secrets that already exist elsewhere."""
    kubernetes: KubernetesObject | None = None
    """What it is like as a Kubernetes Secret, where its store is a cluster. Other stores take no notice of it."""
    personal: PersonalFolder | None = None
    """Instead of `fields`: a folder of a KV store for each who is granted it, which nobody else reaches."""
    database: DatabaseAccess | None = None
    """Instead of `fields`: short-lived database credentials."""
    aws: AwsAccess | None = None
    """Instead of `fields`: short-lived AWS credentials."""
    database_static_role: DatabaseStaticRole | None = None
    """Instead of `fields`: a database login that stays, and whose password the server changes."""
    certificate: Certificate | None = None
    """Instead of `fields`: TLS certificates."""
    ssh_certificate: SshCertificate | None = None
    """Instead of `fields`: signed SSH public keys."""
    kubernetes_token: KubernetesToken | None = None
    """Instead of `fields`: tokens of a Kubernetes service account."""
    totp: OneTimeCodes | None = None
    """Instead of `fields`: one-time codes."""
    adopted_role: AdoptedRole | None = None
    """Instead of `fields`: credentials of a database role that was there before: docs/adopt.md."""
    encryption_key: EncryptionKey | None = None
    """Instead of `fields`: a key that the server encrypts or signs with and never shows."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in SECRET_KINDS if getattr(self, name)]
        if len(given) != 1:
            raise refuse(
                f"name exactly one of {', '.join(SECRET_KINDS)}",
                "; ".join(f"{name}: {what}" for name, what in SECRET_KINDS.items()),
            )
        if not self.fields:
            for name in ("patterns", "rotate_every", "rotator", "store", "path", "kubernetes"):
                if getattr(self, name):
                    raise refuse(f"{name} has no meaning beside {given[0]}", "leave it out")
        if len(set(self.fields)) != len(self.fields):
            raise refuse("a field is named twice")
        if unknown := sorted(set(self.patterns) - set(self.fields)):
            raise refuse(
                f"there is a pattern for '{unknown[0]}', which is no field", f"fields: {', '.join(self.fields)}"
            )
        if self.kubernetes and (found := kubernetes_types.flaw(self.kubernetes.type, self.fields)):
            raise refuse(*found)
        return self

    @property
    def kind(self) -> str:
        """The one of SECRET_KINDS that is given."""
        return next(name for name in SECRET_KINDS if getattr(self, name))


def _of_this_team(name: object) -> object:
    if isinstance(name, str) and re.fullmatch("[a-z][a-z0-9-]*/[a-z][a-z0-9-]*", name):
        raise refuse(
            "a secret is granted in the catalog of the team that owns it",
            "put this grant there, with this team's workload as `team/workload`",
        )
    return name


class Grant(Item):
    """One workload may do something with one secret of this team."""

    workload: QualifiedName
    """A workload of this team, or `team/workload`: the team that owns a secret decides who gets it."""
    secret: Annotated[Name, BeforeValidator(_of_this_team)]
    """A secret of this team."""
    can: tuple[Verb, ...] = Field(min_length=1)
    """What it may do."""


class Catalog(Model):
    """All that one team declares, for every environment at once."""

    team: TeamName
    """The team's name; it begins every path and role of its own."""
    workloads: dict[Name, Workload] = Field(default_factory=dict)
    """Its workloads by name."""
    secrets: dict[Name, Secret] = Field(default_factory=dict)
    """Its secrets by name."""
    grants: tuple[Grant, ...] = ()
    """Who may do what with its secrets."""
    deliveries: tuple[Delivery, ...] = ()
    """How secrets reach its workloads in Kubernetes."""
    pushes: tuple[Push, ...] = ()
    """What comes into being in Kubernetes and is kept in a store."""
