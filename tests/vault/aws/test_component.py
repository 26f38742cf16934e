"""The AWS engine: a first key that is rotated away, settings that never touch it, and roles."""

import json
from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.aws.component import VaultAwsEngine, deploy
from strongroom.vault.aws.plan import AwsCredentialRole, AwsMount, AwsStaticRole
from strongroom.vault.aws.roles import VaultAwsRoles
from support.mocks import Recording, record

CANARY = "canary-of-the-first-key"
KEY = {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": CANARY}
NOTHING = dict.fromkeys(["role_arn", "identity_token_audience", "iam_endpoint", "sts_endpoint", "sts_region"], "")
"""What is sent of settings that nobody made, so that one that is taken out of a file is taken back."""
MOUNT = AwsMount(
    slice="platform",
    mount="aws-prod",
    region="eu-central-1",
    iam_endpoint=None,
    sts_endpoint=None,
    sts_region=None,
    username_template=None,
    first_key_from=(("pulumi_config", "aws-id"), ("environment_variable", "AWS_ENGINE_SECRET")),
    role_arn=None,
    identity_token_audience=None,
    identity_token_ttl_seconds=None,
    default_lease_ttl_seconds=60,
    max_lease_ttl_seconds=120,
    protect=True,
)
ROLE = AwsCredentialRole(
    slice="payments",
    mount="aws-prod",
    name="payments.reports",
    credential_type="assumed_role",
    role_arns=("arn:aws:iam::111122223333:role/reports",),
    session_tags=(("team", "payments"),),
    default_sts_ttl_seconds=900,
    max_sts_ttl_seconds=3600,
)


def _engine(**changes: Any) -> Recording:
    args: Any = {"mount": "aws-prod", "region": "eu-central-1", "first_key": KEY, **changes}
    return record(lambda: VaultAwsEngine("aws", args))


def _deployed(values: dict[tuple[str, str], str], mount: AwsMount = MOUNT) -> Recording:
    def secret(kind: str, name: str) -> pulumi.Output[str] | None:
        value = values.get((kind, name))
        return pulumi.Output.secret(value) if value else None

    return record(lambda: deploy(Plan("prod", "all", (mount, ROLE)), Stage(secret=secret)))


def test_the_first_key_goes_to_the_server_as_a_secret_and_is_rotated_away_after_all_else() -> None:
    made = _engine()
    key = made.named("aws-first-key")
    assert key.inputs["path"] == "aws-prod/config/root"
    assert json.loads(key.inputs["dataJson"]) == KEY
    assert key.secrets == {"dataJson"}
    rotation = made.named("aws-rotation")
    assert rotation.inputs == {
        "path": "aws-prod/config/rotate-root", "dataJson": "{}", "disableRead": True, "disableDelete": True,
    }  # fmt: skip
    assert made.waits_for("aws-rotation") >= {"aws-mount", "aws-first-key", "aws-settings"}


def test_another_first_key_is_given_anew_with_the_settings_that_giving_resets_and_a_rotation() -> None:
    made = _engine()
    assert 'replaceOnChanges: "dataJson"' in made.named("aws-first-key").request
    assert made.named("aws-first-key").ignore_changes == ()
    assert made.named("aws-settings").replace_with == ("aws-first-key",)
    assert made.named("aws-rotation").replace_with == ("aws-first-key",)


def test_a_key_that_is_no_longer_known_is_ignored_and_not_forgotten() -> None:
    assert _engine(first_key={}).named("aws-first-key").ignore_changes == ("dataJson",)


def test_settings_hold_no_key_so_that_a_change_of_them_leaves_it_alone() -> None:
    settings = _engine(username_template="{{random 20}}", iam_endpoint="https://iam").named("aws-settings")
    assert json.loads(settings.inputs["dataJson"]) == NOTHING | {
        "region": "eu-central-1", "username_template": "{{random 20}}", "iam_endpoint": "https://iam",
    }  # fmt: skip
    assert settings.inputs["ignoreAbsentFields"] is True
    assert "disableRead" not in settings.inputs  # what somebody changes by hand is seen


def test_a_server_without_a_key_is_told_that_it_has_none() -> None:
    made = record(lambda: VaultAwsEngine("aws", {"mount": "aws-prod", "region": "eu-central-1"}))
    assert {leaf.name for leaf in made.leaves} == {"aws-mount", "aws-settings"}
    assert json.loads(made.named("aws-settings").inputs["dataJson"]) == NOTHING | {
        "region": "eu-central-1", "access_key": "", "secret_key": "",
    }  # fmt: skip


def test_a_key_and_a_role_of_the_servers_own_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="by first_key or by role_arn, not by both"):
        _engine(role_arn="arn:aws:iam::111122223333:role/vault")


