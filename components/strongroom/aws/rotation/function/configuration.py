"""The function's configuration: environment variables of the Lambda function. None of them is secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .errors import RotationError

STRATEGY: Final = "ROTATION_STRATEGY"
MASTER_SECRET: Final = "MASTER_SECRET_ARN"  # noqa: S105 - a name
PASSWORD_LENGTH: Final = "PASSWORD_LENGTH"  # noqa: S105 - a name
EXCLUDE_CHARACTERS: Final = "EXCLUDE_CHARACTERS"
CLONE_SUFFIX: Final = "CLONE_SUFFIX"
CONNECT_TIMEOUT: Final = "CONNECT_TIMEOUT_SECONDS"
LOCK_TIMEOUT: Final = "LOCK_TIMEOUT_SECONDS"
CA_FILE: Final = "CA_FILE"
PLAINTEXT_ON_LOOPBACK: Final = "PLAINTEXT_ON_LOOPBACK"

SHORTEST_PASSWORD: Final = 16
LONGEST_PASSWORD: Final = 64
"""Redshift's limit."""
DEFAULT_EXCLUDED: Final = "/@\"'\\`:;?#&%$ "
"""What Redshift and RDS refuse (`/`, `@`, quotes, backslash, space), and what breaks URLs and shells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How secrets are rotated."""

    strategy: str
    """Such as `postgresql-single-user`, see `strategies.py`."""
    master_secret_arn: str | None = None
    """The secret by which users are managed: alternating users only, and required for them. That it is written here,
    where who may write a secret cannot write, keeps such a person from being given the rights of another master."""
    password_length: int = 32
    exclude_characters: str = DEFAULT_EXCLUDED
    clone_suffix: str = "_clone"
    """What is appended to the first user's name for the second one."""
    connect_timeout_seconds: int = 5
    lock_timeout_seconds: int = 10
    """How long a rotation waits for another one of the same user."""
    ca_file: Path | None = None
    """PEM file of the authorities that vouch for databases. None: those that the system trusts."""
    plaintext_on_loopback: bool = False
    """Whether a database on 127.0.0.1, ::1 or localhost may be without TLS. None other ever may."""

    @classmethod
    def read(cls, environment: Mapping[str, str], package: Path) -> "Configuration":
        """From environment variables; the authorities also from `ca.pem` in the function's package.

        Raises:
            RotationError: One is missing or wrong.
        """
        if not (strategy := environment.get(STRATEGY)):
            raise RotationError(f"the function's environment variable {STRATEGY} is not set")
        bundle = Path(environment.get(CA_FILE) or package / "ca.pem")
        if environment.get(CA_FILE) and not bundle.is_file():
            raise RotationError(f"the function's environment variable {CA_FILE} names no file: {bundle}")
        return cls(
            strategy=strategy,
            master_secret_arn=environment.get(MASTER_SECRET) or None,
            password_length=_number(environment, PASSWORD_LENGTH, 32, SHORTEST_PASSWORD, LONGEST_PASSWORD),
            exclude_characters=environment.get(EXCLUDE_CHARACTERS, DEFAULT_EXCLUDED),
            clone_suffix=environment.get(CLONE_SUFFIX) or "_clone",
            connect_timeout_seconds=_number(environment, CONNECT_TIMEOUT, 5, 1, 60),
            lock_timeout_seconds=_number(environment, LOCK_TIMEOUT, 10, 1, 600),
            ca_file=bundle if bundle.is_file() else None,
            plaintext_on_loopback=_flag(environment, PLAINTEXT_ON_LOOPBACK),
        )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise RotationError(f"the function's environment variable {name} is {text!r}: write {least} to {most}")
    return int(text)


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "false"
    if text not in ("true", "false"):
        raise RotationError(f"the function's environment variable {name} is {text!r}: write `true` or `false`")
    return text == "true"
