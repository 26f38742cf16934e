"""What adopted things have in common: names that somebody chose by other rules than ours, and settings of mounts."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, refuse


def _check_found_name(text: str) -> str:
    # What a URL's path and a resource's name of the engine can carry, and no terminal can be fooled with.
    if not text.isprintable() or not text.isascii() or re.search(r"^/|/$|//|(^|/)\.\.?(/|$)|::", text):
        raise refuse(
            "a name here is printable ASCII, without '::', and its segments are neither empty nor dots",
            "rename it on the server before it is adopted",
        )
    return text


FoundName = Annotated[str, Field(min_length=1, max_length=250), AfterValidator(_check_found_name)]
"""A name as it is on the server, whatever rules it was given by."""
Text = Annotated[str, Field(max_length=65536)]
Count = Annotated[StrictInt, Field(ge=0)]
Texts = dict[Annotated[str, Field(min_length=1, max_length=512)], Text]


class AdoptedModel(Model):
    """Something as it was found: only what differs from the server's own default is written, the rest stays so."""


class AdoptedMount(AdoptedModel):
    """What secrets engines have in common."""

    description: Text = ""
    """For people."""
    default_lease_ttl: Duration | None = None
    """Lifetime of a lease unless renewed. Absent: the server's own."""
    max_lease_ttl: Duration | None = None
    """Lifetime of a lease at most. Absent: the server's own."""
    listing_visibility: Literal["hidden", "unauth"] | None = None
    """Whether people see the mount before they log in."""
    local: StrictBool = False
    """Whether it is left out of replication. It can never be changed."""
    seal_wrap: StrictBool = False
    """Whether its data is encrypted once more with the seal (HSM). It can never be changed."""


class Tune(AdoptedModel):
    """The settings of an auth method's mount. Given whole or not at all."""

    default_lease_ttl: Duration
    """Lifetime of a token unless renewed."""
    max_lease_ttl: Duration
    """Lifetime of a token at most."""
    token_type: Literal["default-service", "default-batch", "service", "batch"] = "default-service"  # noqa: S105
    """The type of tokens."""
    listing_visibility: Literal["hidden", "unauth"] | None = None
    """Whether people see the method before they log in."""


class AdoptedAuthMount(AdoptedModel):
    """What auth methods have in common."""

    description: Text = ""
    """For people."""
    local: StrictBool = False
    """Whether it is left out of replication. It can never be changed."""
    tune: Tune | None = None
    """Settings of the mount. Absent: the server's own."""


class TokenRole(AdoptedModel):
    """What the tokens of a role are, whichever auth method it belongs to."""

    token_policies: tuple[FoundName, ...] = ()
    """The policies that a token carries, beside `default`."""
    token_no_default_policy: StrictBool = False
    """Whether the policy `default` is left out."""
    token_ttl: Duration | None = None
    """Lifetime unless renewed. Absent: that of the mount."""
    token_max_ttl: Duration | None = None
    """Lifetime at most. Absent: that of the mount."""
    token_explicit_max_ttl: Duration | None = None
    """Lifetime at most, whatever the mount says later."""
    token_period: Duration | None = None
    """Makes tokens that live for ever, if they are renewed within this time."""
    token_num_uses: Count = 0
    """How often a token may be used. 0: as often as it likes."""
    token_bound_cidrs: tuple[str, ...] = ()
    """The networks that a token may be used from."""
    token_type: Literal["default", "service", "batch", "default-service", "default-batch"] = "default"  # noqa: S105
    """The type of token. `default`: as the mount says."""
