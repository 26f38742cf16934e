"""What people write about encryption at rest, what follows from it, and what is refused."""

from pathlib import Path
from typing import Final

import pytest
from pydantic import ValidationError

from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.errors import WrongInputError
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.kubernetes.encryption.bootstrap import advised
from strongroom.kubernetes.encryption.managed import (
    AksEncryption,
    EksEncryption,
    GkeEncryption,
    aks_security_profile,
    eks_encryption_config,
    gke_database_encryption,
)
from strongroom.kubernetes.encryption.plan import (
    DeliveredConfiguration,
    EncryptionAtRest,
    ManagedEncryption,
    encryption_of,
)
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.plan.stored import StoredSecret
from strongroom.values.channel import declared, find, generated
from strongroom.vault.kv.plan import KvSecret
from support.projects import DEV, PROD, ProjectFolder

KMS: Final = {"name": "vault", "endpoint": "unix:///run/kms.sock"}
EKS_KEY: Final = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MRK: Final = "arn:aws:kms:eu-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef"
GKE_KEY: Final = "projects/acme-keys/locations/europe-west3/keyRings/gke/cryptoKeys/main"
AKS_KEY: Final = "https://acme-keys.vault.azure.net/keys/aks/0123456789abcdef0123456789abcdef"
AKS_VAULT: Final = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/keys"
    "/providers/Microsoft.KeyVault/vaults/acme-keys"
)
STORES: Final = """\
aws: {account: "111122223333", region: eu-west-1}
gcp: {project: acme-prod, project_number: "123456789012", operators: ["group:secrets@acme.example"]}
azure:
  tenant: 00000000-0000-0000-0000-000000000001
  subscription: 00000000-0000-0000-0000-000000000002
  resource_group: prod
  location: westeurope
"""


def _cluster(name: str, encryption: str, more: str = "") -> str:
    return f"  {name}: {{context: {name}, server: 'https://{name}.example', {more}encryption: {encryption}}}\n"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path)


def _prod(project: ProjectFolder, *clusters: str) -> ProjectFolder:
    return project.append(PROD, "clusters:\n" + "".join(clusters))


def test_by_default_secrets_and_nothing_less_are_encrypted_by_secretbox(project: ProjectFolder) -> None:
    plan = _prod(project, _cluster("eu", "{key_store: kv}")).plan("prod")
    (record,) = plan.of(EncryptionAtRest)
    assert (record.provider, record.resources, record.plaintext) == ("secretbox", ("secrets",), ())
    assert (record.key_store, record.rotate_every_seconds) == ("kv", 90 * 86400)
    found, secret = encryption_of(plan, "eu")
    assert found is record
    assert isinstance(secret, KvSecret)
    assert (secret.mount, secret.path, secret.slice) == ("kv-prod", "platform/cluster-eu/encryption", "platform")


def test_where_a_plugin_is_given_it_writes() -> None:
    spec = Encryption.model_validate({"key_store": "kv", "kms": KMS, "kms_before": [{**KMS, "name": "old"}]})
    assert spec.writes == "kms"
    assert [plugin.name for plugin in spec.plugins] == ["vault", "old"]


