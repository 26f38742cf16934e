"""What people write about rotation in AWS Secrets Manager."""

from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import Duration


class AwsSchedule(Model):
    """When secrets are rotated. Default: as often as each secret's `rotate_every` says."""

    window: Duration | None = None
    """How long after its beginning a rotation may start, in whole hours. It must not reach into the next UTC day.
    Default: to the end of the day."""
    rotate_immediately: StrictBool = True
    """Whether the first rotation is now, and not only when it is due."""


class AwsManaged(AwsSchedule):
    """Managed rotation: AWS Secrets Manager, "Managed rotation"."""
