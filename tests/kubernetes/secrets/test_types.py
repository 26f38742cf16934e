"""Types of Secrets, and the values that are no values of theirs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.kubernetes.secrets.types import FORMS, ISSUED, KEYS_OF, OF_ACCOUNT, ONE_OF, flaw

KEYS = st.sets(
    st.sampled_from(sorted({"x", *ISSUED, *(k for ks in (*KEYS_OF.values(), *ONE_OF.values()) for k in ks)}))
)
TYPES = st.sampled_from(["Opaque", OF_ACCOUNT, *KEYS_OF, *ONE_OF])


@given(TYPES, KEYS)
def test_what_is_sound_has_the_keys_of_its_type_and_a_remedy_names_what_is_missing(type_: str, keys: set[str]) -> None:
    found = flaw(type_, keys)
    sound = (
        set(KEYS_OF.get(type_, ())) <= keys
        and (type_ not in ONE_OF or bool(set(ONE_OF[type_]) & keys))
        and (type_ != OF_ACCOUNT or keys <= set(ISSUED))
    )
    assert (found is None) == sound
    assert found is None or all(found)


@pytest.mark.parametrize(
    ("type_", "key", "sound", "unsound"),
    [
        (
            "kubernetes.io/tls",
            "tls.crt",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIIC\n"
            "-----END CERTIFICATE-----\n",
            "made-up-by-generate",
        ),
        ("kubernetes.io/tls", "tls.key", "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n", "MHc"),
        (
            "kubernetes.io/ssh-auth",
            "ssh-privatekey",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n",
            "ssh-ed25519 AAAA",
        ),
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", '{"auths": {}}\n', "user:password"),
    ],
)
def test_a_made_up_text_is_no_value_of_a_type_that_others_read(type_: str, key: str, sound: str, unsound: str) -> None:
    form = FORMS[type_][key]
    assert re.fullmatch(form, sound)
    assert not re.fullmatch(form, unsound)
