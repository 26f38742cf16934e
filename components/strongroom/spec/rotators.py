"""What changes values by itself: each rotator is of one store's kind, and catalogs know it by its name only."""

from typing import ClassVar

from strongroom.aws.rotation.spec import AwsApplication, AwsFunction, AwsManaged, AwsRotation
from strongroom.azure.rotation.spec import AzureFunction
from strongroom.gcp.rotation.spec import GcpTopic
from strongroom.spec.model import OneOf


class Rotator(OneOf):
    """Something that rotates secrets; exactly one kind. Its key begins with the system whose stores it serves."""

    what: ClassVar[str] = "rotator"

    aws_managed: AwsManaged | None = None
    """AWS's own, for secrets that another AWS service made and rotates: nothing of ours runs."""
    aws_rotation: AwsRotation | None = None
    """Strongroom's own function: databases' users, one or two in turn, and keys of APIs by your callback."""
    aws_application: AwsApplication | None = None
    """A function that AWS publishes, by name and version."""
    aws_function: AwsFunction | None = None
    """A function of yours, by its ARN."""
    azure_function: AzureFunction | None = None
    """A function of yours, which is told when a secret of Azure Key Vault nears its end."""
    gcp_topic: GcpTopic | None = None
    """A topic on which GCP Secret Manager says what is due, and a subscriber of yours that rotates it."""
