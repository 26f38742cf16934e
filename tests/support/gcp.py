"""An environment in Google Cloud that uses everything that there is."""

from typing import Final

ENVIRONMENT: Final = "environments/prod.yaml"
CATALOG: Final = "catalog/payments.yaml"
NUMBER: Final = "123456789012"
AGENT: Final = f"serviceAccount:service-{NUMBER}@gcp-sa-secretmanager.iam.gserviceaccount.com"
CHECKOUT: Final = (
    "principal://iam.googleapis.com/projects/210987654321/locations/global/workloadIdentityPools/acme-gke.svc.id.goog"
    "/subject/ns/payments/sa/checkout"
)
RELEASE: Final = (
    f"principal://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/github-prod"
    "/subject/repo:acme/payments:environment:prod"
)
REPORTS: Final = "serviceAccount:reports@acme-prod.iam.gserviceaccount.com"
ROTATOR: Final = "serviceAccount:rotator@acme-prod.iam.gserviceaccount.com"
FILES: Final = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    ENVIRONMENT: """\
environment: prod
default_store: sm
stores:
  sm:
    gcp_secret_manager:
      locations: [europe-west1, europe-west3]
      key: secrets
  trial: {gcp_secret_manager: {prefix: trial/prod/, expire_after: 30d}}
gcp:
  project: acme-prod
  project_number: "123456789012"
  keys: {secrets: {}}
  identities:
    gke: {prod: {project: acme-gke, project_number: "210987654321"}}
    github_actions: {}
rotators:
  rotate:
    gcp_topic:
      starts_at: "2027-01-04T03:00:00Z"
      subscriber: rotator@acme-prod.iam.gserviceaccount.com
      push: {endpoint: "https://rotate.example/due", invoker: notifier@acme-prod.iam.gserviceaccount.com}
""",
    CATALOG: """\
team: payments
workloads:
  checkout:
    runs_as: {kubernetes: {namespace: payments, service_account: checkout}}
  release:
    runs_as: {github_actions: {repository: acme/payments, environment: prod}}
  reports:
    runs_as: {gcp_service_account: {email: reports@acme-prod.iam.gserviceaccount.com}}
secrets:
  stripe:
    description: the account for cards
    fields: [api_key, webhook_secret]
    rotate_every: 90d
    rotator: rotate
  session:
    fields: [key]
  try-out:
    fields: [token]
    store: trial
grants:
  - {workload: checkout, secret: stripe, can: [read]}
  - {workload: reports, secret: stripe, can: [read]}
  - {workload: release, secret: stripe, can: [write, delete]}
""",
}
