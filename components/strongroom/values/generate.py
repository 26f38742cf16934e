"""New values from the operating system's random source."""

import base64
import secrets
import string
import uuid
from typing import Final

from strongroom.values.store import ValuesError

ALPHABETS: Final = {
    "letters-digits": string.ascii_letters + string.digits,
    "letters-digits-symbols": string.ascii_letters + string.digits + "!#%*+-./:=?@^_~",
    "digits": string.digits,
    "hex": "0123456789abcdef",
}
"""Name -> characters. The symbols are those that need no escaping in shells, URLs' passwords aside."""

FORMATS: Final = ("text", "hex", "base64", "base64url", "uuid")
BITS_AT_LEAST: Final = 64
"""NIST SP 800-63B asks for 64 bits at least of a secret that is looked up; below that a length is refused."""


def generate(length: int = 32, alphabet: str = "letters-digits", form: str = "text") -> str:
    """A new value.

    `length` counts characters of `text`, and bytes before encoding of `hex`, `base64` and `base64url`; `uuid` has its
    own length. `alphabet` is a name of ALPHABETS, or the characters themselves. Raises ValuesError if that is too weak.
    """
    if form not in FORMATS:
        raise ValuesError(f"there is no format {form!r}; there are: {', '.join(FORMATS)}")
    characters = ALPHABETS.get(alphabet, alphabet)
    distinct = len(set(characters))
    if form == "text" and (distinct < 2 or distinct != len(characters)):
        raise ValuesError(
            f"an alphabet needs two or more different characters, each once; names: {', '.join(ALPHABETS)}"
        )
    bits = {"text": length * (distinct.bit_length() - 1), "uuid": 122}.get(form, length * 8)
    if bits < BITS_AT_LEAST or length > 4096:
        raise ValuesError(
            f"length {length} gives about {bits} bits; at least {BITS_AT_LEAST} bits and at most 4096 characters are accepted"
        )
    if form == "text":
        return "".join(secrets.choice(characters) for _ in range(length))
    if form == "uuid":
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
    token = secrets.token_bytes(length)
    if form == "hex":
        return token.hex()
    encoded = base64.b64encode(token) if form == "base64" else base64.urlsafe_b64encode(token).rstrip(b"=")
    return encoded.decode()
