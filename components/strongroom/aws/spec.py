"""What people write about an environment's part of AWS."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from strongroom.aws.audit.spec import AwsAudit
from strongroom.aws.iam.spec import AwsIam
from strongroom.aws.kms.spec import AwsKey
from strongroom.aws.names import Account, Partition, Region, partition_of, quoted
from strongroom.aws.parameters.spec import AwsParameter
from strongroom.spec.model import Model
from strongroom.spec.names import Name, SecretPath, refuse


class Aws(Model):
    """One environment's account and region. Credentials are never named here: they are whoever runs the command."""

    account: Annotated[Account, BeforeValidator(quoted)]
    """The account, twelve digits in quotes. With credentials of another one nothing is made, read or written."""
    region: Region
    """The region that everything lies in, but for replicas."""
    partition: Partition = "aws"
    """`aws`, `aws-cn` or `aws-us-gov`, as the region has it."""
    keys: dict[Name, AwsKey] = Field(default_factory=dict)
    """KMS keys by the name that stores use; the alias is `alias/<environment>/<name>`."""
    iam: AwsIam | None = None
    """Who is who: where workloads come from, and people beside them. Needed where workloads log in by a cluster or by
    GitHub."""
    audit: AwsAudit | None = None
    """Who uses secrets is on record, and access that nobody declared raises an alert. Default: neither is made."""
    parameters: dict[SecretPath, AwsParameter] = Field(default_factory=dict)
    """Parameters of Parameter Store that are no secrets, by their names below `/<environment>/`: `shop/timeout`."""

    @model_validator(mode="after")
    def _of_its_partition(self) -> Self:
        if (found := partition_of(self.region)) != self.partition:
            raise refuse(
                f"{self.region} is a region of {found}, and `partition` is {self.partition}",
                f"write `partition: {found}`",
            )
        return self
