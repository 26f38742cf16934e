"""What changes values by itself: each rotator is of one store's kind, and catalogs know it by its name only."""

from typing import ClassVar

from strongroom.aws.rotation.spec import AwsManaged
from strongroom.azure.rotation.spec import AzureFunction
from strongroom.spec.model import OneOf


class Rotator(OneOf):
    """Something that rotates secrets; exactly one kind. Its key begins with the system whose stores it serves."""

    what: ClassVar[str] = "rotator"

    aws_managed: AwsManaged | None = None
    """AWS's own, for secrets that another AWS service made and rotates: nothing of ours runs."""
    azure_function: AzureFunction | None = None
    """A function of yours, which is told when a secret of Azure Key Vault nears its end."""
