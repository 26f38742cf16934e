"""What the stand-in honours of a configuration, and what it refuses: other accounts, credentials, other machines."""

import json
import os
from pathlib import Path

import pytest

from strongroom_sandbox.servers.moto import ACCOUNT, Moto, credentials
from support.stand_in import Engine, Json, ProviderError, revealed, serving

from .conftest import BARE

SECRET = "aws:secretsmanager/secret:Secret"
ROLE = "aws:iam/role:Role"
WHO = "aws:index/getCallerIdentity:getCallerIdentity"


def attached(moto: Moto, **more: str) -> dict[str, str]:
    """The environment of a stand-in."""
    return BARE | moto.environment() | more


class TestAccounts:
    def test_the_allowed_account_is_asked_for_and_taken(self, engine: Engine) -> None:
        engine.configure({"region": "eu-central-1", "allowedAccountIds": json.dumps([ACCOUNT])})
        assert engine.invoke(WHO, {})["accountId"] == ACCOUNT

    @pytest.mark.parametrize(
        ("configuration", "why"),
        [
            ({"allowedAccountIds": '["999999999999"]'}, "allowed is 999999999999"),
            ({"forbiddenAccountIds": f'["{ACCOUNT}"]'}, f"forbidden is {ACCOUNT}"),
        ],
    )
    def test_with_credentials_of_another_account_nothing_is_made(
        self, moto: Moto, configuration: Json, why: str
    ) -> None:
        refused = f"belong to account {ACCOUNT} .*{why}.*nothing was made"
        with serving(moto.credentials_file, attached(moto), "aws") as engine:
            with pytest.raises(ProviderError, match=refused):
                engine.configure({"region": "eu-central-1", **configuration})
            with pytest.raises(ProviderError, match="not connected yet"):
                engine.made(SECRET, {"name": "config/never"})
        assert "config/never" not in str(moto.client("secretsmanager").list_secrets())


class TestRefusals:
    @pytest.mark.parametrize("name", ["accessKey", "secretKey", "token"])
    def test_credentials_in_the_configuration(self, engine: Engine, name: str) -> None:
        failures = engine.check_config({name: "hunter2"})
        assert "would end in the state" in failures[name]
        assert "hunter2" not in str(failures)

    def test_what_only_the_official_provider_honours(self, engine: Engine) -> None:
        failures = engine.check_config({"profile": "admin", "assumeRoles": "[]", "httpProxy": "http://x"})
        assert failures.keys() == {"profile", "assumeRoles", "httpProxy"}

    def test_an_unknown_setting(self, engine: Engine) -> None:
        assert "did you mean 'region'?" in engine.check_config({"regoin": "eu-central-1"})["regoin"]

    def test_an_address_of_another_machine(self, engine: Engine, moto: Moto) -> None:
        beyond = json.dumps([{"kms": "https://kms.eu-central-1.amazonaws.com"}])
        assert "not on loopback" in engine.check_config({"endpoints": beyond})["endpoints"]
        environment = attached(moto, AWS_ENDPOINT_URL="https://sts.amazonaws.com")
        with (
            serving(moto.credentials_file, environment, "aws") as other,
            pytest.raises(ProviderError, match="not on loopback"),
        ):
            other.configure({})

    def test_no_address(self, moto: Moto) -> None:
        with (
            serving(moto.credentials_file, BARE, "aws") as engine,
            pytest.raises(ProviderError, match=r"AWS_ENDPOINT_URL is not set.*never asks AWS itself"),
        ):
            engine.configure({"region": "eu-central-1"})

    def test_a_region_that_there_is_not(self, moto: Moto) -> None:
        with (
            serving(moto.credentials_file, attached(moto), "aws") as engine,
            pytest.raises(ProviderError, match="there is no region 'eu-centrall-1': correct aws:region"),
        ):
            engine.configure({"region": "eu-centrall-1"})

    def test_credentials_that_nobody_knows(self, moto: Moto, key_file: Path) -> None:
        with (
            serving(key_file, attached(moto), "aws") as engine,
            pytest.raises(ProviderError, match=r"InvalidClientTokenId.*does not know the access key") as refused,
        ):
            engine.configure({"region": "eu-central-1"})
        assert "hunter2" not in str(refused.value)

    def test_a_server_that_does_not_answer(self, key_file: Path) -> None:
        environment = BARE | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-central-1"}
        with (
            serving(key_file, environment, "aws") as engine,
            pytest.raises(ProviderError, match=r"no answer from http://127\.0\.0\.1:1.*check the address"),
        ):
            engine.configure({})

    def test_a_file_without_credentials(self, tmp_path: Path) -> None:
        file = tmp_path / "credentials"
        file.write_text("[default]\naws_secret_access_key = hunter2\n")
        with (
            pytest.raises(AssertionError, match=r"has no profile \[default\]") as refused,
            serving(file, dict(os.environ), "aws"),
        ):
            pass
        assert "hunter2" not in str(refused.value)


