"""AWS auth: how the server asks AWS, with a key that nobody else knows or with none, and roles of one principal."""

import json
from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.auth.aws.component import VaultAwsAuth, VaultAwsAuthRoles, deploy_methods
from strongroom.vault.auth.aws.plan import AwsAuthMethod
from support.mocks import Recording, record

CANARY = "canary-of-the-first-key"
KEY = {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": CANARY}
ROLE = {
    "principal_arn": "arn:aws:iam::111122223333:role/checkout",
    "policies": ["prod.payments.checkout"],
    "token_ttl_seconds": 3600,
    "token_max_ttl_seconds": 14400,
}
ARGS = {
    "mount": "cloud-prod",
    "iam_server_id_header_value": "vault.acme.example/prod",
    "sts_endpoint": "https://sts.example",
    "sts_region": "eu-central-1",
}


def _method(**changes: Any) -> Recording:
    args: Any = {**ARGS, **changes}
    return record(lambda: VaultAwsAuth("auth", args))


def test_the_method_demands_its_header_and_asks_the_sts_that_it_was_told() -> None:
    client = _method().named("auth-client")
    assert client.type == "vault:aws/authBackendClient:AuthBackendClient"
    assert client.inputs == {
        "backend": "cloud-prod",
        "iamServerIdHeaderValue": "vault.acme.example/prod",
        "stsEndpoint": "https://sts.example",
        "stsRegion": "eu-central-1",
    }


def test_principals_are_known_by_their_arns() -> None:
    assert _method().named("auth-identity").inputs == {"backend": "cloud-prod", "iamAlias": "canonical_arn"}


def test_without_a_key_one_that_somebody_gave_by_hand_is_a_difference() -> None:
    made = _method()
    assert {leaf.name for leaf in made.leaves} == {"auth-method", "auth-client", "auth-identity"}
    assert made.named("auth-client").ignore_changes == ()


def test_a_first_key_is_a_secret_given_after_the_settings_and_rotated_away() -> None:
    made = _method(first_key=KEY)
    key, rotation = made.named("auth-first-key"), made.named("auth-rotation")
    assert key.inputs["path"] == "auth/cloud-prod/config/client"
    assert json.loads(key.inputs["dataJson"]) == KEY
    assert key.secrets == {"dataJson"}
    assert rotation.inputs["path"] == "auth/cloud-prod/config/rotate-root"
    assert rotation.replace_with == ("auth-first-key",)
    assert made.waits_for("auth-rotation") >= {"auth-method", "auth-client", "auth-first-key"}
    # The id of the key that the server made is the server's affair.
    assert made.named("auth-client").ignore_changes == ("accessKey",)


def test_a_key_that_is_no_longer_known_is_ignored_and_not_forgotten() -> None:
    assert _method(first_key={}).named("auth-first-key").ignore_changes == ("dataJson",)


def test_a_key_and_a_role_of_the_servers_own_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="by first_key or by role_arn, not by both"):
        _method(first_key=KEY, role_arn="arn:aws:iam::111122223333:role/vault")


@pytest.mark.parametrize("protect", [True, False])
def test_the_method_is_protected_as_told_and_all_goes_with_it(protect: bool) -> None:
    made = _method(first_key=KEY, protect_data=protect)
    assert [leaf.name for leaf in made.leaves if leaf.protect] == (["auth-method"] if protect else [])
    assert {leaf.deleted_with for leaf in made.leaves} == {"", "auth-method", "auth-first-key"}


def test_a_role_binds_one_principal_and_takes_no_default_policy() -> None:
    roles: Any = {"mount": "m", "roles": {"payments.checkout": ROLE}}
    role = record(lambda: VaultAwsAuthRoles("r", roles)).named("r-payments.checkout")
    assert role.type == "vault:aws/authBackendRole:AuthBackendRole"
    assert role.inputs == {
        "backend": "m",
        "role": "payments.checkout",
        "authType": "iam",
        "boundIamPrincipalArns": ["arn:aws:iam::111122223333:role/checkout"],
        "resolveAwsUniqueIds": True,
        "tokenPolicies": ["prod.payments.checkout"],
        "tokenNoDefaultPolicy": True,
        "tokenTtl": 3600,
        "tokenMaxTtl": 14400,
    }


def test_a_role_that_is_bound_to_a_pattern_is_refused() -> None:
    roles: Any = {"mount": "m", "roles": {"r": ROLE | {"principal_arn": "arn:aws:iam::111122223333:role/*"}}}
    with pytest.raises(ValueError, match=r"r: role r is bound to the pattern 'arn:aws:iam::111122223333:role/\*'"):
        record(lambda: VaultAwsAuthRoles("r", roles))


def test_roles_wait_until_the_server_can_ask_iam() -> None:
    def program() -> None:
        args: Any = {**ARGS, "first_key": KEY}
        method = VaultAwsAuth("auth", args)
        roles: Any = {"mount": method.mount, "roles": {"r": ROLE}}
        VaultAwsAuthRoles("roles", roles)

    assert "auth-rotation" in record(program).waits_for("roles-r")


def test_a_planned_method_takes_its_key_from_its_references() -> None:
    method = AwsAuthMethod(
        slice="platform",
        mount="cloud-prod",
        iam_server_id_header_value="h",
        sts_endpoint="https://sts.example",
        sts_region="eu-central-1",
        iam_endpoint="https://iam.example",
        first_key_from=(("pulumi_config", "aws-id"), ("pulumi_config", "aws-secret")),
        role_arn=None,
        identity_token_audience=None,
        identity_token_ttl_seconds=None,
        protect=False,
    )
    values = {"aws-id": "AKIA", "aws-secret": CANARY}
    stage = Stage(secret=lambda _kind, name: pulumi.Output.secret(values[name]))
    made = record(lambda: deploy_methods(Plan("prod", "all", (method,)), stage))
    assert json.loads(made.named("auth-cloud-prod-first-key").inputs["dataJson"]) == {
        "access_key": "AKIA", "secret_key": CANARY,
    }  # fmt: skip
    assert made.named("auth-cloud-prod-client").inputs["iamEndpoint"] == "https://iam.example"
