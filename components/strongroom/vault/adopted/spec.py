"""What was on a server before, exactly as it was found: names, paths and texts of others, nothing derived.

`strongroom adopt` writes this section. A thing leaves it when its declaration in the ordinary words takes its place.
"""

from typing import Annotated

from pydantic import Field

from strongroom.spec.model import StrictBool
from strongroom.spec.names import AuthMountPath, MountPath
from strongroom.vault.adopted.spec_auth import AdoptedAuthMethod
from strongroom.vault.adopted.spec_engines import AdoptedEngine
from strongroom.vault.adopted.words import AdoptedModel, FoundName, Text, Texts, TokenRole


class AdoptedAlias(AdoptedModel):
    """What an auth method calls an identity."""

    name: Text
    """The name there."""
    auth: AuthMountPath
    """The auth method's mount, without `auth/`."""


class AdoptedEntity(AdoptedModel):
    """Somebody or something that logs in."""

    policies: tuple[FoundName, ...] = ()
    """Policies that it has however it logs in."""
    metadata: Texts = Field(default_factory=dict)
    """For people and templated policies."""
    disabled: StrictBool = False
    """Whether its tokens are refused."""
    aliases: tuple[AdoptedAlias, ...] = ()
    """What auth methods call it."""


class AdoptedGroup(AdoptedModel):
    """Entities that share policies. With an alias an external one: an issuer says who belongs to it."""

    policies: tuple[FoundName, ...] = ()
    """Policies of its members."""
    metadata: Texts = Field(default_factory=dict)
    """For people and templated policies."""
    members: tuple[FoundName, ...] = ()
    """Entities, as this section names them."""
    member_groups: tuple[FoundName, ...] = ()
    """Groups, as this section names them."""
    alias: AdoptedAlias | None = None
    """What the issuer calls it."""


class AdoptedAudit(AdoptedModel):
    """An audit device."""

    type: Annotated[str, Field(pattern=r"^[a-z]{1,16}$")]
    """`file`, `syslog` or `socket`."""
    description: Text = ""
    """For people."""
    local: StrictBool = False
    """Whether it is left out of replication."""
    options: Texts = Field(default_factory=dict)
    """Where it writes, and how."""


class AdoptedTokenRole(TokenRole):
    """A role that tokens are made from directly, at `auth/token/create/NAME`."""

    allowed_policies: tuple[FoundName, ...] = ()
    """The policies that may be asked for."""
    disallowed_policies: tuple[FoundName, ...] = ()
    """The policies that may not."""
    allowed_policies_glob: tuple[Text, ...] = ()
    """Patterns of those that may."""
    disallowed_policies_glob: tuple[Text, ...] = ()
    """Patterns of those that may not."""
    allowed_entity_aliases: tuple[Text, ...] = ()
    """The identities that may be asked for."""
    orphan: StrictBool = False
    """Whether tokens outlive the one that made them."""
    renewable: StrictBool = True
    """Whether they can be renewed."""
    path_suffix: Text = ""
    """What their path ends in."""


class Adopted(AdoptedModel):
    """What was there already."""

    engines: dict[MountPath, AdoptedEngine] = Field(default_factory=dict)
    """Secrets engines by mount. KV stores are not here: they are `stores`, and what is in them is in catalogs."""
    auth: dict[AuthMountPath, AdoptedAuthMethod] = Field(default_factory=dict)
    """Auth methods by mount, without `auth/`."""
    policies: dict[FoundName, Annotated[str, Field(max_length=1_000_000)]] = Field(default_factory=dict)
    """Policies by name, their text as it was found."""
    token_roles: dict[FoundName, AdoptedTokenRole] = Field(default_factory=dict)
    """Token roles by name."""
    password_policies: dict[FoundName, Text] = Field(default_factory=dict)
    """Password policies by name, their text as it was found."""
    entities: dict[FoundName, AdoptedEntity] = Field(default_factory=dict)
    """Identity entities by name."""
    groups: dict[FoundName, AdoptedGroup] = Field(default_factory=dict)
    """Identity groups by name."""
    audit: dict[FoundName, AdoptedAudit] = Field(default_factory=dict)
    """Audit devices by path. OpenBao keeps them in its own configuration, so they are never here."""
    left: dict[Annotated[str, Field(min_length=1, max_length=512)], Annotated[str, Field(max_length=512)]] = Field(
        default_factory=dict
    )
    """What stays on the server as it is, declared nowhere: its path, and why. `strongroom drift` does not report it."""