def test_a_weak_provider_is_made_and_told_of(project: ProjectFolder) -> None:
    plan = _prod(project, _cluster("a", "{key_store: kv, provider: aesgcm}"), _cluster("b", "{key_store: kv}")).plan(
        "prod"
    )
    weak, strong = plan.of(EncryptionAtRest)
    assert ["200,000 writes" in line for line in advised(weak)] == [True]
    assert list(advised(strong)) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "no `key_store` is named"),
        ({"key_store": "kv", "provider": "kms"}, "`provider: kms` without `kms`"),
        ({"key_store": "kv", "provider": "secretbox", "kms": KMS}, "`kms` is given, and secretbox writes"),
        ({"key_store": "kv", "provider": "identity"}, "`reason` and `provider: identity` go together"),
        ({"key_store": "kv", "reason": "because nobody minds"}, "`reason` and `provider: identity` go together"),
        ({"key_store": "kv", "resources": ["configmaps"]}, "Secrets would not be encrypted"),
        ({"key_store": "kv", "resources": ["*.*"], "plaintext": ["secrets"]}, "Secrets would be kept in plain text"),
        ({"key_store": "kv", "resources": ["secrets", "*."]}, "overlap in group 1"),
        ({"key_store": "kv", "resources": ["secrets"], "plaintext": ["secrets."]}, "ends in a dot"),
        ({"key_store": "kv", "kms": {**KMS, "endpoint": "tcp://kms"}}, "the endpoint is a socket"),
        ({"key_store": "kv", "kms": {**KMS, "name": "a:b"}}, "':' at character 2"),
        ({"key_store": "kv", "kms": KMS, "kms_before": [KMS]}, "kms:vault is named 2 times"),
        ({"key_store": "kv", "rotate_every": "1h"}, "greater than or equal to 86400"),
        ({"managed": {"eks": {}}, "key_store": "kv"}, "`key_store` cannot be said of a managed cluster"),
        ({"managed": {"eks": {"kms_key": "alias/main"}}}, "the ARN of a symmetric key"),
        ({"managed": {"aks": {"key_id": "https://a.vault.azure.net/keys/b"}}}, "with its version"),
        ({"managed": {"aks": {"network_access": "private"}}}, "go together"),
    ],
)
def test_what_cannot_work_is_refused(written: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Encryption.model_validate(written)
    assert said in str(caught.value)


def test_a_plan_holds_no_key_and_no_ring(project: ProjectFolder) -> None:
    text = _prod(project, _cluster("eu", "{key_store: kv}")).plan("prod").as_json()
    assert "key-1" not in text
    assert '"ring"' in text  # the name of a field


def test_the_values_channel_leaves_the_keys_alone(project: ProjectFolder) -> None:
    plan = _prod(project, _cluster("eu", "{key_store: kv}")).plan("prod")
    assert "platform" in {secret.team for secret in plan.of(StoredSecret)}
    assert "platform" not in {secret.team for secret in (*declared(plan), *generated(plan))}
    with pytest.raises(WrongInputError, match="no secret 'platform/cluster-eu'"):
        find(plan, "platform/cluster-eu")


def test_each_kind_of_store_has_the_secret_as_it_has_others(project: ProjectFolder) -> None:
    stores = (
        "  aws: {aws_secrets_manager: {kms_key: main}}\n  gcp: {gcp_secret_manager: {expire_after: 30d}}\n"
        "  azure: {azure_key_vault: {vault: acme-prod}}\n"
    )
    project.append(PROD, f"stores:\n{stores}{STORES}".replace("west-1}", "west-1, keys: {main: {}}}"))
    clusters = (_cluster(f"on-{store}", f"{{key_store: {store}}}") for store in ("aws", "gcp", "azure"))
    plan = _prod(project, *clusters).plan("prod")
    (aws,), (gcp,), (azure,) = (
        [s for s in plan.of(kind) if s.team == "platform"] for kind in (AwsSecret, GcpSecret, AzureSecret)
    )
    assert (aws.path, aws.kms_key) == ("prod/platform/cluster-on-aws/encryption", "alias/prod/main")
    assert (gcp.path, gcp.ttl_seconds) == ("prod--platform--cluster-on-gcp--encryption", None)
    assert [binding.members for binding in gcp.access] == [("group:secrets@acme.example",)] * 2
    assert (azure.path, azure.expires_after_days) == ("platform--cluster-on-azure--encryption", None)


@pytest.mark.parametrize(
    ("encryption", "said"),
    [
        ("{key_store: archiv}", "there is no store 'archiv'; did you mean 'archive'?"),
        ("{key_store: old}", "store 'old' (vault_kv_v1) cannot keep a ring and its keys"),
        ("{key_store: fleeting}", "deletes versions after a time"),
        (
            "{key_store: kv, deliver: {cluster: ue, namespace: a, kubernetes_secret: b, secret_store: c}}",
            "no cluster 'ue'",
        ),
        (
            "{key_store: kv, deliver: {cluster: eu, namespace: a, kubernetes_secret: b, secret_store: c}}",
            "cluster itself",
        ),
        (
            f"{{managed: {{eks: {{kms_key: '{EKS_KEY.replace('west', 'north')}'}}}}}}",
            "the environment in 111122223333/eu",
        ),
    ],
)
def test_references_have_to_mean_something(project: ProjectFolder, encryption: str, said: str) -> None:
    project.append(
        PROD,
        f"{STORES}stores:\n  old: {{vault_kv_v1: {{}}}}\n  fleeting: {{vault_kv: {{delete_version_after: 90d}}}}\n",
    )
    (problem,) = _prod(project, _cluster("eu", encryption)).problems()
    assert said in problem
    assert problem.startswith(f"{PROD}:")


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("platform/cluster-eu/encryption", True),
        # Declared before the cluster is, it would be found by `init`, with keys that the team knows.
        ("platform/cluster-later/encryption", True),
        ("platform/cluster-eu/encryption/more", False),
        ("platform/cluster-eu", False),
    ],
)
def test_no_secret_of_a_team_has_the_path_of_keys(project: ProjectFolder, path: str, *, refused: bool) -> None:
    _prod(project, _cluster("eu", "{key_store: kv}"))
    project.replace("catalog/identity.yaml", "fields: [key]", f"fields: [key]\n    path: {path}")
    problems = project.problems()
    assert [f"'{path}' keeps the encryption keys of a cluster" in problem for problem in problems] == [True] * refused


