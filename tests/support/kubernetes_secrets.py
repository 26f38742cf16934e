"""A small project whose secrets are kept in a cluster."""

from typing import Final

ENVIRONMENT: Final = "environments/prod.yaml"
CATALOG: Final = "catalog/payments.yaml"
SEARCH: Final = "catalog/search.yaml"

FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    ENVIRONMENT: """\
environment: prod
default_store: eu
stores:
  eu: {kubernetes_secrets: {cluster: prod-eu, namespaces: {search: [search-prod, search-batch]}}}
clusters:
  prod-eu: {context: prod-eu, server: "https://prod-eu.example:6443"}
""",
    CATALOG: """\
team: payments
workloads:
  checkout:
    runs_as: {kubernetes: {namespace: payments, service_account: checkout}}
  release:
    runs_as: {kubernetes: {namespace: delivery, service_account: release}}
secrets:
  stripe:
    fields: [api_key, webhook_secret]
    rotate_every: 90d
  web:
    fields: [tls.crt, tls.key]
    kubernetes: {type: kubernetes.io/tls}
  registry:
    fields: [.dockerconfigjson]
    kubernetes: {type: kubernetes.io/dockerconfigjson, immutable: true}
    path: payments/registry-login
grants:
  - {workload: checkout, secret: stripe, can: [read]}
  - {workload: checkout, secret: web, can: [read]}
  - {workload: release, secret: stripe, can: [read, write]}
  - {workload: search/indexer, secret: stripe, can: [read]}
""",
    SEARCH: """\
team: search
workloads:
  indexer:
    runs_as: {kubernetes: {namespace: search-prod, service_account: indexer}}
    also:
      - runs_as: {kubernetes: {namespace: search-batch, service_account: indexer}}
secrets:
  engine: {fields: [password]}
  batch: {fields: [password], path: search-batch/engine}
grants:
  - {workload: indexer, secret: engine, can: [read]}
  - {workload: indexer, secret: batch, can: [read]}
""",
}
