"""What people write about token roles: what tokens may be like that workloads make for others."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, Networks, WorkloadRef, duration, refuse


def _check_policy(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?", text):
        raise refuse(
            "needs the name of a policy under `vault.policies`, or a workload as team/workload",
            "the server's own policies, such as root and default, cannot be allowed",
        )
    return text


def _check_glob(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*\.([a-z][a-z0-9-]*)?\*", text):
        raise refuse(
            "needs the beginning of policies of one team: payments.* or payments.batch-*",
            "the environment's name is put in front, so that no policy of another one is among them",
        )
    return text


PolicyRef = Annotated[str, AfterValidator(_check_policy)]
PolicyGlob = Annotated[str, AfterValidator(_check_glob)]


class TokenRole(Model):
    """A kind of token that workloads may make for others, such as a scheduler for its jobs.

    A token made with a role may have more than its maker: the role decides, not the maker's policies.
    """

    creators: tuple[WorkloadRef, ...] = ()
    """The workloads, as `team/workload`, that may make such tokens: their policies get `auth/token/create/<role>`."""
    allowed_policies: tuple[PolicyRef, ...] = ()
    """The policies that a token may be given: hand-written ones by name, that of a workload as `team/workload`. With
    none of these asked for, a token gets all of them."""
    allowed_policies_glob: tuple[PolicyGlob, ...] = ()
    """Beginnings of policies that a token may be given: `payments.*` is all of the team's workloads."""
    disallowed_policies: tuple[PolicyRef, ...] = ()
    """Policies that a token is never given, whatever is allowed."""
    disallowed_policies_glob: tuple[PolicyGlob, ...] = ()
    """Beginnings of policies that a token is never given."""
    type: Literal["service", "batch"] = "service"
    """`service`: kept by the server, can be revoked. `batch`: kept by nobody, cheap, ends by itself only."""
    orphan: StrictBool = False
    """Whether a token outlives its maker's. Default: it ends when its maker's token ends."""
    renewable: StrictBool = True
    """Whether a token can be renewed."""
    period: Duration | None = None
    """Makes tokens that live for as long as they are renewed within this time. Absent: they end."""
    explicit_max_ttl: Duration | None = None
    """How long a token lives at most, whatever is asked for and however often it is renewed. Required, unless it has a
    `period` or is of type `batch`."""
    bound_cidrs: Networks = ()
    """The networks a token may be used from, such as `10.1.0.0/16`. Empty is anywhere."""
    num_uses: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = None
    """How often a token can be used. Absent: as often as one likes."""

    @model_validator(mode="after")
    def _something_allowed(self) -> Self:
        if not self.allowed_policies and not self.allowed_policies_glob:
            raise refuse("no policies are allowed", "without any, a token may have every policy that its maker has")
        return self

    @model_validator(mode="after")
    def _lifetime(self) -> Self:
        if self.type == "batch":
            # Vault, "Tokens": batch tokens have neither; the server refuses such roles.
            if not self.orphan or self.renewable or self.period or self.explicit_max_ttl or self.num_uses:
                raise refuse(
                    "a batch token cannot be renewed, counted, periodic, limited by the role or end with its maker's",
                    "write orphan: true and renewable: false, and leave period, explicit_max_ttl and num_uses out",
                )
        elif self.period is None and self.explicit_max_ttl is None:
            raise refuse("nothing ends such tokens but the server's own limit", "give explicit_max_ttl, or a period")
        if self.period and self.explicit_max_ttl and self.period > self.explicit_max_ttl:
            raise refuse(
                f"period {duration(self.period)} is longer than explicit_max_ttl {duration(self.explicit_max_ttl)}",
                "lower the period",
            )
        if self.period and not self.renewable:
            raise refuse("a period is for renewing within it, and renewable is false", "leave one of the two out")
        return self
