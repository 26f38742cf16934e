"""A small project with a cluster whose operator Strongroom installs, and what the operator brings to it."""

from typing import Final

ENVIRONMENT: Final = "environments/prod.yaml"
PAYMENTS: Final = "catalog/payments.yaml"
PLATFORM_TEAM: Final = "catalog/base.yaml"

FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n  vault:address: https://vault.example:8200\n",
    ENVIRONMENT: """\
environment: prod
default_store: kv
stores:
  kv: {vault_kv: {}}
vault:
  auth:
    cluster:
      jwt: {accepts: [kubernetes], audiences: [vault-prod], oidc_discovery_url: "https://oidc.example"}
  engines:
    database:
      connections:
        orders:
          postgresql:
            host: orders.example
            database: orders
            username: vault_admin
            first_password: {pulumi_config: orders-first-password}
clusters:
  eu:
    context: eu
    server: https://eu.example:6443
    external_secrets:
      vault: {server: "https://vault.example:8200"}
      operator: {chart_version: 2.9.0}
""",
    PAYMENTS: """\
team: payments
workloads:
  checkout:
    runs_as: {kubernetes: {namespace: payments, service_account: checkout}}
  refunds:
    runs_as: {kubernetes: {namespace: payments, service_account: refunds}}
secrets:
  stripe: {fields: [api_key, webhook_secret]}
  orders-db: {database: {connection: orders, access: readonly, default_ttl: 1h, max_ttl: 24h}}
grants:
  - {workload: checkout, secret: stripe, can: [read]}
  - {workload: checkout, secret: orders-db, can: [read]}
  - {workload: refunds, secret: stripe, can: [read]}
deliveries:
  - {workload: checkout, secret: stripe, kubernetes_secret: stripe}
""",
    PLATFORM_TEAM: """\
team: base
workloads:
  eso:
    runs_as: {kubernetes: {namespace: external-secrets, service_account: shared-reader}}
  idle:
    runs_as: {kubernetes: {namespace: external-secrets, service_account: idle}}
secrets:
  registry: {fields: [username, password]}
grants:
  - {workload: eso, secret: registry, can: [read]}
""",
}

FOR_NAMESPACES: Final = """\
      cluster_stores:
        registries:
          {workload: base/eso, store: kv, namespaces: {names: [search, payments], regexes: ['team-[a-z0-9-]+']}}
      cluster_deliveries:
        registry:
          {cluster_store: registries, secret: base/registry, kubernetes_secret: registry-login,
           namespaces: {names: [team-web, payments]}}
"""
"""To be appended to the environment file."""

GENERATED: Final = """\
      gke: {location: europe-west3, name: shop}
      generated:
        session-key:
          {workload: payments/checkout, kubernetes_secret: session-key,
           generator: {password: {length: 64, key: key}}}
        installation:
          {workload: payments/checkout, kubernetes_secret: installation,
           generator: {uuid: {}}}
        ecr:
          {workload: payments/checkout, kubernetes_secret: ecr,
           generator: {ecr_authorization_token: {region: eu-central-1}}}
        gcr:
          {workload: payments/checkout, kubernetes_secret: gcr,
           generator: {gcr_access_token: {project: acme-prod, host: europe-docker.pkg.dev}}}
        acr:
          {workload: payments/refunds, kubernetes_secret: acr,
           generator: {acr_access_token: {registry: acme.azurecr.io, tenant: 11111111-2222-3333-4444-555555555555}}}
"""
"""To be appended to the environment file."""
