"""A project with every system that secrets are delivered from, to be broken in one way; and its whole plan."""

from pathlib import Path
from typing import Final

from support.projects import ProjectFolder

ENVIRONMENT: Final = "environments/prod.yaml"
SHOP: Final = "catalog/shop.yaml"
RISK: Final = "catalog/risk.yaml"
TENANT: Final = "8a4c0a5e-6b0f-4c0e-9d55-1f0a3c1d2e3f"

FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n  vault:address: https://vault.example:8200\n",
    ENVIRONMENT: f"""\
environment: prod
default_store: kv
stores:
  kv: {{vault_kv: {{}}}}
  old: {{vault_kv_v1: {{mount: legacy-prod}}}}
  aws: {{aws_secrets_manager: {{}}}}
  parameters: {{aws_parameter_store: {{}}}}
  azure: {{azure_key_vault: {{vault: acme-prod-secrets}}}}
  gcp: {{gcp_secret_manager: {{}}}}
  cluster: {{kubernetes_secrets: {{cluster: eu, namespaces: {{risk: [risk]}}}}}}
vault:
  auth:
    eu:
      kubernetes: {{kubernetes_host: "https://eu.example:6443", audience: vault-prod}}
    us:
      jwt: {{accepts: [kubernetes], audiences: [vault-prod, vault-other], oidc_discovery_url: "https://us.example"}}
aws:
  account: "111122223333"
  region: eu-central-1
  iam:
    clusters:
      eu: {{irsa: {{oidc_provider_arn: "arn:aws:iam::111122223333:oidc-provider/eu.example/id/ABC"}}}}
      us: {{pod_identity: {{cluster_arn: "arn:aws:eks:us-east-1:111122223333:cluster/us"}}}}
    operators: ["arn:aws:iam::111122223333:role/operator"]
azure:
  tenant: {TENANT}
  subscription: 0f9b7c8d-1e2f-4a3b-8c4d-5e6f7a8b9c0d
  resource_group: secrets-prod
  location: westeurope
  identities: {{clusters: {{eu: {{issuer: "https://eu.example/"}}, us: {{issuer: "https://us.example/"}}}}}}
gcp:
  project: acme-prod
  project_number: "112233445566"
  identities: {{gke: {{main: {{project: acme-gke, project_number: "665544332211"}}}}}}
clusters:
  eu:
    context: eu
    server: https://eu.example:6443
    vault_auth: eu
    external_secrets:
      vault: {{server: "https://vault.eu.example:8200"}}
      gke: {{location: europe-west3, name: eu}}
  us:
    context: us
    server: https://us.example:6443
    vault_auth: us
    external_secrets: {{aws_role_arn: "arn:aws:iam::111122223333:role/external-secrets"}}
""",
    SHOP: """\
team: shop
workloads:
  web:
    runs_as: {kubernetes: {namespace: shop, service_account: web}}
    auth: eu
    also: [{runs_as: {kubernetes: {namespace: shop, service_account: web}}, auth: us}]
  batch: {runs_as: {aws_service: {service: ecs-tasks}}, environments: [prod]}
secrets:
  stripe: {fields: [api_key, webhook_secret], rotate_every: 90d}
  tax: {fields: [token], store: old}
  mail: {fields: [username, password], store: aws}
  sms: {fields: [user, key], store: parameters}
  maps: {fields: [key], store: azure}
  ads: {fields: [key], store: gcp}
grants:
  - {workload: web, secret: stripe, can: [read]}
  - {workload: web, secret: tax, can: [read]}
  - {workload: web, secret: mail, can: [read]}
  - {workload: web, secret: sms, can: [read]}
  - {workload: web, secret: maps, can: [read]}
  - {workload: web, secret: ads, can: [read]}
  - {workload: batch, secret: mail, can: [read]}
deliveries:
  - {workload: web, secret: stripe, kubernetes_secret: stripe, refresh: 15m}
  - {workload: web, secret: tax, kubernetes_secret: tax, clusters: [eu]}
  - {workload: web, secret: mail, kubernetes_secret: mail}
  - {workload: web, secret: sms, kubernetes_secret: sms, clusters: [eu], data_from: {find: {}}}
  - {workload: web, secret: maps, kubernetes_secret: maps, clusters: [eu]}
  - {workload: web, secret: ads, kubernetes_secret: ads, clusters: [eu]}
  - {workload: web, secret: risk/scores, kubernetes_secret: scores, clusters: [eu], fields: {SCORES_KEY: key}}
""",
    RISK: """\
team: risk
secrets:
  scores: {fields: [key, salt], store: cluster}
grants:
  - {workload: shop/web, secret: scores, can: [read]}
""",
}


def project(folder: Path) -> ProjectFolder:
    """The sound project."""
    return ProjectFolder(folder, FILES)
