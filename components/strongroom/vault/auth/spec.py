"""What every auth method has in common."""

from typing import Self

from pydantic import model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import AuthMountPath, Duration, duration, refuse


class AuthMethodBase(Model):
    """A way to log in. The lifetimes hold for all tokens that it issues."""

    mount: AuthMountPath | None = None
    """Where it is mounted, below `auth/`. Default: `<its name>-<environment>`."""
    token_ttl: Duration = 3600
    """Lifetime of a token, unless renewed."""
    token_max_ttl: Duration = 14400
    """Lifetime at most, renewals included."""

    @model_validator(mode="after")
    def _ttls(self) -> Self:
        if self.token_ttl > self.token_max_ttl:
            raise refuse(
                f"token_ttl {duration(self.token_ttl)} is longer than token_max_ttl {duration(self.token_max_ttl)}",
                "lower token_ttl or raise token_max_ttl",
            )
        return self
