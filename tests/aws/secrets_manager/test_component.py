"""Secrets of AWS Secrets Manager: containers that are protected, and no value anywhere near them."""

from dataclasses import replace

import pytest

from strongroom.aws.place import AwsPlace
from strongroom.aws.secrets_manager.component import AwsSecretArgs, AwsSecrets, deploy
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from support.mocks import Recorded, Recording, record

FRANKFURT = AwsPlace(account="111122223333", region="eu-central-1", partition="aws")
SECRET = AwsSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="aws",
    path="prod/payments/stripe",
    fields=("api_key",),
    rotate_every_seconds=None,
    description="keys of the payment service",
    place=FRANKFURT,
    kms_key="alias/prod/secrets",
    replicas=("eu-west-1",),
    recovery_window_days=14,
    protect=True,
)


def _secret(args: AwsSecretArgs, protect: bool = True) -> Recorded:
    made = record(lambda: AwsSecrets("it", {"secrets": {"payments.stripe": args}, "protect_data": protect}))
    return made.named("it-payments.stripe")


def _deployed(*records: AwsSecret) -> Recording:
    return record(lambda: deploy(Plan("prod", "all", records), Stage(secret=lambda *_: None)))


def test_a_secret_without_settings_is_protected_and_can_be_restored_for_a_month() -> None:
    secret = _secret({"name": "prod/payments/stripe"})
    assert secret.type == "aws:secretsmanager/secret:Secret"
    assert secret.parent == "it"
    assert secret.protect
    assert secret.inputs == {"name": "prod/payments/stripe", "recoveryWindowInDays": 30}


def test_protection_can_be_left_out() -> None:
    assert not _secret({"name": "dev/payments/stripe"}, protect=False).protect


def test_an_empty_list_of_replicas_is_none_at_all() -> None:
    assert "replicas" not in _secret({"name": "n", "replicas": []}).inputs


def test_a_record_becomes_a_secret_with_key_replicas_window_and_whose_it_is() -> None:
    made = _deployed(SECRET)
    assert made.named("prod-aws-payments.stripe").inputs == {
        "name": "prod/payments/stripe",
        "description": "keys of the payment service",
        "kmsKeyId": "alias/prod/secrets",
        "replicas": [{"region": "eu-west-1", "kmsKeyId": "alias/prod/secrets"}],
        "recoveryWindowInDays": 14,
        "tags": {
            "strongroom:environment": "prod",
            "strongroom:team": "payments",
            "strongroom:item": "stripe",
        },
    }


def test_no_version_of_a_secret_is_a_resource() -> None:
    types = {leaf.type for leaf in _deployed(SECRET).leaves}
    assert not [name for name in types if "Version" in name]


def test_the_provider_takes_no_other_account_and_no_credentials() -> None:
    made = _deployed(SECRET)
    provider = made.named("aws-111122223333-eu-central-1")
    assert provider.inputs == {
        "region": "eu-central-1",
        "allowedAccountIds": '["111122223333"]',
        # The SDK's own defaults.
        "skipCredentialsValidation": "false",
        "skipRegionValidation": "true",
    }
    assert made.named("prod-aws-payments.stripe").provider == "aws-111122223333-eu-central-1"


def test_secrets_of_one_place_share_their_provider() -> None:
    made = _deployed(SECRET, replace(SECRET, store="other", name="adyen"))
    assert len(made.of("pulumi:providers:aws")) == 1
    assert {component.name for component in made.components} == {"prod-aws", "prod-other"}


def test_the_program_deploys_only_what_the_slice_has() -> None:
    whole = Plan("prod", "all", (SECRET,))
    made = record(lambda: deploy(whole.cut("identity"), Stage(secret=lambda *_: None)))
    assert not made.leaves


@pytest.mark.parametrize("preview", [False, True])
def test_a_preview_registers_the_same_requests(preview: bool) -> None:
    made = record(lambda: deploy(Plan("prod", "all", (SECRET,)), Stage(secret=lambda *_: None)), preview=preview)
    assert made.named("prod-aws-payments.stripe").inputs["name"] == "prod/payments/stripe"
