"""What the platform team writes about Secrets whose values no store has: they are made in the cluster."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from strongroom.aws.names import Region
from strongroom.gcp.names import ProjectId
from strongroom.kubernetes.secrets.types import SecretKey
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model, OneOf, StrictBool, StrictInt
from strongroom.spec.names import Duration, Host, WorkloadRef, duration, refuse

HOUR: Final = 3600
LEAST: Final = 24
"""Characters of a password: of letters and digits, some 140 bits."""


class Password(Model):
    """A random text. It is in the cluster and nowhere else: what must survive the cluster belongs in a store."""

    length: Annotated[StrictInt, Field(ge=LEAST, le=256)] = 32
    """How many characters."""
    digits: Annotated[StrictInt, Field(ge=0, le=256)] = 8
    """How many of them are digits."""
    symbols: Annotated[StrictInt, Field(ge=0, le=256)] = 0
    """How many of them are of `symbol_characters`."""
    symbol_characters: Annotated[str, Field(pattern="^[!-/:-@\\[-`{-~]{1,32}$")] = "-_.~"
    """Characters that are neither letters nor digits; the default breaks no URL and no shell."""
    no_upper: StrictBool = False
    """Whether there are no capital letters."""
    encoding: Literal["raw", "base64", "base64url", "hex"] = "raw"
    """How the text is written, for what wants it so."""
    key: SecretKey = "password"
    """The key of the Kubernetes Secret."""

    default_refresh: ClassVar[int | None] = None
    longest_refresh: ClassVar[int | None] = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.digits + self.symbols > self.length:
            raise refuse(
                f"{self.digits} digits and {self.symbols} symbols do not fit into {self.length} characters",
                "raise `length`",
            )
        return self


class Uuid(Model):
    """A random UUID. An identifier, of 122 random bits; what must not be guessed is a `password`."""

    key: SecretKey = "uuid"
    """The key of the Kubernetes Secret."""

    default_refresh: ClassVar[int | None] = None
    longest_refresh: ClassVar[int | None] = None


class EcrAuthorizationToken(Model):
    """A login at Amazon ECR, as a pull secret. It can do what the role of the workload's service account can do."""

    region: Region
    """The region of the registry."""
    public: StrictBool = False
    """Whether it is for the public registry, which logs in in `us-east-1` only."""

    default_refresh: ClassVar[int | None] = 6 * HOUR
    longest_refresh: ClassVar[int | None] = 12 * HOUR  # Amazon ECR, "GetAuthorizationToken"

    @model_validator(mode="after")
    def _where_it_is(self) -> Self:
        # Amazon ECR Public, "Registry authentication".
        if self.public and self.region != "us-east-1":
            raise refuse(f"nobody logs in at the public registry in {self.region}", "write `region: us-east-1`")
        return self


class GcrAccessToken(Model):
    """A login at Artifact Registry, as a pull secret. It can do what the workload's service account can do."""

    project: ProjectId
    """The project of the registry."""
    host: Host
    """The registry, such as `europe-docker.pkg.dev`."""

    default_refresh: ClassVar[int | None] = HOUR // 2
    longest_refresh: ClassVar[int | None] = HOUR  # Google Cloud, "Service account credentials": an hour


class AcrAccessToken(Model):
    """A login at Azure Container Registry, as a pull secret. It can do what the workload's managed identity can do."""

    registry: Host
    """The registry, such as `acme.azurecr.io`."""
    tenant: Annotated[str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    """The id of its tenant."""

    default_refresh: ClassVar[int | None] = HOUR
    longest_refresh: ClassVar[int | None] = 3 * HOUR  # Azure Container Registry, "Authentication options"


class Source(OneOf):
    """What makes the values; exactly one kind."""

    what: ClassVar[str] = "generator"

    password: Password | None = None
    """A random text."""
    uuid: Uuid | None = None
    """A random UUID."""
    ecr_authorization_token: EcrAuthorizationToken | None = None
    """A login at Amazon ECR."""
    gcr_access_token: GcrAccessToken | None = None
    """A login at Artifact Registry."""
    acr_access_token: AcrAccessToken | None = None
    """A login at Azure Container Registry."""

    @model_validator(mode="before")
    @classmethod
    def _no_fake(cls, data: Any) -> Any:
        if isinstance(data, dict) and "fake" in data:
            raise refuse(
                "the operator's generator Fake gives values that stand in its manifest", "it is for tests only"
            )
        return data


class Generated(Model):
    """A Secret in the namespace of a workload, with values that the operator makes."""

    workload: WorkloadRef
    """For whom, `team/workload`: it runs as a service account of Kubernetes."""
    kubernetes_secret: KubernetesName
    """The name of the Secret."""
    generator: Source
    """What makes the values."""
    refresh: Duration | None = None
    """How often they are made anew. Default: a password and a UUID once; a login at a registry in time."""

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        longest = self.generator.value.longest_refresh
        if longest and self.refresh and self.refresh >= longest:
            raise refuse(
                f"a login is good for {duration(longest)}, and made anew every {duration(self.refresh)} only",
                f"leave `refresh` out, or write less than {duration(longest)}",
            )
        return self

    @property
    def refresh_seconds(self) -> int | None:
        """How often they are made anew; None: once."""
        found: int | None = self.refresh or self.generator.value.default_refresh
        return found
