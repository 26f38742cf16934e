"""Made values: what they are made of, how long, and what is too weak to be made."""

import base64
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import WrongInputError
from strongroom.values.generate import ALPHABETS, FORMATS, LENGTH_AT_MOST, generate

LONG_ENOUGH = st.integers(min_value=20, max_value=200)


@given(length=LONG_ENOUGH, name=st.sampled_from(sorted(ALPHABETS)))
def test_a_text_has_its_length_and_only_characters_of_its_alphabet(length: int, name: str) -> None:
    value = generate(length, name)
    assert len(value) == length
    assert set(value) <= set(ALPHABETS[name])


@given(characters=st.sets(st.characters(min_codepoint=33, max_codepoint=126), min_size=10), length=LONG_ENOUGH)
def test_an_alphabet_may_be_written_out(characters: set[str], length: int) -> None:
    alphabet = "".join(sorted(characters))
    assert set(generate(length, alphabet)) <= characters


@pytest.mark.parametrize("name", sorted(ALPHABETS))
def test_every_character_of_an_alphabet_is_used(name: str) -> None:
    # One character missing by chance has a probability below 10^-20 for the largest alphabet.
    assert set(generate(LENGTH_AT_MOST, name)) == set(ALPHABETS[name])


@given(length=st.integers(min_value=8, max_value=200))
def test_bytes_are_counted_before_they_are_encoded(length: int) -> None:
    assert len(bytes.fromhex(generate(length, form="hex"))) == length
    assert len(base64.b64decode(generate(length, form="base64"), validate=True)) == length
    url_safe = generate(length, form="base64url")
    assert re.fullmatch(r"[A-Za-z0-9_-]+", url_safe)
    assert len(base64.urlsafe_b64decode(url_safe + "=" * (-len(url_safe) % 4))) == length


def test_a_uuid_is_a_random_one_and_ignores_length_and_alphabet() -> None:
    value = generate(0, "no alphabet", form="uuid")
    assert str(uuid.UUID(value)) == value
    assert uuid.UUID(value).version == 4


@pytest.mark.parametrize("form", FORMATS)
def test_no_value_is_made_twice(form: str) -> None:
    assert len({generate(form=form) for _ in range(1000)}) == 1000


def test_the_default_is_stronger_than_128_bits() -> None:
    assert len(generate()) == 32
    assert 62**32 > 2**128


@pytest.mark.parametrize(
    ("length", "alphabet", "form"),
    [
        (10, "letters-digits", "text"),  # 59.5 bits
        (19, "digits", "text"),  # 63.1 bits
        (7, "hex", "hex"),
        (7, "hex", "base64"),
        (0, "letters-digits", "text"),
        (-1, "letters-digits", "text"),
    ],
)
def test_less_than_64_bits_are_refused(length: int, alphabet: str, form: str) -> None:
    with pytest.raises(WrongInputError, match=rf"^length {length} gives \d+ bits; needed are 64 bits at least"):
        generate(length, alphabet, form)


@pytest.mark.parametrize(
    ("length", "alphabet", "form"),
    [(11, "letters-digits", "text"), (20, "digits", "text"), (16, "hex", "text"), (8, "hex", "hex")],
)
def test_64_bits_are_enough(length: int, alphabet: str, form: str) -> None:
    assert generate(length, alphabet, form)


def test_a_length_that_no_store_takes_is_refused() -> None:
    with pytest.raises(WrongInputError, match="a length of 4096 at most"):
        generate(LENGTH_AT_MOST + 1)


@pytest.mark.parametrize(
    "alphabet",
    [
        "",
        "a",
        "a" * 20,
        "hexa",
        "digts",
        "letter-digits",
        "0123456789\n",
        "0123456789\udc80",
        "012345678a0",
    ],
)
def test_a_mistyped_name_is_not_taken_for_an_alphabet(alphabet: str) -> None:
    with pytest.raises(WrongInputError, match=r"10 or more different printable characters.*letters-digits"):
        generate(4096, alphabet)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(WrongInputError, match=r"^there is no format 'b64'; there are: text, hex, base64"):
        generate(form="b64")
