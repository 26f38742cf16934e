"""The page about encryption at rest: its example is what it says."""

from pathlib import Path

from strongroom.kubernetes.encryption.plan import DeliveredConfiguration, EncryptionAtRest, ManagedEncryption
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.policy.plan import Policy
from support.docs import example

PAGE = "kubernetes/encryption.md"


def test_the_example_has_no_problem_and_makes_what_the_page_names(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert {record.key: record.provider for record in plan.of(EncryptionAtRest)} == {
        "hub": "kms",
        "prod-eu": "secretbox",
        "tenant-a": "secretbox",
    }
    (delivered,) = plan.of(DeliveredConfiguration)
    assert (delivered.cluster, delivered.place.cluster) == ("tenant-a", "hub")
    (managed,) = plan.of(ManagedEncryption)
    assert managed.by_whom == "EKS encrypts all of etcd by KMS version 2, with the key that is named"


def test_the_policies_of_the_page_reach_the_keys_and_nothing_else(tmp_path: Path) -> None:
    plan = example(PAGE, tmp_path).plan("prod")
    (secret,) = (s for s in plan.of(KvSecret) if s.name == "cluster-prod-eu")
    by_hand = [policy for policy in plan.of(Policy) if "encryption" in policy.name]
    assert len(by_hand) == 2
    for policy in by_hand:
        assert {rule.path for rule in policy.rules} == {
            f"{secret.mount}/{part}/{secret.path}" for part in ("data", "metadata")
        }
