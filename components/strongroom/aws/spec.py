"""What people write about an environment's part of AWS."""

from typing import Annotated

from pydantic import BeforeValidator

from strongroom.aws.names import Account, Partition, Region, quoted
from strongroom.spec.model import Model


class Aws(Model):
    """One environment's account and region. Credentials are never named here: they are whoever runs the command."""

    account: Annotated[Account, BeforeValidator(quoted)]
    """The account, twelve digits in quotes. With credentials of another one nothing is made, read or written."""
    region: Region
    """The region that everything lies in, but for replicas."""
    partition: Partition = "aws"
    """`aws`, `aws-cn` or `aws-us-gov`."""
