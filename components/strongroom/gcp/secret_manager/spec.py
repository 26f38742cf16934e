"""What people write about a store in GCP Secret Manager."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.gcp.names import (
    AnnotationKey,
    AnnotationValue,
    LabelKey,
    LabelValue,
    Location,
    NamePrefix,
    VersionAlias,
)
from strongroom.spec.model import Model, StrictInt
from strongroom.spec.names import Duration, Name, WorkloadRef, duration, refuse

DAY: Final = 86400
OWN_LABELS: Final = 3
LABELS_MAX: Final = 64
"""Secret Manager, "Secret"."""


def _check_destruction(seconds: int) -> int:
    # Secret Manager, "Delay destruction of secret versions": at least a day.
    if not DAY <= seconds <= 1000 * DAY:
        raise refuse(f"{duration(seconds)} is not possible", "write 1d to 1000d")
    return seconds


def _check_expiry(seconds: int) -> int:
    # Secret Manager, "Create and manage expiring secrets": at least 60 seconds.
    if seconds < 60:
        raise refuse(f"secrets cannot expire after {duration(seconds)}", "write at least 60s")
    return seconds


def _check_alias(alias: str) -> str:
    if alias in ("latest", "NEW"):
        raise refuse(f"'{alias}' is a word of Secret Manager's own", "choose another alias")
    return alias


Aliases = Annotated[
    dict[Annotated[VersionAlias, AfterValidator(_check_alias)], Annotated[StrictInt, Field(ge=1)]],
    Field(min_length=1, max_length=50),
]
"""Alias -> number of a version that is there."""


class GcpSecretManager(Model):
    """A store of named values with versions. Each secret is one JSON object of its fields."""

    prefix: NamePrefix | None = None
    """What the names of its secrets begin with, such as `acme/prod/`. Default: `<environment>/`. Every name has to
    have the environment as one of its parts, here or in the secret's `path`. In ids, `/` is written `--`."""
    locations: tuple[Location, ...] = ()
    """The only locations that hold copies, such as `[europe-west1, europe-west3]`. Default: Google chooses (automatic
    replication). Neither can be changed for a secret that exists."""
    key: Name | None = None
    """The key of `gcp.keys` that encrypts them. Default: keys of Google's own."""
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Further labels of each secret. Its environment, team and name are labels already."""
    annotations: dict[AnnotationKey, AnnotationValue] = Field(default_factory=dict)
    """Further annotations of each secret. Its description is one already. Never a value."""
    version_destroy_ttl: Annotated[Duration, AfterValidator(_check_destruction)] | None = 30 * DAY
    """How long a destroyed version can be restored, `1d` to `1000d`; until then it is only disabled. Deleting a whole
    secret is at once and for good all the same. `null`: destroyed at once."""
    expire_after: Annotated[Duration, AfterValidator(_check_expiry)] | None = None
    """After which time Google deletes each secret with all its values, counted from when it was made (or from when this
    was changed). For stores of what must not outlive a trial. Default: never."""
    version_aliases: dict[WorkloadRef, Aliases] = Field(default_factory=dict)
    """Names for versions, by `team/secret`: `{payments/stripe: {live: 3}}`. Whoever reads `versions/live` gets the
    version that was reviewed, and not the newest. The version has to be there."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.locations)) != len(self.locations):
            raise refuse("a location is named twice")
        if len(self.labels) > LABELS_MAX - OWN_LABELS:
            raise refuse(f"there are {len(self.labels)} labels", f"{LABELS_MAX - OWN_LABELS} are possible")
        for mapping, what in ((self.labels, "label"), (self.annotations, "annotation")):
            if own := sorted(key for key in mapping if key.startswith("strongroom")):
                raise refuse(f"{what} '{own[0]}' is set by Strongroom itself", "choose another one")
        return self