class TestErrors:
    def test_a_name_that_is_scheduled_for_deletion_says_how_to_get_it_back(self, engine: Engine) -> None:
        identity, state, _ = engine.made(SECRET, {"name": "config/gone", "recoveryWindowInDays": 7})
        engine.delete(SECRET, identity, revealed(state))
        assert engine.read(SECRET, identity)["id"] == ""
        with pytest.raises(ProviderError, match=r"scheduled for deletion.*restore-secret .*force-delete"):
            engine.made(SECRET, {"name": "config/gone"})

    def test_what_the_identity_may_not_do_names_the_action(self, moto: Moto, tmp_path: Path) -> None:
        key = moto.user(
            "reader", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
        )
        file = tmp_path / "credentials"
        file.touch(mode=0o600)
        file.write_text(credentials(key))
        with serving(file, attached(moto), "aws") as engine:
            engine.configure({"region": "eu-central-1"})
            with pytest.raises(
                ProviderError, match=r"secretsmanager create_secret .*AccessDenied.*allow the deploying"
            ):
                engine.made(SECRET, {"name": "config/denied"})

    def test_no_rotation_before_the_first_value(self, engine: Engine) -> None:
        identity, _, _ = engine.made(SECRET, {"name": "config/empty"})
        rules = {"automaticallyAfterDays": 30}
        with pytest.raises(ProviderError, match=r"has no value yet.*put the first value"):
            engine.made(
                "aws:secretsmanager/secretRotation:SecretRotation", {"secretId": identity, "rotationRules": rules}
            )


class TestTags:
    def test_default_tags_are_on_everything_and_the_resource_s_own_win(self, moto: Moto) -> None:
        tags = {"tags": {"environment": "prod", "team": "platform"}}
        with serving(moto.credentials_file, attached(moto), "aws") as engine:
            engine.configure({"region": "eu-central-1", "defaultTags": json.dumps(tags)})
            identity, state, inputs = engine.made(SECRET, {"name": "config/tagged", "tags": {"team": "payments"}})
            assert inputs["tags"] == {"environment": "prod", "team": "payments"}
            assert revealed(state)["tagsAll"] == inputs["tags"]
            assert engine.diff(SECRET, identity, revealed(state), revealed(inputs))["changes"] == "DIFF_NONE"


class TestRegions:
    def test_two_providers_of_one_program_each_have_their_own(self, moto: Moto) -> None:
        with serving(moto.credentials_file, attached(moto), "aws") as first, first.another() as second:
            first.configure({"region": "eu-central-1"})
            second.configure({"region": "eu-west-1"})
            assert ":eu-central-1:" in first.made(SECRET, {"name": "config/here"})[0]
            assert ":eu-west-1:" in second.made(SECRET, {"name": "config/there"})[0]

    def test_a_resource_may_be_elsewhere_than_its_provider(self, engine: Engine) -> None:
        identity, state, _ = engine.made(SECRET, {"name": "config/west", "region": "eu-west-1"})
        assert ":eu-west-1:" in identity
        assert revealed(state)["region"] == "eu-west-1"


class TestNames:
    def test_a_prefix_gets_a_suffix_that_stays(self, engine: Engine) -> None:
        trust = '{"Version": "2012-10-17", "Statement": []}'
        first, _ = engine.check(ROLE, {"namePrefix": "reader-", "assumeRolePolicy": trust})
        again, _ = engine.check(ROLE, {"namePrefix": "reader-", "assumeRolePolicy": trust}, olds=first)
        assert first["name"].startswith("reader-")
        assert len(first["name"]) == len("reader-") + 7
        assert again["name"] == first["name"]

    @pytest.mark.parametrize(
        ("token", "inputs", "wrong"),
        [
            (SECRET, {"name": "a", "recoveryWindowInDays": 3}, "recoveryWindowInDays"),
            (SECRET, {"name": "a", "policy": "no json"}, "policy"),
            ("aws:kms/alias:Alias", {"name": "prod", "targetKeyId": "k"}, "name"),
            ("aws:kms/key:Key", {"rotationPeriodInDays": 30}, "rotationPeriodInDays"),
            ("aws:ssm/parameter:Parameter", {"name": "/a", "type": "String"}, "value"),
            (ROLE, {"assumeRolePolicy": "{}", "managedPolicyArns": ["a"]}, "managedPolicyArns"),
            ("aws:s3/bucket:Bucket", {"bucket": "b", "versioning": {"enabled": True}}, "versioning"),
        ],
    )
    def test_what_cannot_be_is_refused_before_anything_is_asked(
        self, engine: Engine, token: str, inputs: Json, wrong: str
    ) -> None:
        assert engine.check(token, inputs)[1].keys() == {wrong}


class TestValues:
    def test_a_write_only_value_is_on_aws_and_in_no_state(self, engine: Engine, moto: Moto) -> None:
        token = "aws:ssm/parameter:Parameter"
        given = {"name": "/config/value", "type": "SecureString", "valueWo": "hunter2-canary", "valueWoVersion": 1}
        identity, state, inputs = engine.made(token, given)
        again = engine.read(token, identity, revealed(state), revealed(inputs))
        assert "hunter2-canary" not in str([state, again])
        got = moto.client("ssm").get_parameter(Name=identity, WithDecryption=True)
        assert got["Parameter"]["Value"] == "hunter2-canary"
        changed = revealed(inputs) | {"description": "another", "valueWo": "hunter3-canary", "valueWoVersion": 2}
        after = engine.update(token, identity, revealed(state), changed)
        assert "canary" not in str(after)

    def test_versions_of_a_secret_are_told_without_values(self, engine: Engine, moto: Moto) -> None:
        identity, _, _ = engine.made(SECRET, {"name": "config/versions"})
        moto.client("secretsmanager").put_secret_value(SecretId=identity, SecretString="hunter2-canary")
        told = engine.invoke("aws:secretsmanager/getSecretVersions:getSecretVersions", {"secretId": identity})
        assert [version["versionStages"] for version in told["versions"]] == [["AWSCURRENT"]]
        assert "canary" not in str(told)

    def test_a_function_that_is_not_served_is_refused_with_those_that_are(self, engine: Engine) -> None:
        with pytest.raises(ProviderError, match=r"no functions but .*getCallerIdentity"):
            engine.invoke("aws:secretsmanager/getSecretVersion:getSecretVersion", {"secretId": "a"})
