"""Where something of AWS is: part of every record of a thing there."""

from dataclasses import dataclass

from strongroom.plan.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsPlace:
    """One account and region."""

    account: str
    """Twelve digits. Credentials of another account are refused before anything is made."""
    region: str
    partition: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


def place_of(scope: Scope) -> AwsPlace:
    """The environment's own. It has an `aws` section: `strongroom.aws.references` checks that."""
    aws = scope.environment.aws
    assert aws is not None
    return AwsPlace(account=aws.account, region=aws.region, partition=aws.partition)
