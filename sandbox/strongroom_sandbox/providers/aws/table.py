"""The table: every resource type that the stand-in serves."""

from ..frame.row import Row
from . import (
    ec2,
    eks,
    events,
    functions_of_lambda,
    iam,
    kms,
    logs,
    s3,
    s3_retention,
    secrets_manager,
    sns,
    ssm,
    trails,
    unserved,
)
from .api import Aws

ROWS: tuple[Row[Aws], ...] = (
    *secrets_manager.ROWS,
    *kms.ROWS,
    *iam.ROWS,
    *eks.ROWS,
    *ssm.ROWS,
    *functions_of_lambda.ROWS,
    *logs.ROWS,
    *events.ROWS,
    *trails.ROWS,
    *sns.ROWS,
    *s3.ROWS,
    *s3_retention.ROWS,
    *ec2.ROWS,
    *unserved.ROWS,
)
