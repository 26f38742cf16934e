"""The table: every resource type that the stand-in serves."""

from ..frame.row import Row
from . import iam, kms, secrets_manager, ssm
from .api import Aws

ROWS: tuple[Row[Aws], ...] = (
    *secrets_manager.ROWS,
    *kms.ROWS,
    *iam.ROWS,
    *ssm.ROWS,
)
