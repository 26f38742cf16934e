"""New values from the operating system's random source."""

import base64
import math
import secrets
import string
import uuid
from typing import Final

from strongroom.errors import WrongInputError

ALPHABETS: Final = {
    "letters-digits": string.ascii_letters + string.digits,
    "letters-digits-symbols": string.ascii_letters + string.digits + "!#%*+-./:=?@^_~",
    "digits": string.digits,
    "hex": "0123456789abcdef",
}
"""Name -> characters. Among the symbols are no quotes, backslash, dollar, comma or space, which break most files."""
ALPHABET_AT_LEAST: Final = 10
"""Characters of an alphabet of one's own. Fewer are more likely a mistyped name: `hexa` is four letters."""

FORMATS: Final = ("text", "hex", "base64", "base64url", "uuid")
BITS_AT_LEAST: Final = 64
"""What NIST SP 800-63B, "Session Bindings", asks of a secret that stands for its owner; less is refused."""
LENGTH_AT_MOST: Final = 4096


def generate(length: int = 32, alphabet: str = "letters-digits", form: str = "text") -> str:
    """A new value.

    `length` counts characters of `text`, and bytes before encoding of `hex`, `base64` and `base64url`; `uuid` has its
    own length. `alphabet` is a name of ALPHABETS, or the characters themselves, and matters to `text` only. Raises
    WrongInputError if there is no such thing, or it is too weak.
    """
    if form not in FORMATS:
        raise WrongInputError(f"there is no format {form!r}; there are: {', '.join(FORMATS)}")
    if form == "uuid":
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
    characters = ALPHABETS.get(alphabet, alphabet)
    distinct = len(set(characters))
    if form == "text" and not (distinct == len(characters) >= ALPHABET_AT_LEAST and characters.isprintable()):
        raise WrongInputError(
            f"an alphabet needs {ALPHABET_AT_LEAST} or more different printable characters, each once; "
            f"those with a name: {', '.join(ALPHABETS)}"
        )
    bits = math.floor(length * (math.log2(distinct) if form == "text" else 8))
    if bits < BITS_AT_LEAST or length > LENGTH_AT_MOST:
        raise WrongInputError(
            f"length {length} gives {max(bits, 0)} bits; needed are {BITS_AT_LEAST} bits at least, and a length of "
            f"{LENGTH_AT_MOST} at most"
        )
    if form == "text":
        return "".join(secrets.choice(characters) for _ in range(length))
    token = secrets.token_bytes(length)
    if form == "hex":
        return token.hex()
    encoded = base64.b64encode(token) if form == "base64" else base64.urlsafe_b64encode(token).rstrip(b"=")
    return encoded.decode()
