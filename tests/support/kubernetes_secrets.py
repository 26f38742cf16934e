"""A small project whose secrets are kept in a cluster."""

from typing import Final

ENVIRONMENT: Final = "environments/prod.yaml"
CATALOG: Final = "catalog/payments.yaml"
SEARCH: Final = "catalog/search.yaml"

BROUGHT: Final = """\
    allow_values_in_state: {reason: the mirror is there before any store is}
    secrets:
      mirror:
        namespace: platform-prod
        string_data: {password: {pulumi_config: mirror-password}}
"""
"""What the cluster needs so that a deployment brings values."""
NAMESPACES: Final = ("payments-prod", "delivery-prod", "platform-prod", "search-prod", "search-batch")

FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    ENVIRONMENT: """\
environment: prod
default_store: eu
stores:
  eu:
    kubernetes_secrets:
      cluster: prod-eu
      namespaces:
        payments: [payments-prod]
        search: [search-prod, search-batch]
clusters:
  prod-eu:
    context: prod-eu
    server: https://prod-eu.example:6443
""",
    CATALOG: """\
team: payments
workloads:
  checkout:
    runs_as: {kubernetes: {namespace: payments-prod, service_account: checkout}}
  release:
    runs_as: {kubernetes: {namespace: delivery-prod, service_account: release}}
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
    path: payments-prod/registry-login
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


def files_in(namespaces: dict[str, str], context: str, server: str) -> dict[str, str]:
    """The same project in a cluster that is there, with the Secret that a deployment brings; `namespaces` says for each
    of NAMESPACES which one it is there."""
    there = {**namespaces, "context: prod-eu": f"context: {context}", "https://prod-eu.example:6443": server}
    found = {**FILES, ENVIRONMENT: FILES[ENVIRONMENT] + BROUGHT}
    for written, here in there.items():
        found = {file: text.replace(written, here) for file, text in found.items()}
    return found
