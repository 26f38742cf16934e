"""The small languages of AWS: accounts, regions, ARNs of keys."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from strongroom.spec.names import check_characters, refuse

ACCOUNT_PATTERN: Final = r"^[0-9]{12}$"
REGION_PATTERN: Final = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"


def quoted(text: object) -> object:
    """Refuses a number, as YAML reads an account without quotes."""
    if isinstance(text, int):
        raise refuse("an account is text: as a number it would lose a leading zero", f'write it as "{text:012d}"')
    return text


def _check_region(text: str) -> str:
    return check_characters(text, "the region", REGION_PATTERN, "a-z0-9-", 32)


def partition_of(region: str) -> str:
    """The partition that a region lies in: AWS General Reference, "Amazon Resource Names"."""
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _check_key_arn(text: str) -> str:
    # AWS KMS, "Key identifiers": the only form that other accounts can use, and that names one key for good.
    pattern = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}$"
    return check_characters(text, "the key's ARN", pattern, "a-z0-9:/-", 200)


def _check_prefix(text: str) -> str:
    # AWS Secrets Manager, "CreateSecret": characters of a name. Slashes at the end only separate.
    return text and check_characters(
        text, "the prefix", r"^[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*/$", "A-Za-z0-9/_+=.@-", 200
    )


Account = Annotated[str, Field(pattern=ACCOUNT_PATTERN)]
"""Twelve digits, in quotes."""
Region = Annotated[
    str, AfterValidator(_check_region), WithJsonSchema({"type": "string", "pattern": REGION_PATTERN, "maxLength": 32})
]
"""Such as `eu-central-1`."""
KeyArn = Annotated[str, AfterValidator(_check_key_arn)]
"""One KMS key: `arn:aws:kms:eu-central-1:111122223333:key/1234abcd-…`."""
Partition = Literal["aws", "aws-cn", "aws-us-gov"]
"""AWS, AWS China, AWS GovCloud (US)."""
NamePrefix = Annotated[str, AfterValidator(_check_prefix)]
"""What names begin with, with a slash at the end; may be empty."""
