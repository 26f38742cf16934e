"""A project whose secrets are rotated in AWS in every way that there is."""

from pathlib import Path
from typing import Any, Final

from support.aws_environment import FILES, PROD, SHOP
from support.projects import ProjectFolder

ACCOUNT: Final = "111122223333"
SECRET: Final = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret"
MASTER: Final = f"{SECRET}:prod/master-AbCdEf"
KEY: Final = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
VPC: Final = "{subnet_ids: [subnet-0a1b2c3d], security_group_ids: [sg-0a1b2c3d]}"
ROTATORS: Final = f"""\
rotators:
  orders:
    aws_rotation:
      strategy: postgresql-alternating-users
      master_secret_arn: {MASTER}
      master_kms_key_arn: {KEY}
      vpc: {VPC}
  reports: {{aws_rotation: {{strategy: redshift-single-user, schedule_expression: cron(0 2 ? * SUN *), window: 3h}}}}
  yours:
    aws_function:
      function_arn: arn:aws:lambda:eu-central-1:{ACCOUNT}:function:yours
      role_arn: arn:aws:iam::{ACCOUNT}:role/yours
      rotate_immediately: false
  managed: {{aws_managed: {{schedule_expression: rate(10 days)}}}}
"""
FIELDS: Final = "fields: [engine, host, username, password]"
CATALOG: Final = f"""\
team: shop
workloads:
  web: {{runs_as: {{kubernetes: {{namespace: shop, service_account: web}}}}}}
secrets:
  orders: {{{FIELDS}, rotate_every: 30d, rotator: orders}}
  reports: {{{FIELDS}, rotator: reports}}
  partner: {{fields: [token], rotate_every: 12h, rotator: yours}}
  master: {{fields: [username, password], rotator: managed}}
  stripe: {{fields: [api_key], rotate_every: 90d}}
grants:
  - {{workload: web, secret: orders, can: [read]}}
"""


def project(folder: Path, environment: str = "", catalog: str = CATALOG) -> ProjectFolder:
    """The project, with another environment file or catalog if given."""
    files: dict[str, Any] = dict(FILES)
    files[PROD] = environment or f"{FILES[PROD]}{ROTATORS}"
    files[SHOP] = catalog
    return ProjectFolder(folder, files)