def test_the_mount_alone_is_protected_unless_that_is_not_wanted_and_all_goes_with_it() -> None:
    assert {leaf.name for leaf in _engine().leaves if leaf.protect} == {"aws-mount"}
    assert not [leaf for leaf in _engine(protect_data=False).leaves if leaf.protect]
    assert {leaf.name: leaf.deleted_with for leaf in _engine().leaves} == {
        "aws-mount": "",
        "aws-first-key": "aws-mount",
        "aws-settings": "aws-mount",
        "aws-rotation": "aws-first-key",
    }


def test_lifetimes_of_users_are_those_of_the_mount() -> None:
    mount = _deployed({}).named("aws-prod-mount").inputs
    assert (mount["type"], mount["defaultLeaseTtlSeconds"], mount["maxLeaseTtlSeconds"]) == ("aws", 60, 120)


def test_both_halves_come_from_their_references_and_neither_is_needed_later() -> None:
    both = {("pulumi_config", "aws-id"): "AKIA", ("environment_variable", "AWS_ENGINE_SECRET"): CANARY}
    key = _deployed(both).named("aws-prod-first-key")
    assert json.loads(key.inputs["dataJson"]) == {"access_key": "AKIA", "secret_key": CANARY}
    assert _deployed({}).named("aws-prod-first-key").ignore_changes == ("dataJson",)


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (("pulumi_config", "aws-id"), "the variable AWS_ENGINE_SECRET, or neither"),
        (("environment_variable", "AWS_ENGINE_SECRET"), "`pulumi config set --secret strongroom:aws-id`, or neither"),
    ],
)
def test_one_half_alone_is_refused_without_showing_it(given: tuple[str, str], remedy: str) -> None:
    with pytest.raises(ValueError, match="only one half") as refused:
        _deployed({given: CANARY})
    assert remedy in str(refused.value)
    assert CANARY not in str(refused.value)


def test_a_role_says_what_is_declared_and_nothing_else_and_waits_for_the_engines_settings() -> None:
    made = _deployed({})
    role = made.named("aws-prod-roles-payments.reports")
    assert role.inputs == {
        "name": "payments.reports",
        "backend": "aws-prod",
        "credentialType": "assumed_role",
        "roleArns": ["arn:aws:iam::111122223333:role/reports"],
        "sessionTags": {"team": "payments"},
        "defaultStsTtl": 900,
        "maxStsTtl": 3600,
    }
    assert "aws-prod-settings" in made.waits_for(role.name)
    assert role.deleted_with == "aws-prod-mount"


def test_a_static_role_names_its_user_and_goes_with_the_mount() -> None:
    static = AwsStaticRole(
        slice="payments",
        mount="aws-prod",
        name="payments.backup",
        username="legacy-backup",
        rotation_period_seconds=3600,
    )
    made = record(lambda: deploy(Plan("prod", "all", (MOUNT, static)), Stage(secret=lambda _kind, _name: None)))
    role = made.named("aws-prod-roles-payments.backup-static")
    assert role.type == "vault:aws/secretBackendStaticRole:SecretBackendStaticRole"
    assert role.inputs == {
        "name": "payments.backup",
        "backend": "aws-prod",
        "username": "legacy-backup",
        "rotationPeriod": 3600,
    }
    assert role.deleted_with == "aws-prod-mount"


@pytest.mark.parametrize("boundary", [{}, {"permissions_boundary_arn": ""}])
def test_users_without_a_boundary_are_refused(boundary: dict[str, str]) -> None:
    roles: Any = {"mount": "m", "roles": {"r": {"credential_type": "iam_user", "iam_groups": ["g"], **boundary}}}
    with pytest.raises(ValueError, match="r: role r makes IAM users without a permissions boundary"):
        record(lambda: VaultAwsRoles("r", roles))
