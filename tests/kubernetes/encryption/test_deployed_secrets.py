"""The secret with the keys in stores whose containers are deployed: like any other, and as well guarded."""

from pathlib import Path

import pytest

from strongroom.program import deploy
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support.mocks import record
from support.projects import PROD, ProjectFolder

STORES = """\
stores:
  aws: {aws_secrets_manager: {kms_key: main}}
  gcp: {gcp_secret_manager: {}}
aws: {account: "111122223333", region: eu-west-1, keys: {main: {}}}
gcp: {project: acme-prod, project_number: "123456789012", operators: ["group:secrets@acme.example"]}
clusters:
  on-aws: {context: a, server: "https://a.example", encryption: {key_store: aws}}
  on-gcp: {context: g, server: "https://g.example", encryption: {key_store: gcp}}
"""


@pytest.mark.parametrize(
    ("kind", "resource", "name"),
    [
        (
            "aws.secrets_manager.secret",
            "aws:secretsmanager/secret:Secret",
            "prod-aws-platform.cluster-on-aws",
        ),
        ("gcp.secret_manager.secret", "gcp:secretmanager/secret:Secret", "prod-gcp-platform.cluster-on-gcp"),
    ],
)
def test_the_container_is_deployed_protected_and_without_a_value(
    tmp_path: Path, kind: str, resource: str, name: str
) -> None:
    plan = ProjectFolder(tmp_path).append(PROD, STORES).plan("prod").cut("platform")
    kept = tuple(r for r in plan.records if r.kind == kind)
    whole = type(plan)(plan.environment, plan.slice, kept)
    (holding,) = planned(whole).values()
    assert holding.protected
    assert (holding.team, holding.loc) == ("", ("clusters",))  # the environment file declares it, no catalog
    recording = record(lambda: deploy(whole, Stage(secret=lambda *_: None)))
    (secret,) = recording.of(resource)
    assert (secret.name, secret.protect, secret.secrets) == (name, True, frozenset())
    assert "Version" not in "".join(leaf.type for leaf in recording.leaves)
