"""The SecretStore and the ExternalSecret of the overview that this project began with, from a catalog."""

from pathlib import Path
from typing import Any

import yaml

from strongroom.external_secrets.document import external_secret, secret_store
from strongroom.external_secrets.records import ExternalSecret, SecretStore
from support.projects import ProjectFolder
from support.toolchain import ROOT

FILES = {
    "Pulumi.prod.yaml": "config:\n  strongroom:environment: prod\n",
    "environments/prod.yaml": """\
environment: prod
default_store: aws
stores: {aws: {aws_secrets_manager: {prefix: myapp/prod/}}}
aws:
  account: "111122223333"
  region: us-east-1
  iam: {clusters: {main: {irsa: {oidc_provider_arn: "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/ABC"}}}}
clusters:
  main: {context: main, server: "https://main.example:6443", external_secrets: {api_version: v1beta1}}
""",
    "catalog/myapp.yaml": """\
team: myapp
workloads:
  backend: {runs_as: {kubernetes: {namespace: default, service_account: external-secrets-sa}}}
secrets:
  db-creds: {fields: [username, password], path: db-creds}
grants:
  - {workload: backend, secret: db-creds, can: [read]}
deliveries:
  - {workload: backend, secret: db-creds, kubernetes_secret: db-credentials, secret_store: aws-secrets, refresh: 1h}
""",
}
STORE = """\
apiVersion: external-secrets.io/v1beta1
kind: SecretStore
metadata:
  name: aws-secrets
spec:
  provider:
    aws:
      service: SecretsManager
      region: us-east-1
      auth:
        jwt:
          serviceAccountRef:
            name: external-secrets-sa
"""
SECRET = """\
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata:
  name: db-credentials
spec:
  refreshInterval: 1h
  secretStoreRef:
    name: aws-secrets
    kind: SecretStore
  target:
    name: db-credentials
    creationPolicy: Owner
  data:
  - secretKey: username
    remoteRef:
      key: myapp/prod/db-creds
      property: username
  - secretKey: password
    remoteRef:
      key: myapp/prod/db-creds
      property: password
"""
SEED = ROOT.parent / "shared" / "seed" / "secrets-management-overview.md"


def test_a_catalog_makes_the_two_manifests_of_the_overview_exactly(tmp_path: Path) -> None:
    plan = ProjectFolder(tmp_path, FILES).plan("prod")
    (store,), (secret,) = plan.of(SecretStore), plan.of(ExternalSecret)
    assert secret_store(store) == _applied(STORE)
    assert external_secret(secret) == _applied(SECRET)


def test_they_are_word_for_word_those_of_the_overview() -> None:
    # Where the folder is absent, the copies above are compared only.
    text = SEED.read_text("utf-8") if SEED.is_file() else f"{STORE}\n---\n{SECRET}"
    assert STORE in text
    assert SECRET in text


def _applied(text: str) -> dict[str, Any]:
    """The overview leaves the namespace to kubectl, which takes `default`."""
    manifest: dict[str, Any] = yaml.safe_load(text)
    manifest["metadata"]["namespace"] = "default"
    return manifest