def test_no_secret_in_another_store_has_the_name_of_keys(project: ProjectFolder) -> None:
    """In one account, what one store puts in front another one leaves to the path."""
    project.append(
        PROD, f"{STORES}stores:\n  a: {{aws_secrets_manager: {{}}}}\n  b: {{aws_secrets_manager: {{prefix: ''}}}}\n"
    )
    _prod(project, _cluster("eu", "{key_store: a}"))
    added = "fields: [key]\n    store: b\n    path: prod/platform/cluster-eu/encryption"
    project.replace("catalog/identity.yaml", "fields: [key]", added)
    said = "'prod/platform/cluster-eu/encryption' keeps the encryption keys of a cluster"
    assert [problem for problem in project.problems() if said in problem]


def test_a_cluster_called_like_an_environment_is_no_part_of_a_name(project: ProjectFolder) -> None:
    project.append(PROD, f"{STORES}stores: {{aws: {{aws_secrets_manager: {{}}}}}}\n")
    assert _prod(project, _cluster("dev", "{key_store: aws}")).problems() == []


@pytest.mark.parametrize("dev", ["{key_store: kv}", f"{{managed: {{eks: {{kms_key: '{EKS_KEY}'}}}}}}"])
def test_no_two_environments_encrypt_one_cluster_or_with_one_key(project: ProjectFolder, dev: str) -> None:
    managed = "managed" in dev
    _prod(project, _cluster("eu", dev))
    other = _cluster("us" if managed else "eu", dev)
    project.append(DEV, "clusters:\n" + other)
    problems = [problem for problem in project.problems() if "namespace" not in problem]  # they share those too
    what = (
        f"the key {EKS_KEY} is that of cluster" if managed else "the API server https://eu.example is that of cluster"
    )
    assert [what in problem for problem in problems] == [True, True]
    assert [problem.partition(":")[0] for problem in problems] == [DEV, PROD]


def test_a_managed_cluster_has_a_record_of_who_encrypts_and_nothing_to_rotate(project: ProjectFolder) -> None:
    plan = _prod(
        project,
        _cluster("a-eks", "{managed: {eks: {}}}"),
        _cluster("b-gke", "{managed: {gke: {}}}"),
        _cluster("c-aks", f"{{managed: {{aks: {{key_id: '{AKS_KEY}'}}}}}}"),
    ).plan("prod")
    eks, gke, aks = plan.of(ManagedEncryption)
    assert eks.by_whom == "EKS encrypts all of etcd by KMS version 2, with a key of AWS's own"
    assert gke.by_whom == "GKE encrypts the disks of etcd; a Secret in it is not encrypted by itself"
    assert (aks.by_whom, aks.kms_key) == ("AKS encrypts Secrets in etcd with the key that is named", AKS_KEY)
    assert not plan.of(EncryptionAtRest)
    with pytest.raises(WrongInputError, match=r"a-eks is a managed cluster .*There is no file and no key of it here"):
        encryption_of(plan, "a-eks")
    with pytest.raises(WrongInputError, match="there is no cluster 'd-eks' with `encryption`"):
        encryption_of(plan, "d-eks")


def test_the_arguments_of_managed_clusters_are_those_of_the_providers() -> None:
    import pulumi_aws as aws
    import pulumi_azure_native as azure
    import pulumi_gcp as gcp

    eks = eks_encryption_config(EksEncryption(kms_key=EKS_KEY))
    assert eks == {"provider": {"key_arn": EKS_KEY}, "resources": ["secrets"]}
    assert eks_encryption_config(EksEncryption()) is None
    aws.eks.ClusterEncryptionConfigArgs(
        provider=aws.eks.ClusterEncryptionConfigProviderArgs(**eks["provider"]), resources=eks["resources"]
    )
    gke = gke_database_encryption(GkeEncryption(key=GKE_KEY))
    assert gke == {"state": "ENCRYPTED", "key_name": GKE_KEY}
    assert gke_database_encryption(GkeEncryption()) == {"state": "DECRYPTED"}
    gcp.container.ClusterDatabaseEncryptionArgs(**gke)
    aks = aks_security_profile(AksEncryption(key_id=AKS_KEY, vault=AKS_VAULT, network_access="private"))
    assert aks["azure_key_vault_kms"] == {
        "enabled": True,
        "key_id": AKS_KEY,
        "key_vault_network_access": "Private",
        "key_vault_resource_id": AKS_VAULT,
    }
    assert aks_security_profile(AksEncryption()) == {"azure_key_vault_kms": {"enabled": False}}
    azure.containerservice.AzureKeyVaultKmsArgs(**aks["azure_key_vault_kms"])


