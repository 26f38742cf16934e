"""Plain parameters: their names, what AWS would refuse, and that a secret is refused before anybody sees it."""

import base64
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.aws.parameters.lookalikes import looks_like_a_secret, name_of_a_secret
from strongroom.aws.parameters.plan import AwsPlainParameter
from support.aws_environment import PROD, project
from support.projects import ProjectFolder

CANARY = "sk_live_canary9f8e7d6c5b4a3210"


def _with(folder: Path, parameters: str) -> ProjectFolder:
    made = project(folder)
    made.replace(PROD, "  iam:\n", f"  parameters:\n    {parameters}\n  iam:\n")
    return made


def _only(folder: ProjectFolder) -> AwsPlainParameter:
    (found,) = folder.plan("prod").of(AwsPlainParameter)
    return found


def test_a_parameter_lies_below_its_environment(tmp_path: Path) -> None:
    found = _only(_with(tmp_path, 'shop/timeout: {value: "30"}'))
    assert (found.name, found.type, found.value, found.tier, found.slice) == (
        "/prod/shop/timeout",
        "String",
        "30",
        "standard",
        "platform",
    )


def test_several_values_are_a_list(tmp_path: Path) -> None:
    found = _only(_with(tmp_path, "shop/zones: {values: [a, b]}"))
    assert (found.type, found.value) == ("StringList", "a,b")


def test_a_pattern_is_of_the_whole_value_here_and_at_aws(tmp_path: Path) -> None:
    found = _only(_with(tmp_path, 'shop/timeout: {value: "30", allowed_pattern: "[0-9]+|never"}'))
    assert found.allowed_pattern == "^(?:[0-9]+|never)$"


@pytest.mark.parametrize(
    ("parameter", "says"),
    [
        ("a: {}", "a parameter has either `value` or `values`"),
        ("a: {value: x, values: [y]}", "a parameter has either `value` or `values`"),
        ('a: {value: ""}', "aws.parameters.a.value"),
        ("a: {value: 30}", "aws.parameters.a.value"),
        ('a: {values: ["x,y"]}', "one of values is empty or has a comma"),
        ('a: {values: ["x", ""]}', "one of values is empty or has a comma"),
        ('a: {value: "30s", allowed_pattern: "[0-9]+"}', "the value does not match allowed_pattern"),
        ('a: {value: "30", allowed_pattern: "[0-9"}', "the pattern is no regular expression"),
        ('a: {values: ["30"], allowed_pattern: "[0-9]+"}', "AWS does not say what of a list it compares"),
        (f'a: {{value: "30", allowed_pattern: "{"3" * 1020}"}}', "can have at most 1018 characters"),
        (
            f'a: {{value: "{"x " * 2049}"}}',
            "has 4098 bytes, the limit of the tier standard is 4096; write `tier: advanced`",
        ),
        (f'a: {{value: "{"x " * 4097}", tier: advanced}}', "the limit of the tier advanced is 8192; keep it elsewhere"),
        ("a: {value: x, tier: premium}", "aws.parameters.a.tier"),
        ("/a: {value: x}", "the path has an empty, '.' or '..' segment"),
        ("prod/a: {value: x}", "'/prod/prod/a' says its environment twice; leave names of environments out"),
        (f"{'/'.join('abcdefghijklmno')}: {{value: x}}", "has 16 levels, the limit of Parameter Store is 15"),
        ("shop/smtp/host: {value: x}", "'/prod/shop/smtp/host' is a place of the secret shop/smtp"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, parameter: str, says: str) -> None:
    found = _with(tmp_path, parameter).problems()
    assert any(says in problem for problem in found), found


def test_a_value_may_be_as_long_as_its_tier_allows(tmp_path: Path) -> None:
    standard, advanced = f'{{value: "{"x " * 2048}"}}', f'{{value: "{"x " * 4096}", tier: advanced}}'
    assert _with(tmp_path, f"a: {standard}\n    b: {advanced}").problems() == []


@pytest.mark.parametrize(
    "short", ["shop/smtp-password", "shop/API_KEY", "shop/clientSecret", "shop/token", "x/private.key"]
)
def test_a_name_that_says_secret_is_refused_with_the_remedy(tmp_path: Path, short: str) -> None:
    (found,) = _with(tmp_path, f"{short}: {{value: x}}").problems()
    assert "declare a secret in a catalog, in a store `aws_parameter_store`" in found


def test_a_value_that_looks_like_a_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (found,) = _with(tmp_path, f"shop/stripe: {{value: {CANARY}}}").problems()
    assert "the value looks like a token, and would be readable" in found
    assert "revoke it" in found
    assert CANARY not in found


def test_one_of_several_values_is_enough(tmp_path: Path) -> None:
    (found,) = _with(tmp_path, f"shop/stripe: {{values: [a, {CANARY}]}}").problems()
    assert CANARY not in found


def test_who_knows_better_says_why(tmp_path: Path) -> None:
    why = "no_secret: how long a token is valid"
    assert _only(_with(tmp_path, f'shop/token-ttl: {{value: "30", {why}}}')).value == "30"


def test_a_reason_is_more_than_a_word(tmp_path: Path) -> None:
    found = _with(tmp_path, 'shop/token-ttl: {value: "30", no_secret: "so"}').problems()
    assert any("'shop/token-ttl'.no_secret" in problem for problem in found)


@pytest.mark.parametrize(
    "name", ["shop/timeout", "shop/tokenizer", "shop/secretary", "shop/passwordless", "keys", "compass", "broken"]
)
def test_names_that_only_contain_such_words_are_harmless(name: str) -> None:
    assert name_of_a_secret(name) is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"),
        ("AKIAIOSFODNN7EXAMPLE", "an access key of AWS"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a secret key of AWS"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig", "a JSON Web Token"),
        ("postgresql://app:hunter2@db.example/orders", "an address with a password"),
        ("ghp_0123456789abcdefghij", "a token"),
        ("key=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "a random token"),
        ("Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZg==", "a random token"),
    ],
)
def test_usual_forms_of_secrets_are_known(value: str, what: str) -> None:
    assert looks_like_a_secret(value) == what


@pytest.mark.parametrize(
    "value",
    [
        "30",
        "true",
        "eu-central-1",
        "https://api.acme.example/v2/orders?page=1",
        "postgresql://db.example:5432/orders",
        "arn:aws:sns:eu-central-1:111122223333:orders",
        "arn:aws:iam::111122223333:role/strongroom/prod/prod.shop.web",
        "ami-0abcdef1234567890",
        "subnet-0123456789abcdef0",
        "the quick brown fox jumps over the lazy dog",
        "feature-one,feature-two,feature-three",
        "1.29.3-eksbuild.2",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        '{"retries": 3, "backoff_seconds": [1, 2, 4]}',
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web:1.2.3",
    ],
)
def test_usual_settings_are_harmless(value: str) -> None:
    assert looks_like_a_secret(value) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_/ ,.:", max_size=200))
def test_words_without_digits_are_never_taken_for_random(value: str) -> None:
    assert looks_like_a_secret(value) in (None, "an address with a password", "a token")


@pytest.mark.parametrize("number", range(50))
def test_generated_tokens_are_found(number: int) -> None:
    raw = hashlib.sha256(str(number).encode()).digest()
    assert looks_like_a_secret(raw.hex()) == "a random token"
    assert looks_like_a_secret(f"token={base64.b64encode(raw).decode()}") == "a random token"
