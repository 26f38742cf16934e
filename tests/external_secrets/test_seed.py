"""The SecretStore and the ExternalSecret of the overview that this project began with, from the example of the page."""

from pathlib import Path
from typing import Any

import yaml

from strongroom.external_secrets.document import external_secret, secret_store
from strongroom.external_secrets.records import ExternalSecret, SecretStore
from support.docs import example
from support.toolchain import ROOT

PAGE = "kubernetes/external-secrets.md"
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


def test_the_example_of_the_page_makes_the_two_manifests_of_the_overview_exactly(tmp_path: Path) -> None:
    plan = example(PAGE, tmp_path).plan("prod")
    (store,) = [store for store in plan.of(SecretStore) if str(store.place) == "legacy"]
    (secret,) = [secret for secret in plan.of(ExternalSecret) if str(secret.place) == "legacy"]
    assert secret_store(store) == _applied(STORE)
    assert external_secret(secret) == _applied(SECRET)


def test_the_page_shows_them() -> None:
    shown = (ROOT / "docs" / PAGE).read_text("utf-8").split("```yaml\napiVersion", 1)[1].split("```")[0]
    assert list(yaml.safe_load_all(f"apiVersion{shown}")) == [_applied(STORE), _applied(SECRET)]


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
