"""A project that keeps its secrets in AWS: every way in which a workload can run there."""

from pathlib import Path
from typing import Final

from support.projects import ProjectFolder

PROD: Final = "environments/prod.yaml"
SHOP: Final = "catalog/shop.yaml"
OPERATOR: Final = "arn:aws:iam::111122223333:role/operator"
BREAK_GLASS: Final = "arn:aws:iam::111122223333:role/break-glass"
DEPLOYER: Final = "arn:aws:iam::111122223333:role/deployer"
LEGACY: Final = "arn:aws:iam::111122223333:user/legacy"
PARTNER: Final = "arn:aws:iam::444455556666:role/reader"
ROLES: Final = "arn:aws:iam::111122223333:role/strongroom/prod/"

FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    PROD: f"""\
environment: prod
default_store: aws
stores:
  aws: {{aws_secrets_manager: {{kms_key: main, replicas: [eu-west-1]}}}}
  parameters: {{aws_parameter_store: {{kms_key: main}}}}
aws:
  account: "111122223333"
  region: eu-central-1
  keys:
    main: {{replicas: [eu-west-1], users: ["{DEPLOYER}"]}}
  iam:
    clusters:
      eu: {{pod_identity: {{cluster_arn: "arn:aws:eks:eu-central-1:111122223333:cluster/prod-eu"}}}}
      old: {{irsa: {{oidc_provider_arn: "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/ABC"}}}}
    github_actions: {{}}
    operators: ["{OPERATOR}"]
    break_glass: ["{BREAK_GLASS}"]
""",
    SHOP: f"""\
team: shop
workloads:
  web: {{runs_as: {{kubernetes: {{namespace: shop, service_account: web}}}}}}
  release: {{runs_as: {{github_actions: {{repository: acme/shop, environment: prod}}}}}}
  batch: {{runs_as: {{aws_service: {{service: ecs-tasks}}}}}}
  node: {{runs_as: {{aws_service: {{service: ec2}}}}}}
  resize: {{runs_as: {{aws_service: {{service: lambda}}}}}}
  legacy: {{runs_as: {{aws_iam: {{principal_arn: "{LEGACY}"}}}}}}
  partner: {{runs_as: {{aws_iam: {{principal_arn: "{PARTNER}"}}}}}}
  idle: {{runs_as: {{kubernetes: {{namespace: shop, service_account: idle}}}}}}
secrets:
  stripe: {{fields: [api_key, webhook_secret]}}
  mail: {{fields: [token]}}
  smtp: {{fields: [username, password], store: parameters}}
grants:
  - {{workload: web, secret: stripe, can: [read]}}
  - {{workload: web, secret: smtp, can: [read]}}
  - {{workload: release, secret: stripe, can: [write]}}
  - {{workload: batch, secret: smtp, can: [read, write]}}
  - {{workload: node, secret: mail, can: [read]}}
  - {{workload: resize, secret: mail, can: [read, delete]}}
  - {{workload: legacy, secret: stripe, can: [read]}}
  - {{workload: partner, secret: stripe, can: [read]}}
""",
}


def project(folder: Path) -> ProjectFolder:
    """The project, below a folder."""
    return ProjectFolder(folder, dict(FILES))
