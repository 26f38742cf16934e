"""Secret values that a deployment cannot do without, by reference."""

from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, Field

from strongroom.spec.model import OneOf
from strongroom.spec.names import Name, refuse

_OF_THE_DEPLOYMENT: Final = (
    "ACTIONS_", "ARM_", "AWS_", "AZURE_", "BAO_", "GCP_", "GITHUB_", "GOOGLE_", "PULUMI_", "VAULT_",
)  # fmt: skip
"""How variables begin in which the process that runs `pulumi up` finds its own credentials."""


def _check_variable(text: str) -> str:
    if text.startswith(_OF_THE_DEPLOYMENT):
        raise refuse(
            "this variable is for the deployment's own credentials, which would be sent to a server named here",
            "use one of its own, such as ORDERS_FIRST_PASSWORD",
        )
    return text


class ValueSource(OneOf):
    """Where a secret value comes from that a deployment needs; the value itself is never written down here."""

    what: ClassVar[str] = "source of the value"

    pulumi_config: Name | None = None
    """The key of an encrypted value: `pulumi config set --secret strongroom:KEY`."""
    environment_variable: (
        Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$"), AfterValidator(_check_variable)] | None
    ) = None
    """A variable of the process that runs `pulumi up`."""


def how_to_set(kind: str, name: str) -> str:
    """What gives the value of a source, to follow "set it with"."""
    return f"`pulumi config set --secret strongroom:{name}`" if kind == "pulumi_config" else f"the variable {name}"
