"""Names of things in AWS, as one account, one partition and one thing: no pattern is among them."""

import re
from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator, ValidatorFunctionWrapHandler, WrapValidator

from strongroom.spec.names import HttpsUrl, check_characters, is_loopback, refuse
from strongroom.spec.problems import shown

_PARTITION: Final = r"arn:aws[a-z-]*"
_NAME: Final = r"[A-Za-z0-9_+=,.@-]{1,128}"
"""IAM, "IAM and AWS STS quotas": characters of friendly names; a path may stand before one."""
_PATH: Final = r"(?:[\x21-\x29\x2b-\x2e\x30-\x7e]+/)*"


def _arn(kinds: str, example: str, account: str = "[0-9]{12}") -> Callable[[str], str]:
    pattern = re.compile(rf"{_PARTITION}:iam::{account}:(?:{kinds})/{_PATH}{_NAME}")

    def check(text: str) -> str:
        if "*" in text or "?" in text:
            raise refuse(f"{shown(text)} is a pattern, which others match too", f"name one exactly, such as {example}")
        if "${" in text:
            raise refuse(
                f"{shown(text)} has a variable of policies, which is somebody else for each who asks",
                f"name one exactly, such as {example}",
            )
        if ":assumed-role/" in text:
            raise refuse(f"{shown(text)} is one session of a role", f"name the role itself, such as {example}")
        if text.endswith(":root"):
            raise refuse(f"{shown(text)} is everybody in the account", f"name one exactly, such as {example}")
        if not pattern.fullmatch(text):
            raise refuse(f"{shown(text)} is not the right ARN", f"write it as {example}")
        return text

    return check


def has_path(arn: str) -> bool:
    """Whether a role or user lies below a path: `arn:aws:iam::111122223333:role/team/reader`."""
    return arn.count("/") > 1


RoleArn = Annotated[str, AfterValidator(_arn("role", "arn:aws:iam::111122223333:role/reader"))]
"""One IAM role."""
PolicyArn = Annotated[
    str, AfterValidator(_arn("policy", "arn:aws:iam::111122223333:policy/limits", account="(?:[0-9]{12}|aws)"))
]
"""One managed policy, of an account or of AWS itself."""
PrincipalArn = Annotated[str, AfterValidator(_arn("role|user", "arn:aws:iam::111122223333:role/checkout"))]
"""One IAM role or user."""


def _check_group(text: str) -> str:
    return check_characters(text, "the IAM group", r"^[A-Za-z0-9_+=,.@-]+$", "A-Za-z0-9_+=,.@-", 128)


GroupName = Annotated[str, AfterValidator(_check_group)]
"""An IAM group's friendly name."""


def _check_user(text: str) -> str:
    return check_characters(text, "the IAM user", r"^[A-Za-z0-9_+=,.@-]+$", "A-Za-z0-9_+=,.@-", 64)


UserName = Annotated[str, AfterValidator(_check_user)]
"""An IAM user's friendly name."""


def _check_region(text: str) -> str:
    return check_characters(text, "the region", r"^[a-z]{2}(-[a-z]+)+-[0-9]$", "a-z0-9-", 32)


Region = Annotated[str, AfterValidator(_check_region)]
"""Such as `eu-central-1`."""


def _loopback_too(text: object, https: ValidatorFunctionWrapHandler) -> str:
    """A stand-in for AWS on this machine needs no TLS; everything else does, as requests there are only signed."""
    match = re.fullmatch(r"http://([a-z0-9.]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", text) if isinstance(text, str) else None
    if match and is_loopback(match[1].strip("[]")):
        return match[0]
    checked: str = https(text)
    return checked


Endpoint = Annotated[HttpsUrl, WrapValidator(_loopback_too)]
"""The URL of one of AWS's services: `https://`, or `http://` on this machine."""