def test_a_hosted_cluster_has_its_file_delivered_to_the_cluster_that_hosts_it(project: ProjectFolder) -> None:
    deliver = "{cluster: hub, namespace: tenants-a, kubernetes_secret: encryption, secret_store: keys}"
    _prod(project, _cluster("a", f"{{key_store: kv, resources: ['*.*'], plaintext: [events], deliver: {deliver}}}"))
    project.append(PROD, "  hub: {context: hub, server: 'https://hub.example', external_secrets: {}}\n")
    (record,) = project.plan("prod").of(DeliveredConfiguration)
    assert (record.place.cluster, record.namespace, record.api_version) == ("hub", "tenants-a", "v1")
    assert (record.resources, record.plaintext, record.refresh_seconds) == (("*.*",), ("events",), 300)
    assert record.remote_key == "platform/cluster-a/encryption"


HOSTED: Final = (
    "{key_store: kv, deliver: {cluster: hub, namespace: payments, kubernetes_secret: keys, secret_store: s}}"
)
HUB: Final = "  hub: {context: hub, server: 'https://hub.example', external_secrets: {}}\n"


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (
            "kubernetes_secret: keys",
            "Secret payments/keys of cluster hub is that with the encryption keys of cluster a",
        ),
        ("kubernetes_secret: mine, secret_store: s", "SecretStore payments/s of cluster hub is that which reads the"),
        ("kubernetes_secret: mine", ""),
    ],
)
def test_no_delivery_of_a_team_makes_what_keys_are_delivered_by(
    project: ProjectFolder, delivery: str, said: str
) -> None:
    _prod(project, _cluster("a", HOSTED), HUB)
    project.append(
        "catalog/payments.yaml",
        f"deliveries:\n  - {{workload: checkout, secret: stripe, environments: [prod], {delivery}}}\n",
    )
    about = [problem for problem in project.problems() if "of cluster hub is that" in problem]
    assert [said in problem for problem in about] == [True] * bool(said)


def test_no_two_clusters_have_their_file_in_one_secret(project: ProjectFolder) -> None:
    _prod(project, _cluster("a", HOSTED), _cluster("b", HOSTED), HUB)
    problems = [problem for problem in project.problems() if "payments/keys" in problem]
    assert len(problems) == 1
    assert "Secret payments/keys of cluster hub is that with the encryption keys of cluster a too" in problems[0]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        # Replicas of a multi-Region key are one key, and so are versions.
        (f"eks: {{kms_key: '{MRK}'}}", f"eks: {{kms_key: '{MRK.replace('west', 'central')}'}}"),
        (f"aks: {{key_id: '{AKS_KEY}'}}", f"aks: {{key_id: '{AKS_KEY.replace('0123', '4567')}'}}"),
        (f"gke: {{key: {GKE_KEY}}}", f"gke: {{key: {GKE_KEY}}}"),
    ],
)
def test_a_managed_key_is_the_same_in_whatever_region_or_version(
    project: ProjectFolder, mine: str, theirs: str
) -> None:
    _prod(project, _cluster("a", f"{{managed: {{{mine}}}}}"), _cluster("b", f"{{managed: {{{theirs}}}}}"))
    assert ["that of cluster" in problem for problem in project.problems()] == [True, True]


def test_no_api_server_is_one_of_two_clusters(project: ProjectFolder) -> None:
    """A rotation would take what the one has loaded for the other's."""
    servers = "{key_store: kv, api_servers: ['https://10.0.0.1:6443', 'https://%s:6443']}"
    _prod(project, _cluster("a", servers % "10.0.0.2"), _cluster("b", servers % "10.0.0.3"))
    problems = project.problems()
    assert ["the API server https://10.0.0.1:6443 is that of cluster" in problem for problem in problems] == [True] * 2
    assert all("encryption.api_servers" in problem for problem in problems)
