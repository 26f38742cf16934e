"""The SCRAM-SHA-256 verifier that PostgreSQL stores (RFC 5803, RFC 7677), computed where the password is."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

ITERATIONS: Final = 4096
"""What PostgreSQL takes; more would slow each login, and no count makes 32 random characters guessable."""


def verifier(password: str, salt: bytes | None = None) -> str:
    """As `ALTER ROLE … PASSWORD` takes it. The password is ASCII, which SASLprep leaves as it is."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    stored = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    server = _keyed(salted, b"Server Key")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
