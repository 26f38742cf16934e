"""What errors look like, and what they must never show."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.spec.problems import (
    NOT_SHOWN,
    SHOWN_MAX,
    Problem,
    SpecError,
    did_you_mean,
    dotted,
    looks_secret,
    nearest,
    shown,
)


def test_a_problem_reads_file_line_column_path_message_remedy() -> None:
    problem = Problem(
        "stacks/catalog/payments.yaml",
        12,
        5,
        "secrets.stripe.rotate_evry",
        "unknown key",
        "did you mean 'rotate_every'?",
    )
    assert str(problem) == (
        "stacks/catalog/payments.yaml:12:5: secrets.stripe.rotate_evry: unknown key; did you mean 'rotate_every'?"
    )


def test_a_problem_of_the_whole_file_names_no_line() -> None:
    assert str(Problem("stacks/a.yaml", 0, 0, "", "the file is empty")) == "stacks/a.yaml: the file is empty"


def test_an_error_holds_its_problems_sorted_by_place_and_each_once() -> None:
    late, early = Problem("a.yaml", 10, 1, "", "late"), Problem("a.yaml", 9, 1, "", "early")
    other = Problem("b.yaml", 1, 1, "", "other file")
    error = SpecError([other, late, early, late])
    assert error.problems == (early, late, other)
    assert str(error) == "a.yaml:9:1: early\na.yaml:10:1: late\nb.yaml:1:1: other file"


def test_paths_use_dots_for_keys_and_brackets_for_list_items() -> None:
    assert dotted(("grants", 0, "can", 1)) == "grants[0].can[1]"
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("key", "path"), [("a.b", "fields.'a.b'"), ("a\nb", r"fields.'a\nb'"), ("pаyments", r"fields.'p\u0430yments'")]
)
def test_keys_that_are_not_plain_are_quoted_and_escaped_in_paths(key: str, path: str) -> None:
    assert dotted(("fields", key)) == path


def test_a_very_deep_path_is_cut_in_its_middle() -> None:
    path = dotted(("abcdefghijk",) * 64)
    assert len(path) == 200
    assert "..." in path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("redonly", "'redonly'"),
        ("line\nbreak", r"'line\nbreak'"),
        ("nul\x00", r"'nul\x00'"),
        ("рayments", r"'\u0440ayments'"),
        (5, "5"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ([1], "a list"),
        ({}, "a map"),
    ],
)
def test_values_are_shown_so_that_invisible_and_look_alike_characters_show(value: object, text: str) -> None:
    assert shown(value) == text


@given(st.text(max_size=300))
def test_a_shown_value_is_short_printable_and_closed(text: str) -> None:
    result = shown(text)
    assert len(result) <= SHOWN_MAX
    assert result.isascii()
    assert result.isprintable()
    assert result == NOT_SHOWN or result[0] == result[-1]


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "db_password",
        "token",
        "secret_value",
        "client-secret",
        "apiKey",
        "key_material",
        "PRIVATE_KEY",
        "value",
    ],
)
def test_a_value_under_a_key_that_names_a_secret_is_never_shown(key: str) -> None:
    assert shown("hunter2", key) == NOT_SHOWN
    assert shown(123456, key) == NOT_SHOWN


@pytest.mark.parametrize("key", ["secret", "kubernetes_secret", "store", "access", "monkey", "spinning"])
def test_a_value_under_a_key_that_names_a_reference_is_shown(key: str) -> None:
    assert shown("stripe", key) == "'stripe'"


@pytest.mark.parametrize(
    "text",
    [
        "hvs.CAESIJlU02LQZq",
        "ghp_abcdef",
        "sk_live_abc",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOi.eyJzdWIi",
        "postgresql://app:hunter2@db/orders",
        "the key is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY here",
        "4f1daf048441741ff7faab8811f0807a",
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    ],
)
def test_tokens_keys_and_passwords_in_addresses_are_recognised(text: str) -> None:
    assert looks_secret(text)
    assert shown(text) == NOT_SHOWN
    assert text not in dotted(("secrets", text))


@pytest.mark.parametrize(
    "text",
    [
        "payments/orders-db/primary",
        "https://vault.example.com:8200/v1",
        "arn:aws:kms:eu-west-1:123456789012:alias/secrets-prod",
        "system:serviceaccount:payments:checkout",
        "https://token.actions.githubusercontent.com",
        "postgresql-database-plugin",
        "stacks/environments/prod-eu-1.yaml",
        "rotate_every_90d",
    ],
)
def test_ordinary_names_paths_and_addresses_are_not_taken_for_secrets(text: str) -> None:
    assert not looks_secret(text)


@given(st.uuids(version=4).map(lambda uuid: base64.b64encode(uuid.bytes * 2).decode()))
def test_a_generated_key_is_not_shown(key: str) -> None:
    assert shown(key) == NOT_SHOWN


@pytest.mark.parametrize(
    ("word", "found"),
    [("rotate_evry", "rotate_every"), ("Rotate-Every", "rotate_every"), ("feilds", "fields"), ("banana", None)],
)
def test_the_nearest_known_word_is_found_if_one_is_near(word: str, found: str | None) -> None:
    assert nearest(word, ["rotate_every", "fields", "store"]) == found


def test_without_a_near_word_the_other_remedy_is_given() -> None:
    assert did_you_mean("banana", ["fields"], "known keys: fields") == "known keys: fields"
