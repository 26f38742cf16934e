"""Names of functions, which are of one account and region."""

from typing import Final

from strongroom.aws.iam.names import rotation_role_name

FUNCTION_NAME_MAX: Final = 64
"""Characters: AWS Lambda, "CreateFunction"."""


def function_name_of(environment: str, rotator: str) -> str:
    """That of its role, which is as long at most, without the dots that functions cannot have."""
    return rotation_role_name(environment, rotator).replace(".", "-")
