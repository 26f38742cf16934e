"""The public components: their names, how they are called, and what each one registers."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints, is_typeddict

import pulumi
import pulumi_aws
import pulumi_azure_native
import pulumi_gcp
import pulumi_kubernetes
import pulumi_vault
import pytest

from strongroom import exports
from support.mocks import Recording, record

ROLE = {"policies": ["p"], "token_ttl_seconds": 60, "token_max_ttl_seconds": 60}
ARGS: dict[str, dict[str, Any]] = {
    "AwsAccessAlerts": {"rules": {"r": {"name": "r", "pattern": "{}"}}},
    "AwsAuditTrail": {"name": "t", "bucket": "b", "bucket_policy": "{}"},
    "AwsKmsKey": {"alias": "alias/prod/main", "policy": "{}"},
    "AwsPlainParameters": {"parameters": {"p": {"name": "/prod/p", "value": "v"}}},
    "AwsPrincipalPolicies": {
        "policies": {"p": {"principal_arn": "arn:aws:iam::111122223333:role/r", "name": "n", "inline_policy": "{}"}}
    },
    "AwsRotationFunction": {"name": "rotate", "strategy": "mysql-single-user", "account": "111122223333"},
    "AwsSecretPolicies": {"policies": {"s": {"secret_arn": "arn:aws:secretsmanager:::secret:s", "policy": "{}"}}},
    "AwsSecretRotations": {"rotations": {"s": {"secret_id": "s", "automatically_after_days": 30}}},
    "AwsSecrets": {"secrets": {"s": {"name": "prod/payments/stripe"}}},
    "AwsWorkloadRoles": {"roles": {"r": {"name": "prod.payments.checkout", "trust_policy": "{}"}}},
    "AzureKeyVault": {"name": "v", "resource_group": "g", "location": "westeurope", "tenant_id": "t"},
    "AzureSecretAccess": {"assignments": {"a": {"scope": "/s", "role": "/r", "principal_id": "p"}}},
    "AzureSecretRotations": {
        "topic": "t",
        "resource_group": "g",
        "subscriptions": {"s": {"secret": "s", "function": "/f"}},
    },
    "AzureVaultEvents": {"topic": "t", "source": "/v", "resource_group": "g", "location": "westeurope"},
    "AzureVaultKeys": {
        "vault": "v",
        "resource_group": "g",
        "keys": {"k": {"type": "rsa-3072", "operations": ["sign", "verify"]}},
    },
    "AzureWorkloadIdentities": {
        "resource_group": "g",
        "location": "westeurope",
        "identities": {"i": {"c": {"issuer": "https://i/", "subject": "s"}}},
    },
    "ExternalSecretDeliveries": {
        "manifests": [
            {
                "apiVersion": "external-secrets.io/v1",
                "kind": "ExternalSecret",
                "metadata": {"name": "stripe", "namespace": "payments"},
                "spec": {},
            }
        ]
    },
    "ExternalSecretGenerators": {
        "manifests": [
            {
                "apiVersion": "generators.external-secrets.io/v1alpha1",
                "kind": "Password",
                "metadata": {"name": "session-key", "namespace": "payments"},
                "spec": {},
            }
        ]
    },
    "ExternalSecretPushes": {
        "manifests": [
            {
                "apiVersion": "external-secrets.io/v1alpha1",
                "kind": "PushSecret",
                "metadata": {"name": "signing", "namespace": "payments"},
                "spec": {"data": [{}]},
            }
        ]
    },
    "ExternalSecretStores": {
        "manifests": [
            {
                "apiVersion": "external-secrets.io/v1",
                "kind": "SecretStore",
                "metadata": {"name": "checkout-kv", "namespace": "payments"},
                "spec": {},
            }
        ]
    },
    "ExternalSecretsAccountTokens": {
        "operator_namespace": "external-secrets",
        "accounts": {"payments.checkout": {"namespace": "payments", "service_account": "checkout"}},
    },
    "ExternalSecretsForNamespaces": {
        "stores": [
            {
                "apiVersion": "external-secrets.io/v1",
                "kind": "ClusterSecretStore",
                "metadata": {"name": "registries"},
                "spec": {"conditions": [{"namespaces": ["payments"]}]},
            }
        ],
        "secrets": [],
    },
    "ExternalSecretsOperator": {"chart_version": "2.9.0"},
    "GcpAuditLogs": {"project": "acme-prod", "service": "secretmanager.googleapis.com", "log_types": ["DATA_READ"]},
    "GcpGithubPool": {"project": "acme-prod", "pool_id": "github-prod", "condition": "true"},
    "GcpKeys": {"project": "acme-prod", "location": "global", "key_ring": "r", "keys": {"k": {}}, "users": ["user:a"]},
    "GcpRoles": {"project": "acme-prod", "roles": {"r": {"role_id": "r", "title": "R", "permissions": ["p"]}}},
    "GcpRotationTopic": {
        "project": "acme-prod",
        "name": "t",
        "publisher": "user:p",
        "dead_letter_agent": "user:d",
        "subscriber": "user:s",
    },
    "GcpSecrets": {"project": "acme-prod", "secrets": {"s": {"secret_id": "prod--payments--stripe", "access": {}}}},
    "GcpServiceAgents": {"project": "acme-prod", "services": ["secretmanager.googleapis.com"]},
    "KubernetesEncryptionConfiguration": {
        "namespace": "n",
        "kubernetes_secret": "s",
        "secret_store": "k",
        "remote_key": "platform/cluster-a/encryption",
    },
    "KubernetesSecretAccess": {
        "roles": {
            "r": {
                "namespace": "n",
                "name": "r",
                "rules": [{"verbs": ["get"], "names": ["s"]}],
                "accounts": [{"namespace": "n", "name": "a"}],
            }
        }
    },
    "KubernetesSecrets": {
        "allow_values_in_state": "a test",
        "secrets": {"s": {"namespace": "n", "name": "s", "string_data": {"k": "v"}}},
    },
    "VaultAppRoleAuth": {"mount": "m"},
    "VaultAppRoles": {"mount": "m", "roles": {"r": ROLE}},
    "VaultAuditDevice": {"device": "file", "type": "file", "options": {}, "declared_by": "api"},
    "VaultAwsAuth": {
        "mount": "m",
        "iam_server_id_header_value": "h",
        "sts_endpoint": "https://sts",
        "sts_region": "eu-central-1",
        "first_key": {"access_key": "a", "secret_key": "s"},
    },
    "VaultAwsAuthRoles": {"mount": "m", "roles": {"r": {**ROLE, "principal_arn": "arn:aws:iam::111122223333:role/r"}}},
    "VaultAwsEngine": {
        "mount": "m",
        "region": "eu-central-1",
        "first_key": {"access_key": "a", "secret_key": "s"},
    },
    "VaultAwsRoles": {
        "mount": "m",
        "roles": {"r": {"credential_type": "assumed_role", "role_arns": ["arn:aws:iam::111122223333:role/r"]}},
    },
    "VaultCertAuth": {"mount": "m"},
    "VaultCertRoles": {"mount": "m", "roles": {"r": {**ROLE, "ca_pem": "CA", "dns_san": "a.example"}}},
    "VaultDatabaseEngine": {
        "mount": "m",
        "postgresql": {"c": {"connection_url": "postgresql://db/x", "username": "u", "allowed_roles": []}},
    },
    "VaultDatabaseRoles": {
        "mount": "m",
        "roles": {
            "r": {
                "connection": "c",
                "creation_statements": ["CREATE"],
                "revocation_statements": ["DROP"],
                "default_ttl_seconds": 60,
                "max_ttl_seconds": 60,
            }
        },
        "static_roles": {"s": {"connection": "c", "username": "u", "rotation_period_seconds": 60}},
    },
    "VaultJwtAuth": {"mount": "m", "issuer": "https://i", "oidc_discovery_url": "https://i"},
    "VaultJwtRoles": {"mount": "m", "roles": {"r": {**ROLE, "audiences": ["a"], "subject": "s"}}},
    "VaultKubernetesAuth": {"mount": "m", "kubernetes_host": "https://k"},
    "VaultKubernetesRoles": {
        "mount": "m",
        "roles": {"r": {**ROLE, "namespace": "n", "service_account": "s", "audience": "a"}},
    },
    "VaultKubernetesEngine": {"mount": "m", "kubernetes_host": "https://k"},
    "VaultKubernetesTokenRoles": {
        "mount": "m",
        "roles": {"r": {"namespaces": ["n"], "service_account": "s", "ttl_seconds": 60, "max_ttl_seconds": 60}},
    },
    "VaultKvEngine": {"mount": "m"},
    "VaultPasswordPolicies": {"policies": {"p": "length = 32"}},
    "VaultPkiAcme": {"mount": "m", "enabled": False},
    "VaultPkiAuthority": {"mount": "m", "common_name": "c", "ttl_seconds": 60},
    "VaultPkiRoles": {
        "mount": "m",
        "roles": {"r": {"allowed_domains": ["d.example"], "ttl_seconds": 60, "max_ttl_seconds": 60}},
    },
    "VaultKvV1Engine": {"mount": "m"},
    "VaultOidcAccess": {
        "mount": "m",
        "accessor": "a",
        "roles": {"r": {"redirect_uris": ["https://v/c"], "token_ttl_seconds": 60, "token_max_ttl_seconds": 60}},
    },
    "VaultOidcAuth": {
        "mount": "m",
        "oidc_discovery_url": "https://i",
        "client_id": "c",
        "client_secret": "s",
        "default_role": "r",
    },
    "VaultEntities": {"entities": {"e": {"aliases": {"a": {"accessor": "x", "name": "n"}}}}},
    "VaultExternalGroups": {"groups": {"g": {"accessor": "x", "group": "n", "policies": ["p"]}}},
    "VaultGroups": {"groups": {"g": {"policies": ["p"], "member_entity_ids": ["i"]}}},
    "VaultMfaEnforcements": {"enforcements": {"f": {"method_ids": ["i"], "auth_accessors": ["x"]}}},
    "VaultMfaMethods": {"methods": {"m": {"type": "totp", "settings": {"issuer": "i"}, "secrets": {}}}},
    "VaultTokenRoles": {"roles": {"r": {"allowed_policies": ["p"]}}},
    "VaultNamespace": {"name": "n"},
    "VaultQuotas": {"rate_limits": {"q": {"path": "m", "rate": 1.0}}},
    "VaultServerSettings": {"rate_limiting": {}},
    "VaultPolicies": {"policies": {"p": 'path "x" { capabilities = ["read"] }'}},
    "VaultSshEngine": {"mount": "m"},
    "VaultSshRoles": {"mount": "m", "roles": {"r": {"users": ["u"], "ttl_seconds": 60, "max_ttl_seconds": 60}}},
    "VaultTotpEngine": {"mount": "m"},
    "VaultTotpKeys": {"mount": "m", "keys": {"k": {"issuer": "i", "account": "a"}}},
    "VaultTransitEngine": {"mount": "m"},
    "VaultTransitKeys": {"mount": "m", "keys": {"k": {"type": "aes256-gcm96"}}},
    "VaultUserpassAuth": {"mount": "m", "token_ttl_seconds": 60, "token_max_ttl_seconds": 60},
    "VaultUserpassUsers": {"accessor": "a", "users": {"e": {"username": "u", "policies": ["p"]}}},
    "WorkloadServiceAccounts": {"accounts": [{"namespace": "payments", "name": "checkout", "annotations": {}}]},
}
"""The least that each component needs."""

PROVIDERS: dict[str, Callable[[], pulumi.ProviderResource]] = {
    "aws": lambda: pulumi_aws.Provider("elsewhere", region="eu-central-1"),
    "azure": lambda: pulumi_azure_native.Provider("elsewhere", subscription_id="s"),
    "external_secrets": lambda: pulumi_kubernetes.Provider("elsewhere", context="c"),
    "gcp": lambda: pulumi_gcp.Provider("elsewhere", project="acme-prod"),
    "kubernetes": lambda: pulumi_kubernetes.Provider("elsewhere", context="c"),
    "vault": lambda: pulumi_vault.Provider("elsewhere", address="https://vault.example"),
}
"""Room -> a provider of its system."""

EACH = pytest.mark.parametrize("component", exports.components(), ids=lambda component: component.__name__)


def _made(component: Any, opts: Any = lambda: None) -> Recording:
    return record(lambda: component("it", ARGS[component.__name__], opts()))


def test_the_public_names_are_these() -> None:
    assert sorted(exports.__all__) == exports.__all__ == sorted(ARGS)


@EACH
def test_a_component_takes_name_args_and_opts(component: Any) -> None:
    parameters = inspect.signature(component.__init__).parameters
    assert list(parameters) == ["self", "name", "args", "opts"]
    assert parameters["opts"].default is None
    hints = get_type_hints(component.__init__)
    assert is_typeddict(hints["args"])
    assert hints["args"].__name__ == f"{component.__name__}Args"
    assert hints["opts"] == pulumi.ResourceOptions | None


@EACH
def test_its_type_is_written_out_so_that_a_renamed_class_does_not_rename_resources(component: Any) -> None:
    token = f"strongroom:index:{component.__name__}"
    assert [resource.type for resource in _made(component).components] == [token]
    assert f'"{token}"' in inspect.getsource(component)


@EACH
def test_it_registers_exactly_the_outputs_that_it_declares(component: Any) -> None:
    assert _made(component).outputs["it"].keys() == component.__annotations__.keys()


@EACH
def test_all_its_resources_are_its_children_and_named_after_it(component: Any) -> None:
    leaves = _made(component).leaves
    assert leaves
    assert {leaf.parent for leaf in leaves} == {"it"}
    assert all(leaf.name.startswith("it-") for leaf in leaves)


@EACH
def test_its_resources_use_the_provider_that_it_is_given(component: Any) -> None:
    def opts() -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(provider=PROVIDERS[component.__module__.split(".")[1]]())

    leaves = [leaf for leaf in _made(component, opts).leaves if leaf.name != "elsewhere"]
    assert {leaf.provider for leaf in leaves} == {"elsewhere"}


@EACH
def test_options_go_to_the_component_and_not_to_its_resources(component: Any) -> None:
    made = _made(component, lambda: pulumi.ResourceOptions(ignore_changes=["mount"]))
    assert made.named("it").ignore_changes == ("mount",)
    assert not [leaf for leaf in made.leaves if "mount" in leaf.ignore_changes]


@EACH
def test_without_an_explicit_provider_the_default_one_is_left_to_the_engine(component: Any) -> None:
    assert {leaf.provider for leaf in _made(component).leaves} == {""}


@EACH
def test_every_argument_and_output_has_a_description(component: Any) -> None:
    # Pulumi's analyzer reads a string below a field as its description; they are what users of other languages see.
    hints = get_type_hints(component.__init__)
    for described in (component, hints["args"]):
        source = inspect.getsource(described)
        for field in described.__annotations__:
            assert f"    {field}: " in source
            line = source.split(f"    {field}: ", 1)[1].split("\n", 2)[1]
            assert line.strip().startswith('"""'), f"{described.__name__}.{field}"
